"""Activations: values by hand, ends without overflow, kinks, and the forms of the derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae import ops

X = np.array([-2.0, -0.5, 0.0, 1.0, 3.0])


@pytest.mark.parametrize(
    ("op", "at", "value"),
    [
        (ops.identity, -1.5, -1.5),
        (ops.sigmoid, np.log(3), 0.75),  # 1 / (1 + 1/3)
        (ops.tanh, np.log(2), 0.6),  # (2 - 1/2) / (2 + 1/2)
        (ops.relu, -3.0, 0.0),
        (ops.relu, 2.5, 2.5),
        (ops.softplus, np.log(3), np.log(4)),  # log(1 + 3)
    ],
)
def test_values_by_hand(op: Callable[[Any], Any], at: float, value: float) -> None:
    assert op(np.array([at]))[0] == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("backward", "at", "slope"),
    [
        (ops.sigmoid_backward, 0.75, 0.1875),  # y (1 - y)
        (ops.tanh_backward, 0.6, 0.64),  # 1 - y²
        (ops.relu_backward, 2.5, 1.0),
        (ops.relu_backward, 0.0, 0.0),  # also at the kink
        (ops.softplus_backward, np.log(3), 0.75),  # the sigmoid of the input
    ],
)
def test_slopes_by_hand(backward: Callable[[Any, Any], Any], at: float, slope: float) -> None:
    assert backward(np.array([2.0]), np.array([at]))[0] == pytest.approx(2 * slope, rel=1e-15)


def test_the_gradient_of_the_identity_is_the_upstream_one() -> None:
    assert ops.identity_backward(X).tolist() == X.tolist()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_ends_do_not_overflow(dtype: Any) -> None:
    ends = np.array([-1e30, 1e30], dtype)
    with np.errstate(over="raise", invalid="raise"):
        assert ops.sigmoid(ends).tolist() == [0, 1] and ops.tanh(ends).tolist() == [-1, 1]
        assert ops.softplus(ends).tolist() == [0, float(ends[1])] and ops.relu(ends).tolist() == [0, float(ends[1])]


@given(st.floats(-30, 30))
def test_symmetries(x: float) -> None:
    a = np.array([x])
    assert ops.sigmoid(a) + ops.sigmoid(-a) == pytest.approx(1, rel=1e-14)
    assert ops.softplus(a) - ops.softplus(-a) == pytest.approx(x, rel=1e-12, abs=1e-14)
    assert ops.tanh(a) == pytest.approx(2 * ops.sigmoid(2 * a) - 1, abs=1e-14)


def test_complex_arguments_take_the_branch_of_their_real_part() -> None:
    step = np.array([-1.0 + 1e-20j, 1.0 + 1e-20j])
    assert (ops.relu(step).imag / 1e-20).tolist() == [0, 1]
    np.testing.assert_allclose(ops.sigmoid(step).imag / 1e-20, np.full(2, np.exp(1) / (1 + np.exp(1)) ** 2), rtol=1e-14)
