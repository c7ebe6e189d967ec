"""Processing in blocks of rows, so that working memory does not grow with the size of the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from scratchae.nets.network import Array

BLOCK = 4096  # rows
ENTRIES = 500_000  # of a block whose entries are converted to float64: 4 MB
BYTES = 48 * 2**20  # of all arrays that belong to the rows of a block


def rows_at_once(bytes_per_row: int) -> int:
    """Return the number of rows in a block: `BLOCK`, or fewer if the arrays that belong to them would exceed `BYTES`."""
    return max(1, min(BLOCK, BYTES // max(bytes_per_row, 1)))


def slices(rows: int, at_once: int) -> Iterator[slice]:
    """Yield the slices of all blocks of rows."""
    for first in range(0, rows, at_once):
        yield slice(first, min(first + at_once, rows))


def in_blocks(function: Callable[..., Array], *arrays: Array, at_once: int | None = None) -> Array:
    """Compute function(*arrays), one block of rows at a time.

    Parameters
    ----------
    function : callable
        Returns one row for each row of its arguments.
    *arrays : array, shapes (N, …)
    at_once : int, optional
        Number of rows in a block; by default, `rows_at_once` of the arrays.
    """
    rows = len(arrays[0])
    size = rows_at_once(sum(array[:1].nbytes for array in arrays)) if at_once is None else at_once
    if rows <= size:
        return function(*arrays)
    whole = None
    for part in slices(rows, size):
        result = function(*(array[part] for array in arrays))
        if whole is None:
            whole = np.empty((rows, *result.shape[1:]), result.dtype)
        whole[part] = result
    assert whole is not None
    return whole


def column_means(x: Array) -> Array:
    """Compute the mean of each column, in float64, shape (D,), one block of rows at a time.

    Parameters
    ----------
    x : array, shape (N, D)
    """
    total = np.zeros(x.shape[1])
    with np.errstate(over="ignore"):  # infinite, as the loss will be
        for block in _small_blocks(x):
            total += block.sum(axis=0, dtype=np.float64)
    return total / len(x)


def column_variances(x: Array, means: Array) -> Array:
    """Compute the mean squared deviation of each column from `means`, in float64, shape (D,), one block of rows at a time.

    The deviations themselves are squared, so that a large mean costs no digits.

    Parameters
    ----------
    x : array, shape (N, D)
    means : array, shape (D,), float64
    """
    total = np.zeros(x.shape[1])
    with np.errstate(over="ignore", invalid="ignore"):  # infinite, as the loss will be
        for block in _small_blocks(x):
            total += ((block - means) ** 2).sum(axis=0)
    return total / len(x)


def _small_blocks(x: Array) -> Iterator[Array]:
    """Yield views of successive rows with about `ENTRIES` entries each."""
    rows = max(1, min(BLOCK, ENTRIES // x.shape[1]))
    return (x[first : first + rows] for first in range(0, len(x), rows))
