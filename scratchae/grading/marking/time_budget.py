"""How long one submission may keep the grader waiting."""

from __future__ import annotations

import time
from collections.abc import Sequence

from scratchae.grading.records import Answer, Call, Limits, Runner
from scratchae.grading.testing.plan import Planned

TIME_OUTS_PER_FUNCTION = 2  # the first of a function is tried again, because the machine may have been busy
TIME_OUTS = 8  # of a submission; then, no function that took too long is run again
TESTS_IN_TIME = 45  # so many tests of a submission may end just in time


def most_seconds(limits: Limits) -> float:
    """Of one submission, all its tests together."""
    return TESTS_IN_TIME * limits.seconds


class TimeBudget:
    """How often and how long a submission may keep the grader waiting."""

    def __init__(self, limits: Limits) -> None:
        self.most = most_seconds(limits)
        self.time_outs: dict[tuple[str, str], int] = {}
        self.seconds = 0.0
        self.shared = True  # whether several tests of a file may share a process: until that took too long

    def refusal(self, planned: Planned) -> str:
        """Why a test is not run any more; empty if it is."""
        f, its = planned.task.name, self.time_outs.get(_key(planned), 0)
        if its >= TIME_OUTS_PER_FUNCTION:
            return f"{f} was not run again: it took longer than it may {TIME_OUTS_PER_FUNCTION} times."
        if its and sum(self.time_outs.values()) >= TIME_OUTS:  # a function that never did is not to suffer from others
            return f"{f} was not run again: functions of this submission took longer than they may {TIME_OUTS} times."
        if self.seconds > self.most:
            return f"{f} was not run: the tests before it took {self.most:g} seconds."
        return ""

    def run(self, planned: Planned, runner: Runner) -> list[Answer]:
        """The answers to a test; a function's first time-out is tried again."""
        answers = self._timed(planned.calls, runner)
        if self._timed_out(planned, answers) == 1 and not self.refusal(planned):
            answers = self._timed(planned.calls, runner)
            self._timed_out(planned, answers)
        return answers

    def run_together(self, calls: Sequence[Call], runner: Runner) -> list[Answer]:
        """The answers to the calls of several tests. That they took too long together says nothing of any of them."""
        answers = self._timed(calls, runner)
        self.shared = not any(answer.outcome == "time" for answer in answers)
        return answers

    def _timed(self, calls: Sequence[Call], runner: Runner) -> list[Answer]:
        start = time.monotonic()
        answers = runner.run(calls)
        self.seconds += time.monotonic() - start
        return answers

    def _timed_out(self, planned: Planned, answers: Sequence[Answer]) -> int:
        """How often the function has by now, if a call that decides did; else 0."""
        if not any(answers[i].outcome == "time" for i in planned.judged if i < len(answers)):
            return 0
        key = _key(planned)
        self.time_outs[key] = self.time_outs.get(key, 0) + 1
        return self.time_outs[key]


def _key(planned: Planned) -> tuple[str, str]:
    """A function, which may have namesakes in other exercises."""
    return planned.exercise.name, planned.task.name
