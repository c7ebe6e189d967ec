"""The way in: a submission's file and an isolation give a runner."""

from __future__ import annotations

from scratchae.grading.available import best_isolation, runner_at, why_not
from scratchae.grading.records import Isolation, Limits
from scratchae.grading.runner import Sandbox, SandboxError


def open_runner(source: bytes, *, isolation: Isolation | None = None, limits: Limits | None = None) -> Sandbox:
    """Put one submission's file into a sandbox of its own.

    Parameters
    ----------
    source : bytes
        Of the student's file. It is not looked at here.
    isolation : Isolation, optional
        By default the best that this machine has; bare limits only if they are asked for by name.
    limits : Limits, optional

    Returns
    -------
    Sandbox
        A context manager; its processes start with the first run.

    Raises
    ------
    SandboxError
        If this machine does not have this isolation, or none but bare limits.
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
    return runner_at(chosen, source, limits)
