"""The matrix product, one function for all products of a dense layer and of its gradients.

    forward    x W       product(x, W)
    backward   dy W^T    product(dy, transposed(W))
               x^T dy    product(transposed(x), dy)

C is divided into blocks. For each piece of the depth, a block copies its part of B into panels as wide as a tile and multiplies tile by
tile. Each piece reads and writes all of C, so the pieces are few and equally long. With the last one, a block finishes each tile while
that is in the L1 cache: with bias and activation in the forward pass, with the derivative of the activation in the backward pass. Each
number of C is summed by one thread, in an order that depends only on the depth, so the result does not depend on the number of threads.
"""

from __future__ import annotations

import threading
from typing import Any

import numba
import numpy as np
from numba import types

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel, linked
from scratchae.kernels.matrix import Matrix, as_matrix, copy_rows, matrix_of, pack_panels, pack_rows, part, rows_at
from scratchae.kernels.threads import give_threads, take_threads
from scratchae.kernels.tile import (
    MOST_COLUMNS,
    ROWS,
    advanced,
    columns,
    multiply_tile,
    next_count,
    pointer,
    set_counter,
)

IDENTITY, SIGMOID, TANH, RELU = (np.int64(code) for code in range(4))
ASSIGN, ADD, ACTIVATE, SLOPE = (np.int64(code) for code in range(4))  # how a finished tile is written

BLOCK_TILES = 240 // ROWS
BLOCK_DEPTH = 400  # most steps of a piece of the depth; a panel of this depth stays in the L1 cache
BLOCK_PANELS = 16  # this number of panels stays in the L2 cache
COUNTER = 16  # numbers at the start of the scratch memory, reserved for the block counter
# Scratch numbers per thread, in addition to a, b and c: two tiles, the bias, the panels of b, and the rows of a.
SCRATCH = 2 * ROWS * MOST_COLUMNS + BLOCK_PANELS * MOST_COLUMNS * (1 + BLOCK_DEPTH) + BLOCK_TILES * ROWS * BLOCK_DEPTH
UNPACKED_ROWS = 128  # up to this number of rows of A, packing B costs more than it saves
SAME_LINES = 64  # rows of a tile between two numbers for which the L1 cache has the same lines
UNPACKED_SIZE = 8192  # up to this number of entries, A is read in place
PARALLEL_FROM = 1_000_000  # multiply-adds; below this, starting the threads costs more than it saves
_memory = threading.local()


@inner
def _activate(t, t_stride, rows, bias, activation, full):  # type: ignore[no-untyped-def]
    """Compute t = f(t + bias) for the rows of a tile."""
    if activation == IDENTITY:
        for r in range(rows):
            row = advanced(t, r * t_stride)
            for j in range(full):
                row[j] = row[j] + bias[j]
    elif activation == SIGMOID:
        for r in range(rows):
            row = advanced(t, r * t_stride)
            for j in range(full):
                row[j] = scalars.sigmoid(row[j] + bias[j])
    elif activation == TANH:
        for r in range(rows):
            row = advanced(t, r * t_stride)
            for j in range(full):
                row[j] = scalars.tanh(row[j] + bias[j])
    else:
        for r in range(rows):
            row = advanced(t, r * t_stride)
            for j in range(full):
                row[j] = scalars.relu(row[j] + bias[j])


@inner
def _times_slope(t, t_stride, rows, y, y_stride, activation, full):  # type: ignore[no-untyped-def]
    """Compute t = t f'(.) for the rows of a tile, with f' in terms of the output y."""
    for r in range(rows):
        row, y_row = advanced(t, r * t_stride), advanced(y, r * y_stride)
        if activation == SIGMOID:
            for j in range(full):
                row[j] = row[j] * scalars.sigmoid_slope(y_row[j])
        elif activation == TANH:
            for j in range(full):
                row[j] = row[j] * scalars.tanh_slope(y_row[j])
        else:
            for j in range(full):
                row[j] = row[j] * scalars.relu_slope(y_row[j])


