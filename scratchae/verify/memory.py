"""Memory that reveals invalid accesses: guard words on both sides, and NaN for numbers that were not written.

Kernels receive pointers without bounds checks. For claims, their working memory is therefore allocated here, between guards whose bits
must not change.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numba
import numpy as np
from numba.core.registry import CPUDispatcher

from scratchae.verify.claims import Skipped
from scratchae.verify.derivatives import Array

WORD = 0xFF  # every byte of a guard: as floats, guards are NaN
GUARD = 4096  # numbers in each guard of an array: more than an error of one row or one panel can reach


class Guards:
    """Arrays between guards.

    Examples
    --------
    >>> import numpy as np
    >>> guards = Guards()
    >>> numbers = guards.array(3, np.float32)
    >>> numbers[:] = 1
    >>> guards.broken()
    False
    """

    def __init__(self) -> None:
        self._memories: list[tuple[Array, int]] = []

    def array(self, size: int, dtype: Any, values: Any = np.nan) -> Array:
        """Return an array of exactly that many numbers between two guards, filled with `values`.

        Parameters
        ----------
        size : int
        dtype : dtype
        values : float or array, shape (size,)

        Returns
        -------
        array : array, shape (size,)
        """
        memory = np.empty(size + 2 * GUARD, dtype)
        memory.view(np.uint8).fill(WORD)
        self._memories.append((memory, size))
        inside = memory[GUARD : GUARD + size]
        inside[:] = values
        return inside

    def like(self, values: Array) -> Array:
        """Return a copy of the values, of any shape, between guards."""
        return self.array(values.size, values.dtype, values.ravel()).reshape(values.shape)

    def broken(self) -> bool:
        """Return whether a guard was overwritten."""
        return any(
            (side.view(np.uint8) != WORD).any()
            for memory, size in self._memories
            for side in (memory[:GUARD], memory[GUARD + size :])
        )


def thread_numbers() -> tuple[int, ...]:
    """Return the numbers of threads to try; 0 stands for a forked process, whose kernels must not start threads."""
    return (0, 1, 2) if numba.config.NUMBA_NUM_THREADS > 1 else (0, 1)  # type: ignore[attr-defined]


def on_all_threads(error: float) -> float:
    """Return the error of a comparison on all `thread_numbers`.

    Raises
    ------
    Skipped
        If they do not include two threads.
    """
    if 2 not in thread_numbers():
        raise Skipped("compared on one thread only; NUMBA_NUM_THREADS=2 adds the second", error)
    return error


@contextmanager
def on_threads(number: int) -> Iterator[None]:
    """Run kernels on that many threads within a `with` block; 0: as in a forked process."""
    from scratchae.kernels import threads

    before, usable = numba.get_num_threads(), threads._usable.value
    try:
        threads._usable.value = int(number > 0)
        numba.set_num_threads(max(number, 1))
        yield
    finally:
        threads._usable.value = usable
        numba.set_num_threads(before)


def in_python(function: Any) -> Any:
    """Return a compiled function of numbers as plain Python, including all compiled functions that it calls."""
    plain = function.py_func
    scope = {
        name: in_python(value) if isinstance(value, CPUDispatcher) else value
        for name, value in plain.__globals__.items()
        if name in plain.__code__.co_names or name == "__builtins__"
    }
    return type(plain)(plain.__code__, scope)
