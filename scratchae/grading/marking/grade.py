"""Grade one submission: one sandbox for all its files, a process for each test, and always a result for each test."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import groupby, islice

from scratchae.exercises import Exercise
from scratchae.grading.inspection.flags import OF_GRADIENTS, by_weight, imports
from scratchae.grading.inspection.signs import look
from scratchae.grading.marking.carried import carry
from scratchae.grading.marking.judge import STATUS, judge
from scratchae.grading.marking.notes import UNFIT, encoding_note, error_note, loading_note, unfit_notes
from scratchae.grading.marking.policy import Policy
from scratchae.grading.marking.settle import settle
from scratchae.grading.marking.time_budget import TimeBudget
from scratchae.grading.records import (
    Answer,
    Call,
    Isolation,
    OpenRunner,
    Outcome,
    Runner,
    Status,
    SubmissionResult,
    TestResult,
)
from scratchae.grading.submissions.containers.members import clean
from scratchae.grading.submissions.intake import SourceFile, Submission
from scratchae.grading.submissions.recognition import of_another_variant
from scratchae.grading.testing.plan import Planned, plan

NO_FILE = ("source", "time", "clock", "memory", "crashed", "refused")  # outcomes of a file that cannot be imported
EARLY: dict[str, Status] = {"MemoryError": "memory", "TimeoutError": "time"}  # statuses by the error that ended a file

# A name that no file defines: a file that can be imported answers "missing", any other reports its error.
PROBE = Call("no_function_has_this_name", {}, ())


@dataclass(frozen=True)
class Assignment:
    """The settings shared by all submissions.

    Parameters
    ----------
    policy : Policy
    secret : bytes
        Seed of the arguments.
    isolation : Isolation
    hidden : bool
        True to run hidden tests too.
    patience : float
        Seconds of a submission after which less obvious mistakes are not tried; they take seconds for each function, but not for each
        student.
    """

    policy: Policy
    secret: bytes
    isolation: Isolation
    hidden: bool = True
    patience: float = math.inf


def grade(submission: Submission, assignment: Assignment, open_runner: OpenRunner) -> SubmissionResult:
    """Run and judge all tests.

    Parameters
    ----------
    submission : Submission
    assignment : Assignment
    open_runner : callable
        Function of source, isolation and limits that opens a `Runner`.

    Returns
    -------
    result : SubmissionResult
        All tests of the assignment, in its order.
    """
    exercises = assignment.policy.exercises
    drawing = _Drawing(submission.student, assignment)
    tests = {e.name: drawing.tests(e) for e in exercises}
    results: dict[str, TestResult] = {}
    notes = list(submission.notes)
    if submission.files:
        notes += _grade_files(submission, assignment, open_runner, drawing, results)
    for exercise in exercises:
        for planned in tests[exercise.name]:
            if planned.id not in results:
                gone = (
                    f"{exercise.file} was not handed in."
                    if submission.files
                    else "The submission was not graded: see the notes."
                )
                results[planned.id] = _unrun(planned, "missing", gone)
        settle(results, tests[exercise.name])
    scored = [assignment.policy.scored(results[test.id]) for test in assignment.policy.tests if test.id in results]
    return SubmissionResult(
        submission.student,
        submission.sha256,
        assignment.isolation,
        tuple(scored),
        tuple(dict.fromkeys(notes)),
        *by_weight(
            {flag for test in scored for flag in test.flags} | _seen(submission, assignment.policy.limits.allow),
            assignment.policy.kept,
            assignment.isolation,
        ),
    )


def _seen(submission: Submission, allow: Sequence[str]) -> set[str]:
    """Flags of the files, whatever the results of their tests; except for flags of single tests, and modules that are allowed."""
    sources = {file.source for file in submission.files.values() if file.source is not None}
    return {flag for source in sources for flag in look(source)} - {*OF_GRADIENTS, *map(imports, allow)}


def _grade_files(
    submission: Submission,
    assignment: Assignment,
    open_runner: OpenRunner,
    drawing: _Drawing,
    results: dict[str, TestResult],
) -> Iterator[str]:
    """Fill in the results of the files that were handed in; return the notes."""
    budget, exercises = TimeBudget(assignment.policy.limits), assignment.policy.exercises
    with closing(_Sandbox(assignment, open_runner)) as sandbox:
        for file in dict.fromkeys(submission.files.values()):
            its = [exercise for exercise in exercises if submission.files.get(exercise.name) == file]
            planned = [test for exercise in its for test in drawing.tests(exercise)]
            if file.source is None:
                results |= {p.id: _unrun(p, "error", f"{file.name} {file.trouble}.") for p in planned}
                continue
            yield from (f"{file.name} {wrong}" for e in its if (wrong := of_another_variant(file.source, e)))
            yield from filter(None, [encoding_note(file)])
            budget.shared = True
            try:
                with sandbox.holding(file.source) as runner:
                    yield from _grade_file(file, planned, drawing, runner, budget, results)
            except Exception as error:  # in any case, the other files and students are graded
                yield f"{file.name} could not be graded in full ({type(error).__name__}: {clean(str(error), 200)})"
                left = [p for p in planned if p.id not in results]
                excuse = "The test could not be run; this is not your fault."
                results |= {p.id: _unrun(p, "skipped", excuse) for p in left}


class _Drawing:
    """The tests of one student. Calls that only help to name a mistake are drawn only if there is one."""

    def __init__(self, student: str, assignment: Assignment) -> None:
        self.student, self.assignment = student, assignment
        self.drawn: dict[str, tuple[Planned, ...]] = {}
        self.patience = _Patience(assignment.patience)

    def tests(self, exercise: Exercise) -> tuple[Planned, ...]:
        """All tests of an exercise, without those calls."""
        if exercise.name not in self.drawn:
            self.drawn[exercise.name] = self._plan(exercise, "", probes=False)
        return self.drawn[exercise.name]

    def with_probes(self, one: Planned) -> tuple[Planned, ...]:
        """All tests of the function of this test, with those calls."""
        return self._plan(one.exercise, one.task.name, probes=True)

    def _plan(self, exercise: Exercise, only: str, *, probes: bool) -> tuple[Planned, ...]:
        secret, hidden = self.assignment.secret, self.assignment.hidden
        return plan(exercise, self.student, secret, hidden=hidden, only=only, probes=probes)


class _Patience:
    """The time left for less obvious mistakes, which only naming them uses up."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    @contextmanager
    def spent(self) -> Iterator[float]:
        """The time of time.monotonic() at which it ends."""
        start = time.monotonic()
        try:
            yield start + max(0.0, self.seconds)
        finally:
            self.seconds -= time.monotonic() - start


