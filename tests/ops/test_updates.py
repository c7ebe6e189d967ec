"""Weight decay and update rules: steps by hand, and the properties that their derivations promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae import ops

THETA, GRADIENT = np.array([1.0, -2.0]), np.array([0.5, 4.0])


def test_weight_decay_by_hand() -> None:
    W = np.array([[1.0, 2.0], [0.0, -3.0]])
    assert ops.weight_decay(W, 0.5) == 3.5  # 14 / 4
    assert ops.weight_decay_backward(2.0, W, 0.5).tolist() == W.tolist()


def test_gradient_descent_by_hand() -> None:
    assert ops.sgd(THETA, GRADIENT, 0.5).tolist() == [0.75, -4.0]


def test_momentum_by_hand_and_at_its_terminal_velocity() -> None:
    theta, velocity = ops.momentum(THETA, np.array([1.0, 0.0]), GRADIENT, 0.5, 0.5)
    assert velocity.tolist() == [0.25, -2.0] and theta.tolist() == [1.25, -4.0]
    for _ in range(200):
        theta, velocity = ops.momentum(theta, velocity, GRADIENT, 0.5, 0.9)
    np.testing.assert_allclose(velocity, -0.5 * GRADIENT / (1 - 0.9), rtol=1e-8)  # ten times the step of sgd
    assert ops.momentum(THETA, np.zeros(2), GRADIENT, 0.5, 0.0)[0].tolist() == ops.sgd(THETA, GRADIENT, 0.5).tolist()


def test_two_steps_of_adam_by_hand() -> None:
    theta, m, v = ops.adam(THETA, np.zeros(2), np.zeros(2), GRADIENT, 1, 0.1, 0.5, 0.75, 1e-12)
    assert m.tolist() == [0.25, 2.0] and v.tolist() == [0.0625, 4.0]
    np.testing.assert_allclose(theta, [0.9, -2.1], rtol=1e-10)  # the first step is the learning rate
    theta, m, v = ops.adam(theta, m, v, -GRADIENT, 2, 0.1, 0.5, 0.75, 1e-12)
    assert m.tolist() == [-0.125, -1.0] and v.tolist() == [0.109375, 7.0]
    # m̂ = m / (3/4) and v̂ = v / (7/16) = g²: a third of the learning rate, back.
    np.testing.assert_allclose(theta, [0.9 + 0.1 / 3, -2.1 + 0.1 / 3], rtol=1e-10)


@given(st.floats(1e-3, 1e3))
def test_adam_does_not_depend_on_the_scale_of_the_gradient(scale: float) -> None:
    runs = []
    for factor in (1.0, scale):
        theta, m, v = THETA, np.zeros(2), np.zeros(2)
        for step in range(1, 4):
            theta, m, v = ops.adam(theta, m, v, factor * (GRADIENT - step), step, 0.1, 0.9, 0.999, 1e-300)
        runs.append(theta)
    np.testing.assert_allclose(runs[0], runs[1], rtol=1e-9)


def test_the_arguments_are_left_as_they_were() -> None:
    arrays = [np.array([1.0, -2.0]), np.array([0.25, 1.0]), np.array([0.5, 2.0]), np.array([0.5, 4.0])]
    kept = [array.copy() for array in arrays]
    theta, m, v, gradient = arrays
    results = [
        ops.sgd(theta, gradient, 0.1),
        *ops.momentum(theta, m, gradient, 0.1, 0.9),
        *ops.adam(theta, m, v, gradient, 3, 0.1, 0.9, 0.999, 1e-8),
    ]
    for array, before in zip(arrays, kept, strict=True):
        assert np.array_equal(array, before)
        assert not any(np.shares_memory(array, result) for result in results)
    with pytest.raises(ValueError, match="broadcast"):
        ops.sgd(theta, np.ones(3), 0.1)
