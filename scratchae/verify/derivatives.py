"""Numeric derivatives for comparison with the analytic ones.

Central differences work for any function, with about ten digits. The complex step works only for functions written with analytic
operations, with full precision. Derivation: docs/derivations/gradient_checking.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

STEP = float(np.cbrt(np.finfo(np.float64).eps))  # balances truncation and rounding errors of central differences
KINK = 1e-3  # one-sided slopes of a smooth function differ by about STEP, at a kink by the jump of the slope


def central_differences(f: Callable[[Array], float], x: Array, step: float = STEP) -> tuple[Array, Array]:
    """Compute the gradient of a scalar function by central differences, and where it exists.

    Parameters
    ----------
    f : callable
        Maps an array of the shape of x to a number.
    x : array, float64
        Not modified.
    step : float
        Step relative to ``max(1, |x|)``.

    Returns
    -------
    gradient : array, shape of x
    smooth : array of bool, shape of x
        False where the left and right slopes differ: at a kink, where the derivative does not exist.
    """
    gradient, smooth = np.empty(x.shape), np.ones(x.shape, bool)
    middle = f(x)
    for index in np.ndindex(x.shape):
        h = step * max(1.0, abs(x[index]))
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        width_up, width_down = up[index] - x[index], x[index] - down[index]  # the actual steps after rounding
        f_up, f_down = f(up), f(down)
        gradient[index] = (f_up - f_down) / (width_up + width_down)
        right, left = (f_up - middle) / width_up, (middle - f_down) / width_down
        noise = 100 * np.finfo(np.float64).eps * abs(middle) / h
        smooth[index] = abs(right - left) <= KINK * max(abs(right), abs(left)) + noise + 10 * h
    return gradient, smooth


def complex_step(f: Callable[[Array], Any], x: Array, step: float = 1e-150) -> Array:
    """Compute the gradient of a scalar function as Im f(x + i step) / step.

    There is no subtraction and so no cancellation, and the step can be arbitrarily small.

    Parameters
    ----------
    f : callable
        Maps a complex array of the shape of x to a complex number, by analytic operations only.
    x : array, float64
    step : float

    Returns
    -------
    gradient : array, shape of x
    """
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.astype(np.complex128)
        moved[index] += 1j * step
        gradient[index] = np.imag(f(moved)) / step
    return gradient


def as_float(value: Any, dtype: Any) -> Any:
    """Convert a float array to that type; return integer arrays (labels) and other objects unchanged."""
    return value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


def relative_error(got: Array, expected: Array) -> float:
    """Return the largest difference relative to the largest expected entry; infinity for NaN, different shapes, or no entries.

    Parameters
    ----------
    got, expected : array

    Returns
    -------
    error : float
    """
    got, expected = np.asarray(got), np.asarray(expected)
    if got.shape != expected.shape or got.size == 0:
        return np.inf
    difference = np.abs(got.astype(np.float64) - expected.astype(np.float64)).max()
    scale = np.abs(expected).max()
    error = float(difference / scale) if scale > 0 else float(difference)
    return error if np.isfinite(error) else np.inf


def entrywise_error(got: Array, expected: Array, scale: Array | float = 0.0, *, empty: bool = False) -> float:
    """Return the largest difference of any entry relative to that entry, so that errors of small entries are visible next to large ones.

    Parameters
    ----------
    got, expected : array
    scale : array or float
        Size of the terms whose difference an entry is; its rounding error is then relative to that. Differences below the smallest
        normal number of the type of `got` count as zero.
    empty : bool
        Whether the arrays may be without entries; their error is then 0.

    Returns
    -------
    error : float
        Infinity for NaN, for different shapes, for unexpected arrays without entries, or if only one of two entries is infinite.
    """
    got, expected = np.asarray(got), np.asarray(expected, np.longdouble)
    if got.shape != expected.shape:
        return np.inf
    if got.size == 0:
        return 0.0 if empty else np.inf
    tiny = float(np.finfo(got.dtype).tiny) if got.dtype.kind == "f" else 0.0
    same = got == expected  # includes infinities of the same sign
    with np.errstate(all="ignore"):
        difference = np.where(same, 0, np.abs(got.astype(np.longdouble) - expected))
        allowed = np.maximum(np.maximum(np.abs(expected), scale), tiny)
        error = float(np.where(difference <= tiny, 0, difference / allowed).max())
    return error if np.isfinite(error) else np.inf
