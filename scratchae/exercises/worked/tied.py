"""An autoencoder whose decoder uses the encoder's transposed weights: tanh units, squared error."""

from __future__ import annotations

import numpy as np

from scratchae.ops import dense, dense_backward, squared_error, squared_error_backward, tanh, tanh_backward
from scratchae.ops.activations import Array


def tied_loss(x: Array, W: Array, b: Array, c: Array) -> Array:
    """The mean squared error of an autoencoder with a code of tanh units and tied weights.

    The encoder is a dense layer with a tanh; the decoder is linear, and its weights are those of the encoder, transposed.

    Parameters
    ----------
    x : array, shape (N, D)
    W : array, shape (D, H)
    b : array, shape (H,)
        The encoder's bias.
    c : array, shape (D,)
        The decoder's bias.

    Returns
    -------
    loss : scalar
        The sum over the features, the mean over the batch.
    """
    h = tanh(dense(x, W, b))  # (autoencoder.1)
    x_hat = dense(h, W.T, c)  # (autoencoder.2)
    return squared_error(x_hat, x).mean()  # (autoencoder.3), (autoencoder.4)


def tied_gradients(x: Array, W: Array, b: Array, c: Array) -> tuple[Array, Array, Array]:
    """Gradients of `tied_loss` with respect to its three parameters (autoencoder.5) to (autoencoder.9).

    Parameters
    ----------
    x : array, shape (N, D)
    W : array, shape (D, H)
    b : array, shape (H,)
    c : array, shape (D,)

    Returns
    -------
    dW : array, shape (D, H)
    db : array, shape (H,)
    dc : array, shape (D,)
    """
    h = tanh(dense(x, W, b))  # (autoencoder.1)
    x_hat = dense(h, W.T, c)  # (autoencoder.2)

    dlosses = np.full(len(x), 1 / len(x))  # the mean of (autoencoder.4)
    dx_hat = squared_error_backward(dlosses, x_hat, x)  # (autoencoder.5)
    dh, dW_decoder, dc = dense_backward(dx_hat, h, W.T)  # (autoencoder.6)
    da = tanh_backward(dh, h)
    _, dW_encoder, db = dense_backward(da, x, W)  # (autoencoder.7)
    dW = dW_encoder + dW_decoder.T  # (autoencoder.9)
    return dW, db, dc
