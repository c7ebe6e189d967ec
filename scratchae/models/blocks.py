"""Processing in blocks of rows, so that working memory does not grow with the size of the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from scratchae.nets.network import Array

BLOCK = 4096  # rows
ENTRIES = 500_000  # of a block whose entries are converted to float64: 4 MB


def in_blocks(function: Callable[..., Array], *arrays: Array) -> Array:
    """Compute function(*arrays), one block of rows at a time."""
    rows = len(arrays[0])
    if rows <= BLOCK:
        return function(*arrays)
    starts = range(0, rows, BLOCK)
    return np.concatenate([function(*(array[i : i + BLOCK] for array in arrays)) for i in starts])


def column_means(x: Array) -> Array:
    """Compute the mean of each column, in float64, shape (D,), one block of rows at a time.

    Parameters
    ----------
    x : array, shape (N, D)
    """
    total = np.zeros(x.shape[1])
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
    for block in _small_blocks(x):
        total += ((block - means) ** 2).sum(axis=0)
    return total / len(x)


def _small_blocks(x: Array) -> Iterator[Array]:
    """Yield views of successive rows with about `ENTRIES` entries each."""
    rows = max(1, min(BLOCK, ENTRIES // x.shape[1]))
    return (x[first : first + rows] for first in range(0, len(x), rows))
