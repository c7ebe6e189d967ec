"""Losses: values by hand, where they are least, and logits far from 0."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae import ops


def test_bernoulli_by_hand() -> None:
    logits, x = np.array([[0.0, np.log(3)], [np.log(3), 0.0]]), np.array([[1.0, 1.0], [0.0, 0.5]])
    # p = 1/2 and 3/4: -log(1/2) - log(3/4), and -log(1/4) - log(1/2).
    np.testing.assert_allclose(ops.bernoulli_nll(logits, x), [np.log(8 / 3), np.log(8)], rtol=1e-15)
    gradient = ops.bernoulli_nll_backward(np.array([1.0, 2.0]), logits, x)
    np.testing.assert_allclose(gradient, [[-0.5, -0.25], [1.5, 0.0]], atol=1e-15)


def test_squared_error_by_hand() -> None:
    x_hat, x = np.array([[1.0, 2.0], [0.0, 0.5]]), np.array([[0.0, 4.0], [0.0, 0.0]])
    assert ops.squared_error(x_hat, x).tolist() == [5.0, 0.25]
    assert ops.squared_error_backward(np.array([0.5, 1.0]), x_hat, x).tolist() == [[1.0, -2.0], [0.0, 1.0]]


@given(st.floats(0.01, 0.99), st.floats(-8, 8))
def test_the_loss_of_a_grey_pixel_is_least_at_its_own_value(x: float, logit: float) -> None:
    pixel, at = np.array([[x]]), np.array([[logit]])
    entropy = -x * np.log(x) - (1 - x) * np.log(1 - x)
    assert ops.bernoulli_nll(np.log(pixel / (1 - pixel)), pixel)[0] == pytest.approx(entropy, rel=1e-12)
    assert ops.bernoulli_nll(at, pixel)[0] >= entropy - 1e-12
    slope = ops.bernoulli_nll_backward(np.ones(1), at, pixel)[0, 0]
    assert abs(np.log(x / (1 - x)) - logit) < 1e-9 or slope * (logit - np.log(x / (1 - x))) > 0  # uphill away from it


def test_certain_logits_cost_as_much_as_they_are_wrong() -> None:
    with np.errstate(over="raise", invalid="raise"):
        loss = ops.bernoulli_nll(
            np.array([[1e4, -1e4], [1e4, -1e4]], np.float32), np.array([[1, 0], [0, 1]], np.float32)
        )
    assert loss.tolist() == [0, 2e4] and loss.dtype == np.float32
