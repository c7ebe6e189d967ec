"""The error of an answer relative to the reference. NaN has an infinite error, so that only numbers can pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from scratchae.exercises import public_checks

Array = NDArray[Any]

# Measured: other correct formulas differ from the reference by at most 1e-12, finite differences by 3e-12 at best and usually 1e-8, float32 by
# 1e-7, and mistakes by at least 1e-4. So only habits that cost digits lie between `FULL_DIGITS` and `TOLERANCE`: they pass with a flag.
FULL_DIGITS = 1e-9  # the largest error that is not mentioned
TOLERANCE = public_checks.TOLERANCE  # the largest error that passes
FLOOR = public_checks.FLOOR  # inputs and answers are about 1; an entry below this counts as zero
EXTREME_FLOOR = public_checks.EXTREME_FLOOR  # for logits of 3,000, whose rounding error alone is 1e-12
ANALYTIC = 1e-13  # the largest error of a gradient that looks analytic
SAME = 1e-12  # between two answers to the same call

# Far on either side of the tolerances. Between them lie small constants, clipping, float32 and finite differences, of which some calls pass
# and others fail by chance.
CLEARLY_RIGHT, CLEARLY_WRONG = 1e-11, 1e-4


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
    """As `error`, but each entry relative to itself: beside exp(50), all other entries would be negligible.

    Parameters
    ----------
    got : array or None
    expected : array

    Returns
    -------
    error : float
    """
    return _worst(got, expected, lambda: np.maximum(np.abs(expected), EXTREME_FLOOR))


def clearly(distance: float) -> Literal["right", "wrong", "unclear"]:
    """Classify an error by its distance from the tolerances, for statements such as "right for one row only".

    A statement that some calls are right and others wrong is true only if no error is unclear.

    Parameters
    ----------
    distance : float
        From `error` or `stress_error`; infinity and NaN are clearly wrong.

    Returns
    -------
    verdict : {"right", "wrong", "unclear"}
    """
    if distance <= CLEARLY_RIGHT:
        return "right"
    return "unclear" if distance < CLEARLY_WRONG else "wrong"


def _worst(got: Array | None, expected: Array, scale: Callable[[], Any]) -> float:
    if got is None or got.shape != expected.shape:
        return np.inf
    if (got == expected).all():  # equal to the last digit, as most right answers are
        return 0.0
    with np.errstate(all="ignore"):
        worst = float((np.abs(got.astype(np.float64) - expected) / scale()).max(initial=0.0))
    return worst if worst < np.inf else np.inf  # comparisons with NaN are false


def worst_entry(got: Array, expected: Array) -> tuple[int, ...]:
    """Index of the largest difference; entries of `got` that are not finite come first.

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
