"""What passes between the parts of the grader: calls of a student's function, answers, results of tests, and reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Isolation(IntEnum):
    """What holds a submission: limits only, Landlock with seccomp, or namespaces with seccomp (bubblewrap)."""

    LIMITS = 1
    LANDLOCK = 2
    BUBBLEWRAP = 3


@dataclass(frozen=True)
class Limits:
    """What one test may use.

    Parameters
    ----------
    seconds : float
        Of the clock, per test.
    cpu_seconds : int
        Of the processor, per test.
    memory : int
        Bytes of address space.
    processes : int
    file_size, output, temporary : int
        Bytes: of a file written, of what is printed, of the temporary folder.
    """

    seconds: float = 4.0
    cpu_seconds: int = 4
    memory: int = 1 << 30
    processes: int = 16
    file_size: int = 1 << 20
    output: int = 1 << 14
    temporary: int = 16 << 20


@dataclass(frozen=True)
class Call:
    """One call of one function, and the form of what has to come back; the parent knows both.

    Parameters
    ----------
    function : str
    arguments : mapping
        By name, in order: arrays (float64, int64), whole numbers, floats, strings.
    outputs : sequence of (str, tuple of int, str)
        Name, shape and dtype ("float64" or "int64") of each output.
    copies : bool
        Whether the outputs must not share memory with the arguments.
    """

    function: str
    arguments: Mapping[str, Any]
    outputs: Sequence[tuple[str, tuple[int, ...], str]]
    copies: bool = False


Outcome = Literal[
    "returned",  # everything has the right form
    "form",  # something was returned, of another type, count, shape or dtype: `faults` says what
    "raised",  # an exception: `error`
    "nothing",  # None
    "unimplemented",  # NotImplementedError
    "missing",  # there is no such function
    "signature",  # the function does not take these arguments
    "source",  # the file cannot be read, compiled or imported: `error`
    "time",
    "memory",
    "output",  # more was printed than is allowed
    "crashed",  # the process ended without an answer
    "refused",  # the sandbox could not be made; never the student's fault
]


@dataclass(frozen=True)
class Fault:
    """What is wrong with the form of one output: its name, "type", "count", "shape", "dtype", "copy", "finite", and two descriptions."""

    output: str
    kind: str
    got: str
    expected: str


@dataclass(frozen=True)
class Error:
    """An exception in the student's code: its type, its message and the line of the student's file; all cut and stripped of controls."""

    type: str
    message: str
    line: int | None = None


@dataclass(frozen=True)
class Answer:
    """What came back from one call. Everything in it is from the student's process, hence only numbers and short texts, never a verdict.

    Parameters
    ----------
    outcome : Outcome
    outputs : tuple of array or None
        One for each output; None where its form is wrong. Where only the dtype is, the values as the expected one; where they are not finite, as
        they are.
    faults : tuple of Fault
    error : Error, optional
    changed : tuple of str
        Arguments that were overwritten.
    evaluations : int
        How often the busiest function of the file ran in this call.
    printed : str
        The head of what was printed, by any call of the run; with the run's first answer.
    tried : tuple of str
        What no exercise needs, such as "network tried": for the teacher, a hint, since a clever submission can hide it. With the run's first
        answer, as well.
    """

    outcome: Outcome
    outputs: tuple[Array | None, ...] = ()
    faults: tuple[Fault, ...] = ()
    error: Error | None = None
    changed: tuple[str, ...] = ()
    evaluations: int = 0
    printed: str = ""
    tried: tuple[str, ...] = ()


class Runner(Protocol):
    """One submission's file in a sandbox. Each `run` is a process of its own: what one test breaks, the next does not see.

    A runner that has `load(source)` goes on with another file of the same submission.
    """

    isolation: Isolation

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """Make these calls, one after the other, in one fresh process; one answer for each call, whatever happens."""
        ...

    def close(self) -> None:
        """End every process and remove every file."""
        ...


OpenRunner = Callable[[bytes, Isolation, Limits], Runner]  # from a file's source

Status = Literal["passed", "failed", "error", "time", "memory", "missing", "skipped"]


@dataclass(frozen=True)
class Diagnosis:
    """A mistake that a rule recognised: the rule's name, and what it says to the student; never the corrected line."""

    rule: str
    message: str


@dataclass(frozen=True)
class Example:
    """The smallest failing example: arguments, and one output as it came and as finite differences or the definition give it."""

    arguments: Mapping[str, Any]
    output: str
    index: tuple[int, ...]
    got: float
    expected: float


@dataclass(frozen=True)
class TestResult:
    """What became of one test.

    Parameters
    ----------
    exercise, function : str
    kind : str
        "values", "one row", "extremes", "manners".
    visibility : {"public", "hidden"}
    status : Status
    points, max_points : float
    message : str
        For the student: what is wrong, in a sentence or two. Of a hidden test, general.
    diagnosis : Diagnosis, optional
    example : Example, optional
        Never of a hidden test in what the student sees.
    flags : tuple of str
        For the teacher: "numerical gradient", "complex step", "network tried", …
    detail : mapping
        For the teacher's report.
    """

    __test__ = False  # pytest takes it for a test otherwise

    exercise: str
    function: str
    kind: str
    visibility: Literal["public", "hidden"]
    status: Status
    points: float
    max_points: float
    message: str = ""
    diagnosis: Diagnosis | None = None
    example: Example | None = None
    flags: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Such as "dense/dense_backward/values/hidden"."""
        return f"{self.exercise}/{self.function}/{self.kind.replace(' ', '_')}/{self.visibility}"


@dataclass(frozen=True)
class SubmissionResult:
    """One student's row.

    Parameters
    ----------
    student : str
    sha256 : str
        Of what was graded.
    isolation : Isolation
    tests : tuple of TestResult
        Always all tests of the assignment, in its order: what could not be run counts as 0.
    notes : tuple of str
        On the submission as a whole: a missing file, two files for one exercise, a folder that is empty.
    flags : tuple of str
    """

    student: str
    sha256: str
    isolation: Isolation
    tests: tuple[TestResult, ...]
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """Reached."""
        return float(np.round(sum(test.points for test in self.tests), 6))

    @property
    def max_points(self) -> float:
        """All that could be reached."""
        return float(np.round(sum(test.max_points for test in self.tests), 6))
