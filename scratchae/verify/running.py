"""Claims in processes of their own: one that crashes or never ends is a claim that failed, and the others go on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from typing import Any

from scratchae.verify.claims import CLAIMS, Claim, Result, Subject, failure, run_claim

# Threads that wait let the processor go, and BLAS, which is only compared with, has no threads beside those of the kernels.
SIDE_BY_SIDE = {"OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1"}
SECONDS = 300.0  # for one claim; on a machine where nothing is compiled yet, some take a minute


def run_apart(claims: Sequence[Claim], *, jobs: int | None = None, seconds: float = SECONDS) -> Iterator[Result]:
    """Find out about claims in processes of their own, several at a time.

    Parameters
    ----------
    claims : sequence of Claim
        Registered ones.
    jobs : int, optional
        Processes; one for each processor if not given, four at most.
    seconds : float
        After which a claim has failed, and its process is ended.

    Yields
    ------
    result : Result
        In the order of `claims`, each as soon as it and those before it are known.
    """
    jobs = min(jobs or os.cpu_count() or 1, 4, len(claims))
    waiting, results, given = list(claims), {}, 0
    with _side_by_side():
        workers = [_Worker() for _ in range(jobs)]
    try:
        while given < len(claims):
            for worker in workers:
                if worker.claim is None and waiting:
                    worker.begin(waiting.pop(0), seconds)
            for i, worker in enumerate(workers):
                result = worker.look()
                if result is not None:
                    results[result.claim] = result
                    if not worker.process.is_alive() and waiting:
                        workers[i] = _Worker()
            while given < len(claims) and claims[given].name in results:
                yield results[claims[given].name]
                given += 1
            busy = [worker for worker in workers if worker.claim is not None]
            if busy and given < len(claims):
                timeout = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
                connection.wait([each for worker in busy for each in (worker.pipe, worker.process.sentinel)], timeout)
    finally:
        for worker in workers:
            worker.end()


@contextmanager
def _side_by_side() -> Iterator[None]:
    """Have processes that are started here get on with each other: together they have more threads than there are processors."""
    before = {name: os.environ.get(name) for name in SIDE_BY_SIDE}
    for name, value in SIDE_BY_SIDE.items():
        os.environ.setdefault(name, value)
    try:
        yield
    finally:
        for name, earlier in before.items():
            if earlier is None:
                del os.environ[name]


@dataclass
class _Worker:
    """A process that finds out about one claim at a time."""

    claim: Claim | None = None
    begun: float = 0.0
    deadline: float = 0.0
    pipe: Any = field(init=False)
    process: Any = field(init=False)

    def __post_init__(self) -> None:
        context = get_context("spawn")  # threads of compiled code do not survive a fork
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_work, args=(other,), daemon=True)
        self.process.start()
        other.close()

    def begin(self, claim: Claim, seconds: float) -> None:
        """Have the process find out about a claim."""
        self.claim, self.begun = claim, time.monotonic()
        self.deadline = self.begun + seconds
        with suppress(OSError):  # it has ended, as `look` will see
            self.pipe.send(claim.name)

    def look(self) -> Result | None:
        """The result, if there is one by now; a process that has died or takes too long is a failure."""
        if self.claim is None:
            return None
        claim, seconds = self.claim, time.monotonic() - self.begun
        try:
            result = self.pipe.recv() if self.pipe.poll() else None
        except (EOFError, OSError):
            self.process.join(5)
            result = failure(claim, f"CRASHED: {_how_it_ended(self.process.exitcode)}", seconds)
        if result is None and time.monotonic() >= self.deadline:
            self.process.kill()
            self.process.join()
            result = failure(claim, f"HANGS: no answer within {seconds:.0f} seconds", seconds)
        if result is not None:
            self.claim = None
        return result

    def end(self) -> None:
        """End the process: one that waits ends by itself when nobody can send to it any more."""
        self.pipe.close()
        if self.claim is None:
            self.process.join(5)
        self.process.kill()
        self.process.join()


def _how_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        return f"the process was ended by {signal.Signals(-code).name}"
    return f"the process ended with the exit status {code}"


def _work(pipe: Any) -> None:
    """Find out about the claims whose names come through the pipe, until it is closed.

    All are registered here: this file is imported after its package, which imports every file of claims.
    """
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one, which ends it
    subject = Subject.genuine()
    while True:
        try:
            name = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(run_claim(CLAIMS[name], subject))
