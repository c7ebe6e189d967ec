"""Choice of the number of threads: all of them or one, whichever is currently faster.

At the end of each parallel loop, all threads wait for the slowest. On an idle machine that costs microseconds. If another process occupies a
core, a thread may not run for milliseconds, and two threads are many times slower than one. Results do not depend on the number of
threads, so the number can follow the measured times. A forked process uses one thread.
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
TRY_FROM, TRY_AGAIN = 8, 64  # calls before one thread is tried, and between two trials of the slower choice

# Threads do not survive a fork, and the threading library aborts a child that tries to use them. So machine code checks this flag.
_usable = ctypes.c_int64(1)
llvmlite.binding.add_symbol("scratchae_threads_usable", ctypes.addressof(_usable))
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: setattr(_usable, "value", 0))


@intrinsic
def threads_usable(typingctx):  # type: ignore[no-untyped-def]
    """Return, inside kernels, whether parallel loops may run: 0 in a process forked from one that had loaded the kernels."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        name, whole = "scratchae_threads_usable", ir.IntType(64)
        known = builder.module.globals.get(name) or ir.GlobalVariable(builder.module, whole, name)
        return builder.load(known)

    return types.int64(), codegen


class FasterThreads:
    """Runs pieces of work on the faster number of threads, from the measured times per unit of size."""

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}  # per unit of size, by number of threads
        self._turn = 0
        self._most = numba.get_num_threads()

    def give_back(self) -> None:
        """Restore the original number of threads: Ctrl-C may have come before `run` could do so."""
        numba.set_num_threads(self._most)

    def run(self, work: Callable[[], T], size: float) -> T:
        """Call `work` and return its result.

        Parameters
        ----------
        work : callable
            Callable whose result must not depend on the number of threads.
        size : float
            Size of the work; its duration is about proportional to it.
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
        """Return the faster number of threads, and occasionally the other. The first call also loads kernels from disk and is not timed."""
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
