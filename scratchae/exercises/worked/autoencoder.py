"""An autoencoder of one hidden layer: sigmoid units, Bernoulli pixels."""

from __future__ import annotations

import numpy as np

from scratchae.ops import (
    bernoulli_nll,
    bernoulli_nll_backward,
    dense,
    dense_backward,
    sigmoid,
    sigmoid_backward,
)
from scratchae.ops.activations import Array


def autoencoder_loss(x: Array, W: Array, b: Array, V: Array, c: Array) -> Array:
    """The mean loss of an autoencoder with a code of sigmoid units, for pixels between 0 and 1 (autoencoder.1) to (autoencoder.4).

    The encoder is a dense layer with a sigmoid, the decoder a dense layer that gives logits.

    Parameters
    ----------
    x : array, shape (N, D), in [0, 1]
    W : array, shape (D, H)
        The encoder's weights.
    b : array, shape (H,)
    V : array, shape (H, D)
        The decoder's weights.
    c : array, shape (D,)

    Returns
    -------
    loss : scalar
        Nats per example: the sum over the features, the mean over the batch.
    """
    h = sigmoid(dense(x, W, b))  # (autoencoder.1)
    logits = dense(h, V, c)  # (autoencoder.2)
    losses = bernoulli_nll(logits, x)  # (autoencoder.3)
    return losses.mean()  # (autoencoder.4)


def autoencoder_gradients(x: Array, W: Array, b: Array, V: Array, c: Array) -> tuple[Array, Array, Array, Array]:
    """Gradients of `autoencoder_loss` with respect to its four parameters (autoencoder.5) to (autoencoder.7).

    Parameters
    ----------
    x : array, shape (N, D), in [0, 1]
    W : array, shape (D, H)
    b : array, shape (H,)
    V : array, shape (H, D)
    c : array, shape (D,)

    Returns
    -------
    dW : array, shape (D, H)
    db : array, shape (H,)
    dV : array, shape (H, D)
    dc : array, shape (D,)
    """
    a = dense(x, W, b)
    h = sigmoid(a)  # (autoencoder.1)
    logits = dense(h, V, c)  # (autoencoder.2)

    dlosses = np.full(len(x), 1 / len(x))  # the mean of (autoencoder.4)
    dlogits = bernoulli_nll_backward(dlosses, logits, x)  # (autoencoder.5)
    dh, dV, dc = dense_backward(dlogits, h, V)  # (autoencoder.6)
    da = sigmoid_backward(dh, h)
    _, dW, db = dense_backward(da, x, W)  # (autoencoder.7)
    return dW, db, dV, dc
