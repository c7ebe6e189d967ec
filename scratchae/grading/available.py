"""Which levels of isolation this machine has. A level counts only if a sandbox at that level has started and answered."""

from __future__ import annotations

import functools
import os

from scratchae.grading.bubblewrap import Walled
from scratchae.grading.levels import Bare, Fenced, Level
from scratchae.grading.records import Call, Isolation, Limits
from scratchae.grading.runner import Sandbox

LEVELS: dict[Isolation, type[Level]] = {level.isolation: level for level in (Walled, Fenced, Bare)}  # the best first


def runner_at(isolation: Isolation, source: bytes, limits: Limits | None = None, *, watch: bool = True) -> Sandbox:
    """A sandbox at this level, whether this machine has it or not: then each answer says "refused". For `watch`, see `Level`."""
    return Sandbox(source, LEVELS[isolation](limits or Limits(), watch))


@functools.cache
def why_not(isolation: Isolation) -> str:
    """Why this machine has no such level; an empty text if it has. A sandbox is started once to find out."""
    if os.name != "posix":
        return "submissions can be run on Linux and macOS only"
    if reason := LEVELS[isolation].missing():
        return reason
    call = Call("answer", {}, [("value", (), "int64")])
    with runner_at(isolation, b"def answer():\n    return 42\n") as runner:
        answer = runner.run([call])[0]
    if answer.outcome == "returned" and answer.outputs[0] == 42:
        return ""
    return answer.error.message if answer.error else f"a first sandbox answered with {answer.outcome!r}"


def best_isolation() -> Isolation | None:
    """The best level that this machine has, bubblewrap before Landlock; None where there is neither. Bare limits are never chosen by themselves."""
    return next((level for level in (Isolation.BUBBLEWRAP, Isolation.LANDLOCK) if not why_not(level)), None)
