"""Sparse codes: the divergence by hand, saturated units, and the k largest entries with ties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae import ops


def test_the_divergence_by_hand() -> None:
    h = np.array([[0.1, 0.5], [0.3, 0.5]])  # means 0.2 and 0.5
    expected = 0.2 * np.log(0.2 / 0.5) + 0.8 * np.log(0.8 / 0.5)  # the first unit is at the target
    assert ops.sparsity_kl(h, 0.2) == pytest.approx(expected, rel=1e-14)
    # (1 - rho) / (1 - mean) - rho / mean is 1.2 for the second unit, and a mean over two rows.
    np.testing.assert_allclose(ops.sparsity_kl_backward(1.0, h, 0.2), [[0, 0.6], [0, 0.6]], atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_saturated_units_leave_it_finite(value: float, dtype: Any) -> None:
    h = np.full((3, 2), value, dtype)
    penalty, gradient = ops.sparsity_kl(h, 0.1), ops.sparsity_kl_backward(1.0, h, 0.1)
    assert np.isfinite(penalty) and penalty > 1 and np.isfinite(gradient).all()
    assert (gradient > 0).all() if value == 1 else (gradient < 0).all()  # back towards the target


def test_the_largest_are_kept_and_the_first_of_ties() -> None:
    h = np.array([[3.0, -1.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0], [-4.0, -3.0, -2.0, -1.0]])
    assert ops.k_sparse(h, 2).tolist() == [[3, 0, 2, 0], [0, 0, 0, 0], [0, 0, -2, -1]]
    gradient = ops.k_sparse_backward(np.ones_like(h), h, 2)
    assert gradient.tolist() == [[1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 1, 1]]


def test_of_many_ties_the_first_are_kept() -> None:
    h = np.tile([1.0, 2.0], 50)[None]  # more than a sort takes in one piece
    assert np.flatnonzero(ops.k_sparse(h, 10)).tolist() == list(range(1, 21, 2))


@given(st.integers(1, 6), st.integers(0, 99))
def test_what_is_kept_is_not_smaller_than_what_is_not(k: int, seed: int) -> None:
    h = np.random.default_rng(seed).integers(-3, 4, (5, 6)).astype(float)
    kept = ops.k_sparse_backward(np.ones_like(h), h, k).astype(bool)
    assert (kept.sum(axis=1) == k).all()
    for row, mask in zip(h, kept, strict=True):
        assert k == 6 or row[mask].min() >= row[~mask].max()
    assert np.array_equal(ops.k_sparse(h, k), h * kept)
