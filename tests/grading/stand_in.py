"""A runner without a sandbox, for tests of the code around sandboxes; it runs only the tests' own submissions."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

from scratchae.grading.records import Answer, Call, Error, Isolation, Limits
from scratchae.grading.sandbox.unsandboxed import SameProcessRunner


class StandIn:
    """Executes the source in this process. `TIME_OUT` in a file simulates a hang in all its functions; `DIES`, `HANGS` and
    `SPINS` make the grader itself die, wait or compute without end; `WAITS mark` is ended by the clock as long as there is no folder of
    that name."""

    isolation = Isolation.LIMITS

    def __init__(self, source: bytes, *_: Any) -> None:
        self.namespace: dict[str, Any] = {"__name__": "submission"}
        self.broken: Answer | None = None
        self.source = source
        self.runs = 0
        mark = source.partition(b"WAITS ")[2].split(maxsplit=1)[:1]
        self.waits = bool(mark) and not os.path.exists(mark[0])
        if self.waits:
            os.mkdir(mark[0])
        if b"DIES" in source:
            os._exit(3)
        if b"HANGS" in source:
            time.sleep(60)
        while b"SPINS" in source:
            pass
        try:
            exec(compile(source, "submission.py", "exec"), self.namespace)
        except SyntaxError as error:
            self.broken = Answer("source", error=Error("SyntaxError", error.msg, error.lineno))

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """As `Runner.run`."""
        self.runs += 1
        if self.broken is not None:
            return [self.broken] * len(calls)
        if self.waits:
            return [Answer("clock")] * len(calls)
        if b"TIME_OUT" in self.source and calls[0].function in self.namespace:
            return [Answer("time")] * len(calls)
        functions = {name: value for name, value in self.namespace.items() if callable(value)}
        return SameProcessRunner(functions).run(calls)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


def open_stand_in(source: bytes, isolation: Isolation, limits: Limits) -> StandIn:
    """As `isolation.open_for_grading`."""
    return StandIn(source, isolation, limits)


def opener() -> Any:
    """As `isolation.opener`."""
    return open_stand_in
