"""02. Activations and their derivatives.

Without activations, a network is a single matrix. Write four of them so that no input overflows,
and their gradients.

The solution. Points: 8. Derivation: docs/derivations/sigmoid.md, docs/derivations/tanh.md,
docs/derivations/relu.md, docs/derivations/softplus.md of scratchae.
"""

import numpy as np

Array = np.ndarray


def _exp_minus_abs(x: Array) -> Array:
    """Return exp(-|x|), which cannot overflow. For complex x, |x| is the analytic function x or -x, by the sign of the real part."""
    return np.exp(np.where(np.real(x) < 0, x, -x))


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
