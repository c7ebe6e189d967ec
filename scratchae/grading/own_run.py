"""A student's own check of a file: the public tests, without a wall, since it is their code on their machine."""

from __future__ import annotations

import gc
import os

from scratchae.exercises import EXERCISES, Exercise
from scratchae.grading.available import runner_at
from scratchae.grading.intake import SourceFile, Submission
from scratchae.grading.own_process import OwnProcess
from scratchae.grading.policy import Policy, all_tests
from scratchae.grading.records import Isolation, Limits, Runner, SubmissionResult
from scratchae.grading.run import PROBE, Assignment, grade

LIMITS = Limits(seconds=2.0, cpu_seconds=2)


def exercise_of(name: str, source: bytes) -> Exercise | None:
    """The exercise that a file is for: by its name; else the first whose functions are all in it, or any of them."""
    for exercise in EXERCISES:
        if name in (exercise.file, f"{exercise.name}.py"):
            return exercise
    there = [[f"def {task.name}(".encode() in source for task in exercise.tasks] for exercise in EXERCISES]
    for enough in (all, any):
        for exercise, found in zip(EXERCISES, there, strict=True):
            if enough(found):
                return exercise
    return None


def check(file: SourceFile, exercise: Exercise, seed: bytes) -> SubmissionResult:
    """Run the public tests of an exercise.

    Parameters
    ----------
    file : SourceFile
    exercise : Exercise
    seed : bytes

    Returns
    -------
    result : SubmissionResult
        With the public tests only.
    """
    policy = Policy(exercise.title, (exercise,), all_tests((exercise,)), limits=LIMITS)
    assignment = Assignment(policy, seed, Isolation.LIMITS, hidden=False, thorough=False)
    collecting = gc.isenabled()
    gc.disable()  # it would take a fifth of the time, and the process ends soon
    try:
        return grade(Submission("you", {exercise.name: file}), assignment, _open)
    finally:
        if collecting:
            gc.enable()


def _open(source: bytes, isolation: Isolation, limits: Limits) -> Runner:
    """The same child as in grading, with bare limits; where it cannot be had, an ordinary process."""
    if os.name == "posix":
        runner = runner_at(isolation, source, limits)
        if runner.run([PROBE])[0].outcome != "refused":
            return runner
        runner.close()
    return OwnProcess(source, limits)
