"""Fine-tuning: pre-trained layers with a softmax layer on top, trained together on labels."""

from __future__ import annotations

import numpy as np

from scratchae.ops import (
    dense,
    dense_backward,
    sigmoid,
    sigmoid_backward,
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
)
from scratchae.ops.activations import Array


def classifier_loss(x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array) -> Array:
    """The mean cross-entropy of a classifier of two sigmoid layers and a softmax (stacked_classifier.1) to (stacked_classifier.3).

    Parameters
    ----------
    x : array, shape (N, D)
    labels : array of int, shape (N,)
        The right class of each row, 0 to C - 1.
    W1, b1 : array, shapes (D, H), (H,)
        The first pre-trained layer.
    W2, b2 : array, shapes (H, J), (J,)
        The second.
    V, c : array, shapes (J, C), (C,)
        The softmax layer: it gives logits.

    Returns
    -------
    loss : scalar
        Nats per example, the mean over the batch.
    """
    h1 = sigmoid(dense(x, W1, b1))
    h2 = sigmoid(dense(h1, W2, b2))  # (stacked_classifier.1)
    logits = dense(h2, V, c)  # (stacked_classifier.2)
    return softmax_cross_entropy(logits, labels).mean()  # (stacked_classifier.3)


def classifier_gradients(
    x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Gradients of `classifier_loss` with respect to all six parameters (stacked_classifier.4) to (stacked_classifier.6).

    Fine-tuning trains the pre-trained layers too: each receives a gradient.

    Parameters
    ----------
    x : array, shape (N, D)
    labels : array of int, shape (N,)
    W1, b1 : array, shapes (D, H), (H,)
    W2, b2 : array, shapes (H, J), (J,)
    V, c : array, shapes (J, C), (C,)

    Returns
    -------
    dW1, db1 : array, shapes (D, H), (H,)
    dW2, db2 : array, shapes (H, J), (J,)
    dV, dc : array, shapes (J, C), (C,)
    """
    h1 = sigmoid(dense(x, W1, b1))
    h2 = sigmoid(dense(h1, W2, b2))  # (stacked_classifier.1)
    logits = dense(h2, V, c)  # (stacked_classifier.2)

    dlosses = np.full(len(x), 1 / len(x))  # the mean of (stacked_classifier.3)
    dlogits = softmax_cross_entropy_backward(dlosses, logits, labels)  # (stacked_classifier.4)
    dh2, dV, dc = dense_backward(dlogits, h2, V)  # (stacked_classifier.5)
    da2 = sigmoid_backward(dh2, h2)
    dh1, dW2, db2 = dense_backward(da2, h1, W2)  # (stacked_classifier.6)
    da1 = sigmoid_backward(dh1, h1)
    _, dW1, db1 = dense_backward(da1, x, W1)  # (stacked_classifier.6)
    return dW1, db1, dW2, db2, dV, dc
