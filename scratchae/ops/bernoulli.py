"""The log-likelihood of binary pixels given their probabilities, step by step: three equal forms.

Models use `bernoulli_nll`, the negative of the last form, computed from the logits.
"""

from __future__ import annotations

import numpy as np

from scratchae.ops.activations import Array


def bernoulli_log_product(p: Array, x: Array) -> Array:
    """Log of the product over the pixels of the probability of each pixel's value (bernoulli_log_product.1).

    The product over many pixels underflows: in float32 it is 0, or stuck at the smallest float, below a log-likelihood of -103 nats. So it
    is not used in practice.

    Parameters
    ----------
    p : array, shape (N, D), in (0, 1)
        Probabilities that pixels are white.
    x : array, shape (N, D), 0 or 1

    Returns
    -------
    log_likelihood : array, shape (N,)
        Nats per example.
    """
    return np.log(np.where(x == 1, p, 1 - p).prod(axis=1))  # (bernoulli_log_product.1)


def bernoulli_log_product_backward(dlog_likelihood: Array, p: Array, x: Array) -> Array:
    """Gradient of `bernoulli_log_product` with respect to p (bernoulli_log_product.2).

    Parameters
    ----------
    dlog_likelihood : array, shape (N,)
        Upstream gradient.
    p, x : array, shape (N, D)

    Returns
    -------
    dp : array, shape (N, D)
    """
    return dlog_likelihood[:, None] * np.where(x == 1, 1 / p, -1 / (1 - p))  # (bernoulli_log_product.2)


def bernoulli_log_powers(p: Array, x: Array) -> Array:
    """Sum over the pixels of log(p^x (1 - p)^(1 - x)) (bernoulli_log_powers.1).

    Parameters
    ----------
    p : array, shape (N, D), in (0, 1)
    x : array, shape (N, D), in [0, 1]

    Returns
    -------
    log_likelihood : array, shape (N,)
        Nats per example.
    """
    return np.log(p**x * (1 - p) ** (1 - x)).sum(axis=1)  # (bernoulli_log_powers.1)


def bernoulli_log_powers_backward(dlog_likelihood: Array, p: Array, x: Array) -> Array:
    """Gradient of `bernoulli_log_powers` with respect to p (bernoulli_log_powers.2).

    Parameters
    ----------
    dlog_likelihood : array, shape (N,)
        Upstream gradient.
    p, x : array, shape (N, D)

    Returns
    -------
    dp : array, shape (N, D)
    """
    return dlog_likelihood[:, None] * (x - p) / (p * (1 - p))  # (bernoulli_log_powers.2)


def bernoulli_log_likelihood(p: Array, x: Array) -> Array:
    """Sum over the pixels of x log p + (1 - x) log(1 - p) (bernoulli_log_likelihood.1).

    Parameters
    ----------
    p : array, shape (N, D), in (0, 1)
    x : array, shape (N, D), in [0, 1]

    Returns
    -------
    log_likelihood : array, shape (N,)
        Nats per example.
    """
    return (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)  # (bernoulli_log_likelihood.1)


def bernoulli_log_likelihood_backward(dlog_likelihood: Array, p: Array, x: Array) -> Array:
    """Gradient of `bernoulli_log_likelihood` with respect to p (bernoulli_log_likelihood.2).

    Parameters
    ----------
    dlog_likelihood : array, shape (N,)
        Upstream gradient.
    p, x : array, shape (N, D)

    Returns
    -------
    dp : array, shape (N, D)
    """
    return dlog_likelihood[:, None] * (x / p - (1 - x) / (1 - p))  # (bernoulli_log_likelihood.2)
