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
from numba import types

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel, linked
from scratchae.kernels.tile import ROWS, advanced, columns, keep_alive, lanes, multiply_tile, pointer, room, transpose_square

IDENTITY, SIGMOID, TANH, RELU = (np.int64(code) for code in range(4))
ASSIGN, ADD, ACTIVATE, SLOPE = (np.int64(code) for code in range(4))  # how a finished tile is written

BLOCK_ROWS = 240  # a multiple of both tile heights
UNPACKED_ROWS = 64  # up to so many rows of A, packing B costs more than it saves
PARALLEL_FROM = 8_000_000  # multiply-adds; below, starting the threads costs more than it saves


class Matrix(NamedTuple):
    """A matrix in memory: entry (i, j) is start[i * row_stride + j * column_stride]. It does not keep the memory alive."""

    start: Any
    rows: int
    columns: int
    row_stride: int
    column_stride: int


def _matrix(real: Any) -> Any:
    """The type of a `Matrix` of such numbers."""
    return types.NamedTuple([types.CPointer(real), *[types.intp] * 4], Matrix)


@inner
def transposed(m):  # type: ignore[no-untyped-def]
    """The same memory, read with rows and columns exchanged."""
    return Matrix(m.start, m.columns, m.rows, m.column_stride, m.row_stride)


@inner
def as_matrix(array):  # type: ignore[no-untyped-def]
    """A 2-D array, in whatever memory order, as a `Matrix`."""
    rows, columns = array.shape
    return Matrix(
        pointer(array), rows, columns, array.strides[0] // array.itemsize, array.strides[1] // array.itemsize
    )


@inner
def rows_at(start, rows, columns):  # type: ignore[no-untyped-def]
    """A `Matrix` whose rows lie one behind the other from the pointer `start` on."""
    return Matrix(start, rows, columns, columns, 1)


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
    size = lanes(b)
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
def _tile(a, b, c, rows, width, finish, activation, bias, h, spare):  # type: ignore[no-untyped-def]
    """Multiply one tile and finish it into c.

    The matrices begin where the tile does: `rows` rows of a, a panel b of full width, `width` columns of c and of h. There is room for two
    tiles at `spare`.
    """
    full = columns(c.start)
    direct = rows == ROWS and width == full and finish != ADD  # the tile lies wholly inside c
    t, t_stride = (c.start, c.row_stride) if direct else (spare, full)
    multiply_tile(a.start, a.row_stride, a.column_stride, rows, b.start, b.row_stride, b.rows, t, t_stride)
    if finish == ACTIVATE:
        _activate(t, t_stride, rows, bias, activation, full)
    elif finish == SLOPE and activation != IDENTITY:
        y, y_stride = h.start, h.row_stride
        if width < full:
            y, y_stride = advanced(spare, ROWS * full), full
            for r in range(rows):
                _copy_row(advanced(h.start, r * h.row_stride), advanced(y, r * full), width, full)
        _times_slope(t, t_stride, rows, y, y_stride, activation, full)
    if finish == ADD:
        for i in range(rows):
            for j in range(width):
                c.start[i * c.row_stride + j] += spare[i * full + j]
    elif not direct:
        for r in range(rows):
            _copy_row(advanced(spare, r * full), advanced(c.start, r * c.row_stride), width, full)


@inner
def _part(m, i, j):  # type: ignore[no-untyped-def]
    """The matrix from row i and column j on."""
    return Matrix(
        advanced(m.start, i * m.row_stride + j * m.column_stride), m.rows, m.columns, m.row_stride, m.column_stride
    )


