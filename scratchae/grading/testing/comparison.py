"""How far an answer is from the reference. NaN is infinitely far: every verdict is written so that only a number can pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# Measured: other correct formulas differ from the reference by at most 1e-14 of the largest entry, finite differences by 3e-12 at best and
# 1e-8 mostly. The first two decide right or wrong, the third whether a gradient looks analytic.
TOLERANCE = 1e-9
GRADIENT_TOLERANCE = 1e-6  # finite differences pass, and are flagged: the teacher decides
ANALYTIC = 1e-13
SAME = 1e-12  # between two answers to the same question
FLOOR = 1e-6  # inputs are about 1, and so are answers: an entry below this is nothing
STRESS_FLOOR = 1e-3  # beside logits of 3,000, whose rounding alone is 1e-12


def error(got: Array | None, expected: Array) -> float:
    """Largest difference, relative to the largest expected entry; infinity for NaN, another shape, or nothing.

    Parameters
    ----------
    got : array or None
    expected : array
        Finite.

    Returns
    -------
    error : float
        A scale below `FLOOR` counts as `FLOOR`, so that zeros pass for zeros only.
    """
    return _worst(got, expected, lambda: max(float(np.abs(expected).max(initial=0.0)), FLOOR))


def stress_error(got: Array | None, expected: Array) -> float:
    """As `error`, each entry relative to itself: beside exp(50), the largest entry would hide all others.

    Parameters
    ----------
    got : array or None
    expected : array

    Returns
    -------
    error : float
    """
    return _worst(got, expected, lambda: np.maximum(np.abs(expected), STRESS_FLOOR))


def _worst(got: Array | None, expected: Array, scale: Callable[[], Any]) -> float:
    if got is None or got.shape != expected.shape:
        return np.inf
    if (got == expected).all():  # to the last digit, as most right answers are
        return 0.0
    with np.errstate(all="ignore"):
        worst = float((np.abs(got.astype(np.float64) - expected) / scale()).max(initial=0.0))
    return worst if worst < np.inf else np.inf  # NaN is not below anything


def worst_entry(got: Array, expected: Array) -> tuple[int, ...]:
    """Where the two differ most; where got is not a finite number, if it is one.

    Parameters
    ----------
    got, expected : array, same shape

    Returns
    -------
    index : tuple of int
    """
    with np.errstate(all="ignore"):
        difference = np.abs(got.astype(np.float64) - expected)
    difference = np.where(np.isfinite(difference), difference, np.inf)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(difference)), difference.shape))
