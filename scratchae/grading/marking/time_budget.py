"""The time budget of one submission."""

from __future__ import annotations

import time
from collections.abc import Sequence

from scratchae.grading.records import Answer, Call, Limits, Runner
from scratchae.grading.testing.plan import Planned

TIME_OUTS_PER_FUNCTION = 2
TIME_OUTS = 5  # per submission; after that, functions that ran out of time or memory are not run again
TESTS_IN_TIME = 12  # number of tests of a submission that may use their full processor time
BUSY = 10  # times as slow as usual is the busiest machine
LATE = ("time", "clock", "memory")  # outcomes; a test that fills its memory takes as long as others


def most_seconds(limits: Limits) -> float:
    """Most seconds of processor time for all tests of a submission together."""
    return float(TESTS_IN_TIME * limits.cpu_seconds)


def longest(limits: Limits) -> float:
    """Most seconds of the clock for all tests of a submission together."""
    return BUSY * most_seconds(limits)


class TimeBudget:
    """Counts the time-outs of a submission, and the processor time of its tests, which is the same on a busy machine."""

    def __init__(self, limits: Limits) -> None:
        self.most, self.each = most_seconds(limits), float(limits.cpu_seconds)
        self.time_outs: dict[tuple[str, str], int] = {}
        self.seconds = 0.0
        self.shared = True  # True while several tests may share a process: until that times out

    @property
    def is_spent(self) -> bool:
        """True if nothing more is run."""
        return self.seconds > self.most

    def refusal(self, planned: Planned) -> str:
        """The reason why a test is not run; empty if it is run."""
        f, its = planned.task.name, self.time_outs.get(_key(planned), 0)
        if its >= TIME_OUTS_PER_FUNCTION:
            return f"{f} was not run again: it ran out of time or memory in {TIME_OUTS_PER_FUNCTION} other tests."
        if its and sum(self.time_outs.values()) >= TIME_OUTS:  # others are not affected
            return f"{f} was not run again: functions of this submission ran out of time or memory {TIME_OUTS} times."
        if self.is_spent:
            return f"{f} was not run: the tests before it took {self.most:g} seconds of processor time."
        return ""

    def run(self, planned: Planned, runner: Runner) -> list[Answer]:
        """Run a test, and count a time-out of a judged call."""
        answers = self._timed(planned.calls, runner)
        if any(answers[i].outcome in LATE for i in planned.judged if i < len(answers)):
            self.time_outs[_key(planned)] = self.time_outs.get(_key(planned), 0) + 1
        return answers

    def run_together(self, calls: Sequence[Call], runner: Runner) -> list[Answer]:
        """Run the calls of several tests together. A time-out of all of them does not count against any one."""
        answers = self._timed(calls, runner)
        self.shared = not any(answer.outcome in LATE for answer in answers)
        return answers

    def _timed(self, calls: Sequence[Call], runner: Runner) -> list[Answer]:
        start = time.monotonic()
        answers = runner.run(calls)
        passed = time.monotonic() - start
        known = answers[0].spent if answers else 0.0
        if not known or any(
            answer.outcome == "clock" for answer in answers
        ):  # as much as a test that computes for so long
            known = min(passed, self.each)
        self.seconds += known
        return answers


def _key(planned: Planned) -> tuple[str, str]:
    """Key of a function; names may occur in several exercises."""
    return planned.exercise.name, planned.task.name