@linked(
    lambda real: types.intp(
        *[_matrix(real)] * 3, types.intp, types.intp, types.CPointer(real), _matrix(real), *[types.intp] * 3
    )
)
def _block(a, b, c, finish, activation, bias, h, first_row, first_panel, last_panel):  # type: ignore[no-untyped-def]
    """One block of c: the columns of some panels of b against BLOCK_ROWS rows of a."""
    full, depth, panels = columns(c.start), b.rows, last_panel - first_panel
    memory = room(c.start, (2 * ROWS + panels + panels * depth) * full)  # two tiles, and each panel's bias and numbers
    spare = pointer(memory)
    biases, packed = advanced(spare, 2 * ROWS * full), advanced(spare, (2 * ROWS + panels) * full)
    # A full panel with contiguous rows, to be read only a few times, is used where it lies.
    in_place = b.column_stride == 1 and c.rows <= UNPACKED_ROWS
    for p in range(panels):
        column = (first_panel + p) * full
        width = min(full, c.columns - column)
        if not in_place or width < full:
            panel = advanced(packed, p * depth * full)
            _pack(_part(b, 0, column).start, b.row_stride, b.column_stride, depth, width, panel, full)
        if finish == ACTIVATE:
            _copy_row(advanced(bias, column), advanced(biases, p * full), width, full)
    for i in range(first_row, min(first_row + BLOCK_ROWS, c.rows), ROWS):
        for p in range(panels):
            column = (first_panel + p) * full
            width = min(full, c.columns - column)
            if in_place and width == full:
                panel = _part(b, 0, column)
            else:
                panel = rows_at(advanced(packed, p * depth * full), depth, full)
            bias_row = advanced(biases, p * full)
            rows, h_tile = min(ROWS, c.rows - i), _part(h, i, column)
            _tile(
                _part(a, i, 0), panel, _part(c, i, column), rows, width, finish, activation, bias_row, h_tile, spare
            )
    keep_alive(memory)
    return 1


@linked(
    lambda real: types.intp(*[_matrix(real)] * 3, types.intp, types.intp, types.CPointer(real), _matrix(real)),
    parallel=True,
)
def _product(a, b, c, finish, activation, bias, h):  # type: ignore[no-untyped-def]
    """All blocks, on all threads where that is worth it."""
    all_panels = (c.columns + columns(c.start) - 1) // columns(c.start)
    # Panels side by side share what is read of a, and make longer runs in b and c; but there must be blocks for all threads.
    panels = 4 if all_panels >= 48 else (2 if all_panels >= 24 else 1)
    column_blocks = (all_panels + panels - 1) // panels
    row_blocks = (c.rows + BLOCK_ROWS - 1) // BLOCK_ROWS
    blocks = row_blocks * column_blocks
    done = np.zeros(blocks, np.intp)
    if c.rows * c.columns * b.rows < PARALLEL_FROM:
        for i in range(blocks):
            row, p = i % row_blocks * BLOCK_ROWS, i // row_blocks * panels
            done[i] = _block(a, b, c, finish, activation, bias, h, row, p, min(p + panels, all_panels))
    else:
        for i in numba.prange(blocks):
            row, p = i % row_blocks * BLOCK_ROWS, i // row_blocks * panels
            done[i] = _block(a, b, c, finish, activation, bias, h, row, p, min(p + panels, all_panels))
    return 1 if done.all() else 0


@inner
def product(a, b, c, finish, activation, bias, h):  # type: ignore[no-untyped-def]
    """Finish the product of a and b into c.

    Parameters
    ----------
    a, b, c : Matrix
        (I, K), (K, J) and (I, J) of one float type; rows of c are contiguous.
    finish : int
        ASSIGN c = a b; ADD c += a b; ACTIVATE c = f(a b + bias); SLOPE c = a b * f'(.) with f' taken at the output h.
    activation : int
        f: IDENTITY, SIGMOID, TANH or RELU.
    bias : pointer
        Where the J numbers of the bias begin (ACTIVATE).
    h : Matrix
        (I, J), the activation's output (SLOPE); rows are contiguous.

    Raises
    ------
    MemoryError
        If there is no room for the packed panels.
    """
    if not _product(a, b, c, finish, activation, bias, h):
        raise MemoryError("no room for a matrix product; use smaller batches")


@kernel
def product_of(a, b, out):  # type: ignore[no-untyped-def]
    """out = a b, for 2-D arrays in any memory order (out in C order)."""
    c = as_matrix(out)
    product(as_matrix(a), as_matrix(b), c, ASSIGN, IDENTITY, c.start, c)
