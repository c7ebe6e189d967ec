"""Errors of scratchae's own, and the words for a name that was not found."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable


class NotFittedError(ValueError, AttributeError):
    """A model was used before `fit`."""


class DivergenceError(FloatingPointError):
    """The loss is no longer a finite number; the message says where, and in which array it began."""


class FileFormatError(ValueError):
    """A file is damaged, was not written by scratchae, or belongs to something else."""


def not_fitted(message: str) -> NotFittedError:
    """A `NotFittedError`; where scikit-learn is loaded, one that its own code catches as well."""
    sklearn = sys.modules.get("sklearn.exceptions")
    if sklearn is None:
        return NotFittedError(message)
    return type("NotFittedError", (NotFittedError, sklearn.NotFittedError), {})(message)


def is_interrupt(error: BaseException) -> bool:
    """Whether an error is Ctrl-C, also one that fell where compiled code hands its result back to Python."""
    return isinstance(error, KeyboardInterrupt) or (
        isinstance(error, SystemError) and isinstance(error.__cause__ or error.__context__, KeyboardInterrupt)
    )


def nearest(name: object, known: Iterable[str]) -> str:
    """ " (did you mean 'x'?)" for the known name nearest to `name`, or nothing."""
    match = difflib.get_close_matches(str(name), list(known), n=1)
    return f" (did you mean {match[0]!r}?)" if match else ""
