"""The contraction penalty: a layer by hand, saturated units, and the activations it has."""

from __future__ import annotations

import numpy as np
import pytest

from scratchae import ops

W = np.array([[1.0, 2.0], [3.0, 0.0]])  # columns of squared length 10 and 4


def test_a_layer_by_hand() -> None:
    h = np.array([[0.5, 0.5], [0.2, 1.0]])
    # Slopes h (1 - h): 1/4 and 1/4, and 0.16 and 0.
    np.testing.assert_allclose(ops.contractive_penalty(h, W, "sigmoid"), [14 / 16, 10 * 0.16**2], rtol=1e-15)
    dh, dW = ops.contractive_penalty_backward(np.array([1.0, 0.0]), h, W, "sigmoid")
    np.testing.assert_allclose(dh, 0, atol=1e-15)  # the slope is largest at 1/2
    np.testing.assert_allclose(dW, W / 8, rtol=1e-15)  # 2 W (1/4)²


def test_of_a_linear_part_it_is_the_squared_norm_of_the_weights() -> None:
    assert ops.contractive_penalty(np.zeros((1, 2)), W, "tanh").tolist() == [14.0]  # tanh has slope 1 at 0


def test_saturated_units_do_not_change() -> None:
    h = np.array([[0.0, 1.0]])
    assert ops.contractive_penalty(h, W, "sigmoid").tolist() == [0.0]
    dh, dW = ops.contractive_penalty_backward(np.ones(1), h, W, "sigmoid")
    assert not dh.any() and not dW.any()


def test_it_is_the_norm_of_the_jacobian_of_a_layer() -> None:
    x, b, step = np.array([[0.3, -0.2]]), np.array([0.1, -0.4]), 1e-6
    h = ops.layer(x, W, b, "tanh")
    columns = [(ops.layer(x + e, W, b, "tanh") - ops.layer(x - e, W, b, "tanh")) / (2 * step) for e in step * np.eye(2)]
    assert ops.contractive_penalty(h, W, "tanh")[0] == pytest.approx((np.array(columns) ** 2).sum(), rel=1e-8)


def test_other_activations_are_not_there() -> None:
    with pytest.raises(KeyError, match="relu"):
        ops.contractive_penalty(np.ones((1, 2)), W, "relu")
