"""Contestants in separate processes, so that their thread pools do not interfere; they run in turn."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

PAUSE = 0.3  # seconds; idle threads keep spinning for a tenth of a second, which would slow the next contestant


def measure(kind: str, names: Sequence[str], index: int, rounds: int) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Run the contestants in turn.

    Parameters
    ----------
    kind : {"steps", "products"}
        Kind of measurement: see `worker.KINDS`.
    names : sequence of str
        The contestants.
    index : int
        Index of the network or product.
    rounds : int
        Number of turns per contestant.

    Returns
    -------
    figures : dict of str to list of float
        Results of each contestant, one per turn.
    failures : dict of str to str
        Contestants that could not run, with the reasons.
    """
    with _workers(kind, names, index) as (workers, failures):
        figures: dict[str, list[float]] = {name: [] for name in workers}
        for _ in range(rounds):
            for name, worker in workers.items():
                time.sleep(PAUSE)
                figures[name].append(_ask(worker))
    return figures, failures


@contextmanager
def _workers(
    kind: str, names: Sequence[str], index: int
) -> Iterator[tuple[dict[str, subprocess.Popen[str]], dict[str, str]]]:
    """Start one process per contestant; return the processes and the reasons of failures."""
    workers: dict[str, subprocess.Popen[str]] = {}
    failures: dict[str, str] = {}
    try:
        for name in names:  # one after another: preparation uses all cores
            command = [sys.executable, "-m", "scratchae.benchmarks.worker", kind, name, str(index)]
            with tempfile.TemporaryFile("w+") as errors:
                pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": errors}
                worker = subprocess.Popen(command, text=True, **pipes)  # type: ignore[call-overload]
                workers[name] = worker
                if worker.stdout.readline().strip() != "ready":
                    _end(workers.pop(name))
                    errors.seek(0)
                    failures[name] = (errors.read().strip().splitlines() or ["no error message"])[-1]
        yield workers, failures
    finally:
        for worker in workers.values():
            _end(worker)


def _ask(worker: subprocess.Popen[str]) -> float:
    assert worker.stdin is not None and worker.stdout is not None
    worker.stdin.write("\n")
    worker.stdin.flush()
    return float(worker.stdout.readline())


def _end(worker: subprocess.Popen[str]) -> None:
    worker.kill()
    worker.communicate()
