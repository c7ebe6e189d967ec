"""Choice of the threads of parallel loops: whether a loop may use them, and whether all of them or one are currently faster.

Numba runs parallel loops on one of three threading layers: TBB, OpenMP and its own "workqueue". The last is often the only one on macOS, and
it aborts the process if two parallel loops run at once; the Python lock does not prevent that, since Numba releases it inside a loop.
GNU's OpenMP aborts a forked process. So a kernel asks before each parallel loop, and computes the same bits on its own thread if the loop may
not run.

At the end of each parallel loop, all threads wait for the slowest. On an idle machine that costs microseconds. If another process occupies a
core, a thread may not run for milliseconds, and two threads are many times slower than one. Results do not depend on the number of
threads, so the number can follow the measured times.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

import llvmlite.binding
import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import intrinsic

T = TypeVar("T")
TRY_FROM, TRY_AGAIN = 8, 64  # calls before one thread is tried, and between two trials of the slower choice

THREADSAFE = ("omp", "tbb")  # threading layers that run several parallel loops at once


def _launch() -> str:
    """Start Numba's threads, unless they run already, and return the name of the threading layer.

    Numba looks up the start method of `multiprocessing`, which fixes it: `multiprocessing.set_start_method` would fail from then on. So a
    method that was not fixed before is not fixed afterwards.

    Raises
    ------
    ValueError
        If the threading layer that NUMBA_THREADING_LAYER names is not installed.
    """
    fixed = multiprocessing.get_start_method(allow_none=True)
    try:
        numba.get_num_threads()
    finally:
        if fixed is None:
            multiprocessing.set_start_method(None, force=True)
    return str(numba.threading_layer())


def threadsafe(layer: str) -> bool:
    """Return whether parallel loops of several Python threads may run at once on a threading layer."""
    return layer in THREADSAFE


# Machine code reads and writes these two numbers: whether loops may use the threads, and whether a loop does so where only one may at a time
# (0 no, 1 yes, ALL_AT_ONCE: any number may).
ALL_AT_ONCE = -1
_usable = ctypes.c_int64(1)
_busy = ctypes.c_int64(ALL_AT_ONCE if threadsafe(_launch()) else 0)
llvmlite.binding.add_symbol("scratchae_threads_usable", ctypes.addressof(_usable))
llvmlite.binding.add_symbol("scratchae_threads_busy", ctypes.addressof(_busy))


def _in_child() -> None:
    """Use one thread in a forked process: threads do not survive a fork, and the threading library aborts a child that tries to use them."""
    _usable.value = 0
    global_compiler_lock.release()


if hasattr(os, "register_at_fork"):
    # A fork waits while another thread compiles or loads a kernel. Otherwise the child would wait forever for a lock whose owner it lacks.
    os.register_at_fork(
        before=global_compiler_lock.acquire, after_in_parent=global_compiler_lock.release, after_in_child=_in_child
    )


def _number(builder: Any, name: str) -> Any:
    """Return the address of one of the two numbers, in the module that `builder` builds."""
    return builder.module.globals.get(name) or ir.GlobalVariable(builder.module, ir.IntType(64), name)


@intrinsic
def take_threads(typingctx):  # type: ignore[no-untyped-def]
    """Return, inside kernels, whether a parallel loop may run now; if so, `give_threads` must follow the loop.

    It may not in a forked process, if this Python thread uses one thread only (`numba.set_num_threads`), or if another loop runs on a
    threading layer that runs one at a time.
    """

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        whole, yes, no = ir.IntType(64), ir.Constant(ir.IntType(64), 1), ir.Constant(ir.IntType(64), 0)
        ask = ir.FunctionType(ir.IntType(types.intp.bitwidth), [])
        result = cgutils.alloca_once_value(builder, no)
        usable = builder.load(_number(builder, "scratchae_threads_usable"))
        with builder.if_then(builder.icmp_signed("!=", usable, no)):
            number = builder.call(cgutils.get_or_insert_function(builder.module, ask, "get_num_threads"), [])
            several = builder.icmp_signed(">", builder.trunc(number, ir.IntType(32)), ir.Constant(ir.IntType(32), 1))
            with builder.if_then(several):
                busy = _number(builder, "scratchae_threads_busy")
                before = builder.extract_value(builder.cmpxchg(busy, no, yes, "acq_rel", "monotonic"), 0)
                builder.store(builder.zext(builder.icmp_signed("!=", before, yes), whole), result)
        return builder.load(result)

    return types.int64(), codegen


@intrinsic
def give_threads(typingctx):  # type: ignore[no-untyped-def]
    """Let another parallel loop run, after `take_threads` and the loop."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        yes, no = ir.Constant(ir.IntType(64), 1), ir.Constant(ir.IntType(64), 0)
        builder.cmpxchg(_number(builder, "scratchae_threads_busy"), yes, no, "acq_rel", "monotonic")
        return context.get_dummy_value()

    return types.void(), codegen


class FasterThreads:
    """Runs pieces of work on the faster number of threads, from the measured times per unit of size."""

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}  # per unit of size, by number of threads
        self._turn = 0
        self._before: int | None = None  # the user's number of threads, while another is set

    def give_back(self) -> None:
        """Restore the user's number of threads: Ctrl-C may have come before `run` could do so."""
        if self._before is not None:
            numba.set_num_threads(self._before)
            self._before = None

    def run(self, work: Callable[[], T], size: float) -> T:
        """Call `work` and return its result.

        Parameters
        ----------
        work : callable
            Callable whose result must not depend on the number of threads.
        size : float
            Size of the work; its duration is about proportional to it.
        """
        if not _usable.value:
            return work()
        most = numba.get_num_threads()  # of this Python thread
        if most == 1:
            return work()
        threads, start = self._choose(most), time.perf_counter()
        try:
            self._before = most
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
