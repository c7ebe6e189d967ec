"""Losses per example, shape (N,), summed over the features.

Gradients are with respect to the prediction; the data x have none. For the mean over the batch, pass dloss = 1/N.
"""

from __future__ import annotations

from scratchae.ops.activations import Array, sigmoid, softplus


def bernoulli_nll(logits: Array, x: Array) -> Array:
    """Negative log-likelihood of x under independent Bernoulli pixels with p = sigmoid(logits) (bernoulli_nll.4).

    Computed from the logits, so that nothing overflows and no probability is clipped. For x strictly between 0 and 1 (grey pixels) this
    is a cross-entropy and not a likelihood; its minimum is the entropy of x.

    Parameters
    ----------
    logits : array, shape (N, D)
    x : array, shape (N, D), in [0, 1]

    Returns
    -------
    loss : array, shape (N,)
        Nats per example.
    """
    return (softplus(logits) - x * logits).sum(axis=1)  # (bernoulli_nll.4)


def bernoulli_nll_backward(dloss: Array, logits: Array, x: Array) -> Array:
    """Gradient of `bernoulli_nll` with respect to the logits: dloss (sigmoid(logits) - x) (bernoulli_nll.6).

    Parameters
    ----------
    dloss : array, shape (N,)
        Upstream gradient.
    logits : array, shape (N, D)
    x : array, shape (N, D)

    Returns
    -------
    dlogits : array, shape (N, D)
    """
    return dloss[:, None] * (sigmoid(logits) - x)  # (bernoulli_nll.6)


def squared_error(x_hat: Array, x: Array) -> Array:
    """Squared error summed over the features, ||x_hat - x||^2 (squared_error.1).

    Up to a constant, this is the negative log-likelihood of x under a Gaussian with mean x_hat and variance 1/2 per feature.

    Parameters
    ----------
    x_hat : array, shape (N, D)
    x : array, shape (N, D)

    Returns
    -------
    loss : array, shape (N,)
        Pixels^2 per example.
    """
    return ((x_hat - x) ** 2).sum(axis=1)  # (squared_error.1)


def squared_error_backward(dloss: Array, x_hat: Array, x: Array) -> Array:
    """Gradient of `squared_error` with respect to x_hat: 2 dloss (x_hat - x) (squared_error.3).

    Parameters
    ----------
    dloss : array, shape (N,)
        Upstream gradient.
    x_hat : array, shape (N, D)
    x : array, shape (N, D)

    Returns
    -------
    dx_hat : array, shape (N, D)
    """
    return dloss[:, None] * 2 * (x_hat - x)  # (squared_error.3)
