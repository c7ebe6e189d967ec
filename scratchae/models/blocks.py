"""Processing in blocks of rows, so that working memory does not grow with the size of the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from scratchae.nets.network import Array

BLOCK = 4096  # rows
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


def column_moments(x: Array) -> tuple[Array, Array]:
    """Compute mean and standard deviation of each column, in blocks of rows (Chan et al., 1983).

    Parameters
    ----------
    x : array, shape (N, D)

    Returns
    -------
    mean, deviation : array of float64, shape (D,)

    References
    ----------
    Chan, T., Golub, G., LeVeque, R. (1983). Algorithms for computing the sample variance. The American Statistician 37.
    """
    count, mean, squares = 0, np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for part in slices(
        len(x), rows_at_once(24 * x.shape[1])
    ):  # a block in double precision, its deviations, their squares
        block = x[part]
        there = block.mean(axis=0, dtype=np.float64)
        share = len(block) / (count + len(block))
        squares += len(block) * block.var(axis=0, dtype=np.float64) + count * share * (there - mean) ** 2
        mean, count = there if count == 0 else mean + share * (there - mean), count + len(block)
    return mean, np.sqrt(squares / count)
