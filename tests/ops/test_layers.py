"""The dense layer: a batch by hand, the shapes of its gradients, and shapes that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from scratchae import ops

x = np.array([[1.0, 2.0], [0.0, -1.0]])
W = np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.5]])
b = np.array([0.5, -1.0, 0.0])


def test_a_batch_by_hand() -> None:
    # First row: 1·1 + 2·2 + 0.5, 1·0 + 2·1 - 1, -1 + 2·0.5 + 0.
    assert ops.dense(x, W, b).tolist() == [[5.5, 1.0, 0.0], [-1.5, -2.0, -0.5]]
    assert ops.layer(x, W, b, "relu").tolist() == [[5.5, 1.0, 0.0], [0.0, 0.0, 0.0]]


def test_its_gradients_by_hand() -> None:
    dy = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]])
    dx, dW, db = ops.dense_backward(dy, x, W)
    assert dx.tolist() == [[-1.0, 3.0], [0.0, 1.0]]
    assert dW.tolist() == [[1.0, 0.0, 2.0], [2.0, -1.0, 4.0]]
    assert db.tolist() == [1.0, 1.0, 2.0]  # summed over the batch


def test_units_that_are_off_pass_nothing_back() -> None:
    h = ops.layer(x, W, b, "relu")
    dx, dW, db = ops.layer_backward(np.ones((2, 3)), x, W, h, "relu")
    assert not dx[1].any() and dx[0].tolist() == [1.0, 3.0]  # only the first two units of the first row are on
    assert dW.tolist() == [[1.0, 1.0, 0.0], [2.0, 2.0, 0.0]] and db.tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu"])
def test_a_layer_is_an_activation_of_a_dense_one(activation: str) -> None:
    h = ops.layer(x, W, b, activation)
    np.testing.assert_array_equal(h, getattr(ops, activation)(ops.dense(x, W, b)))
    shapes = [gradient.shape for gradient in ops.layer_backward(np.ones_like(h), x, W, h, activation)]
    assert shapes == [x.shape, W.shape, b.shape]


def test_what_does_not_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="mismatch"):
        ops.dense(x, W.T, b)
    with pytest.raises(ValueError, match="broadcast"):
        ops.dense(x, W, b[:2])
    with pytest.raises(KeyError, match="softmax"):
        ops.layer(x, W, b, "softmax")
