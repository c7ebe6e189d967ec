"""A worker process, which grades one submission after the other. It ends with its parent, and when one submission takes too long."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait

from scratchae.grading.marking import store
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.records import OpenRunner

OpenerOf = Callable[[], OpenRunner]  # imported by the worker: returns the function that opens a sandbox
DEATH_SIGNAL = 1  # prctl(2)


def work(pipe: Connection, assignment: Assignment, opener_of: OpenerOf, parent: int, seconds: float) -> None:
    """Grade submissions from the pipe until it is closed.

    Parameters
    ----------
    pipe : Connection
        Gives submissions, and takes their rows.
    assignment : Assignment
    opener_of : callable
    parent : int
        Process ID of the parent.
    seconds : float
        Processor time for one submission, without that of its sandbox.
    """
    _end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole process group; the parent handles it
    signal.signal(signal.SIGTERM, _leave)  # so that sandboxes are closed
    open_runner = opener_of()
    while True:
        try:
            submission = pipe.recv()
        except (EOFError, OSError):
            return
        _allow(seconds)
        row = store.row(grade(submission, assignment, open_runner))
        _allow(0)
        pipe.send(row)


def overran(status: int | None) -> bool:
    """True if a worker ended with this exit status because it used its processor time.

    Parameters
    ----------
    status : int or None
    """
    return hasattr(signal, "SIGPROF") and status == -signal.SIGPROF


def _allow(seconds: float) -> None:
    """Let the system end this process after so many seconds of its processor time, whatever it is doing; 0 for no end.

    A clock on the wall would run on while the machine is busy with others.
    """
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _end_with(parent: int) -> None:
    """End this process when the parent has ended, even by a signal that it could not handle. Sandboxes end with this process."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before
            os._exit(1)
    else:
        threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    """Wait for the end of the parent, where the system sends no signal."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _leave(*_: object) -> None:
    raise SystemExit(0)
