"""A kernel that is not in the cache."""

from __future__ import annotations

from typing import Any

import numba


def uncached_kernel(module: str = "scratchae.kernels.example") -> Any:
    """A function of a module of that name, which its first call compiles."""

    def twice(x: float) -> float:
        return 2 * x

    twice.__module__ = module
    return numba.njit(twice)
