"""Importance sampling: the mean weight by hand, weights that sum to 1, and log-weights far from 0."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae import ops

LOG_W = np.log(np.array([[1.0, 2.0], [3.0, 2.0]]))  # two samples of two examples


def test_values_by_hand() -> None:
    np.testing.assert_allclose(ops.log_mean_exp(LOG_W), np.log([2, 2]), rtol=1e-15)
    np.testing.assert_allclose(ops.importance_weights(LOG_W), [[0.25, 0.5], [0.75, 0.5]], rtol=1e-15)
    np.testing.assert_allclose(ops.log_mean_exp_backward(np.array([4.0, 0.0]), LOG_W), [[1, 0], [3, 0]], rtol=1e-15)


def test_the_gradient_of_the_weights_by_hand() -> None:
    w = np.array([[0.25], [0.75]])
    # dw is 1 for the first sample: w₁ (1 - w₁) and -w₁ w₂.
    np.testing.assert_allclose(ops.importance_weights_backward(np.array([[1.0], [0.0]]), w), [[0.1875], [-0.1875]])
    np.testing.assert_allclose(ops.importance_weights_backward(np.ones((2, 1)), w), 0, atol=1e-16)


@given(st.floats(-1e5, 1e5), st.integers(1, 6))
def test_a_common_factor_is_added_to_the_bound_and_leaves_the_weights(shift: float, k: int) -> None:
    log_w = np.random.default_rng(k).standard_normal((k, 3))
    np.testing.assert_allclose(ops.log_mean_exp(log_w + shift), ops.log_mean_exp(log_w) + shift, atol=1e-9)
    weights = ops.importance_weights(log_w + shift)
    np.testing.assert_allclose(weights, ops.importance_weights(log_w), atol=1e-9)
    np.testing.assert_allclose(weights.sum(axis=0), 1, rtol=1e-14)


def test_the_bound_lies_between_the_mean_and_the_largest_log_weight() -> None:
    log_w = np.random.default_rng(0).normal(0, 3, (10, 50))
    bound = ops.log_mean_exp(log_w)
    assert (bound > log_w.mean(axis=0)).all() and (bound < log_w.max(axis=0)).all()  # Jensen's inequality
    one = log_w[:1]
    assert ops.log_mean_exp(one).tolist() == pytest.approx(one[0].tolist())


def test_images_with_many_pixels_do_not_underflow() -> None:
    log_w = np.array([[-20_000.0], [-20_001.0]], np.float32)
    with np.errstate(under="raise", divide="raise"):
        assert ops.log_mean_exp(log_w)[0] == pytest.approx(-20_000 + np.log((1 + np.exp(-1)) / 2), abs=2e-3)
