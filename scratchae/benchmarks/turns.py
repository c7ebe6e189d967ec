"""Contestants in separate processes, so that their thread pools do not interfere; they take turns, in a random order in each round."""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager


class WorkerError(Exception):
    """A process ended before it answered; the message is the last line of its errors."""


class Worker:
    """The process of a contestant.

    Parameters
    ----------
    command : sequence of str
        As `worker.command` returns it.

    Attributes
    ----------
    pid : int
    results : list of float
        As its first line gives them, after `wait`.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed in `end`
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._errors}
        self._process: subprocess.Popen[str] = subprocess.Popen(command, text=True, **pipes)  # type: ignore[call-overload]
        self.pid, self.results = self._process.pid, list[float]()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line: str = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            raise WorkerError((self._errors.read().strip().splitlines() or ["it ended without a message"])[-1])
        return line

    def wait(self) -> None:
        """Wait until it is ready."""
        self.results = json.loads(self._line())

    def measure(self) -> float:
        """Let it run for one turn; return the rate."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the reason follows
        return float(self._line())

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()


@contextmanager
def started(
    commands: Mapping[str, Sequence[str]], progress: Callable[[str], object] = lambda name: None
) -> Iterator[tuple[dict[str, Worker], dict[str, str]]]:
    """Start one process per contestant, and end them at the end of the block.

    All prepare at the same time, since nothing is measured yet.

    Parameters
    ----------
    commands : mapping of str to sequence of str
        The commands by the names of the contestants.
    progress : callable
        Called with the name of each that is ready or has failed.

    Yields
    ------
    workers : dict of str to Worker
        The processes that are ready.
    failures : dict of str to str
        Contestants that could not run, with the reasons.
    """
    workers: dict[str, Worker] = {}
    failures: dict[str, str] = {}
    try:
        for name, command in commands.items():
            workers[name] = Worker(command)
        for name in commands:
            try:
                workers[name].wait()
            except WorkerError as error:
                failures[name] = str(error)
                workers.pop(name).end()
            progress(name)
        yield workers, failures
    finally:
        for worker in workers.values():
            worker.end()


def take_turns(workers: Mapping[str, Worker], rounds: int) -> Iterator[dict[str, float]]:
    """Let each contestant run once per round, one after another; yield the rates of each complete round.

    Raises
    ------
    WorkerError
        If a process ends; the message begins with its name.
    """
    order, shuffle = list(workers), random.Random(0).shuffle
    for _ in range(rounds):
        shuffle(order)  # or one would always run after the same other
        rates = {}
        for name in order:
            try:
                rates[name] = workers[name].measure()
            except WorkerError as error:
                raise WorkerError(f"{name}: {error}") from None
        yield {name: rates[name] for name in workers}
