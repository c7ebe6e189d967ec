"""Weight decay, and the update rules of the optimisers: gradient descent, momentum, Adam.

The updates are pure functions: they return the new parameters and the new state of the optimiser.
"""

from __future__ import annotations

import numpy as np

from scratchae.ops.activations import Array


def weight_decay(W: Array, strength: float) -> Array:
    """The penalty strength / 2 ||W||^2 on a layer's weights, not on its biases (weight_decay.1).

    Parameters
    ----------
    W : array, any shape
    strength : float

    Returns
    -------
    penalty : scalar array
    """
    return strength / 2 * (W * W).sum()  # (weight_decay.1)


def weight_decay_backward(dpenalty: float, W: Array, strength: float) -> Array:
    """Gradient of `weight_decay`: dpenalty strength W (weight_decay.2).

    Parameters
    ----------
    dpenalty : float
        Upstream gradient.
    W : array, any shape
    strength : float

    Returns
    -------
    dW : array, shape of W
    """
    return dpenalty * strength * W  # (weight_decay.2)


def sgd(theta: Array, gradient: Array, learning_rate: float) -> Array:
    """One step of gradient descent (sgd.1).

    Parameters
    ----------
    theta, gradient : array, shape (P,)
    learning_rate : float

    Returns
    -------
    theta : array, shape (P,)
    """
    return theta - learning_rate * gradient  # (sgd.1)


def momentum(theta: Array, velocity: Array, gradient: Array, learning_rate: float, decay: float) -> tuple[Array, Array]:
    """One step of gradient descent with momentum (momentum.1), (momentum.2).

    Parameters
    ----------
    theta, velocity, gradient : array, shape (P,)
    learning_rate : float
    decay : float
        Fraction of the velocity that is kept, in [0, 1).

    Returns
    -------
    theta, velocity : array, shape (P,)

    References
    ----------
    Polyak, B. T. (1964). Some methods of speeding up the convergence of iteration methods.
    """
    velocity = decay * velocity - learning_rate * gradient  # (momentum.1)
    return theta + velocity, velocity  # (momentum.2)


def adam(
    theta: Array,
    m: Array,
    v: Array,
    gradient: Array,
    step: int,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> tuple[Array, Array, Array]:
    """One step of Adam (adam.1) to (adam.3).

    Parameters
    ----------
    theta, m, v, gradient : array, shape (P,)
        Parameters, running mean of the gradient, running mean of its square, gradient.
    step : int
        1 for the first step.
    learning_rate, beta1, beta2, epsilon : float

    Returns
    -------
    theta, m, v : array, shape (P,)

    References
    ----------
    Kingma, D. P., Ba, J. (2015). Adam: a method for stochastic optimization. ICLR. Algorithm 1.
    """
    m = beta1 * m + (1 - beta1) * gradient  # (adam.1)
    v = beta2 * v + (1 - beta2) * gradient * gradient  # (adam.2)
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return theta - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v  # (adam.3)
