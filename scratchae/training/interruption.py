"""Interruption of a training: Ctrl-C keeps the last finished epoch, a second Ctrl-C ends everything, and SIGTERM ends the process.

`train` turns a Ctrl-C into the end of that training alone, which a search over many trainings does not notice: it goes on with the next.
So a second Ctrl-C within `SECONDS` is raised, and so is the first if the environment has ``SCRATCHAE_INTERRUPT=raise``.

SIGTERM, which batch systems send before they kill a process, is handled like Ctrl-C, but for good: later trainings of the process end at
once. Python's default handler of SIGTERM ends the process at once; only that one is replaced, and only while a model is fitted by the
main thread of a process that the user started.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

SECONDS = 10.0  # in which a second Ctrl-C is taken as an answer to the first
VARIABLE = "SCRATCHAE_INTERRUPT"
CHOICES = ("keep", "raise")
TERMINATED = 143  # exit status, as shells report SIGTERM


class Interrupted(KeyboardInterrupt):
    """A Ctrl-C that ends more than one training: the second in a short time, or any with SCRATCHAE_INTERRUPT=raise."""


class Terminated(KeyboardInterrupt, SystemExit):
    """SIGTERM during a training. What handles Ctrl-C handles it; otherwise the process ends with the exit status 143."""

    def __init__(self) -> None:
        super().__init__(TERMINATED)
        self.code = TERMINATED


class _Received:
    """Signals that the process has received: the time of the last Ctrl-C, and whether there was a SIGTERM."""

    ctrl_c = float("-inf")
    sigterm = False


def check_choice() -> None:
    """Raise ValueError if the environment's choice is unknown."""
    choice = os.environ.get(VARIABLE, "keep")
    if choice not in CHOICES:
        raise ValueError(f"{VARIABLE}={choice!r} is unknown; use one of {', '.join(CHOICES)}.")


def ends_all() -> bool:
    """Return whether an interruption that has just come ends more than the training in progress."""
    soon = time.monotonic() - _Received.ctrl_c < SECONDS
    return os.environ.get(VARIABLE) == "raise" or soon


def forgive() -> None:
    """Take note of an interruption that is not raised; the next in a short time is."""
    _Received.ctrl_c = time.monotonic()


def forget() -> None:
    """Forget the last interruption, so that the next counts as the first."""
    _Received.ctrl_c = float("-inf")


def was_terminated() -> bool:
    """Return whether SIGTERM has arrived during a training of this process."""
    return _Received.sigterm


def end_if_terminated() -> None:
    """Raise `Terminated` if SIGTERM has arrived during a training of this process."""
    if _Received.sigterm:
        raise Terminated


def _terminate(number: int, frame: FrameType | None) -> None:
    _Received.sigterm = True
    raise Terminated


@contextlib.contextmanager
def sigterm_as_ctrl_c() -> Iterator[None]:
    """Raise `Terminated` on SIGTERM inside the block, where that is safe.

    That is in the main thread of the main process, if SIGTERM has Python's default handler. A pool of worker processes sends SIGTERM to
    end its workers, which must not delay that.
    """
    safe = (
        threading.current_thread() is threading.main_thread()
        and multiprocessing.current_process().name == "MainProcess"
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if not safe:
        yield
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is _terminate:  # otherwise a callback has set another
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
