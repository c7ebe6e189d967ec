"""Notice of compilation: when a kernel is about to be compiled, rather than read from the cache."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from numba.core import event

PACKAGE = __name__.split(".")[0]


class _First(event.Listener):  # type: ignore[misc]
    """Calls an action when the first kernel of this package begins to be compiled."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action: Callable[[], object] | None = action

    def on_start(self, event: Any) -> None:
        function = event.data["dispatcher"].py_func
        if self._action is not None and function.__module__.split(".")[0] == PACKAGE:
            action, self._action = self._action, None
            action()

    def on_end(self, event: Any) -> None:
        """Nothing."""


@contextlib.contextmanager
def before_compiling(action: Callable[[], object]) -> Iterator[None]:
    """Call `action` once, when the first kernel begins to be compiled inside the block; not at all if all are compiled or cached."""
    listener = _First(action)
    event.register("numba:compile", listener)
    try:
        yield
    finally:
        event.unregister("numba:compile", listener)
