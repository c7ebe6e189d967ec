"""A denoising autoencoder of one hidden layer: a corrupted input, a clean target."""

from __future__ import annotations

import numpy as np

from scratchae.ops import (
    bernoulli_nll,
    bernoulli_nll_backward,
    dense,
    dense_backward,
    masking_noise,
    sigmoid,
    sigmoid_backward,
)
from scratchae.ops.activations import Array


def denoising_loss(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Array:
    """The mean loss of a denoising autoencoder: it reconstructs x from a masked input (denoising.1) to (denoising.3).

    The encoder is a dense layer with a sigmoid, the decoder a dense layer that gives logits.

    Parameters
    ----------
    x : array, shape (N, D), in [0, 1]
        Clean.
    u : array, shape (N, D)
        Uniform in [0, 1); where it is below `level`, the entry of the encoder's input is 0.
    level : float
    W : array, shape (D, H)
    b : array, shape (H,)
    V : array, shape (H, D)
    c : array, shape (D,)

    Returns
    -------
    loss : scalar
        Nats per example: the sum over the features, the mean over the batch.
    """
    x_noisy = masking_noise(x, u, level)  # (denoising.1)
    h = sigmoid(dense(x_noisy, W, b))  # (denoising.2)
    logits = dense(h, V, c)  # (autoencoder.2)
    return bernoulli_nll(logits, x).mean()  # (denoising.3)


def denoising_gradients(
    x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array
) -> tuple[Array, Array, Array, Array]:
    """Gradients of `denoising_loss` with respect to its four parameters (autoencoder.5) to (autoencoder.7).

    Parameters
    ----------
    x : array, shape (N, D), in [0, 1]
        Clean.
    u : array, shape (N, D)
        The noise of the forward pass.
    level : float
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
    x_noisy = masking_noise(x, u, level)  # (denoising.1)
    h = sigmoid(dense(x_noisy, W, b))  # (denoising.2)
    logits = dense(h, V, c)  # (autoencoder.2)

    dlosses = np.full(len(x), 1 / len(x))  # the mean of (denoising.3)
    dlogits = bernoulli_nll_backward(dlosses, logits, x)  # (autoencoder.5)
    dh, dV, dc = dense_backward(dlogits, h, V)  # (autoencoder.6)
    da = sigmoid_backward(dh, h)
    _, dW, db = dense_backward(da, x_noisy, W)  # (autoencoder.7)
    return dW, db, dV, dc
