"""Softmax: rows that sum to 1, impossible classes, and the loss of the correct class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae import kernels, ops


def test_a_class_that_is_impossible_has_probability_zero() -> None:
    logits = np.array([[-np.inf, 0.0, 1.0], [0.0, -np.inf, 1.0]])
    np.testing.assert_allclose(kernels.softmax(logits), ops.softmax(logits), rtol=1e-12, atol=1e-300)
    assert np.isnan(kernels.softmax(np.array([[0.0, np.nan]]))).all()


def test_values_by_hand() -> None:
    logits = np.log(np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 6.0]]))
    np.testing.assert_allclose(ops.softmax(logits), [[0.125, 0.25, 0.625], [0.25, 0.25, 0.5]], rtol=1e-15)
    labels = np.array([1, 2])
    np.testing.assert_allclose(ops.softmax_cross_entropy(logits, labels), np.log([4, 2]), rtol=1e-15)
    gradient = ops.softmax_cross_entropy_backward(np.array([1.0, 2.0]), logits, labels)
    np.testing.assert_allclose(gradient, [[0.125, -0.75, 0.625], [0.5, 0.5, -1.0]], rtol=1e-14)


def test_the_gradient_of_one_probability_by_hand() -> None:
    p = np.array([[0.125, 0.25, 0.625]])
    gradient = ops.softmax_backward(np.array([[0.0, 1.0, 0.0]]), p)
    np.testing.assert_allclose(gradient, [[-0.03125, 0.1875, -0.15625]], rtol=1e-15)  # p₂ (1 at 2 - p)


@given(st.floats(-1e4, 1e4), st.integers(1, 5))
def test_a_common_shift_changes_nothing(shift: float, classes: int) -> None:
    logits = np.random.default_rng(classes).standard_normal((3, classes))
    p = ops.softmax(logits + shift)
    np.testing.assert_allclose(p, ops.softmax(logits), atol=1e-11)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    labels = np.arange(3) % classes
    np.testing.assert_allclose(ops.softmax_cross_entropy(logits, labels), -np.log(p[np.arange(3), labels]), atol=1e-10)
    gradient = ops.softmax_cross_entropy_backward(np.ones(3), logits + shift, labels)
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=1e-14)  # so a shift has no gradient


def test_a_class_that_is_not_there_is_an_error() -> None:
    with pytest.raises(IndexError):
        ops.softmax_cross_entropy(np.zeros((2, 3)), np.array([0, 3]))
