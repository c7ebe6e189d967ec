"""Data passed between the parts of the grader: calls of a student's function, answers, test results, and submission results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Isolation(IntEnum):
    """Isolation of a submission: resource limits only, Landlock with seccomp, or namespaces with seccomp (bubblewrap)."""

    LIMITS = 1
    LANDLOCK = 2
    BUBBLEWRAP = 3


@dataclass(frozen=True)
class Limits:
    """Resource limits of one test, and what its file may import.

    Parameters
    ----------
    seconds : float
        Wall-clock time of a test: a backstop for machines that are busy.
    cpu_seconds : int
        Processor time of a test. Reading the file, before that, has as much of its own.
    memory : int
        Bytes of address space.
    processes : int
    file_size, output, temporary : int
        Bytes of a written file, of printed output that is kept, and of the temporary folder.
    allow : tuple of str
        Modules that a file may import besides NumPy and the standard library.
    """

    seconds: float = 30.0
    cpu_seconds: int = 4
    memory: int = 1 << 30
    processes: int = 16
    file_size: int = 1 << 20
    output: int = 1 << 14
    temporary: int = 16 << 20
    allow: tuple[str, ...] = ()


@dataclass(frozen=True)
class Given:
    """A right function to put in place of the file's own: its name, and a source that defines it."""

    name: str
    source: str


@dataclass(frozen=True)
class Call:
    """One call of one function, and the expected form of the answer; the parent knows both.

    Parameters
    ----------
    function : str
    arguments : mapping
        By name, in order: arrays (float64, int64), integers, floats, strings.
    outputs : sequence of (str, tuple of int, str)
        Name, shape and dtype ("float64" or "int64") of each output.
    copies : bool
        Whether the outputs must not share memory with the arguments.
    given : tuple of Given
        Functions that take the place of the file's own in all calls of a run; with its first call.
    """

    function: str
    arguments: Mapping[str, Any]
    outputs: Sequence[tuple[str, tuple[int, ...], str]]
    copies: bool = False
    given: tuple[Given, ...] = ()


Outcome = Literal[
    "returned",  # everything has the right form
    "form",  # an answer of the wrong type, count, shape or dtype; see `faults`
    "raised",  # an exception: `error`
    "nothing",  # None
    "unimplemented",  # NotImplementedError
    "missing",  # there is no such function
    "signature",  # the function does not take these arguments
    "source",  # the file cannot be read or compiled: `error`
    "time",  # of the processor
    "clock",  # the clock on the wall ended it: the machine was busy, or it waited for something
    "memory",
    "crashed",  # the process ended without an answer
    "refused",  # the sandbox could not be started; never the student's fault
]


@dataclass(frozen=True)
class Fault:
    """A wrong form of an output: its name, the kind ("type", "count", "shape", "dtype", "copy", "finite"), and what was got and expected."""

    output: str
    kind: str
    got: str
    expected: str


@dataclass(frozen=True)
class Error:
    """An exception in the student's code: its type, its message, the line of the student's file, and for a notebook the cell, within which
    the line then counts; all truncated and without control characters.
    """

    type: str
    message: str
    line: int | None = None
    cell: int | None = None


@dataclass(frozen=True)
class Answer:
    """The answer to one call. It comes from the student's process, so it holds only numbers and short texts, never a verdict.

    Parameters
    ----------
    outcome : Outcome
    outputs : tuple of array or None
        One for each output; None if its form is wrong. If only the dtype is wrong, the values are converted; values that are not finite
        are kept.
    faults : tuple of Fault
    error : Error, optional
    changed : tuple of str
        Names of overwritten arguments.
    evaluations : int
        Number of runs of the most frequently called function of the file during this call.
    slept : bool
        Whether the clock ended a process that was asleep most of the time, and not kept waiting by a busy machine.
    overflowed : bool
        Whether NumPy reported an overflow during this call, whatever the result.
    spent : float
        Processor time of the run in seconds; 0 where it is not known. With the run's first answer.
    printed : str
        Start of the output printed by all calls of the run, which says where it is cut. Also with the run's first answer.
    tried : tuple of str
        Suspicious actions, such as "network tried": a hint for the teacher, since a clever submission can hide them. Also with the run's
        first answer.
    unfinished : tuple of Error
        Errors at the top level of the file, or of its cells, although what was defined before them is tested. Also with the run's first
        answer.
    """

    outcome: Outcome
    outputs: tuple[Array | None, ...] = ()
    faults: tuple[Fault, ...] = ()
    error: Error | None = None
    changed: tuple[str, ...] = ()
    evaluations: int = 0
    overflowed: bool = False
    slept: bool = False
    spent: float = 0.0
    printed: str = ""
    tried: tuple[str, ...] = ()
    unfinished: tuple[Error, ...] = ()


class Runner(Protocol):
    """One submission's file in a sandbox. Each `run` is a separate process, so that tests cannot affect each other.

    A runner with `load(source)` can switch to another file of the same submission.
    """

    isolation: Isolation

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """Make these calls in order in a new process; always returns one answer per call."""
        ...

    def close(self) -> None:
        """End all processes and remove all files."""
        ...


OpenRunner = Callable[[bytes, Isolation, Limits], Runner]  # from the source of a file

Status = Literal["passed", "failed", "error", "time", "memory", "missing", "skipped"]


@dataclass(frozen=True)
class Diagnosis:
    """A mistake recognised by a rule: the rule's name, and the message for the student; never the corrected line."""

    rule: str
    message: str


@dataclass(frozen=True)
class Example:
    """The smallest failing example: arguments, one output of the student's, and its value by finite differences or by definition."""

    arguments: Mapping[str, Any]
    output: str
    index: tuple[int, ...]
    got: float
    expected: float


@dataclass(frozen=True)
class TestResult:
    """The result of one test.

    Parameters
    ----------
    exercise, function : str
    kind : str
        "values", "one row", "extremes", "manners".
    visibility : {"public", "hidden"}
    status : Status
    points, max_points : float
    message : str
        The mistake in a sentence or two, for the student; general for a hidden test.
    diagnosis : Diagnosis, optional
    example : Example, optional
        Never shown to the student for a hidden test.
    flags : tuple of str
        For the teacher: "numerical gradient", "complex step", "network tried", …
    detail : mapping
        For the teacher's report.
    """

    __test__ = False  # else pytest collects it as a test

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
    """The result of one student's submission.

    Parameters
    ----------
    student : str
    sha256 : str
        Hash of the graded files.
    isolation : Isolation
    tests : tuple of TestResult
        All tests of the assignment, in order; a test that could not be run has 0 points.
    notes : tuple of str
        Notes on the submission as a whole: a missing file, two files for one exercise, an empty folder.
    flags, remarks : tuple of str
        Hints for the teacher: those that need a look, and the lighter ones.
    """

    student: str
    sha256: str
    isolation: Isolation
    tests: tuple[TestResult, ...]
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """Points reached."""
        return float(np.round(sum(test.points for test in self.tests), 6))

    @property
    def max_points(self) -> float:
        """Points of all tests together."""
        return float(np.round(sum(test.max_points for test in self.tests), 6))
