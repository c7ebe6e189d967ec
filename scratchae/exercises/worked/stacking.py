"""Two autoencoders, one trained on the codes of the other, and the deep one made of both: sigmoid units, Bernoulli pixels."""

from __future__ import annotations

import numpy as np

from scratchae.ops import bernoulli_nll_backward, dense, dense_backward, sigmoid, sigmoid_backward
from scratchae.ops.activations import Array


def stacked_codes(x: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array]:
    """The codes of both layers (stacked.2).

    Parameters
    ----------
    x : array, shape (N, D)
    W1, b1 : array, shapes (D, H), (H,)
        Encoder of the first autoencoder; its code has sigmoid units.
    W2, b2 : array, shapes (H, J), (J,)
        Encoder of the second, likewise.

    Returns
    -------
    h1 : array, shape (N, H)
        Training data of the second autoencoder.
    h2 : array, shape (N, J)
    """
    h1 = sigmoid(dense(x, W1, b1))  # (stacked.2)
    h2 = sigmoid(dense(h1, W2, b2))  # (stacked.2)
    return h1, h2


def second_layer_gradients(
    x: Array, W1: Array, b1: Array, W2: Array, b2: Array, V2: Array, c2: Array
) -> tuple[Array, Array, Array, Array]:
    """Gradients of the second autoencoder's own loss, the mean of `bernoulli_nll` on the codes of the first (stacked.1).

    The first layer is already trained and fixed: its codes are both the input and the target of the second.

    Parameters
    ----------
    x : array, shape (N, D)
    W1, b1 : array, shapes (D, H), (H,)
        Encoder of the first autoencoder.
    W2, b2 : array, shapes (H, J), (J,)
        Encoder of the second.
    V2, c2 : array, shapes (J, H), (H,)
        Decoder of the second: it gives the logits of the first's codes.

    Returns
    -------
    dW2 : array, shape (H, J)
    db2 : array, shape (J,)
    dV2 : array, shape (J, H)
    dc2 : array, shape (H,)
    """
    h1 = sigmoid(dense(x, W1, b1))  # (stacked.2)
    h2 = sigmoid(dense(h1, W2, b2))
    logits = dense(h2, V2, c2)

    dlosses = np.full(len(x), 1 / len(x))  # the mean of (stacked.1)
    dlogits = bernoulli_nll_backward(dlosses, logits, h1)
    dh2, dV2, dc2 = dense_backward(dlogits, h2, V2)
    da2 = sigmoid_backward(dh2, h2)
    _, dW2, db2 = dense_backward(da2, h1, W2)
    return dW2, db2, dV2, dc2


def unroll(
    W1: Array, b1: Array, V1: Array, c1: Array, W2: Array, b2: Array, V2: Array, c2: Array
) -> tuple[Array, Array, Array, Array, Array, Array, Array, Array]:
    """Copies of the parameters of two autoencoders, in the order of the deep autoencoder (stacked.3).

    The encoders keep their order; the decoders are mirrored. Copies, so that training the whole does not change the parts.

    Parameters
    ----------
    W1, b1, V1, c1 : array, shapes (D, H), (H,), (H, D), (D,)
        Encoder and decoder of the first autoencoder.
    W2, b2, V2, c2 : array, shapes (H, J), (J,), (J, H), (H,)
        Encoder and decoder of the second.

    Returns
    -------
    encoder0_W, encoder0_b : array
        The layer whose input is the data.
    encoder1_W, encoder1_b : array
        The layer that gives the code.
    decoder0_W, decoder0_b : array
        The layer whose input is the code.
    decoder1_W, decoder1_b : array
        The layer that gives the logits of the data.
    """
    encoders = W1.copy(), b1.copy(), W2.copy(), b2.copy()
    decoders = V2.copy(), c2.copy(), V1.copy(), c1.copy()
    return encoders + decoders  # (stacked.3)


def reconstruct(
    x: Array, W1: Array, b1: Array, V1: Array, c1: Array, W2: Array, b2: Array, V2: Array, c2: Array
) -> Array:
    """The deep autoencoder's reconstruction of x (stacked.3).

    Every layer has sigmoid units, the last one too: then it gives the probabilities that pixels are white.

    Parameters
    ----------
    x : array, shape (N, D)
    W1, b1, V1, c1 : array, shapes (D, H), (H,), (H, D), (D,)
        Encoder and decoder of the first autoencoder.
    W2, b2, V2, c2 : array, shapes (H, J), (J,), (J, H), (H,)
        Encoder and decoder of the second.

    Returns
    -------
    x_hat : array, shape (N, D)
    """
    h1 = sigmoid(dense(x, W1, b1))
    h2 = sigmoid(dense(h1, W2, b2))
    h1_hat = sigmoid(dense(h2, V2, c2))
    return sigmoid(dense(h1_hat, V1, c1))  # (stacked.3)
