"""Other tasks of the third chapter: stacks of tanh units with a squared error, softmax with a temperature, smoothed labels."""

from __future__ import annotations

import numpy as np

from scratchae.ops import dense, dense_backward, softmax, squared_error_backward, tanh, tanh_backward
from scratchae.ops.activations import Array
from scratchae.ops.softmax import _shifted

TEMPERATURE = 1.7  # divisor of the logits
SMOOTHING = 0.1  # probability that is distributed evenly over all classes


def tanh_codes(x: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array]:
    """The codes of both layers; compare (stacked.2).

    Parameters
    ----------
    x : array, shape (N, D)
    W1, b1 : array, shapes (D, H), (H,)
        Encoder of the first autoencoder; its code has tanh units.
    W2, b2 : array, shapes (H, J), (J,)
        Encoder of the second, likewise.

    Returns
    -------
    h1 : array, shape (N, H)
        Training data of the second autoencoder.
    h2 : array, shape (N, J)
    """
    h1 = tanh(dense(x, W1, b1))
    h2 = tanh(dense(h1, W2, b2))
    return h1, h2


def second_tanh_layer_gradients(
    x: Array, W1: Array, b1: Array, W2: Array, b2: Array, V2: Array, c2: Array
) -> tuple[Array, Array, Array, Array]:
    """Gradients of the second autoencoder's own loss, the mean of `squared_error` on the codes of the first; compare (stacked.1).

    The first layer is already trained and fixed: its codes are both the input and the target of the second. Codes have tanh units, and
    the decoder is linear.

    Parameters
    ----------
    x : array, shape (N, D)
    W1, b1 : array, shapes (D, H), (H,)
        Encoder of the first autoencoder.
    W2, b2 : array, shapes (H, J), (J,)
        Encoder of the second.
    V2, c2 : array, shapes (J, H), (H,)
        Decoder of the second: it gives the reconstruction of the first's codes.

    Returns
    -------
    dW2 : array, shape (H, J)
    db2 : array, shape (J,)
    dV2 : array, shape (J, H)
    dc2 : array, shape (H,)
    """
    h1 = tanh(dense(x, W1, b1))
    h2 = tanh(dense(h1, W2, b2))
    h1_hat = dense(h2, V2, c2)

    dlosses = np.full(len(x), 1 / len(x))
    dh1_hat = squared_error_backward(dlosses, h1_hat, h1)
    dh2, dV2, dc2 = dense_backward(dh1_hat, h2, V2)
    _, dW2, db2 = dense_backward(tanh_backward(dh2, h2), h1, W2)
    return dW2, db2, dV2, dc2


def reconstruct_linearly(
    x: Array, W1: Array, b1: Array, V1: Array, c1: Array, W2: Array, b2: Array, V2: Array, c2: Array
) -> Array:
    """The deep autoencoder's reconstruction of x; compare (stacked.3).

    The encoders have tanh units; both decoders are linear.

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
    h2 = tanh(dense(tanh(dense(x, W1, b1)), W2, b2))
    return dense(dense(h2, V2, c2), V1, c1)


def tempered_softmax(logits: Array) -> Array:
    """Probabilities of C classes, p_c = exp(a_c / TEMPERATURE) / sum exp(a / TEMPERATURE), in a form that never overflows.

    Compare (softmax.2).

    Parameters
    ----------
    logits : array, shape (N, C)

    Returns
    -------
    p : array, shape (N, C)
        Each row sums to 1.
    """
    e = np.exp(_shifted(logits / TEMPERATURE))
    return e / e.sum(axis=1, keepdims=True)


def tempered_softmax_backward(dp: Array, p: Array) -> Array:
    """Gradient of `tempered_softmax`.

    Parameters
    ----------
    dp : array, shape (N, C)
        Upstream gradient.
    p : array, shape (N, C)
        Output of `tempered_softmax`.

    Returns
    -------
    dlogits : array, shape (N, C)
    """
    return p * (dp - (dp * p).sum(axis=1, keepdims=True)) / TEMPERATURE


def tempered_cross_entropy(logits: Array, labels: Array) -> Array:
    """Negative log-probability of the correct class under `tempered_softmax`, computed from the logits.

    Compare (softmax_cross_entropy.3).

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
    a = _shifted(logits) / TEMPERATURE
    return np.log(np.exp(a).sum(axis=1)) - a[np.arange(len(a)), labels]


def tempered_cross_entropy_backward(dloss: Array, logits: Array, labels: Array) -> Array:
    """Gradient of `tempered_cross_entropy`.

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
    return dloss[:, None] * (tempered_softmax(logits) - one_hot) / TEMPERATURE


def smoothed_cross_entropy(logits: Array, labels: Array) -> Array:
    """Cross-entropy with smoothed labels, computed from the logits; compare (softmax_cross_entropy.3).

    The target of each row is 1 - SMOOTHING for the correct class, and in addition SMOOTHING / C for each of the C classes.

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
    target = (1 - SMOOTHING) * a[np.arange(len(a)), labels] + SMOOTHING * a.mean(axis=1)
    return np.log(np.exp(a).sum(axis=1)) - target


def smoothed_cross_entropy_backward(dloss: Array, logits: Array, labels: Array) -> Array:
    """Gradient of `smoothed_cross_entropy`.

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
    return dloss[:, None] * (softmax(logits) - (1 - SMOOTHING) * one_hot - SMOOTHING / logits.shape[1])
