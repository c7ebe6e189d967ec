"""Note whether a call overflows on the way to its result, which need not show in the result: 1 / (1 + exp(3000)) is 0."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from numpy import errstate, geterr


class Overflow:
    """A record of an overflow that NumPy has reported. A file that silences or raises such reports is left to do so."""

    def __init__(self) -> None:
        self.seen = False

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note overflows of floating-point numbers in this block instead of warning of them."""
        if geterr()["over"] in ("raise", "call"):
            yield
            return
        with errstate(over="call", call=self._note):
            yield

    def _note(self, kind: str, flag: int) -> None:
        self.seen = True
