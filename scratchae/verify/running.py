"""Claims in separate processes: a claim that crashes or hangs has failed, and the others continue."""

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

# Waiting threads release the processor, and BLAS, which is used only for comparison, has a single thread.
SIDE_BY_SIDE = {"OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1"}
SECONDS = 300.0  # time limit per claim; without compiled kernels, some take a minute


def run_apart(claims: Sequence[Claim], *, jobs: int | None = None, seconds: float = SECONDS) -> Iterator[Result]:
    """Check claims in separate processes, several at a time.

    Parameters
    ----------
    claims : sequence of Claim
        Registered claims.
    jobs : int, optional
        Number of processes; by default one per processor, at most four; never more than there are claims.
    seconds : float
        Time limit after which a claim has failed and its process is ended.

    Yields
    ------
    result : Result
        In the order of `claims`, each as soon as it and all preceding results are available.
    """
    jobs = min(jobs or min(os.cpu_count() or 1, 4), len(claims))
    waiting, results, given = list(claims), {}, 0
    with _side_by_side():
        workers = [_ClaimWorker() for _ in range(jobs)]
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
                        workers[i] = _ClaimWorker()
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
    """Set environment variables for concurrent processes, which together have more threads than there are processors."""
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
class _ClaimWorker:
    """A process that checks one claim at a time."""

    claim: Claim | None = None
    begun: float = 0.0
    limit: float = 0.0
    pipe: Any = field(init=False)
    process: Any = field(init=False)

    def __post_init__(self) -> None:
        context = get_context("spawn")  # threads of compiled code do not survive a fork
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_work, args=(other,), daemon=True)
        self.process.start()
        other.close()

    @property
    def deadline(self) -> float:
        """The time at which the claim has failed."""
        return self.begun + self.limit

    def begin(self, claim: Claim, seconds: float) -> None:
        """Start the check of a claim."""
        self.claim, self.begun, self.limit = claim, time.monotonic(), seconds
        with suppress(OSError):  # the process has ended; `look` detects that
            self.pipe.send(claim.name)

    def look(self) -> Result | None:
        """Return the result if it is available; a process that has died or exceeds the time limit is a failure."""
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
            result = failure(claim, f"HANGS: no answer within {self.limit:.15g} seconds", seconds)
        if result is not None:
            self.claim = None
        return result

    def end(self) -> None:
        """End the process; an idle process ends by itself when its pipe is closed."""
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
    """Check the claims whose names arrive through the pipe, until it is closed.

    All claims are registered at this point: this module is imported after its package, which imports all modules with claims.
    """
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is handled by the parent process, which ends this one
    subject = Subject.genuine()
    while True:
        try:
            name = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(run_claim(CLAIMS[name], subject))
