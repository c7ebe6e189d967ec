"""The package's own errors, and suggestions for misspelt names."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable


class NotFittedError(ValueError, AttributeError):
    """A model was used before `fit`."""


class DivergenceError(FloatingPointError):
    """The loss is no longer finite; the message gives the epoch, the batch and the first array that is not finite."""


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


def nearest(name: object, known: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" for the known name nearest to `name`, or an empty string."""
    match = difflib.get_close_matches(str(name), list(known), n=1)
    return f" (did you mean {match[0]!r}?)" if match else ""
