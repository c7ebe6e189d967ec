"""One verdict for each kind of test: the hidden test, whose numbers are the same for the class, decides for the public test as well.

The numbers of a public test are the student's own, so they may show a mistake to one student and not to another. They must not decide points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from scratchae.grading.inspection.flags import BY_ENTRY, FEWER, NUMERICAL, OVERFLOW
from scratchae.grading.records import TestResult
from scratchae.grading.testing.comparison import TOLERANCE
from scratchae.grading.testing.plan import Planned

MEASURED = (NUMERICAL, FEWER, BY_ENTRY, OVERFLOW)  # flags that depend on numbers
WHY = "The others are the same for the whole class and decide the points."


def settle(results: dict[str, TestResult], tests: Iterable[Planned]) -> None:
    """Give each public test the verdict of the hidden test of its kind. Without hidden tests, nothing changes.

    Parameters
    ----------
    results : dict of str to TestResult
        By the tests' ids; changed in place.
    tests : iterable of Planned
    """
    deciding = {_kind(p): p.id for p in tests if p.visibility == "hidden"}
    for p in tests:
        hidden = results.get(deciding.get(_kind(p), ""))
        if p.visibility == "public" and hidden is not None and p.id in results:
            results[p.id] = settled(results[p.id], hidden)


def settled(public: TestResult, hidden: TestResult) -> TestResult:
    """The result of a public test, decided by the hidden test of its kind.

    Parameters
    ----------
    public, hidden : TestResult
        Each from its own numbers.

    Returns
    -------
    result : TestResult
        Share of the points and measured flags are those of the hidden test. Where the two disagree, the message says so.
    """
    share = hidden.points / hidden.max_points if hidden.max_points else 0.0
    others = [flag for flag in public.flags if flag not in MEASURED]
    flags = (*(flag for flag in hidden.flags if flag in MEASURED), *others)
    public = replace(public, points=round(share * public.max_points, 9), flags=flags)
    if "helpers" in hidden.detail:
        detail = {**public.detail, "helpers": hidden.detail["helpers"]}
        message, diagnosis = hidden.message, hidden.diagnosis
        return replace(public, status=hidden.status, message=message, diagnosis=diagnosis, example=None, detail=detail)
    if hidden.status == "passed":
        message = hidden.message if public.status == "passed" else _here(public)
        return replace(public, status="passed", message=message, diagnosis=None, example=None)
    if public.status == "passed":
        return replace(public, status=hidden.status, message=_elsewhere(hidden))
    return public


def _here(public: TestResult) -> str:
    """The message of a public test that only its own numbers fail."""
    return f"{public.function} is right with the numbers that decide the points, the same for the whole class. " + (
        f"With the numbers of this test {_size(public)}."
        if _size(public)
        else f"With those of this test: {public.message}"
    )


def _elsewhere(hidden: TestResult) -> str:
    """The message of a public test that only its own numbers pass. It gives the size of the error, but none of the other numbers."""
    f, size = hidden.function, _size(hidden)
    if not size:
        return f"{f} passes with the numbers of this test, but not with others. {hidden.message} {WHY}"
    return f"{f} is right with the numbers of this test, but with others {size}. {WHY}"


def _size(result: TestResult) -> str:
    """The error of a wrong output in words; empty if the result is not just a number that is wrong."""
    errors = {name: result.detail.get("errors", {}).get(name) for name in result.detail.get("wrong", ())}
    if result.detail.get("why") != "value" or not errors or None in errors.values():
        return ""
    largest = _short(max(float(error) for error in errors.values() if error is not None))
    return f"the error of {' and '.join(errors)} is {largest}, more than the {_short(TOLERANCE)} allowed"


def _short(value: float) -> str:
    """One digit and the power of ten: a submission that chose its error could tell more with more digits."""
    return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")


def _kind(planned: Planned) -> tuple[str, str, str]:
    return planned.exercise.name, planned.task.name, planned.kind


def deciding(tests: Iterable[Planned], results: Mapping[str, TestResult]) -> list[Planned]:
    """The tests that decide points and have a result: the hidden ones, or the public ones where there are no hidden ones."""
    its = [p for p in tests if p.id in results]
    return [p for p in its if p.visibility == "hidden"] or its
