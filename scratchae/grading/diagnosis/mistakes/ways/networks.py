"""Equivalent implementations of networks, forward and backward, with all intermediate quantities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchae.ops import sigmoid, softmax, softplus

Array = NDArray[Any]


def _autoencoder_loss__step_by_step(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    a = x @ W + b
    h = sigmoid(a)
    logits = h @ V + c
    losses = (softplus(logits) - x * logits).sum(axis=1)
    return losses.sum() / len(x)


def _autoencoder_loss__probabilities(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    h = sigmoid(x @ W + b)
    p = sigmoid(h @ V + c)
    terms = x * np.log(p) + (1 - x) * np.log(1 - p)
    return -terms.sum(axis=1).mean()


def _autoencoder_gradients__step_by_step(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    a = x @ W + b
    h = sigmoid(a)
    p = sigmoid(h @ V + c)
    dlogits = (p - x) / len(x)
    dh = dlogits @ V.T
    da = dh * h * (1 - h)
    return x.T @ da, da.sum(axis=0), h.T @ dlogits, dlogits.sum(axis=0)


def _tied_loss__step_by_step(x: Array, W: Array, b: Array, c: Array) -> Any:
    a = x @ W + b
    h = np.tanh(a)
    x_hat = h @ W.T + c
    e = x_hat - x
    losses = (e**2).sum(axis=1)
    return losses.sum() / len(x)


def _tied_gradients__step_by_step(x: Array, W: Array, b: Array, c: Array) -> Any:
    a = x @ W + b
    h = np.tanh(a)
    x_hat = h @ W.T + c
    dx_hat = 2 * (x_hat - x) / len(x)
    dh = dx_hat @ W
    da = dh * (1 - h**2)
    return x.T @ da + dx_hat.T @ h, da.sum(axis=0), dx_hat.sum(axis=0)


def _denoising_loss__step_by_step(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    kept = (u >= level) * 1.0
    x_noisy = x * kept
    h = sigmoid(x_noisy @ W + b)
    logits = h @ V + c
    terms = softplus(logits) - x * logits
    losses = terms.sum(axis=1)
    return losses.sum() / len(x)


def _denoising_gradients__step_by_step(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    kept = (u >= level) * 1.0
    x_noisy = x * kept
    a = x_noisy @ W + b
    h = sigmoid(a)
    p = sigmoid(h @ V + c)
    dlogits = (p - x) / len(x)
    dh = dlogits @ V.T
    da = dh * h * (1 - h)
    return x_noisy.T @ da, da.sum(axis=0), h.T @ dlogits, dlogits.sum(axis=0)


def _stacked_codes__step_by_step(x: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    a1 = x @ W1 + b1
    h1 = sigmoid(a1)
    a2 = h1 @ W2 + b2
    h2 = sigmoid(a2)
    return h1, h2


def _second_layer_gradients__step_by_step(
    x: Array, W1: Array, b1: Array, W2: Array, b2: Array, V2: Array, c2: Array
) -> Any:
    a1 = x @ W1 + b1
    h1 = sigmoid(a1)
    a2 = h1 @ W2 + b2
    h2 = sigmoid(a2)
    p = sigmoid(h2 @ V2 + c2)
    dlogits = (p - h1) / len(x)
    dh2 = dlogits @ V2.T
    da2 = dh2 * h2 * (1 - h2)
    return h1.T @ da2, da2.sum(axis=0), h2.T @ dlogits, dlogits.sum(axis=0)


def _reconstruct__step_by_step(
    x: Array, W1: Array, b1: Array, V1: Array, c1: Array, W2: Array, b2: Array, V2: Array, c2: Array
) -> Any:
    h1 = sigmoid(x @ W1 + b1)
    h2 = sigmoid(h1 @ W2 + b2)
    a = h2 @ V2 + c2
    h1_hat = sigmoid(a)
    logits = h1_hat @ V1 + c1
    return sigmoid(logits)


def _classifier_loss__step_by_step(
    x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array
) -> Any:
    h1 = sigmoid(x @ W1 + b1)
    h2 = sigmoid(h1 @ W2 + b2)
    logits = h2 @ V + c
    p = softmax(logits)
    one_hot = np.eye(p.shape[1])[labels]
    losses = -(one_hot * np.log(p)).sum(axis=1)
    return losses.sum() / len(x)


def _classifier_gradients__step_by_step(
    x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array
) -> Any:
    a1 = x @ W1 + b1
    h1 = sigmoid(a1)
    a2 = h1 @ W2 + b2
    h2 = sigmoid(a2)
    p = softmax(h2 @ V + c)
    one_hot = np.eye(p.shape[1])[labels]
    dlogits = (p - one_hot) / len(x)
    dh2 = dlogits @ V.T
    da2 = dh2 * h2 * (1 - h2)
    dh1 = da2 @ W2.T
    da1 = dh1 * h1 * (1 - h1)
    return x.T @ da1, da1.sum(axis=0), h1.T @ da2, da2.sum(axis=0), h2.T @ dlogits, dlogits.sum(axis=0)
