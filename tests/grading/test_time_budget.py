"""Functions that take too long are not run again, and cost other students nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest

from scratchae.exercises import EXERCISES
from scratchae.grading.marking.time_budget import LATE, TIME_OUTS, TIME_OUTS_PER_FUNCTION, TimeBudget
from scratchae.grading.records import Answer, Call, Isolation, Limits
from scratchae.grading.testing.plan import Planned, plan

TESTS = plan(EXERCISES[0], "ada", b"s", probes=False)


class Answering:
    """Gives the same outcome to all calls, after some time."""

    isolation = Isolation.LIMITS

    def __init__(self, outcome: Any, seconds: float = 0.0) -> None:
        self.outcome, self.seconds = outcome, seconds

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """As `Runner.run`."""
        time.sleep(self.seconds)
        return [Answer(self.outcome)] * len(calls)

    def close(self) -> None:
        """Nothing is open."""


def of(function: str) -> list[Planned]:
    return [p for p in TESTS if p.task.name == function]


@pytest.mark.parametrize("outcome", ["time", "clock", "memory", "crashed", "raised"])
def test_a_function_that_is_late_is_not_run_again_and_others_are(outcome: str) -> None:
    budget, late = TimeBudget(Limits()), of("dense")
    for p in late[:TIME_OUTS_PER_FUNCTION]:
        assert not budget.refusal(p)
        budget.run(p, Answering(outcome))
    again = "was not run again: it ran out of time or memory" in budget.refusal(late[-1])
    assert again == (outcome in LATE) == (outcome in ("time", "clock", "memory"))
    assert not any(budget.refusal(p) for p in of("dense_backward"))


@pytest.mark.parametrize("together", [True, False])
def test_the_time_of_all_tests_is_limited(together: bool) -> None:
    budget, (first, second) = TimeBudget(Limits()), of("dense")[:2]
    budget.most = 0.05
    for _ in range(2):
        assert not budget.is_spent and not budget.refusal(second)
        runner = Answering("missing", 0.03)
        _ = budget.run_together(first.calls, runner) if together else budget.run(first, runner)
    assert budget.is_spent and "the tests before it took 0.05 seconds" in budget.refusal(second)


def test_a_function_that_was_never_late_is_run_however_often_others_were() -> None:
    tests = plan(EXERCISES[1], "ada", b"s", probes=False)
    budget, first = TimeBudget(Limits()), {p.task.name: p for p in tests}
    *late, never = first
    for name in late[:TIME_OUTS]:
        budget.run(first[name], Answering("time"))
    assert len(late) >= TIME_OUTS and f"ran out of time or memory {TIME_OUTS} times" in budget.refusal(first[late[0]])
    assert not budget.refusal(first[never])


@pytest.mark.parametrize("outcome", ["clock", "missing"])
def test_waiting_counts_no_more_than_a_test_that_computes_to_its_limit(outcome: str) -> None:
    budget = TimeBudget(Limits())
    budget.each = 0.01
    budget.run(of("dense")[0], Answering(outcome, 0.05))
    assert 0 < budget.seconds <= 0.01
