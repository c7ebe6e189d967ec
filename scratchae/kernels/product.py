"""The matrix product: every product of a dense layer and of its gradient is this one function.

A `Matrix` is a window on flat memory, so a transpose costs nothing:

    forward    x W       product(x, W)
    backward   dy W^T    product(dy, transposed(W))
               x^T dy    product(transposed(x), dy)

C is cut into blocks of fixed size. A block copies its panel of B into one run of memory, multiplies it tile by tile, and finishes
each tile while it is in the nearest cache: bias and activation going forward, the activation's derivative going backward. Every
number of C is summed by one thread in one order, so its bits do not depend on how many threads there are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from numba.extending import overload

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel
from scratchae.kernels.tile import (
    ROW_BYTES,
    ROWS,
    advanced,
    columns,
    keep_alive,
    lanes,
    multiply_tile,
    pointer,
    transpose_square,
)

IDENTITY, SIGMOID, TANH, RELU = (np.int64(code) for code in range(4))
ASSIGN, ADD, ACTIVATE, SLOPE = (np.int64(code) for code in range(4))  # how a finished tile is written
NO_BIAS = np.int64(0)

BLOCK_ROWS = 240  # a multiple of both tile heights
UNPACKED_ROWS = 64  # up to so many rows of A, packing B costs more than it saves
PARALLEL_FROM = 8_000_000  # multiply-adds; below, starting the threads costs more than it saves


class Matrix(NamedTuple):
    """A matrix in flat memory: entry (i, j) is data[start + i * row_stride + j * column_stride]."""

    data: Any
    start: int
    rows: int
    columns: int
    row_stride: int
    column_stride: int


@inner
def transposed(m):  # type: ignore[no-untyped-def]
    """The same memory, read with rows and columns exchanged."""
    return Matrix(m.data, m.start, m.columns, m.rows, m.column_stride, m.row_stride)


def as_matrix(array: np.ndarray) -> Matrix:
    """A 2-D array as a `Matrix` (inside kernels): no copy where it is contiguous in either order."""
    raise NotImplementedError("only inside a compiled kernel")


@overload(as_matrix)
def _as_matrix(array):  # type: ignore[no-untyped-def]
    if array.layout == "C":
        return lambda array: Matrix(array.reshape(array.size), 0, array.shape[0], array.shape[1], array.shape[1], 1)
    if array.layout == "F":
        return lambda array: Matrix(array.T.reshape(array.size), 0, array.shape[0], array.shape[1], 1, array.shape[0])
    return lambda array: as_matrix(np.ascontiguousarray(array))


@inner
def _copy_row(source, target, width, full):  # type: ignore[no-untyped-def]
    """Copy `width` numbers; the usual, full width is a constant, which makes it two vector moves."""
    if width == full:
        for j in range(full):
            target[j] = source[j]
    else:
        for j in range(width):
            target[j] = source[j]


@inner
def _pack(b, row_stride, column_stride, depth, width, panel, full):  # type: ignore[no-untyped-def]
    """Copy `width` columns of b into the panel, row after row, zeros beyond."""
    if width < full:
        for i in range(depth * full):
            panel[i] = 0
    if column_stride == 1:
        for k in range(depth):
            _copy_row(advanced(b, k * row_stride), advanced(panel, k * full), width, full)
    elif row_stride == 1 and width == full:
        _pack_transposed(b, column_stride, depth, panel, full)
    else:
        for k in range(depth):
            for j in range(width):
                panel[k * full + j] = b[k * row_stride + j * column_stride]


@inner
def _pack_transposed(b, column_stride, depth, panel, full):  # type: ignore[no-untyped-def]
    """Copy a full panel of columns, each contiguous, square by square."""
    size = lanes(ROW_BYTES // full)
    squares = depth // size * size
    for k in range(0, squares, size):
        for j in range(0, full, size):
            transpose_square(advanced(b, j * column_stride + k), column_stride, advanced(panel, k * full + j), full)
    for k in range(squares, depth):
        for j in range(full):
            panel[k * full + j] = b[k + j * column_stride]


@inner
def _activate(t, t_stride, rows, bias, activation, full):  # type: ignore[no-untyped-def]
    """t = f(t + bias) for the rows of a tile."""
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
    """t = t f'(.) for the rows of a tile, with f' written in terms of the output y."""
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
def _working_memory(b, panels):  # type: ignore[no-untyped-def]
    """What a block needs: a tile, a tile of h, a row of the bias for each panel, and the panels of b."""
    return np.empty((2 * ROWS + panels + panels * b.rows) * columns(b.data.itemsize), b.data.dtype)


@inner
def _tile(
    a_tile,
    a,
    rows,
    panel,
    panel_stride,
    depth,
    target,
    c,
    width,
    finish,
    activation,
    bias_row,
    y,
    y_stride,
    tile,
    h_tile,
):  # type: ignore[no-untyped-def]
    """Multiply one tile and finish it into c."""
    full = columns(c.data.itemsize)
    direct = rows == ROWS and width == full and finish != ADD  # the tile lies wholly inside c
    t, t_stride = (target, c.row_stride) if direct else (tile, full)
    multiply_tile(a_tile, a.row_stride, a.column_stride, rows, panel, panel_stride, depth, t, t_stride)
    if finish == ACTIVATE:
        _activate(t, t_stride, rows, bias_row, activation, full)
    elif finish == SLOPE and activation != IDENTITY:
        if width < full:
            for r in range(rows):
                _copy_row(advanced(y, r * y_stride), advanced(h_tile, r * full), width, full)
            y, y_stride = h_tile, full
        _times_slope(t, t_stride, rows, y, y_stride, activation, full)
    if finish == ADD:
        for i in range(rows):
            for j in range(width):
                target[i * c.row_stride + j] += tile[i * full + j]
    elif not direct:
        for r in range(rows):
            _copy_row(advanced(tile, r * full), advanced(target, r * c.row_stride), width, full)


@inner
def _block(a, b, c, finish, activation, bias, bias_start, h, row_block, column_block, panels, memory):  # type: ignore[no-untyped-def]
    """One block of c: the columns of some panels of b against BLOCK_ROWS rows of a."""
    full, depth, first = columns(a.data.itemsize), b.rows, column_block * panels
    last = min(first + panels, (c.columns + full - 1) // full)
    a_memory, b_memory = pointer(a.data, a.start), pointer(b.data, b.start)
    c_memory, h_memory = pointer(c.data, c.start), pointer(h.data, h.start)
    tile, h_tile, bias_rows = pointer(memory, 0), pointer(memory, ROWS * full), pointer(memory, 2 * ROWS * full)
    packed = pointer(memory, (2 * ROWS + panels) * full)
    # A full panel with contiguous rows, to be read only a few times, is used where it lies.
    in_place = b.column_stride == 1 and c.rows <= UNPACKED_ROWS
    for p in range(first, last):
        width = min(full, c.columns - p * full)
        if not in_place or width < full:
            panel = advanced(packed, (p - first) * depth * full)
            _pack(
                advanced(b_memory, p * full * b.column_stride), b.row_stride, b.column_stride, depth, width, panel, full
            )
        if finish == ACTIVATE:
            _copy_row(pointer(bias, bias_start + p * full), advanced(bias_rows, (p - first) * full), width, full)
    for i0 in range(row_block * BLOCK_ROWS, min((row_block + 1) * BLOCK_ROWS, c.rows), ROWS):
        rows, a_tile = min(ROWS, c.rows - i0), advanced(a_memory, i0 * a.row_stride)
        for p in range(first, last):
            j0, width = p * full, min(full, c.columns - p * full)
            panel, stride = advanced(packed, (p - first) * depth * full), full
            if in_place and width == full:
                panel, stride = advanced(b_memory, j0), b.row_stride
            target, y = advanced(c_memory, i0 * c.row_stride + j0), advanced(h_memory, i0 * h.row_stride + j0)
            bias_row = advanced(bias_rows, (p - first) * full)
            _tile(
                a_tile,
                a,
                rows,
                panel,
                stride,
                depth,
                target,
                c,
                width,
                finish,
                activation,
                bias_row,
                y,
                h.row_stride,
                tile,
                h_tile,
            )
    keep_alive(memory)


@inner(parallel=True)
def product(a, b, c, finish, activation, bias, bias_start, h):  # type: ignore[no-untyped-def]
    """Finish the product of a and b into c.

    Parameters
    ----------
    a, b, c : Matrix
        (I, K), (K, J) and (I, J) of one float type; rows of c are contiguous.
    finish : int
        ASSIGN c = a b; ADD c += a b; ACTIVATE c = f(a b + bias); SLOPE c = a b * f'(.) with f' taken at the output h.
    activation : int
        f: IDENTITY, SIGMOID, TANH or RELU.
    bias, bias_start : 1-D array, int
        Where the J numbers of the bias begin (ACTIVATE).
    h : Matrix
        (I, J), the activation's output (SLOPE).
    """
    all_panels = (c.columns + columns(c.data.itemsize) - 1) // columns(c.data.itemsize)
    # Panels side by side share what is read of a, and make longer runs in b and c; but there must be blocks for all threads.
    panels = 4 if all_panels >= 48 else (2 if all_panels >= 24 else 1)
    column_blocks = (all_panels + panels - 1) // panels
    row_blocks = (c.rows + BLOCK_ROWS - 1) // BLOCK_ROWS
    blocks = row_blocks * column_blocks
    if c.rows * c.columns * b.rows < PARALLEL_FROM:
        memory = _working_memory(b, panels)
        for i in range(blocks):
            _block(a, b, c, finish, activation, bias, bias_start, h, i % row_blocks, i // row_blocks, panels, memory)
    else:
        for i in numba.prange(blocks):
            memory = _working_memory(b, panels)
            _block(a, b, c, finish, activation, bias, bias_start, h, i % row_blocks, i // row_blocks, panels, memory)


@kernel
def product_of(a, b, out):  # type: ignore[no-untyped-def]
    """out = a b, for 2-D arrays in any memory order (out in C order)."""
    c = as_matrix(out)
    product(as_matrix(a), as_matrix(b), c, ASSIGN, IDENTITY, out.ravel(), NO_BIAS, c)
