"""Activations, each with its derivative.

Every `_backward` takes the upstream gradient dy first. Where possible, the derivative is written in terms of the output y, so that a network
has to store only its outputs.

Arguments are arrays of any shape, float32 or float64. The smooth activations also accept complex arrays: `scratchae check`
differentiates them to machine precision by the complex step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def _exp_minus_abs(x: Array) -> Array:
    """Return exp(-|x|), which cannot overflow. For complex x, |x| is the analytic function x or -x, by the sign of the real part."""
    return np.exp(np.where(np.real(x) < 0, x, -x))


def identity(x: Array) -> Array:
    """The identity, y = x: the activation of a linear layer (identity.1).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, shape of x
    """
    return x  # (identity.1)


def identity_backward(dy: Array) -> Array:
    """Gradient of `identity`: dx = dy (identity.2).

    Parameters
    ----------
    dy : array, any shape
        Upstream gradient.

    Returns
    -------
    dx : array, shape of dy
    """
    return dy  # (identity.2)


def sigmoid(x: Array) -> Array:
    """The logistic function, y = 1 / (1 + exp(-x)), in a form that never overflows (sigmoid.2).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, shape of x, in [0, 1]
    """
    t = _exp_minus_abs(x)
    return np.where(np.real(x) < 0, t, 1) / (1 + t)  # (sigmoid.2)


def sigmoid_backward(dy: Array, y: Array) -> Array:
    """Gradient of `sigmoid`: dx = dy y (1 - y) (sigmoid.4).

    Parameters
    ----------
    dy : array, any shape
        Upstream gradient.
    y : array, shape of dy
        Output of `sigmoid`.

    Returns
    -------
    dx : array, shape of dy
    """
    return dy * y * (1 - y)  # (sigmoid.4)


def tanh(x: Array) -> Array:
    """The hyperbolic tangent, y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)) (tanh.1).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, shape of x, in [-1, 1]
    """
    return np.tanh(x)  # (tanh.1)


def tanh_backward(dy: Array, y: Array) -> Array:
    """Gradient of `tanh`: dx = dy (1 - y^2) (tanh.3).

    Parameters
    ----------
    dy : array, any shape
        Upstream gradient.
    y : array, shape of dy
        Output of `tanh`.

    Returns
    -------
    dx : array, shape of dy
    """
    return dy * (1 - y * y)  # (tanh.3)


def relu(x: Array) -> Array:
    """The rectifier, y = max(x, 0) (relu.1).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, shape of x
    """
    return np.where(np.real(x) < 0, 0, x)  # (relu.1)


def relu_backward(dy: Array, y: Array) -> Array:
    """Gradient of `relu`: dx = dy where y > 0, and 0 elsewhere, also at the kink (relu.3).

    Parameters
    ----------
    dy : array, any shape
        Upstream gradient.
    y : array, shape of dy
        Output of `relu` (its input serves as well: both are positive in the same places).

    Returns
    -------
    dx : array, shape of dy
    """
    return dy * (y > 0)  # (relu.3)


def softplus(x: Array) -> Array:
    """The smooth rectifier, y = log(1 + exp(x)), in a form that never overflows (softplus.2).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, shape of x, positive
    """
    return relu(x) + np.log1p(_exp_minus_abs(x))  # (softplus.2)


def softplus_backward(dy: Array, x: Array) -> Array:
    """Gradient of `softplus`: dx = dy sigmoid(x) (softplus.4).

    Parameters
    ----------
    dy : array, any shape
        Upstream gradient.
    x : array, shape of dy
        Input of `softplus`.

    Returns
    -------
    dx : array, shape of dy
    """
    return dy * sigmoid(x)  # (softplus.4)
