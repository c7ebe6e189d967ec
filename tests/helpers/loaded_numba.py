"""Numba, loaded and ready to compile: its first compilation takes ten times as long as the next."""

import numba
import numpy as np


@numba.njit
def _first(x: np.ndarray) -> float:
    return x[0] + 1.0


_first(np.array([1.0]))
