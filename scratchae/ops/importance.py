"""Importance sampling: the log of a mean of weights, from the logs of the weights, and each weight's share."""

from __future__ import annotations

import numpy as np

from scratchae.ops.activations import Array


def _shifted(log_w: Array) -> tuple[Array, Array]:
    """The largest log-weight of each example, and all of them relative to it: their exponentials cannot overflow."""
    top = np.real(log_w).max(axis=0)
    return top, log_w - top


def log_mean_exp(log_w: Array) -> Array:
    """log of the mean over K samples of exp(log_w) (log_mean_exp.2).

    With log_w = log p(x, z) - log q(z | x) this is the importance-weighted bound, and as K grows the log-likelihood of x.

    Parameters
    ----------
    log_w : array, shape (K, N)

    Returns
    -------
    bound : array, shape (N,)
        Nats per example.

    References
    ----------
    Burda, Y., Grosse, R., Salakhutdinov, R. (2016). Importance weighted autoencoders. ICLR. Equation 8.
    """
    top, shifted = _shifted(log_w)
    return top + np.log(np.exp(shifted).mean(axis=0))  # (log_mean_exp.2)


def log_mean_exp_backward(dbound: Array, log_w: Array) -> Array:
    """Gradient of `log_mean_exp`: each sample's share of the upstream gradient is its weight (log_mean_exp.3).

    Parameters
    ----------
    dbound : array, shape (N,)
        Upstream gradient.
    log_w : array, shape (K, N)

    Returns
    -------
    dlog_w : array, shape (K, N)
    """
    return dbound * importance_weights(log_w)  # (log_mean_exp.3)


def importance_weights(log_w: Array) -> Array:
    """The weights exp(log_w), divided by their sum over the K samples (importance_weights.1).

    Parameters
    ----------
    log_w : array, shape (K, N)

    Returns
    -------
    w : array, shape (K, N)
        In [0, 1]; each column has the sum 1. The best sample has the largest.
    """
    _, shifted = _shifted(log_w)
    w = np.exp(shifted)
    return w / w.sum(axis=0)  # (importance_weights.1)


def importance_weights_backward(dw: Array, w: Array) -> Array:
    """Gradient of `importance_weights` with respect to log_w (importance_weights.2).

    Parameters
    ----------
    dw : array, shape (K, N)
        Upstream gradient.
    w : array, shape (K, N)
        What `importance_weights` returned.

    Returns
    -------
    dlog_w : array, shape (K, N)
    """
    return w * (dw - (dw * w).sum(axis=0))  # (importance_weights.2)
