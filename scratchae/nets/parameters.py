"""The parameters of a model: named arrays and one flat vector, both at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]


class Parameters(Mapping[str, Array]):
    """Named arrays that are windows on one flat vector: a model reads `p["encoder.0.W"]`, an optimiser moves `p.flat`.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        Names and shapes, in the order of the flat vector.
    dtype : dtype
    flat : array, shape (P,), optional
        The memory; zeros if not given.

    Attributes
    ----------
    flat : array, shape (P,)
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], dtype: DTypeLike, flat: Array | None = None) -> None:
        self.shapes = dict(shapes)
        size = sum(math.prod(shape) for shape in self.shapes.values())
        self.flat: Array = np.zeros(size, dtype) if flat is None else flat
        self._named: dict[str, Array] = {}
        self._starts: dict[str, int] = {}
        start = 0
        for name, shape in self.shapes.items():
            stop = start + math.prod(shape)
            self._named[name] = self.flat[start:stop].reshape(shape)
            self._starts[name] = start
            start = stop

    def __reduce__(self) -> tuple[Any, ...]:
        # The named arrays are windows: copied one by one they would no longer lie in the flat vector.
        return Parameters, (self.shapes, self.flat.dtype, self.flat)

    def __getitem__(self, name: str) -> Array:
        return self._named[name]

    def __setitem__(self, name: str, value: Array) -> None:
        self._named[name][...] = value

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    def start(self, name: str) -> int:
        """Where the array of that name begins in the flat vector."""
        return self._starts[name]

    def like(self, flat: Array | None = None) -> Parameters:
        """The same names and shapes on other memory (zeros if none is given)."""
        return Parameters(self.shapes, self.flat.dtype, flat)

    def copied(self) -> dict[str, Array]:
        """A plain dictionary of copies."""
        return {name: array.copy() for name, array in self.items()}
