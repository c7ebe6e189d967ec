"""The verdict on one test. It starts as failed; it passes only if all numbers are present and right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scratchae.grading.diagnosis import words
from scratchae.grading.diagnosis.diagnose import Finding, diagnose, why_fewer_digits
from scratchae.grading.inspection.flags import BY_ENTRY, FEWER, NUMERICAL, OVERFLOW
from scratchae.grading.records import Answer, Outcome, Status, TestResult
from scratchae.grading.testing.comparison import (
    ANALYTIC,
    FULL_DIGITS,
    SAME,
    TOLERANCE,
    Array,
    error,
    stress_error,
)
from scratchae.grading.testing.plan import AGAIN, EXTREME, Planned

STATUS: dict[Outcome, Status] = {
    "returned": "failed",
    "form": "failed",
    "raised": "error",
    "nothing": "failed",
    "unimplemented": "failed",
    "missing": "missing",
    "signature": "error",
    "source": "error",
    "time": "time",
    "clock": "time",
    "memory": "memory",
    "crashed": "error",
    "refused": "skipped",
}
MOST_PRINTED = 2000  # most characters kept of a test's output
MANY = 20  # most entries for which a formula might call a helper as often


@dataclass(frozen=True)
class Failure:
    """The first failure in a test.

    Parameters
    ----------
    call : int
        Index of the call.
    kind : {"outcome", "value", "again", "changed"}
        No full answer, wrong numbers, different numbers the second time, an overwritten argument.
    output : int
        Index of the wrong output, for wrong numbers.
    """

    call: int
    kind: str
    output: int = 0


def judge(
    planned: Planned,
    answers: Sequence[Answer],
    *,
    named: bool = True,
    until: float = math.inf,
    per_output: bool = False,
) -> TestResult:
    """Compare answers with the reference's, and describe the first mistake.

    Parameters
    ----------
    planned : Planned
    answers : sequence of Answer
        One for each call. A missing answer counts as a crash.
    named : bool
        True to name the mistake, which takes longer than the verdict.
    until : float
        Time of time.monotonic() after which less obvious mistakes are not tried; they take seconds the first time.
    per_output : bool
        True to give a failed test the share of its points that belongs to the outputs which are right in all its calls.

    Returns
    -------
    result : TestResult
        Passed with all points, or failed with none, or with a share. The message of a hidden test is general; diagnosis and example are in
        the record for the teacher.
    """
    missing = len(planned.calls) - len(answers)
    answers = (*answers[: len(planned.calls)], *(Answer("crashed") for _ in range(missing)))
    distances = measure(planned, answers)
    failure = first_failure(planned, answers, distances)
    right = right_outputs(planned, answers, distances)
    share = 1.0 if failure is None else _share(planned, answers, right) if per_output else 0.0
    flags = _flags(planned, answers, distances, right) if share else ()
    names = planned.task.outputs
    blank = TestResult(
        planned.exercise.name,
        planned.task.name,
        planned.kind,
        planned.visibility,
        "failed",
        round(share * planned.max_points, 9),
        planned.max_points,
        flags=flags,
        detail={
            "errors": _worst(planned, distances),
            "right": [names[k] for k in right],
            "wrong": [name for k, name in enumerate(names) if k not in right],
            "printed": next((a.printed for a in answers if a.printed), "")[:MOST_PRINTED],
        },
    )
    if failure is None:
        passed = replace(blank, status="passed", message=_remark(planned, answers) if OVERFLOW in flags else "")
        return _with_cause(passed, planned, answers, distances)
    answer, wrong = answers[failure.call], tuple(k for k in range(len(names)) if k not in right)
    line = {} if answer.error is None or answer.error.line is None else {"line": answer.error.line}
    finding, trouble = _named(planned, answers, failure.call, until) if named else (Finding(None, None), {})
    message = (
        finding.diagnosis.message
        if finding.diagnosis
        else words.failure(planned, answer, failure.kind, wrong, failure.call, _of(wrong, distances))
    )
    about = finding.about if finding.diagnosis else wrong if failure.kind == "value" else ()
    if planned.visibility == "hidden":
        message, about = words.general(planned, answer, failure.kind, wrong), wrong if failure.kind == "value" else ()
    numbers = failure.kind == "value" or answer.outcome == "form"
    return replace(
        blank,
        status=STATUS[answer.outcome],
        message=message + (words.rest(names, right, about) if numbers else ""),
        diagnosis=finding.diagnosis,
        example=finding.example,
        detail={**blank.detail, "why": failure.kind, **line, **trouble},
    )


def _with_cause(
    passed: TestResult, planned: Planned, answers: Sequence[Answer], distances: Mapping[int, Sequence[float]]
) -> TestResult:
    """The result with the cause of missing digits, if it is known: then it is no numerical gradient."""
    if not {NUMERICAL, FEWER} & {*passed.flags}:
        return passed
    rough = [k for k in range(len(planned.task.outputs)) if _of([k], distances) > ANALYTIC]
    try:
        with np.errstate(all="ignore"):
            cause = why_fewer_digits(planned, answers, rough)
    except Exception as error:  # as in `_named`
        return replace(passed, detail={**passed.detail, "diagnosis failed": f"{type(error).__name__}: {error}"})
    if not cause:
        return passed
    flags = tuple(dict.fromkeys(FEWER if flag == NUMERICAL else flag for flag in passed.flags))
    return replace(passed, flags=flags, message=f"{passed.message} {cause}".strip())


def _of(outputs: Sequence[int], distances: Mapping[int, Sequence[float]]) -> float:
    """The largest error of these outputs in all judged calls."""
    return max((its[k] for its in distances.values() for k in outputs), default=math.inf)


def _named(planned: Planned, answers: Sequence[Answer], call: int, until: float) -> tuple[Finding, dict[str, str]]:
    """The finding of the rules for a failure. An error in a rule does not change the verdict; it is recorded in the detail."""
    try:
        with np.errstate(all="ignore"):
            return diagnose(planned, answers, call, until=until), {}
    except Exception as error:
        return Finding(None, None), {"diagnosis failed": f"{type(error).__name__}: {error}"}


def measure(planned: Planned, answers: Sequence[Answer]) -> dict[int, list[float]]:
    """The errors of each judged call: per output, relative to its largest entry, or for extreme arguments, to each entry.

    Parameters
    ----------
    planned : Planned
    answers : sequence of Answer
        One for each call.

    Returns
    -------
    distances : dict of int to list of float
        Infinity if there is no number.
    """
    found = {}
    with np.errstate(all="ignore"):
        for i in planned.judged:
            how = stress_error if planned.roles[i].startswith(EXTREME) else error
            got, expected = answers[i].outputs, planned.expected[i]
            found[i] = [how(got[k] if k < len(got) else None, wanted) for k, wanted in enumerate(expected)]
    return found


def first_failure(
    planned: Planned, answers: Sequence[Answer], distances: Mapping[int, Sequence[float]]
) -> Failure | None:
    """The first failure of a test; None if it passes.

    Parameters
    ----------
    planned : Planned
    answers : sequence of Answer
        One for each call.
    distances : mapping of int to sequence of float
        As from `measure`.

    Returns
    -------
    failure : Failure or None
    """
    for i in planned.judged:
        answer, expected = answers[i], planned.expected[i]
        if answer.outcome != "returned" or len(answer.outputs) != len(expected):
            return Failure(i, "outcome")
        if planned.roles[i] == AGAIN and not _same(answer.outputs, answers[0].outputs):
            return Failure(i, "again")
        for k, distance in enumerate(distances[i]):
            if not (distance <= TOLERANCE):
                return Failure(i, "value", k)
    if planned.kind == "manners":
        for i in planned.judged:
            if answers[i].changed:
                return Failure(i, "changed")
    return None


def right_outputs(
    planned: Planned, answers: Sequence[Answer], distances: Mapping[int, Sequence[float]]
) -> tuple[int, ...]:
    """Indices of the outputs that are right in all judged calls: in number, in form, and the same when a call is repeated.

    Parameters
    ----------
    planned : Planned
    answers : sequence of Answer
        One for each call.
    distances : mapping of int to sequence of float
        As from `measure`.

    Returns
    -------
    right : tuple of int
    """

    def right(k: int, name: str) -> bool:
        return all(
            distances[i][k] <= TOLERANCE
            and not any(fault.output in (name, "") for fault in answers[i].faults)
            and (planned.roles[i] != AGAIN or _same(answers[i].outputs[k : k + 1], answers[0].outputs[k : k + 1]))
            for i in planned.judged
        )

    return tuple(k for k, name in enumerate(planned.task.outputs) if right(k, name))


def _share(planned: Planned, answers: Sequence[Answer], right: Sequence[int]) -> float:
    """The share of a failed test's points for its right outputs. An overwritten argument is a mistake of the whole function."""
    overwritten = planned.kind == "manners" and any(answers[i].changed for i in planned.judged)
    return 0.0 if overwritten else len(right) / len(planned.task.outputs)


