"""A student's own check of a file: the public tests without isolation, since the code runs on the student's machine."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from scratchae.exercises import EXERCISES, Exercise
from scratchae.grading.marking.grade import PROBE, Assignment, grade
from scratchae.grading.marking.policy import Policy, all_tests
from scratchae.grading.records import Answer, Call, Isolation, Limits, OpenRunner, Runner, SubmissionResult
from scratchae.grading.sandbox.isolation import sandbox_at
from scratchae.grading.sandbox.unsandboxed import SeparateProcessRunner
from scratchae.grading.submissions.intake import SourceFile, Submission
from scratchae.grading.submissions.recognition import exercises_in, names_of, plain

PATIENCE = 0.6  # seconds for naming mistakes after which slow diagnoses are skipped, so that a check is fast
LIMITS = Limits(seconds=15.0, cpu_seconds=2)


def exercises_of(name: str, source: bytes, catalogue: Sequence[Exercise] = EXERCISES) -> tuple[Exercise, ...]:
    """The exercises of a file: the one of its name, else those whose functions it defines.

    Parameters
    ----------
    name : str
    source : bytes
    catalogue : sequence of Exercise
        The exercises to choose from: ordinary ones, or a variant.

    Returns
    -------
    exercises : tuple of Exercise
    """
    named = tuple(exercise for exercise in catalogue if plain(name) in names_of(exercise))
    return named or exercises_in(source, catalogue)


def check(
    file: SourceFile,
    exercise: Exercise,
    seed: bytes,
    allow: tuple[str, ...] = (),
    *,
    patience: float = PATIENCE,
    progress: Callable[[str], None] | None = None,
) -> SubmissionResult:
    """Run the public tests of an exercise.

    Parameters
    ----------
    file : SourceFile
    exercise : Exercise
    seed : bytes
    allow : tuple of str
        Modules that the file may use besides NumPy.
    patience : float
        Seconds for naming mistakes.
    progress : callable, optional
        Is told the name of each function that is looked at on its own, which is slow.

    Returns
    -------
    result : SubmissionResult
        With the public tests only.
    """
    policy = Policy(exercise.title, (exercise,), all_tests((exercise,)), limits=replace(LIMITS, allow=allow))
    assignment = Assignment(policy, seed, Isolation.LIMITS, hidden=False, patience=patience)
    collecting = gc.isenabled()
    gc.disable()  # would take a fifth of the time, and the process ends soon
    try:
        return grade(
            Submission("you", {exercise.name: file}), assignment, _open if progress is None else _telling(progress)
        )
    finally:
        if collecting:
            gc.enable()


def _telling(progress: Callable[[str], None]) -> OpenRunner:
    """As `_open`, with a runner that tells which function it calls."""

    def opened(source: bytes, isolation: Isolation, limits: Limits) -> Runner:
        return _Telling(_open(source, isolation, limits), progress)

    return opened


class _Telling:
    """A runner that tells the function of a run with calls of a single one."""

    def __init__(self, runner: Runner, progress: Callable[[str], None]) -> None:
        self.runner, self.progress, self.isolation = runner, progress, runner.isolation

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """As `Runner.run`."""
        names = {call.function for call in calls if call != PROBE}
        if len(names) == 1:
            self.progress(names.pop())
        return self.runner.run(calls)

    def close(self) -> None:
        """As `Runner.close`."""
        self.runner.close()


def _open(source: bytes, isolation: Isolation, limits: Limits) -> Runner:
    """The same child as in grading, with bare limits; if it is not available, an ordinary process."""
    if os.name == "posix":
        runner = sandbox_at(isolation, source, limits)
        if runner.run([PROBE])[0].outcome != "refused":
            return runner
        runner.close()
    return SeparateProcessRunner(source, limits)
