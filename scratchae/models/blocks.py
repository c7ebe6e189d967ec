"""Processing in blocks of rows, so that working memory does not grow with the size of the data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scratchae.nets.network import Array

BLOCK = 4096  # rows


def in_blocks(function: Callable[..., Array], *arrays: Array) -> Array:
    """Compute function(*arrays), one block of rows at a time."""
    rows = len(arrays[0])
    if rows <= BLOCK:
        return function(*arrays)
    starts = range(0, rows, BLOCK)
    return np.concatenate([function(*(array[i : i + BLOCK] for array in arrays)) for i in starts])
