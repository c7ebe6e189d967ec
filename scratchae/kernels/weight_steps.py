"""The gradient of a layer's weights and the optimiser's step on them in one pass over memory.

    dW = x^T dy,   W moves by the optimiser's rule,   db = column sums of dy

A large layer has more weights than fit in the caches. If the product wrote all of dW, and the optimiser read it afterwards, each number would
travel to memory and back. Here a strip of a few rows of dW is computed, stays in the L1 cache, and moves the same rows of W and of the
optimiser's state, which are fetched while the products are computed. All of dy is packed into panels once, for all threads.
"""

from __future__ import annotations

import numba
from numba import types

from scratchae.kernels.compile import inner, linked
from scratchae.kernels.layers import sum_rows
from scratchae.kernels.matrix import Matrix, matrix_of, pack_panels, pack_rows, part, rows_at, transposed
from scratchae.kernels.product import COUNTER, SCRATCH
from scratchae.kernels.threads import give_threads, take_threads
from scratchae.kernels.tile import ROWS, advanced, columns, multiply_tile, next_count, prefetch_row, set_counter
from scratchae.kernels.updates import DECAY, update_part

STRIP = (
    2 * ROWS
)  # rows of dW that are computed by one thread at a time: columns of x, as many as fill a cache line with AVX-512
GROUP = 64  # panels of dy that a strip is multiplied with at a time; they stay in the L2 cache for the next strips
MOST_ROWS = 256  # of a batch; all panels of a group then fit in the L2 cache
SMALLEST = 65_536  # weights; a smaller layer stays in the L2 cache between the product and the step


@inner
def in_one_pass(rows, d_in, d_out):  # type: ignore[no-untyped-def]
    """Return whether the step on the weights is fused into the product: the layer is large, and the batch is not."""
    return rows <= MOST_ROWS and d_in * d_out >= SMALLEST


@inner
def _pack(dy, db, panels, p, full):  # type: ignore[no-untyped-def]
    """Pack one panel of dy, and sum its columns."""
    width, panel = min(full, dy.columns - p * full), advanced(panels, p * full * dy.rows)
    pack_panels(Matrix(part(dy, 0, p * full).start, dy.rows, width, dy.row_stride, 1), panel, full)
    if width == full:
        sum_rows(rows_at(panel, dy.rows, full), advanced(db, p * full))
    else:
        for j in range(width):
            total = panel[j]
            for k in range(1, dy.rows):
                total += panel[k * full + j]
            db[p * full + j] = total


@linked(
    lambda real: types.intp(
        *[matrix_of(real)] * 2, *[types.CPointer(real)] * 3, types.intp, *[types.CPointer(real)] * 3, *[types.intp] * 2
    )
)
def _strip(x, dy, theta, m, v, rule, constants, panels, scratch, strip, group):  # type: ignore[no-untyped-def]
    """Compute rows of dW for a group of panels, and move the weights there."""
    full, depth, first = columns(theta), dy.rows, strip * STRIP
    rows, first_panel = min(STRIP, x.columns - first), group * GROUP
    left = first_panel * full
    width = min(GROUP * full, dy.columns - left)
    padded = (width + full - 1) // full * full
    packed, dW = scratch, advanced(scratch, STRIP * MOST_ROWS)
    pack_rows(part(transposed(x), first, 0), rows, depth, packed)
    for i in range(0, rows, ROWS):
        tile_rows = min(ROWS, rows - i)
        for j in range(0, padded, full):
            panel = advanced(panels, (left + j) * depth)
            for r in range(tile_rows):
                at = (first + i + r) * dy.columns + left + j
                for moved in (theta, m, v):
                    prefetch_row(advanced(moved, at))
            multiply_tile(
                advanced(packed, i * depth), 1, ROWS, tile_rows, panel, full, depth, advanced(dW, j), padded, 0
            )
        for r in range(tile_rows):
            at, row = (first + i + r) * dy.columns + left, advanced(dW, r * padded)
            W = advanced(theta, at)
            if constants[DECAY] != 0:
                for j in range(width):
                    row[j] += constants[DECAY] * W[j]  # (autoencoder.8)
            update_part(rule, W, row, advanced(m, at), advanced(v, at), constants, width)
    return 0


@linked(
    lambda real: types.intp(
        *[matrix_of(real)] * 2, *[types.CPointer(real)] * 3, types.intp, *[types.CPointer(real)] * 4
    ),
    parallel=True,
)
def move_weights(x, dy, theta, m, v, rule, constants, db, panels, scratch):  # type: ignore[no-untyped-def]
    """Move the weights of a layer by one step on the gradient x^T dy, and compute db.

    Parameters
    ----------
    x, dy : Matrix
        Inputs (N, D_in) and gradient of the outputs (N, D_out) before the activation; rows are contiguous, N is at most MOST_ROWS.
    theta, m, v : pointer
        First of the weights (D_in, D_out), and of their part of the optimiser's state.
    rule : int
        updates.SGD, MOMENTUM or ADAM.
    constants : pointer
        As in `updates.constants_of`, with the weight decay.
    db : pointer
        Receives the D_out column sums of dy.
    panels : pointer
        Room for N numbers for each column of dy, with their number rounded up to a whole panel.
    scratch : pointer
        COUNTER numbers, plus SCRATCH numbers per thread.
    """
    full = columns(theta)
    across = (dy.columns + full - 1) // full
    strips, groups = (x.columns + STRIP - 1) // STRIP, (across + GROUP - 1) // GROUP
    if not take_threads():
        for p in range(across):
            _pack(dy, db, panels, p, full)
        for i in range(strips * groups):
            _strip(x, dy, theta, m, v, rule, constants, panels, scratch, i % strips, i // strips)
    else:
        for p in numba.prange(across):
            _pack(dy, db, panels, p, full)
        set_counter(scratch)
        for _ in numba.prange(strips * groups):
            own = advanced(scratch, COUNTER + numba.get_thread_id() * SCRATCH)
            i = next_count(scratch)
            while i < strips * groups:
                _strip(x, dy, theta, m, v, rule, constants, panels, own, i % strips, i // strips)
                i = next_count(scratch)
        give_threads()
    return 0
