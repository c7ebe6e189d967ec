"""Processing in blocks of rows, so that working memory does not grow with the size of the data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchae.nets.network import Array

BLOCK = 4096  # rows


def in_blocks(function: Callable[..., Array], *arrays: Array, at_once: int | None = None) -> Array:
    """Compute function(*arrays), one block of rows at a time: at most `BLOCK` of them, or `at_once`."""
    rows, size = len(arrays[0]), at_once or BLOCK
    if rows <= size:
        return function(*arrays)
    starts = range(0, rows, size)
    return np.concatenate([function(*(array[i : i + size] for array in arrays)) for i in starts])
