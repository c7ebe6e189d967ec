"""Which isolation a batch has: the one that was asked for, or the best that this machine can give; never less without being asked."""

from __future__ import annotations

from scratchae.grading.available import best_isolation, why_not
from scratchae.grading.records import Isolation, Limits, Runner
from scratchae.grading.run import OpenRunner
from scratchae.grading.sandbox import open_runner

LEVELS = ("best", "bubblewrap", "landlock", "limits")


def isolation_of(name: str) -> Isolation:
    """The isolation of this name.

    Parameters
    ----------
    name : {"best", "bubblewrap", "landlock", "limits"}

    Raises
    ------
    ValueError
        If this machine does not have it, or for "best", nothing better than limits.
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
    """What a teacher should know before grading at this level, in one sentence; or nothing."""
    if isolation == Isolation.LIMITS:
        return "limits alone hold nobody who wants out; grade only what you would run yourself"
    return ""


def open_for_grading(source: bytes, isolation: Isolation, limits: Limits) -> Runner:
    """A sandbox for a file: what `run.grade` is given outside tests."""
    return open_runner(source, isolation=isolation, limits=limits)


def opener() -> OpenRunner:
    """`open_for_grading`, found in a worker by the name of this function."""
    return open_for_grading
