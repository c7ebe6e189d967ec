"""Helpers for writing files of data sets."""

from __future__ import annotations

import math
import struct
import tracemalloc

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def header(code: int, *shape: int) -> bytes:
    return struct.pack(f">4B{len(shape)}I", 0, 0, code, len(shape), *shape)


def idx_bytes(array: np.ndarray) -> bytes:
    body = array.astype(array.dtype.newbyteorder(">")).tobytes()
    return header(CODES[array.dtype.str[1:]], *array.shape) + body


arrays = st.sampled_from(list(CODES)).flatmap(
    lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
)


def flipped(content: bytes, at: int) -> bytes:
    changed = bytearray(content)
    changed[at] ^= 0xFF
    return bytes(changed)


class peak_memory:  # noqa: N801 - used like a function
    """Peak memory inside a ``with`` block, in bytes above its start."""

    bytes = math.nan

    def __enter__(self) -> peak_memory:
        tracemalloc.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
