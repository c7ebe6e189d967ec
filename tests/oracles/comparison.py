"""Comparison of two results: entry by entry."""

from __future__ import annotations

from typing import Any

import numpy as np

SMALL = 1e-3  # of the largest entry; what is smaller is a difference of larger numbers, and rounded as they are


def error_of(got: Any, want: Any, small: float = SMALL) -> float:
    """The largest error of an entry relative to the entry, or to the share `small` of the largest one; infinite if shapes differ or if only
    one of two numbers is finite."""
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    if got.shape != want.shape or not np.array_equal(np.isfinite(got), np.isfinite(want)):
        return np.inf
    finite = np.isfinite(want)
    if not finite.any():
        return 0.0 if np.array_equal(got, want, equal_nan=True) else np.inf
    scale = np.maximum(np.abs(want), small * np.abs(want[finite]).max())[finite]
    difference = np.abs(got - want)[finite]
    return float(np.max(difference / np.where(scale > 0, scale, 1.0)))


def assert_same(got: Any, want: Any, tolerance: float, what: str = "", small: float = SMALL) -> None:
    """Fail unless all entries agree to the tolerance."""
    error = error_of(got, want, small)
    assert error <= tolerance, f"{what} differs by {error:.1e}, more than {tolerance:.0e}"