@inner
def _tile(a, b, c, rows, width, grow, finish, activation, bias, h, spare):  # type: ignore[no-untyped-def]
    """Multiply one tile, finish it and write it to c.

    The matrices start at the tile: `rows` rows of a, a panel b of full width, `width` columns of c and of h. `spare` has room for two
    tiles.
    """
    full = columns(c.start)
    t, t_stride = c.start, c.row_stride
    whole = rows == ROWS and width == full
    if not whole:
        t, t_stride = spare, full
        if grow:
            copy_rows(c.start, c.row_stride, t, t_stride, rows, width, full)
    multiply_tile(a.start, a.row_stride, a.column_stride, rows, b.start, b.row_stride, b.rows, t, t_stride, grow)
    if finish == ACTIVATE:
        _activate(t, t_stride, rows, bias, activation, full)
    elif finish == SLOPE and activation != IDENTITY:
        y, y_stride = h.start, h.row_stride
        if width < full:
            y, y_stride = advanced(spare, ROWS * full), full
            copy_rows(h.start, h.row_stride, y, y_stride, rows, width, full)
        _times_slope(t, t_stride, rows, y, y_stride, activation, full)
    if not whole:
        copy_rows(t, t_stride, c.start, c.row_stride, rows, width, full)


@inner
def _empty_product(c, finish, activation, bias):  # type: ignore[no-untyped-def]
    """Compute the product of matrices with an inner dimension of 0."""
    for i in range(c.rows):
        row = advanced(c.start, i * c.row_stride)
        for j in range(c.columns):
            row[j] = row[j] if finish == ADD else 0
    if finish == ACTIVATE:
        _activate(c.start, c.row_stride, c.rows, bias, activation, c.columns)


@inner
def _units(size, unit):  # type: ignore[no-untyped-def]
    """Return the number of units needed for `size` numbers; the last may be partly filled."""
    return (size + unit - 1) // unit


@inner
def _share(size, unit, i, n):  # type: ignore[no-untyped-def]
    """Return the first and last index of share i when `size` is divided into n shares with about the same number of whole units."""
    units = _units(size, unit)
    return units * i // n * unit, min(units * (i + 1) // n * unit, size)


# The decisions, each a function of a few numbers, so that claims can check that their shapes reach every branch.


@inner
def _blocks(rows, columns, full):  # type: ignore[no-untyped-def]
    """Return the number of blocks of c, down and across."""
    return _units(_units(rows, ROWS), BLOCK_TILES), _units(_units(columns, full), BLOCK_PANELS)


@inner
def _in_parallel(rows, columns, depth):  # type: ignore[no-untyped-def]
    """Return whether the product is large enough for starting the threads to pay off."""
    return rows * columns * depth >= PARALLEL_FROM


@inner
def _enough_across(down, across, columns, full):  # type: ignore[no-untyped-def]
    """Return the number of blocks across. Large blocks pack less often, but every thread needs some blocks."""
    return max(across, min(_units(columns, full), _units(8, down)))


@inner
def _in_place(row_stride, column_stride, rows, width, full):  # type: ignore[no-untyped-def]
    """Return whether panels of b are used in place: rows are contiguous, all panels are full, and they are read only a few times.

    Rows at a distance of 4096 bytes displace each other from the L1 cache, so such panels are packed from fewer rows on.
    """
    most = UNPACKED_ROWS // 8 if row_stride % (SAME_LINES * full) == 0 else UNPACKED_ROWS
    return column_stride == 1 and rows <= most and width % full == 0


@inner
def _strewn(row_stride, column_stride, rows, depth):  # type: ignore[no-untyped-def]
    """Return whether rows of a are copied first: they are not contiguous, and there are too many of them to be read in place."""
    return row_stride == 1 and column_stride > 1 and rows * depth > UNPACKED_SIZE