class _Sandbox:
    """The sandbox of a submission, for its files in turn, since starting one takes as long as many tests."""

    def __init__(self, assignment: Assignment, open_runner: OpenRunner) -> None:
        self.assignment, self.open_runner = assignment, open_runner
        self.runner: Runner | None = None

    @contextmanager
    def holding(self, source: bytes) -> Iterator[Runner]:
        """A runner of this file. It is reused for the next file, unless something went wrong."""
        if self.runner is None or not hasattr(self.runner, "load"):
            self.close()
            self.runner = self.open_runner(source, self.assignment.isolation, self.assignment.policy.limits)
        else:
            self.runner.load(source)
        try:
            yield self.runner
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the runner, if there is one."""
        runner, self.runner = self.runner, None
        if runner is not None:
            runner.close()


def _grade_file(
    file: SourceFile,
    planned: Sequence[Planned],
    drawing: _Drawing,
    runner: Runner,
    budget: TimeBudget,
    results: dict[str, TestResult],
) -> Iterator[str]:
    seen = look(file.source or b"")
    functions = [list(tests) for _, tests in groupby(planned, key=lambda p: (p.exercise.name, p.task.name))]
    # In reverse order, so that a function that depends on leftovers of an earlier one fails here, as in a separate process; and hidden tests
    # first, so that a student's own numbers cannot affect them.
    backwards = _hidden_first([test for tests in reversed(functions) for test in tests])
    policy = drawing.assignment.policy
    apart = policy.process_for_each_test
    answers: dict[str, list[Answer]] = {}
    with suppress(Exception):  # errors show again, one function at a time
        for group in [[test] for test in backwards] if apart else [backwards]:
            answers |= _together(group, runner, budget)
            results |= _passed(group, answers, seen)
            if group[0].id not in answers or answers[group[0].id][0].outcome in NO_FILE:
                break
    loaded = next(iter(answers[backwards[0].id] if answers else ()), None)
    if loaded is None or loaded.outcome in NO_FILE:
        (loaded,) = runner.run([PROBE])
    early = [error_note(file, error) for error in loaded.unfinished]
    yield from early
    if all(p.id in results for p in planned):
        return
    empty = early and all(answer.outcome == "missing" for p in planned for answer in answers.get(p.id, ()) or [loaded])
    if loaded.outcome in NO_FILE or empty and answers:
        note = early[0] if empty else loading_note(file, loaded)
        yield note
        status = EARLY.get(loaded.unfinished[0].type, "error") if empty else STATUS[loaded.outcome]
        detail = _by_the_clock([loaded])
        results |= {p.id: replace(_unrun(p, status, note), flags=loaded.tried, detail=detail) for p in planned}
        return
    unfit: dict[str, list[str]] = {}
    for tests in functions:
        left = [p for p in tests if p.id not in results]
        ended = any(answer.outcome in NO_FILE for p in left for answer in answers.get(p.id, ()))
        if ended and not apart:  # another function may have ended the process
            left = _hidden_first(left)
            results |= _passed(left, _together(left, runner, budget), seen)
        if all(p.id in results for p in left):
            continue
        for p in _hidden_first(drawing.with_probes(tests[0])):
            if p.id not in results:
                results[p.id], outcome = _alone(
                    p, runner, budget, seen, patience=drawing.patience, per_output=policy.points_per_output
                )
                if outcome == "missing" and early:
                    results[p.id] = replace(
                        results[p.id], message=f"{results[p.id].message} It ended early: {early[0]}"
                    )
                if outcome in UNFIT and p.task.name not in unfit.setdefault(outcome, []):
                    unfit[outcome].append(p.task.name)
    carry(results, planned, lambda calls: budget.run_together(calls, runner), charge_once=policy.charge_once)
    yield from unfit_notes(file, unfit, early=bool(early))


def _hidden_first(tests: Sequence[Planned]) -> list[Planned]:
    """The tests in another order: what a student's own numbers lead to cannot affect the numbers that decide."""
    return sorted(tests, key=lambda p: p.visibility != "hidden")


