"""The tile of the matrix product alone: the highest rate that the kernels of this package could reach."""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np
from numba import types

from scratchae.kernels.compile import kernel, linked
from scratchae.kernels.threads import give_threads, take_threads
from scratchae.kernels.tile import ROWS, advanced, columns, keep_alive, multiply_tile, pointer


@linked(lambda real: types.intp(*[types.CPointer(real)] * 3, *[types.intp] * 3), parallel=True)
def _multiply_tiles(a, b, out, depth, tiles, threads):  # type: ignore[no-untyped-def]
    """Multiply the same tile many times on each thread, which writes to rows of its own; return 0 if the threads are taken."""
    full = columns(a)
    if not take_threads():
        return 0
    for thread in numba.prange(threads):
        own = advanced(out, thread * ROWS * full)
        for _ in range(tiles):
            multiply_tile(a, 1, ROWS, ROWS, b, full, depth, own, full, 0)
    give_threads()
    return 1


@kernel
def _run(a, b, out, depth, tiles, threads):  # type: ignore[no-untyped-def]
    done = _multiply_tiles(pointer(a), pointer(b), pointer(out), depth, tiles, threads)
    if not done:  # one processor
        for _ in range(tiles):
            multiply_tile(
                pointer(a), 1, ROWS, ROWS, pointer(b), columns(pointer(a)), depth, pointer(out), columns(pointer(a)), 0
            )
    keep_alive(a)
    keep_alive(b)
    return done


def on_all_threads(depth: int, tiles: int) -> tuple[Callable[[], object], int]:
    """Return a function that multiplies tiles, in float32, and its floating-point operations.

    Parameters
    ----------
    depth : int
        Inner dimension; both operands have to stay in the L1 cache.
    tiles : int
        Number of tiles per thread and call.
    """
    threads, width = numba.get_num_threads(), 64 // 4
    a, b = np.ones(ROWS * depth, np.float32), np.ones(width * depth, np.float32)
    out = np.empty(threads * ROWS * width, np.float32)

    def run() -> object:
        return _run(a, b, out, depth, tiles, threads)

    parallel = run()
    return run, 2 * ROWS * width * depth * tiles * (threads if parallel else 1)