@linked(
    lambda real: types.intp(
        *[matrix_of(real)] * 3, types.intp, types.intp, types.CPointer(real), matrix_of(real), types.CPointer(real),
        *[types.intp] * 4,
    )
)  # fmt: skip
def _block(a, b, c, finish, activation, bias, h, scratch, i_block, down, j_block, across):  # type: ignore[no-untyped-def]
    """Compute one of the `down` times `across` blocks of c: some rows of a by some panels of b."""
    full = columns(c.start)
    first_row, end_row = _share(c.rows, ROWS, i_block, down)
    first, end = _share(c.columns, full, j_block, across)
    rows, width = end_row - first_row, end - first
    panels = _units(width, full)
    in_place = _in_place(b.row_stride, b.column_stride, c.rows, width, full)
    strewn = _strewn(a.row_stride, a.column_stride, rows, b.rows)
    biases = advanced(scratch, 2 * ROWS * full)
    packed = advanced(biases, panels * full)
    packed_rows = advanced(packed, panels * full * min(BLOCK_DEPTH, b.rows))
    if finish == ACTIVATE:
        for j in range(width):
            biases[j] = bias[first + j]
    pieces = _units(b.rows, BLOCK_DEPTH)
    for piece in range(pieces):
        k, end_depth = _share(b.rows, 1, piece, pieces)
        depth = end_depth - k
        a_part, b_part = part(a, first_row, k), part(b, k, first)
        b_part = Matrix(b_part.start, depth, width, b.row_stride, b.column_stride)
        if not in_place:
            pack_panels(b_part, packed, full)
        if strewn:
            pack_rows(a_part, rows, depth, packed_rows)
        grow = k > 0 or finish == ADD
        ending = finish if k + depth == b.rows else ASSIGN
        for i in range(0, rows, ROWS):
            a_tile, tile_rows = part(a_part, i, 0), min(ROWS, rows - i)
            if strewn:
                a_tile = Matrix(advanced(packed_rows, i * depth), ROWS, depth, 1, ROWS)
            for p in range(panels):
                j, panel = p * full, rows_at(advanced(packed, p * depth * full), depth, full)
                if in_place:
                    panel = Matrix(advanced(b_part.start, j), depth, full, b.row_stride, 1)
                c_tile, h_tile = part(c, first_row + i, first + j), part(h, first_row + i, first + j)
                _tile(
                    a_tile, panel, c_tile, tile_rows, min(full, width - j),
                    grow, ending, activation, advanced(biases, j), h_tile, scratch,
                )  # fmt: skip
    return 0


@linked(
    lambda real: types.intp(
        *[matrix_of(real)] * 3, types.intp, types.intp, types.CPointer(real), matrix_of(real), types.CPointer(real)
    ),
    parallel=True,
)
def product(a, b, c, finish, activation, bias, h, scratch):  # type: ignore[no-untyped-def]
    """Compute the product of a and b, finish it and write it to c.

    Parameters
    ----------
    a, b, c : Matrix
        (I, K), (K, J) and (I, J) of one float type; rows of c are contiguous.
    finish : int
        ASSIGN c = a b; ADD c += a b; ACTIVATE c = f(a b + bias); SLOPE c = a b * f'(.) with f' taken at the output h.
    activation : int
        f: IDENTITY, SIGMOID, TANH or RELU.
    bias : pointer
        First of the J numbers of the bias (ACTIVATE).
    h : Matrix
        (I, J), the activation's output (SLOPE); rows are contiguous.
    scratch : pointer
        COUNTER numbers, plus SCRATCH numbers per thread.
    """
    if b.rows == 0:
        _empty_product(c, finish, activation, bias)
        return 0
    full = columns(c.start)
    down, across = _blocks(c.rows, c.columns, full)
    if not _in_parallel(c.rows, c.columns, b.rows) or not take_threads():
        for i in range(down * across):
            _block(a, b, c, finish, activation, bias, h, scratch, i % down, down, i // down, across)
    else:
        across = _enough_across(down, across, c.columns, full)
        # Numba gives each thread the same number of iterations; on a busy machine, one thread would wait for the other. So each
        # iteration computes blocks until none is left.
        counter = scratch
        set_counter(counter)
        for _ in numba.prange(down * across):
            own = advanced(scratch, COUNTER + numba.get_thread_id() * SCRATCH)
            i = next_count(counter)
            while i < down * across:
                _block(a, b, c, finish, activation, bias, h, own, i % down, down, i // down, across)
                i = next_count(counter)
        give_threads()
    return 0


def scratch_memory(dtype: np.dtype[Any]) -> np.ndarray:
    """Return scratch memory for products of such numbers on the maximum number of threads.

    It is kept for the next call from the same Python thread, since allocating memory takes almost as long as a product.
    """
    kept, letter = vars(_memory), dtype.char
    if letter not in kept:
        kept[letter] = np.empty(COUNTER + numba.config.NUMBA_NUM_THREADS * SCRATCH, dtype)
    return kept[letter]


@kernel
def _product_of(a, b, out, scratch):  # type: ignore[no-untyped-def]
    c = as_matrix(out)
    product(as_matrix(a), as_matrix(b), c, ASSIGN, IDENTITY, c.start, c, pointer(scratch))


def product_of(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Compute out = a b for 2-D arrays in any memory order (out in C order)."""
    _product_of(a, b, out, scratch_memory(out.dtype))
