"""The evidence for a diagnosis: arguments, the reference's answers and the student's, for calls that returned numbers."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar

import numpy as np

from scratchae.errors import joined
from scratchae.exercises import Sizes
from scratchae.grading.diagnosis.axes import AXES
from scratchae.grading.records import Answer
from scratchae.grading.testing.comparison import Array, clearly, error
from scratchae.grading.testing.plan import AGAIN, EXTREME, MORE, PROBE, VALUES, Planned

# Tolerance of a relation: far below any coincidence among random numbers, far above rounding.
EXACT = 1e-9
ENOUGH = 2  # number of calls of different sizes in which a relation has to hold

Alternative = Callable[[Mapping[str, Any]], Sequence[Array]]
T = TypeVar("T")


class OutOfTimeError(Exception):
    """The diagnosis has reached its time limit."""


def in_time(things: Iterable[T], until: float) -> Iterator[T]:
    """Iterate over `things` until time.monotonic() reaches `until`.

    Raises
    ------
    OutOfTimeError
    """
    for thing in things:
        if time.monotonic() > until:
            raise OutOfTimeError
        yield thing


@dataclass(frozen=True)
class Case:
    """One call that returned numbers."""

    role: str
    sizes: Sizes
    arguments: Mapping[str, Any]
    got: tuple[Array, ...]
    expected: tuple[Array, ...]
    tolerance: float

    def right(self, output: int) -> bool:
        """True if an output passes. For a statement about what is right, `clear` is needed."""
        return error(self.got[output], self.expected[output]) <= self.tolerance

    def clear(self, output: int) -> Literal["right", "wrong", "unclear"]:
        """True if an output is right or wrong far from the tolerance, on either side."""
        return clearly(error(self.got[output], self.expected[output]))

    @property
    def all_right(self) -> bool:
        """True if all outputs pass."""
        return all(self.right(k) for k in range(len(self.expected)))

    @property
    def all_clear(self) -> bool:
        """True if all outputs are clearly right."""
        return all(self.clear(k) == "right" for k in range(len(self.expected)))


@dataclass(frozen=True)
class Evidence:
    """One test of one function, with its answers.

    Parameters
    ----------
    planned : Planned
    answers : sequence of Answer
        One for each call.
    failed : int
        Index of the first call that failed.
    thorough : bool
        True to compute all mistakes beforehand and to include less obvious ones, which takes seconds the first time.
    until : float
        Time of time.monotonic() after which a thorough search raises `OutOfTimeError`.
    focus : tuple of int
        Wrong outputs to examine; empty for all.
    memory : dict
        Cache of computed values.
    """

    planned: Planned
    answers: Sequence[Answer]
    failed: int
    thorough: bool = True
    until: float = math.inf
    focus: tuple[int, ...] = ()
    memory: dict[Any, Any] = field(default_factory=dict)

    @property
    def function(self) -> str:
        """Name of the function."""
        return self.planned.task.name

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs."""
        return self.planned.task.outputs

    @property
    def answer(self) -> Answer:
        """The answer to the failed call."""
        return self.answers[self.failed]

    @property
    def judged(self) -> list[Answer]:
        """The answers to the judged calls."""
        return [self.answers[i] for i in self.planned.judged]

    def cases(self, role: str) -> list[Case]:
        """The calls with this role (or prefix of a role) that returned all outputs in the right shape."""
        return [case for case in self._complete if case.role.startswith(role)]

    @property
    def _complete(self) -> list[Case]:
        if "cases" not in self.memory:  # shared with evidence on a single output
            self.memory["cases"] = self._with_numbers()
        found: list[Case] = self.memory["cases"]
        return found

    def _with_numbers(self) -> list[Case]:
        tolerance = self.planned.tolerance
        return [
            Case(role, sizes, call.arguments, tuple(a for a in answer.outputs if a is not None), expected, tolerance)
            for role, sizes, call, answer, expected in zip(
                self.planned.roles,
                self.planned.sizes,
                self.planned.calls,
                self.answers,
                self.planned.expected,
                strict=True,
            )
            if answer.outcome in ("returned", "form")  # values that are not finite count as numbers
            and len(answer.outputs) == len(expected)
            and all(a is not None and a.shape == e.shape for a, e in zip(answer.outputs, expected, strict=True))
        ]

    @cached_property
    def ordinary(self) -> list[Case]:
        """Calls with ordinary arguments, judged or not."""
        return [*self.cases(VALUES), *self.cases(MORE)]

    @cached_property
    def wrong(self) -> tuple[int, ...]:
        """The examined outputs that are wrong for ordinary arguments."""
        return self.focus or self.all_wrong

    @cached_property
    def all_wrong(self) -> tuple[int, ...]:
        """All outputs that are wrong for ordinary arguments; in the test with one row, for one row."""
        cases = self.cases(VALUES) if self.planned.kind == "one row" else self.ordinary
        return tuple(k for k in range(len(self.outputs)) if any(not case.right(k) for case in cases))

    @cached_property
    def decided(self) -> bool:
        """True if each examined output is clearly right or clearly wrong in each call with ordinary arguments.

        Otherwise nothing can be said about the calls in which it is right: an error near the tolerance passes or fails by chance.
        """
        return all(case.clear(k) != "unclear" for case in self.ordinary for k in self.wrong)

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """The letters of the axes that the task's arrays have, of the fields of `Sizes`."""
        return axes_of(self.ordinary)

    @cached_property
    def repeats(self) -> bool:
        """True if repeated calls with the same arguments gave the same answers."""
        again = [case for case in self._complete if case.role in (AGAIN, PROBE + AGAIN)]
        return all(
            alike(a, b) or np.array_equal(a, b, equal_nan=True)  # NaN in the same place counts as the same answer
            for case in again
            for first in self.ordinary[:1]
            for a, b in zip(case.got, first.got, strict=True)
        )

    @cached_property
    def extreme(self) -> list[Case]:
        """Calls with extreme arguments."""
        return self.cases(EXTREME)

    def first_answer(self, mistake: Any, case: Case) -> Sequence[Array] | None:
        """The first answer of a mistake for a case; None if the mistake is not possible there. Cached.

        Call it within `quiet`, which is too slow to be entered for each mistake.
        """
        answers = self.memory.setdefault(id(case), (case, {}))[1]
        if mistake not in answers:
            try:
                values = mistake.compute(case.arguments)
                answers[mistake] = values if len(values) == len(case.got) else None
            except Exception:  # the mistake is not possible with these arguments
                answers[mistake] = None
        found: Sequence[Array] | None = answers[mistake]
        return found

    def names(self, outputs: Sequence[int]) -> str:
        """Outputs in words: "dx and dW"."""
        return joined([self.outputs[k] for k in outputs])


