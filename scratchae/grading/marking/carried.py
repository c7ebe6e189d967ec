"""Mistakes that a function only carries on from another one: it is right as soon as the other task of the file is right.

To find out, a failed function is run again with right functions in place of the failed ones that it may call. Their source is in that process,
where the submission could read it, so nothing of that run is kept but which tests pass: no message, no number, no printed output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice

from scratchae.exercises import Task
from scratchae.exercises.source import closure, definition
from scratchae.grading.marking.judge import judge
from scratchae.grading.marking.settle import deciding
from scratchae.grading.records import Answer, Call, Diagnosis, Given, TestResult
from scratchae.grading.testing.plan import Planned

Run = Callable[[Sequence[Call]], Sequence[Answer]]
HEAD = "import numpy as np\nArray = np.ndarray\n"  # as in every handout
MOST_RUNS = 60  # for all functions of a file


def carry(results: dict[str, TestResult], tests: Iterable[Planned], run: Run, *, charge_once: bool) -> None:
    """Name the helper behind the failures of functions that are right except for it, and restore their points where the policy says so.

    Parameters
    ----------
    results : dict of str to TestResult
        By the tests' ids; changed in place.
    tests : iterable of Planned
        All tests of a file.
    run : callable
        Makes calls in a new process.
    charge_once : bool
        True to give such a test its points: the mistake costs those of the helper.
    """
    failed: dict[Task, list[Planned]] = {}
    for p in deciding(list(tests), results):
        if results[p.id].status in ("failed", "error", "missing"):
            failed.setdefault(p.task, []).append(p.without_probes())
    runs = _Runs(run)
    for task, its in failed.items():
        helpers = [other for other in failed if other is not task and not _uses(other, task)]
        its = [p for p in its if results[p.id].status != "missing"]
        passed = runs.passed(its, helpers) if its and helpers else {}
        guilty = helpers
        for helper in helpers if passed and len(helpers) > 1 else ():
            alone = runs.passed(its, [helper])
            if alone.keys() == passed.keys():
                guilty, passed = [helper], alone
                break
        for name, right in passed.items():
            results[name] = _carried(results[name], right, [helper.name for helper in guilty], charge_once)


class _Runs:
    """Runs with right helpers: not too many, and none after a time-out."""

    def __init__(self, run: Run) -> None:
        self.run, self.left = run, MOST_RUNS

    def passed(self, tests: Sequence[Planned], helpers: Sequence[Task]) -> dict[str, TestResult]:
        """The results of the tests that pass with right helpers, by their ids."""
        if self.left <= 0:
            return {}
        self.left -= 1
        first, *others = [call for p in tests for call in p.calls]
        given = tuple(Given(helper.name, _source(helper)) for helper in helpers)
        answers = list(self.run([replace(first, given=given), *others]))
        if any(answer.outcome == "time" for answer in answers):
            self.left = 0
        each = iter(answers)
        judged = {p.id: judge(p, list(islice(each, len(p.calls))), named=False) for p in tests}
        return {name: result for name, result in judged.items() if result.status == "passed"}


def _carried(result: TestResult, right: TestResult, helpers: Sequence[str], charge_once: bool) -> TestResult:
    f, names = result.function, " and ".join(helpers)
    are, mistake = ("is", "mistake is") if len(helpers) == 1 else ("are", "mistakes are")
    message = f"{f} is right where {names} {are} right: the {mistake} in {names}."
    detail = {**result.detail, "helpers": list(helpers)}
    if charge_once:
        message += " That costs points only there."
        flags = tuple(dict.fromkeys((*result.flags, *right.flags)))
        return replace(
            result,
            status="passed",
            points=result.max_points,
            message=message,
            diagnosis=None,
            example=None,
            flags=flags,
            detail=detail,
        )
    return replace(result, message=message, diagnosis=Diagnosis("helper", message), example=None, detail=detail)


def _uses(task: Task, other: Task) -> bool:
    """True if the right source of a task contains another task, which must not get into a process where that is tested."""
    with suppress(LookupError):
        return other.name in {item.name for item in closure([definition(task.reference)])}
    return True


def _source(task: Task) -> str:
    """The right source of a task, with all that it needs."""
    return "\n\n".join([HEAD, *(item.text for item in closure([definition(task.reference)]))])
