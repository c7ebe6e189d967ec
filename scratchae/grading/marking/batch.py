"""Grade a class with worker processes. A failure affects one submission only, and finished rows are kept."""

from __future__ import annotations

import math
import multiprocessing
import os
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from scratchae.grading.marking import store
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.time_budget import longest
from scratchae.grading.marking.worker import OpenerOf, overran, work
from scratchae.grading.submissions.intake import Submission

# Processor time of a worker for one submission, without that of its sandbox: ten times as much as for mistakes in all exercises.
OWN_SECONDS = 60.0
# The clock is for a worker that waits without end. Beyond the time limit of a submission's tests, it allows for the start of sandboxes, and
# for a machine that is busy with others.
PATIENCE = 120.0
AGAIN_SECONDS = 120.0  # for submissions that are tried once more at the end


@dataclass
class _GradingWorker:
    """A worker process, its current submission, and the time when it started."""

    process: BaseProcess
    pipe: Connection
    at: int | None = None
    since: float = field(default_factory=time.monotonic)


def grade_all(
    submissions: Sequence[Submission], assignment: Assignment, rows: store.Rows, jobs: int, opener_of: OpenerOf
) -> Generator[tuple[int, dict[str, Any]], None, None]:
    """Grade a class.

    Parameters
    ----------
    submissions : sequence of Submission
    assignment : Assignment
    rows : store.Rows
        Finished rows, which are not graded again; new rows are saved there at once.
    jobs : int
        Number of processes.
    opener_of : callable
        A module-level function that returns a function for opening runners.

    Yields
    ------
    (int, dict)
        Index of a submission and its row, as soon as it is finished. Closing the iterator ends all processes.
    """
    left: list[int] = []
    late: dict[int, tuple[dict[str, Any], bool]] = {}  # first rows of those that the clock ended
    for i, submission in enumerate(submissions):
        kept = rows.load(submission)
        if kept is None:
            left.append(i)
        else:
            yield i, kept
    workers: list[_GradingWorker] = []
    try:
        until = math.inf
        while left or any(worker.at is not None for worker in workers):
            workers = [worker for worker in workers if worker.process.is_alive() or worker.at is not None]
            busy = sum(worker.at is not None for worker in workers)
            while len(workers) < min(jobs, busy + len(left)):
                workers.append(_start(assignment, opener_of))
            for worker in workers:
                if worker.at is None and left and sum(other.at is not None for other in workers) < jobs:
                    _hand_out(worker, left, submissions)
            for i, row, lasts in _finished(workers, submissions, assignment):
                if i not in late and any(test["detail"].get("clock") for test in row["tests"]):
                    late[i] = row, lasts
                    continue
                if lasts:
                    rows.save(submissions[i], row)
                yield i, row
                late.pop(i, None)
            if late and not left and until == math.inf and all(worker.at is None for worker in workers):
                # Perhaps the machine was busy, with the others for example: once more, one at a time.
                left, jobs, until = list(late), 1, time.monotonic() + AGAIN_SECONDS
            if time.monotonic() > until:
                left = []
        for i, (row, lasts) in late.items():
            if lasts:
                rows.save(submissions[i], row)
            yield i, row
    finally:
        _end(workers)


def _start(assignment: Assignment, opener_of: OpenerOf) -> _GradingWorker:
    context = multiprocessing.get_context("spawn")  # fork would inherit threads and locks
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, assignment, opener_of, os.getpid(), OWN_SECONDS), daemon=True)
    process.start()
    theirs.close()
    return _GradingWorker(process, ours)


def _hand_out(worker: _GradingWorker, left: list[int], submissions: Sequence[Submission]) -> None:
    try:
        worker.pipe.send(submissions[left[0]])
    except OSError:  # it died while idle
        worker.process.kill()
        return
    worker.at, worker.since = left.pop(0), time.monotonic()


def _finished(
    workers: Sequence[_GradingWorker], submissions: Sequence[Submission], assignment: Assignment
) -> Iterator[tuple[int, dict[str, Any], bool]]:
    """Finished rows, and whether to save them; for a dead or hanging worker, a row with a note that is graded again next time."""
    ready = wait([worker.pipe for worker in workers if worker.at is not None], timeout=1.0)
    for worker in workers:
        if worker.at is None:
            continue
        i = worker.at
        if worker.pipe in ready:
            try:
                row, lasts = worker.pipe.recv(), True
            except (EOFError, OSError):
                row, lasts = _lost(submissions[i], assignment, _why_ended(worker.process)), False
                worker.process.kill()
        elif time.monotonic() - worker.since > (most := longest(assignment.policy.limits) + PATIENCE):
            row, lasts = _lost(submissions[i], assignment, f"it was not finished after {most:g} seconds"), False
            _end([worker])
        else:
            continue
        worker.at = None
        yield i, row, lasts and not any(test["status"] == "skipped" for test in row["tests"])


def _why_ended(process: BaseProcess) -> str:
    """The reason why the worker's end of the pipe is closed."""
    process.join(1.0)
    if overran(process.exitcode):
        return f"it took more than {OWN_SECONDS:g} seconds of processor time outside its sandbox"
    return "the process that graded it ended"


def _lost(submission: Submission, assignment: Assignment, why: str) -> dict[str, Any]:
    """A row without points for a submission that could not be graded."""
    notes = (*submission.notes, f"The submission was not graded: {why}; grade again")
    return store.row(grade(Submission(submission.student, {}, notes), assignment, _no_runner))


def _no_runner(*_: Any) -> Any:
    raise RuntimeError("there is nothing to run")


def _end(workers: Sequence[_GradingWorker]) -> None:
    """End workers: terminate them, so that they can close their sandboxes, then kill them."""
    for worker in workers:
        worker.pipe.close()
        worker.process.terminate()
    deadline = time.monotonic() + 5
    for worker in workers:
        worker.process.join(max(0.1, deadline - time.monotonic()))
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()


def usual_jobs() -> int:
    """Default number of processes: three for two available cores, since each sometimes waits for its sandbox."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + cores // 2