def axes_of(cases: Sequence[Case]) -> tuple[str, ...]:
    """The letters of the axes that arguments or outputs have in all cases, of the fields of `Sizes`."""
    there = [
        (case.sizes, {n for a in (*case.arguments.values(), *case.expected) for n in np.shape(a)}) for case in cases
    ]
    return tuple(
        letter for letter in AXES if there and all(getattr(sizes, letter) in lengths for sizes, lengths in there)
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Silence warnings while wrong formulas are computed, such as overflows."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def alike(got: Array, other: Any) -> bool:
    """True if two arrays are equal up to rounding; NaN in the same places counts as equal.

    Parameters
    ----------
    got, other : array

    Returns
    -------
    same : bool
    """
    other = np.asarray(other)
    if got.shape != other.shape or other.dtype.kind not in "fiub":
        return False
    if got.size and not _close(got.item(0), other.item(0)):
        return False  # nearly always the case
    got, other = got.astype(np.float64), other.astype(np.float64)
    finite = np.isfinite(got)
    if not np.array_equal(finite, np.isfinite(other)) or not finite.any():
        return False
    return error(np.where(finite, got, 0), np.where(finite, other, 0)) <= EXACT


def _close(a: float, b: float) -> bool:
    """A quick check of one entry, which may rule out equality; entries are about 1."""
    return not abs(a - b) > 1e-4 * max(abs(a), abs(b), 1.0)


def agree(cases: Sequence[Case], alternative: Alternative, outputs: Sequence[int], enough: int = ENOUGH) -> bool:
    """True if an alternative computation gives the student's outputs in all cases.

    Parameters
    ----------
    cases : sequence of Case
    alternative : callable
        Function from arguments to outputs. If it raises an exception, it does not agree.
    outputs : sequence of int
    enough : int
        Least number of cases with different sizes.

    Returns
    -------
    agree : bool
    """
    if len({case.sizes for case in cases}) < enough:
        return False
    with quiet():
        for case in cases:
            try:
                values = alternative(case.arguments)
                if not all(alike(case.got[k], values[k]) for k in outputs):
                    return False
            except Exception:
                return False
    return True
