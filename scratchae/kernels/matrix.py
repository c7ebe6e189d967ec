"""Matrices as views of memory, and copies of them in the order in which a tile reads them.

A transpose costs nothing: it is the same memory with other strides.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import types

from scratchae.kernels.compile import inner
from scratchae.kernels.tile import ROWS, advanced, copy_column, copy_row, lanes, pointer, transpose_square


class Matrix(NamedTuple):
    """A matrix in memory: entry (i, j) is start[i * row_stride + j * column_stride]. It does not keep the memory alive."""

    start: Any
    rows: int
    columns: int
    row_stride: int
    column_stride: int


def matrix_of(real: Any) -> Any:
    """Return the Numba type of a `Matrix` of such numbers."""
    return types.NamedTuple([types.CPointer(real), *[types.intp] * 4], Matrix)


@inner
def transposed(m):  # type: ignore[no-untyped-def]
    """Return the transpose: the same memory, with rows and columns exchanged."""
    return Matrix(m.start, m.columns, m.rows, m.column_stride, m.row_stride)


@inner
def as_matrix(array):  # type: ignore[no-untyped-def]
    """Return a 2-D array in any memory order as a `Matrix`."""
    rows, columns = array.shape
    return Matrix(pointer(array), rows, columns, array.strides[0] // array.itemsize, array.strides[1] // array.itemsize)


@inner
def rows_at(start, rows, columns):  # type: ignore[no-untyped-def]
    """Return a `Matrix` with contiguous rows, starting at the pointer `start`."""
    return Matrix(start, rows, columns, columns, 1)


@inner
def part(m, i, j):  # type: ignore[no-untyped-def]
    """Return the submatrix that starts at row i and column j."""
    start = advanced(m.start, i * m.row_stride + j * m.column_stride)
    return Matrix(start, m.rows - i, m.columns - j, m.row_stride, m.column_stride)


@inner
def copy_some(source, target, width, full):  # type: ignore[no-untyped-def]
    """Copy `width` numbers, at most one row of a tile."""
    if width == full:
        copy_row(source, target)
    else:
        for j in range(width):
            target[j] = source[j]


@inner
def copy_rows(source, source_stride, target, target_stride, rows, width, full):  # type: ignore[no-untyped-def]
    """Copy a whole or partial tile."""
    for r in range(rows):
        copy_some(advanced(source, r * source_stride), advanced(target, r * target_stride), width, full)


ROW_BY_ROW, SQUARE_BY_SQUARE, ONE_BY_ONE = range(3)  # how panels are packed


@inner
def packing(row_stride, column_stride):  # type: ignore[no-untyped-def]
    """Return how to pack panels of a matrix with these strides: it depends on whether rows or columns are contiguous."""
    if column_stride == 1:
        return ROW_BY_ROW
    return SQUARE_BY_SQUARE if row_stride == 1 else ONE_BY_ONE


@inner
def pack_panels(b, packed, full):  # type: ignore[no-untyped-def]
    """Copy b into panels of `full` columns, each stored row by row, padded with zeros beyond the last column."""
    depth, whole, way = b.rows, b.columns // full, packing(b.row_stride, b.column_stride)
    if way == ROW_BY_ROW:
        for k in range(depth):
            source = advanced(b.start, k * b.row_stride)
            for p in range(whole):
                copy_row(advanced(source, p * full), advanced(packed, (p * depth + k) * full))
    elif way == SQUARE_BY_SQUARE:
        for p in range(whole):
            _pack_transposed(part(b, 0, p * full), advanced(packed, p * depth * full), full)
    else:
        for p in range(whole):
            _pack_any(part(b, 0, p * full), full, advanced(packed, p * depth * full), full)
    if whole * full < b.columns:
        _pack_any(part(b, 0, whole * full), b.columns - whole * full, advanced(packed, whole * depth * full), full)


@inner
def _pack_any(b, width, panel, full):  # type: ignore[no-untyped-def]
    """Copy at most one panel of columns, number by number."""
    for k in range(b.rows):
        source, target = advanced(b.start, k * b.row_stride), advanced(panel, k * full)
        for j in range(full):
            target[j] = 0
        for j in range(width):
            target[j] = source[j * b.column_stride]


@inner
def _pack_transposed(b, panel, full):  # type: ignore[no-untyped-def]
    """Copy a full panel of contiguous columns, square by square."""
    depth, size = b.rows, lanes(b.start)
    squares = depth // size * size
    for k in range(0, squares, size):
        for j in range(0, full, size):
            transpose_square(part(b, k, j).start, b.column_stride, advanced(panel, k * full + j), full)
    for k in range(squares, depth):
        for j in range(full):
            panel[k * full + j] = b.start[k + j * b.column_stride]


@inner
def pack_rows(a, rows, depth, packed):  # type: ignore[no-untyped-def]
    """Copy non-contiguous rows of a, interleaved tile by tile, so that a tile reads contiguous memory."""
    whole = rows // ROWS * ROWS
    for k in range(depth):
        source = advanced(a.start, k * a.column_stride)
        for i in range(0, whole, ROWS):
            copy_column(advanced(source, i), advanced(packed, i * depth + k * ROWS))
        for r in range(rows - whole):
            packed[whole * depth + k * ROWS + r] = source[whole + r]
