"""Softmax and its loss: class probabilities, and the cross-entropy with the correct class."""

from __future__ import annotations

import numpy as np

from scratchae.ops.activations import Array


def _shifted(logits: Array) -> Array:
    """Return the logits minus the largest of each row: the probabilities are the same, and exp cannot overflow."""
    return logits - np.real(logits).max(axis=1, keepdims=True)


def softmax(logits: Array) -> Array:
    """Probabilities of C classes, p_k = exp(a_k) / sum exp(a), in a form that never overflows (softmax.2).

    Parameters
    ----------
    logits : array, shape (N, C)

    Returns
    -------
    p : array, shape (N, C)
        Each row sums to 1.
    """
    e = np.exp(_shifted(logits))
    return e / e.sum(axis=1, keepdims=True)  # (softmax.2)


def softmax_backward(dp: Array, p: Array) -> Array:
    """Gradient of `softmax`: p (dp - sum of dp p over the classes) (softmax.5).

    Parameters
    ----------
    dp : array, shape (N, C)
        Upstream gradient.
    p : array, shape (N, C)
        Output of `softmax`.

    Returns
    -------
    dlogits : array, shape (N, C)
    """
    return p * (dp - (dp * p).sum(axis=1, keepdims=True))  # (softmax.5)


def softmax_cross_entropy(logits: Array, labels: Array) -> Array:
    """Negative log-probability of the correct class, computed from the logits (softmax_cross_entropy.3).

    Parameters
    ----------
    logits : array, shape (N, C)
    labels : array of int, shape (N,)
        The correct class of each row, 0 to C - 1.

    Returns
    -------
    loss : array, shape (N,)
        Nats per example.
    """
    a = _shifted(logits)
    return np.log(np.exp(a).sum(axis=1)) - a[np.arange(len(a)), labels]  # (softmax_cross_entropy.3)


def softmax_cross_entropy_backward(dloss: Array, logits: Array, labels: Array) -> Array:
    """Gradient of `softmax_cross_entropy`: dloss (p - 1 at the correct class) (softmax_cross_entropy.5).

    Parameters
    ----------
    dloss : array, shape (N,)
        Upstream gradient.
    logits : array, shape (N, C)
    labels : array of int, shape (N,)

    Returns
    -------
    dlogits : array, shape (N, C)
    """
    one_hot = np.arange(logits.shape[1]) == labels[:, None]
    return dloss[:, None] * (softmax(logits) - one_hot)  # (softmax_cross_entropy.5)
