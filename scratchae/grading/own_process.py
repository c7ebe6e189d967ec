"""A student's own run where there is no sandbox at all, such as on Windows: a process that can be ended. It holds nobody."""

from __future__ import annotations

import contextlib
import multiprocessing
import traceback
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from scratchae.grading.in_process import InProcess
from scratchae.grading.records import Answer, Call, Error, Isolation, Limits

START_SECONDS = 30.0


class OwnProcess:
    """A `Runner` for one's own code: answers come as they are, from a process of this very program.

    Parameters
    ----------
    source : bytes
    limits : Limits
        Of which only the seconds count.
    """

    isolation = Isolation.LIMITS

    def __init__(self, source: bytes, limits: Limits) -> None:
        self.source, self.limits = source, limits
        self._process: Any = None
        self._pipe: Connection | None = None

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """One answer for each call."""
        start = START_SECONDS if self._process is None else 0.0
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_work, args=(theirs, self.source), daemon=True)
            self._process.start()
            theirs.close()
        assert self._pipe is not None
        with contextlib.suppress(OSError, EOFError):
            if start and self._pipe.poll(start):
                self._pipe.recv()  # it is there
            self._pipe.send(list(calls))
            if self._pipe.poll(self.limits.seconds):
                answers: list[Answer] = self._pipe.recv()
                return answers
            self.close()
            return [Answer("time")] * len(calls)
        self.close()
        return [Answer("crashed")] * len(calls)

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._pipe is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = None


def _work(pipe: Connection, source: bytes) -> None:
    pipe.send("ready")
    while True:
        try:
            calls = pipe.recv()
        except (EOFError, OSError):
            return
        functions: dict[str, Any] = {"__name__": "submission"}
        try:
            exec(compile(source, "submission.py", "exec"), functions)
        except BaseException as error:
            answers = [Answer("source", error=_error_of(error))] * len(calls)
        else:
            answers = InProcess({name: value for name, value in functions.items() if callable(value)}).run(calls)
        pipe.send(answers)


def _error_of(error: BaseException) -> Error:
    """Its type, message, and last line in the student's file."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "submission.py"]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    return Error(type(error).__name__, str(getattr(error, "msg", error))[:200], line)
