"""The package's own errors and warnings, and names in their sentences: suggestions for misspelt ones, and lists."""

from __future__ import annotations

import difflib
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

_PACKAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")
_muted: ContextVar[tuple[str | type[Warning], ...]] = ContextVar("scratchae_muted", default=())


class NotFittedError(ValueError, AttributeError):
    """A model was used before `fit`."""


class DivergenceError(FloatingPointError):
    """The loss is no longer finite; the message gives the epoch, the batch and the first array that is not finite."""


class ConvergenceWarning(UserWarning):
    """A training ended after too few steps, or while the loss was still falling."""


class FileFormatError(ValueError):
    """A file is damaged, was not written by scratchae, or does not match its use."""


def not_fitted(message: str) -> NotFittedError:
    """Return a `NotFittedError`; if scikit-learn is loaded, it is also an instance of scikit-learn's own."""
    sklearn = sys.modules.get("sklearn.exceptions")
    if sklearn is None:
        return NotFittedError(message)
    return type("NotFittedError", (NotFittedError, sklearn.NotFittedError), {})(message)


def is_interrupt(error: BaseException) -> bool:
    """Return whether an error was caused by Ctrl-C, including one raised while compiled code returned to Python."""
    return isinstance(error, KeyboardInterrupt) or (
        isinstance(error, SystemError) and isinstance(error.__cause__ or error.__context__, KeyboardInterrupt)
    )


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn of the line outside this package that led to the warning, however many calls lie between."""
    if any(message.startswith(of) if isinstance(of, str) else issubclass(category, of) for of in _muted.get()):
        return
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    try:
        warnings.warn(message, category, stacklevel=level)
    except ValueError:
        if (
            sys.stderr is None or not sys.stderr.closed
        ):  # a program may have closed it, and then nobody reads the warning
            raise


@contextmanager
def muted(*of: str | type[Warning]) -> Iterator[None]:
    """Drop warnings of this package of these categories, or that start with these words, in this thread.

    The filters of `warnings` would act on all threads.
    """
    token = _muted.set((*of, *_muted.get()))
    try:
        yield
    finally:
        _muted.reset(token)


def nearest(name: object, known: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" for the known name nearest to `name`, or an empty string."""
    match = difflib.get_close_matches(str(name), list(known), n=1)
    return f" (did you mean {match[0]!r}?)" if match else ""


def joined(names: Sequence[str]) -> str:
    """Return names as in a sentence, such as "dx, dW and db"."""
    return ", ".join(names[:-1]) + " and " * (len(names) > 1) + names[-1]


def shortened(names: Sequence[str], most: int) -> str:
    """Return the first names, and how many more there are, such as "a.py, b.py and 7 more"."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
