"""All tests of one submission: one sandbox for all its files, a process for each test, and a result for each test whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from scratchae.grading.flags import look
from scratchae.grading.intake import SourceFile, Submission
from scratchae.grading.judge import STATUS, judge
from scratchae.grading.members import clean
from scratchae.grading.plan import Planned, plan
from scratchae.grading.policy import Policy
from scratchae.grading.records import (
    Answer,
    Call,
    Isolation,
    Limits,
    Outcome,
    Runner,
    Status,
    SubmissionResult,
    TestResult,
)

OpenRunner = Callable[[bytes, Isolation, Limits], Runner]

TIME_OUTS_PER_FUNCTION = 3  # the first of a function is tried again, because the machine may have been busy
TIME_OUTS = 8  # of a submission; what is left is not run
SECONDS = 180.0  # of a submission, whose every test ends just in time

COMPLEX_STEP = "complex step"  # the flag of a file that concerns its gradients

# A function that nobody has: a file that can be imported answers "missing", any other says what is wrong with it.
PROBE = Call("no_function_has_this_name", {}, ())


@dataclass(frozen=True)
class Assignment:
    """What is the same for all submissions.

    Parameters
    ----------
    policy : Policy
    secret : bytes
        What the arguments are drawn from.
    isolation : Isolation
    hidden : bool
        Whether hidden tests are run too.
    """

    policy: Policy
    secret: bytes
    isolation: Isolation
    hidden: bool = True


def grade(submission: Submission, assignment: Assignment, open_runner: OpenRunner) -> SubmissionResult:
    """Run and judge all tests.

    Parameters
    ----------
    submission : Submission
    assignment : Assignment
    open_runner : callable
        From source, isolation and limits to a `Runner`.

    Returns
    -------
    result : SubmissionResult
        All tests of the assignment, in its order.
    """
    exercises = assignment.policy.exercises
    tests = {e.name: plan(e, submission.student, assignment.secret, hidden=assignment.hidden) for e in exercises}
    results: dict[str, TestResult] = {}
    notes = list(submission.notes)
    if submission.files:
        notes += _grade_files(submission, assignment, open_runner, tests, results)
    for exercise in exercises:
        for planned in tests[exercise.name]:
            if planned.id not in results:
                gone = (
                    f"{exercise.file} was not handed in."
                    if submission.files
                    else "The submission was not graded: see the notes."
                )
                results[planned.id] = _unrun(planned, "missing", gone)
    scored = [assignment.policy.scored(results[test.id]) for test in assignment.policy.tests if test.id in results]
    return SubmissionResult(
        submission.student,
        submission.sha256,
        assignment.isolation,
        tuple(scored),
        tuple(dict.fromkeys(notes)),
        tuple(sorted({flag for test in scored for flag in test.flags} | _seen(submission))),
    )


def _seen(submission: Submission) -> set[str]:
    """Flags of the files, whatever became of their tests; but for what is marked at the tests that it concerns."""
    sources = {file.source for file in submission.files.values() if file.source is not None}
    return {flag for source in sources for flag in look(source)} - {COMPLEX_STEP}


def _grade_files(
    submission: Submission,
    assignment: Assignment,
    open_runner: OpenRunner,
    tests: dict[str, tuple[Planned, ...]],
    results: dict[str, TestResult],
) -> Iterator[str]:
    """Fill in the results of the files that are there; give the notes."""
    with closing(_Sandbox(assignment, open_runner)) as sandbox:
        yield from _grade_each(submission, sandbox, tests, results)


def _grade_each(
    submission: Submission, sandbox: _Sandbox, tests: dict[str, tuple[Planned, ...]], results: dict[str, TestResult]
) -> Iterator[str]:
    budget = _Budget()
    for file in dict.fromkeys(submission.files.values()):
        planned = [test for name, its in tests.items() if submission.files.get(name) == file for test in its]
        if file.source is None:
            results |= {p.id: _unrun(p, "error", f"{file.name} {file.trouble}.") for p in planned}
            continue
        try:
            with sandbox.holding(file.source) as runner:
                yield from _grade_file(file, planned, runner, budget, results)
        except Exception as error:  # whatever it is, the other files and students are graded
            yield f"{file.name} could not be graded in full ({type(error).__name__}: {clean(str(error), 200)})"
            left = [p for p in planned if p.id not in results]
            results |= {p.id: _unrun(p, "skipped", "The test could not be run; this is not your fault.") for p in left}


class _Sandbox:
    """The sandbox of a submission: its files one after the other. To start one takes as long as many tests."""

    def __init__(self, assignment: Assignment, open_runner: OpenRunner) -> None:
        self.assignment, self.open_runner = assignment, open_runner
        self.runner: Runner | None = None

    @contextmanager
    def holding(self, source: bytes) -> Iterator[Runner]:
        """A runner of this file. It stays for the next, unless something went wrong."""
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
        """End it, if there is one."""
        runner, self.runner = self.runner, None
        if runner is not None:
            runner.close()


def _grade_file(
    file: SourceFile, planned: Sequence[Planned], runner: Runner, budget: _Budget, results: dict[str, TestResult]
) -> Iterator[str]:
    (loaded,) = runner.run([PROBE])
    if loaded.outcome in ("source", "time", "memory", "output", "crashed", "refused"):
        note = loading_note(file, loaded)
        yield note
        results |= {p.id: replace(_unrun(p, STATUS[loaded.outcome], note), flags=loaded.tried) for p in planned}
        return
    unfit: dict[str, list[str]] = {}
    seen = look(file.source or b"")
    for p in planned:
        refusal = budget.refusal(p)
        if refusal:
            results[p.id] = _unrun(p, "time", refusal)
            continue
        answers = budget.run(p, runner)
        results[p.id] = _flagged(p, judge(p, answers), seen, answers)
        outcome = answers[0].outcome if answers else "crashed"
        if outcome in UNFIT and p.task.name not in unfit.setdefault(outcome, []):
            unfit[outcome].append(p.task.name)
    for how, functions in unfit.items():
        yield f"{file.name}: {UNFIT[how].format(', '.join(functions))}"


def _flagged(planned: Planned, result: TestResult, seen: Sequence[str], answers: Sequence[Answer]) -> TestResult:
    """A result with what its process tried; if it is a gradient that passed, with what was seen in the file of that kind."""
    flags = [*result.flags, *(flag for answer in answers for flag in answer.tried)]
    if result.status == "passed" and any(name.startswith("d") for name in planned.task.outputs):
        flags += [flag for flag in seen if flag == COMPLEX_STEP]
    return replace(result, flags=tuple(dict.fromkeys(flags)))


class _Budget:
    """How often and how long a submission may keep the grader waiting."""

    def __init__(self) -> None:
        self.time_outs: dict[str, int] = {}
        self.seconds = 0.0

    def refusal(self, planned: Planned) -> str:
        """Why a test is not run any more; empty if it is."""
        f = planned.task.name
        if self.time_outs.get(f, 0) >= TIME_OUTS_PER_FUNCTION:
            return f"{f} was not run again: it took longer than it may {TIME_OUTS_PER_FUNCTION} times."
        if sum(self.time_outs.values()) >= TIME_OUTS:
            return f"{f} was not run: functions of this submission took longer than they may {TIME_OUTS} times."
        if self.seconds > SECONDS:
            return f"{f} was not run: the tests before it took {SECONDS:g} seconds."
        return ""

    def run(self, planned: Planned, runner: Runner) -> list[Answer]:
        """The answers to a test; a function's first time-out is tried again."""
        f, start = planned.task.name, time.monotonic()
        for _ in range(2):
            answers = runner.run(planned.calls)
            if not any(answer.outcome == "time" for answer in answers):
                break
            self.time_outs[f] = self.time_outs.get(f, 0) + 1
            if self.time_outs[f] > 1 or self.refusal(planned):
                break
        self.seconds += time.monotonic() - start
        return answers


