"""Interruption of a training: Ctrl-C keeps the last finished epoch, a second Ctrl-C ends everything, and SIGTERM ends the process.

`train` turns a Ctrl-C into the end of that training alone, which a search over many trainings does not notice: it goes on with the next.
So a second Ctrl-C within `SECONDS` is raised, and so is the first if the environment has ``SCRATCHAE_INTERRUPT=raise``.

SIGTERM, which batch systems send before they kill a process, is handled like Ctrl-C, but for good: later trainings of the process end at
once. Only Python's default handlers are replaced, and only while a model is fitted by the main thread of a process that the user started.
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
SECOND = f"the second Ctrl-C within {SECONDS:.0f} s"
TERMINATED = 143  # exit status, as shells report SIGTERM


class Terminated(KeyboardInterrupt, SystemExit):
    """SIGTERM during a training. What handles Ctrl-C handles it; otherwise the process ends with the exit status 143."""

    def __init__(self) -> None:
        super().__init__(TERMINATED)
        self.code = TERMINATED


class _Received:
    """Signals that the process has received.

    Attributes
    ----------
    ctrl_c : float
        The time of the last Ctrl-C.
    pending : bool
        Whether that Ctrl-C has not yet ended a training.
    sigterm : bool
        Whether there was a SIGTERM.
    """

    ctrl_c = float("-inf")
    pending = False
    sigterm = False


def check_choice() -> None:
    """Raise ValueError if the environment's choice is unknown."""
    choice = os.environ.get(VARIABLE, "keep")
    if choice not in CHOICES:
        raise ValueError(f"{VARIABLE}={choice!r} is unknown; use one of {', '.join(CHOICES)}.")


def ends_all(error: BaseException) -> bool:
    """Return whether an interruption ends more than the training in progress: a second one, or any with SCRATCHAE_INTERRUPT=raise."""
    if isinstance(error, SystemError):  # raised while compiled code returned to Python
        error = error.__cause__ or error.__context__ or error
    return SECOND in error.args or os.environ.get(VARIABLE) == "raise"


def ending_all() -> KeyboardInterrupt:
    """Return the exception that ends all trainings; it is exactly a KeyboardInterrupt, with which Python sets the exit status."""
    return KeyboardInterrupt(*([] if os.environ.get(VARIABLE) == "raise" else [SECOND]))


def remember() -> None:
    """Take note of a Ctrl-C that ends one training only; the next in a short time ends all."""
    _Received.ctrl_c = time.monotonic()


def forget() -> None:
    """Forget the last Ctrl-C, since it was raised; the next counts as the first."""
    _Received.ctrl_c = float("-inf")


def was_terminated() -> bool:
    """Return whether SIGTERM has arrived during a training of this process."""
    return _Received.sigterm


def end_if_terminated() -> None:
    """Raise `Terminated` if SIGTERM has arrived during a training of this process."""
    if _Received.sigterm:
        raise Terminated


def end_if_signalled() -> None:
    """Raise what a signal handler raised in vain: Python only prints an exception in a callback of the compiler or in a destructor."""
    end_if_terminated()
    if _Received.pending and threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt


def settle() -> None:
    """Take note that the last Ctrl-C has had its effect."""
    _Received.pending = False


def _interrupt(number: int, frame: FrameType | None) -> None:
    soon = time.monotonic() - _Received.ctrl_c < SECONDS
    remember()
    _Received.pending = True
    raise KeyboardInterrupt(*[SECOND] * soon)


def _terminate(number: int, frame: FrameType | None) -> None:
    _Received.sigterm = True
    raise Terminated


HANDLERS = ((signal.SIGINT, signal.default_int_handler, _interrupt), (signal.SIGTERM, signal.SIG_DFL, _terminate))


@contextlib.contextmanager
def handled() -> Iterator[None]:
    """Tell a second SIGINT from a first, and raise `Terminated` on SIGTERM inside the block, where that is safe.

    That is in the main thread of the main process, and only in place of Python's own handlers. A pool of worker processes sends SIGTERM to
    end its workers, which must not delay that.
    """
    replaced = []
    if (
        threading.current_thread() is threading.main_thread()
        and multiprocessing.current_process().name == "MainProcess"
    ):
        replaced = [row for row in HANDLERS if signal.getsignal(row[0]) is row[1]]
    if any(number == signal.SIGINT for number, _, _ in replaced):
        settle()  # a Ctrl-C of an earlier training
    try:
        for number, _, ours in replaced:
            signal.signal(number, ours)
        yield
    finally:
        for number, default, ours in replaced:
            if signal.getsignal(number) is ours:  # otherwise a callback has set another
                signal.signal(number, default)
