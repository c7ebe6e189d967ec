"""Available isolation levels, and opening a sandbox for a submission's file; never at a weaker level than requested.

A level is available only if a sandbox at that level has started and answered on this machine.
"""

from __future__ import annotations

import functools
import os

from scratchae.grading.records import Call, Isolation, Limits, OpenRunner, Runner
from scratchae.grading.sandbox.bubblewrap import Walled
from scratchae.grading.sandbox.levels import Bare, Fenced, Level
from scratchae.grading.sandbox.parent import Sandbox, SandboxError

LEVELS: dict[Isolation, type[Level]] = {level.isolation: level for level in (Walled, Fenced, Bare)}  # the best first


def sandbox_at(
    isolation: Isolation, source: bytes, limits: Limits | None = None, *, watch: bool = True, refuse: bool = True
) -> Sandbox:
    """A sandbox at this level; if the level is not available, each answer is "refused". For `watch` and `refuse`, see `Level`."""
    return Sandbox(source, LEVELS[isolation](limits or Limits(), watch, refuse))


@functools.cache
def why_not(isolation: Isolation) -> str:
    """The reason why a level is not available; empty if it is. A sandbox is started once to find out."""
    if os.name != "posix":
        return "submissions can be run on Linux and macOS only"
    if reason := LEVELS[isolation].missing():
        return reason
    call = Call("answer", {}, [("value", (), "int64")])
    with sandbox_at(isolation, b"def answer():\n    return 42\n") as sandbox:
        answer = sandbox.run([call])[0]
    if answer.outcome == "returned" and answer.outputs[0] == 42:
        return ""
    return answer.error.message if answer.error else f"a first sandbox answered with {answer.outcome!r}"


def best_isolation() -> Isolation | None:
    """The best available level, bubblewrap before Landlock; None if there is neither. Bare limits are never chosen automatically."""
    return next((level for level in (Isolation.BUBBLEWRAP, Isolation.LANDLOCK) if not why_not(level)), None)


def isolation_of(name: str) -> Isolation:
    """The isolation with this name.

    Parameters
    ----------
    name : {"best", "bubblewrap", "landlock", "limits"}

    Raises
    ------
    ValueError
        If it is not available; for "best", if there is nothing better than limits.
    """
    if name == "limits":
        return Isolation.LIMITS
    wanted = best_isolation() if name == "best" else Isolation[name.upper()]
    if wanted is None or why_not(wanted):
        raise ValueError(
            f"this machine cannot isolate submissions {'well enough' if name == 'best' else f'by {name}'}; install "
            "bubblewrap (Debian: apt-get install bubblewrap), or give --isolation limits for code that you trust"
        )
    return wanted


def drawback(isolation: Isolation) -> str:
    """A warning for the teacher about this level, in one sentence; empty if there is none."""
    if isolation == Isolation.LIMITS:
        return (
            "resource limits are not a security boundary: a submission can read the solutions, the other submissions and your files, "
            "change what you may change, and use the network; grade only submissions that you would run yourself"
        )
    return ""


def open_sandbox(source: bytes, *, isolation: Isolation | None = None, limits: Limits | None = None) -> Sandbox:
    """Open a sandbox for one submission's file.

    Parameters
    ----------
    source : bytes
        Content of the student's file; it is not inspected here.
    isolation : Isolation, optional
        By default the best available; bare limits only if requested by name.
    limits : Limits, optional

    Returns
    -------
    Sandbox
        A context manager; its processes start at the first run.

    Raises
    ------
    SandboxError
        If this isolation is not available, or only bare limits are.
    """
    chosen = best_isolation() if isolation is None else isolation
    if chosen is None:
        reasons = "; ".join(
            f"{level.name.lower()}: {why_not(level)}" for level in (Isolation.BUBBLEWRAP, Isolation.LANDLOCK)
        )
        raise SandboxError(
            f"this machine cannot isolate a submission ({reasons}); install bubblewrap, or ask for bare limits by name"
        )
    if reason := why_not(chosen):
        raise SandboxError(f"this machine has no isolation by {chosen.name.lower()}: {reason}")
    return sandbox_at(chosen, source, limits)


def open_for_grading(source: bytes, isolation: Isolation, limits: Limits) -> Runner:
    """Open a sandbox for a file; the runner that `grade` uses outside tests."""
    return open_sandbox(source, isolation=isolation, limits=limits)


def opener() -> OpenRunner:
    """Return `open_for_grading`; workers import this function by name."""
    return open_for_grading
