"""How many threads: all of them, or one, whichever is faster at the moment.

At the end of each parallel loop all threads wait for the last. On an idle machine that costs microseconds; on one where something else
has taken a core, a thread may not get to run for milliseconds, and two threads are many times slower than one. The result has the same
bits for any number of threads, so their number can follow the clock. In a process that was forked there is only one.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable
from typing import TypeVar

import llvmlite.binding
import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

T = TypeVar("T")
TRY_FROM, TRY_AGAIN = 8, 64  # turns before one thread is tried, and after which the slower way is tried once more

# Threads do not survive a fork; the library that runs them ends a child that tries. So machine code looks here whether it may.
_usable = ctypes.c_int64(1)
llvmlite.binding.add_symbol("scratchae_threads_usable", ctypes.addressof(_usable))
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: setattr(_usable, "value", 0))


@intrinsic
def threads_usable(typingctx):  # type: ignore[no-untyped-def]
    """Whether parallel loops may run, in kernels: 0 in a process that was forked off one that had loaded the kernels."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        name, whole = "scratchae_threads_usable", ir.IntType(64)
        known = builder.module.globals.get(name) or ir.GlobalVariable(builder.module, whole, name)
        return builder.load(known)

    return types.int64(), codegen


class FasterThreads:
    """Runs pieces of work that can be compared by their size, and remembers what each took."""

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}  # per unit of size, by number of threads
        self._turn = 0
        self._most = numba.get_num_threads()

    def give_back(self) -> None:
        """Set the number of threads to what it was before: Ctrl-C may have fallen just before `run` did it."""
        numba.set_num_threads(self._most)

    def run(self, work: Callable[[], T], size: float) -> T:
        """The result of `work`.

        Parameters
        ----------
        work : callable
            What it returns must not depend on the number of threads.
        size : float
            Its duration is about proportional to this.
        """
        most = self._most
        if most == 1 or not _usable.value:
            return work()
        threads, start = self._choose(most), time.perf_counter()
        try:
            numba.set_num_threads(threads)
            return work()
        finally:
            self.give_back()
            self._remember(threads, (time.perf_counter() - start) / size)

    def _choose(self, most: int) -> int:
        """The faster number; now and then the other one. The first turn also reads kernels from the disk, and is not remembered."""
        if self._turn < TRY_FROM:
            return most
        if 1 not in self._seconds or most not in self._seconds:
            return 1 if most in self._seconds else most
        faster = min((most, 1), key=lambda threads: self._seconds[threads])
        return faster if self._turn % TRY_AGAIN else most + 1 - faster

    def _remember(self, threads: int, seconds: float) -> None:
        if self._turn > 0:
            self._seconds[threads] = (self._seconds.get(threads, seconds) + seconds) / 2
        self._turn += 1
