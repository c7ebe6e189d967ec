"""One verdict for each kind of test: the hidden test, whose numbers are the same for the class, decides for the public test as well.

The numbers of a public test are the student's own, so they may show a mistake to one student and not to another. They must not decide points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from scratchae.grading.marking.judge import BY_ENTRY, FEWER, NUMERICAL, OVERFLOW
from scratchae.grading.records import TestResult
from scratchae.grading.testing.comparison import TOLERANCE
from scratchae.grading.testing.plan import Planned

MEASURED = (NUMERICAL, FEWER, BY_ENTRY, OVERFLOW)  # flags that depend on numbers
WHY = "These numbers are the same for the whole class and decide the points."


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
        told = f"Right with the numbers that decide, the same for the whole class. With the numbers of this test: {public.message}"
        message = hidden.message if public.status == "passed" else told
        return replace(public, status="passed", message=message, diagnosis=None, example=None)
    if public.status == "passed":
        return replace(public, status=hidden.status, message=_elsewhere(hidden))
    return public


def _elsewhere(hidden: TestResult) -> str:
    """The message of a public test that passes with its own numbers only. It gives the size of the error, but none of the numbers."""
    f, errors = hidden.function, hidden.detail.get("errors") or {}
    too_large = {name: errors.get(name) for name in hidden.detail.get("wrong") or ()}
    if hidden.detail.get("why") != "value" or not too_large or None in too_large.values():
        return f"{f} passes with the numbers of this test, but not with others. {hidden.message} {WHY}"
    largest = max(too_large.values(), key=float)  # type: ignore[arg-type]
    names = " and ".join(too_large)
    size = f"the error of {names} is {_short(float(largest))}, more than the {_short(TOLERANCE)} allowed"  # type: ignore[arg-type]
    return f"{f} is right with the numbers of this test, but with others {size}. {WHY}"


def _short(value: float) -> str:
    """One digit and the power of ten: a submission that chose its error could tell more with more digits."""
    return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")


def _kind(planned: Planned) -> tuple[str, str, str]:
    return planned.exercise.name, planned.task.name, planned.kind


def deciding(tests: Iterable[Planned], results: Mapping[str, TestResult]) -> list[Planned]:
    """The tests that decide points and have a result: the hidden ones, or the public ones where there are no hidden ones."""
    its = [p for p in tests if p.id in results]
    return [p for p in its if p.visibility == "hidden"] or its
