"""How a command ends: its exit status, errors and warnings as one line each, Ctrl-C, and a reader that has gone away."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

from scratchae.console.parser import UsageError

FAILED, BAD_INPUT, INTERRUPTED, NO_READER = 1, 2, 130, 141  # the last two as a shell reports SIGINT and SIGPIPE


class Stopped(Exception):  # noqa: N818 - not an error of anybody's
    """Ctrl-C, with a message that says what was kept. Exit status 130."""


def run(command: Callable[[], int]) -> int:
    """Run a command; turn whatever goes wrong into one line on stderr and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without "²" shows "?" there, and no error
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            status = command()
            if sys.stdout is not None:
                sys.stdout.flush()  # here, where a reader that has gone away is noticed in peace
            return status
        except BrokenPipeError:
            _abandon_stdout()
            return NO_READER
        except (KeyboardInterrupt, Exception) as error:
            if os.environ.get("SCRATCHAE_TRACEBACK"):
                raise
            if type(error) in (KeyboardInterrupt, SystemError):
                # A compiler that was interrupted leaves half-made objects, which complain when they are thrown away.
                sys.unraisablehook = lambda _: None
            status, message = _explained(error)
            complain(message)
            if isinstance(error, OSError):
                _abandon_stdout()  # it may be stdout itself that cannot be written
            return status


def complain(message: str, kind: str = "error") -> None:
    """One line on stderr."""
    with contextlib.suppress(OSError):
        print(f"scratchae: {kind}: {' '.join(str(message).split())}", file=sys.stderr)


def _explained(error: BaseException) -> tuple[int, str]:
    """Exit status and message for an error."""
    from scratchae.errors import DivergenceError, is_interrupt

    if is_interrupt(error):
        return INTERRUPTED, "interrupted"
    if isinstance(error, Stopped):
        return INTERRUPTED, str(error)
    if isinstance(error, DivergenceError):
        return FAILED, str(error)
    if isinstance(error, MemoryError):
        return FAILED, f"not enough memory ({error}); use fewer rows, or smaller layers"
    if isinstance(error, OSError):
        return FAILED, f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
    if isinstance(error, (UsageError, ValueError)):
        return BAD_INPUT, str(error)
    return FAILED, f"{type(error).__name__}: {error}; this should not happen, SCRATCHAE_TRACEBACK=1 shows where it did"


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    complain(str(message), "warning")


def _abandon_stdout() -> None:
    """Send what is still buffered nowhere, so that Python does not complain about it when it ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