UNFIT = {
    "missing": "there is no {}",
    "signature": "the arguments of the exercise are not taken by {}",
    "refused": "no sandbox could be made for {}",
}
LOADING: dict[Outcome, str] = {
    "time": "takes longer to import than a test may",
    "memory": "asks for more memory when it is imported than it may have",
    "output": "prints more when it is imported than it may",
    "crashed": "ends the process when it is imported",
    "refused": "could not be run: no sandbox could be made",
}


def loading_note(file: SourceFile, answer: Answer) -> str:
    """Why a file cannot be imported, with the line that is at fault."""
    if answer.outcome != "source" or answer.error is None:
        return f"{file.name} {LOADING.get(answer.outcome, 'cannot be imported')}"
    error, lines = answer.error, (file.source or b"").decode("utf-8", "replace").splitlines()
    where = f", line {error.line}" if error.line else ""
    line = lines[error.line - 1].strip() if error.line and 0 < error.line <= len(lines) else ""
    shown = f" in `{clean(line, 80)}`" if line and line not in error.message else ""
    return f"{file.name}{where}: {error.type}: {error.message}{shown}"


def _unrun(planned: Planned, status: Status, message: str) -> TestResult:
    """The result of a test that was not run."""
    blank = TestResult(planned.exercise.name, planned.task.name, planned.kind, planned.visibility, status, 0.0, 0.0)
    return replace(blank, max_points=planned.max_points, message=message)
