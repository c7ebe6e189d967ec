"""Importance sampling: the log of the mean weight, computed from the log-weights, and the normalised weights."""

from __future__ import annotations

import numpy as np

from scratchae.ops.activations import Array


def _shifted(log_w: Array) -> tuple[Array, Array]:
    """Return the largest log-weight of each example and all log-weights relative to it, whose exponentials cannot overflow."""
    top = np.real(log_w).max(axis=0)
    return top, log_w - top


def log_mean_exp(log_w: Array) -> Array:
    """Log of the mean over K samples of exp(log_w) (log_mean_exp.2).

    With log_w = log p(x, z) - log q(z | x) this is the importance-weighted bound, which tends to log p(x) as K grows.

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
    """Gradient of `log_mean_exp`: the upstream gradient times each sample's normalised weight (log_mean_exp.3).

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
    """Normalised weights: exp(log_w) divided by its sum over the K samples (importance_weights.1).

    Parameters
    ----------
    log_w : array, shape (K, N)

    Returns
    -------
    w : array, shape (K, N)
        In [0, 1]; each column sums to 1.
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
        Output of `importance_weights`.

    Returns
    -------
    dlog_w : array, shape (K, N)
    """
    return w * (dw - (dw * w).sum(axis=0))  # (importance_weights.2)
