"""Run a command: exit status, one-line errors and warnings, Ctrl-C, and a closed pipe."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable

from scratchae.console.parser import UsageError

FAILED, BAD_INPUT, INTERRUPTED, NO_READER, TERMINATED = (
    1,
    2,
    130,
    141,
    143,
)  # the last three as shells report SIGINT, SIGPIPE and SIGTERM


class Stopped(Exception):  # noqa: N818 - not an error
    """Ctrl-C or SIGTERM, with a message about what was saved. Exit status 130 or 143."""


def run(command: Callable[[], int]) -> int:
    """Run a command; turn any error into one line on stderr and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without "²" shows "?" instead of failing
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        # Commands pass arrays, and compare the names of columns themselves (`inputs.check_names`).
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        try:
            status = command()
            if sys.stdout is not None:
                sys.stdout.flush()  # here, where a closed pipe can be handled
            return status
        except BrokenPipeError:
            _abandon_stdout()
            return NO_READER
        except (KeyboardInterrupt, Exception) as error:
            if os.environ.get("SCRATCHAE_TRACEBACK"):
                raise
            if type(error) in (KeyboardInterrupt, SystemError):
                # An interrupted compiler leaves incomplete objects, which print errors when they are deleted.
                sys.unraisablehook = lambda _: None
            status, message = _explained(error)
            complain(message)
            if isinstance(error, OSError):
                _abandon_stdout()  # stdout itself may have failed
            return status


def complain(message: str, kind: str = "error") -> None:
    """Print one line on stderr."""
    with contextlib.suppress(OSError):
        print(f"scratchae: {kind}: {' '.join(str(message).split())}", file=sys.stderr)


def _explained(error: BaseException) -> tuple[int, str]:
    """Exit status and message for an error."""
    from scratchae.errors import DivergenceError, is_interrupt

    if is_interrupt(error) or isinstance(error, Stopped):
        terminated = _was_terminated()
        plain = "ended by SIGTERM" if terminated else "interrupted"
        return TERMINATED if terminated else INTERRUPTED, str(error) if isinstance(error, Stopped) else plain
    if isinstance(error, DivergenceError):
        return FAILED, str(error)
    if isinstance(error, MemoryError):
        return FAILED, f"not enough memory ({error}); use fewer rows, or smaller layers"
    if isinstance(error, OSError):
        return FAILED, f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
    if isinstance(error, (UsageError, ValueError)):
        return BAD_INPUT, str(error)
    return FAILED, f"{type(error).__name__}: {error}; this is a bug; set SCRATCHAE_TRACEBACK=1 to see the traceback"


def _was_terminated() -> bool:
    """Return whether SIGTERM ended a training; without a training, it ends the process at once."""
    training = sys.modules.get("scratchae.training.interruption")
    return training is not None and training.was_terminated()


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    complain(str(message), "warning")


def _abandon_stdout() -> None:
    """Discard buffered output, so that Python does not report it at exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