def _together(tests: Sequence[Planned], runner: Runner, budget: TimeBudget) -> dict[str, list[Answer]]:
    """The answers to several tests from one process, by the tests' ids; empty if processes are not shared."""
    if not budget.shared:
        return {}
    calls = [call for p in tests for call in p.calls]
    answers = budget.run_together(calls, runner)
    each = iter(answers)
    return {p.id: list(islice(each, len(p.calls))) for p in tests} if len(answers) == len(calls) else {}


def _passed(
    tests: Sequence[Planned], answers: Mapping[str, list[Answer]], seen: Sequence[str]
) -> dict[str, TestResult]:
    """The results of the tests that passed in a shared process; none if it raised flags, since their test is unknown.

    Most functions are right, and a process costs more than all these calls. Tests that did not pass are run again in separate
    processes, so that they cannot affect each other. The printed output is in the first result that passed: its test is unknown.
    """
    if any(answer.tried for p in tests for answer in answers.get(p.id, ())):
        return {}
    there = [p for p in tests if p.id in answers]
    judged = {p.id: _flagged(p, judge(p, answers[p.id], named=False), seen, answers[p.id]) for p in there}
    # The leftovers of hidden tests can make public ones pass: not where a hidden one fails.
    unsure = {p.task for p in there if judged[p.id].status != "passed"}
    passed = {p.id: judged[p.id] for p in there if p.task not in unsure or p.visibility == "hidden"}
    passed = {name: result for name, result in passed.items() if result.status == "passed"}
    printed = next((result.detail["printed"] for result in judged.values() if result.detail["printed"]), "")
    for name, result in list(passed.items())[:1]:
        passed[name] = replace(result, detail={**result.detail, "printed": printed})
    return passed


def _alone(
    p: Planned, runner: Runner, budget: TimeBudget, seen: Sequence[str], *, patience: _Patience, per_output: bool
) -> tuple[TestResult, Outcome]:
    """The result of a test from a separate process, and the outcome of its first call."""
    refusal = budget.refusal(p)
    if refusal:
        return _unrun(p, "time", refusal), "time"
    answers = budget.run(p, runner)
    with patience.spent() as until:
        result = judge(p, answers, until=until, per_output=per_output)
    return _flagged(p, result, seen, answers), answers[0].outcome if answers else "crashed"


def _flagged(planned: Planned, result: TestResult, seen: Sequence[str], answers: Sequence[Answer]) -> TestResult:
    """A result with the flags of its process; for a gradient that passed, also with the file's flags on gradients."""
    flags = [*result.flags, *(flag for answer in answers for flag in answer.tried)]
    if result.points and any(name.startswith("d") for name in planned.task.outputs):
        flags += [flag for flag in seen if flag in OF_GRADIENTS]
    detail = {**result.detail, **_by_the_clock([answers[i] for i in planned.judged if i < len(answers)])}
    return replace(result, flags=tuple(dict.fromkeys(flags)), detail=detail)


def _by_the_clock(answers: Sequence[Answer]) -> dict[str, bool]:
    """A mark in the detail if the clock on the wall ended an answer that did not just sleep: perhaps the machine was busy."""
    return {"clock": True} if any(answer.outcome == "clock" and not answer.slept for answer in answers) else {}


def _unrun(planned: Planned, status: Status, message: str) -> TestResult:
    """The result of a test that was not run."""
    blank = TestResult(planned.exercise.name, planned.task.name, planned.kind, planned.visibility, status, 0.0, 0.0)
    return replace(blank, max_points=planned.max_points, message=message)