def _worst(planned: Planned, distances: Mapping[int, Sequence[float]]) -> dict[str, float | None]:
    """The largest error of each output, by name; None if there is no number."""
    worst = {name: max(each[k] for each in distances.values()) for k, name in enumerate(planned.task.outputs)}
    return {name: largest if largest < np.inf else None for name, largest in worst.items()}


def _same(got: Sequence[Array | None], before: Sequence[Array | None]) -> bool:
    pairs = zip(got, before, strict=False)
    return len(got) == len(before) and all(a is not None and b is not None and error(a, b) <= SAME for a, b in pairs)


def _flags(
    planned: Planned, answers: Sequence[Answer], distances: Mapping[int, Sequence[float]], right: Sequence[int]
) -> tuple[str, ...]:
    """Signs that right outputs have fewer digits than a formula gives, come from no formula, or overflow on the way."""
    ordinary = [i for i in planned.judged if not planned.roles[i].startswith(EXTREME)]
    rough = [i for i in ordinary if any(not (distances[i][k] <= ANALYTIC) for k in right)]
    entries = {i: sum(a.size for a in planned.expected[i]) for i in ordinary}
    busy = [answers[i].evaluations >= count for i, count in entries.items() if count >= MANY]
    numerical = planned.gradients and 2 * len(rough) > len(ordinary)
    fewer = any(distances[i][k] > FULL_DIGITS for i in planned.judged for k in right)
    signs = (
        (NUMERICAL, numerical),
        (FEWER, fewer and not numerical),  # one flag for one fault
        (BY_ENTRY, planned.gradients and bool(busy) and all(busy)),
        (OVERFLOW, bool(_overflows(planned, answers))),
    )
    return tuple(flag for flag, seen in signs if seen)


def _overflows(planned: Planned, answers: Sequence[Answer]) -> list[str]:
    """The extreme arguments for which a function overflows although its task asks for a form that does not."""
    if not planned.never_overflows:
        return []
    roles = [planned.roles[i] for i in planned.judged if answers[i].overflowed]
    return list(dict.fromkeys(role.removeprefix(EXTREME) for role in roles if role.startswith(EXTREME)))


def _remark(planned: Planned, answers: Sequence[Answer]) -> str:
    arguments = " and ".join(_overflows(planned, answers))
    return f"{planned.task.name} is right, but it overflows on the way for {arguments}; the task asks for a form that does not."
