"""Equivalent implementations of activations and reconstruction losses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchae.ops import sigmoid, sigmoid_backward, softplus

Array = NDArray[Any]


def _sigmoid__exponential(x: Array) -> Any:
    return 1 / (1 + np.exp(-x))


def _sigmoid__two_halves(x: Array) -> Any:
    positive, negative = 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x))
    return np.where(x >= 0, positive, negative)


def _sigmoid_backward__difference(dy: Array, y: Array) -> Any:
    return dy * (y - y**2)


def _tanh__exponentials(x: Array) -> Any:
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def _tanh_backward__power(dy: Array, y: Array) -> Any:
    return dy * (1 - y**2)


def _tanh_backward__product(dy: Array, y: Array) -> Any:
    return dy * (1 - y) * (1 + y)


def _relu__where(x: Array) -> Any:
    return np.where(x > 0, x, 0)


def _relu_backward__where(dy: Array, y: Array) -> Any:
    return np.where(y > 0, dy, 0)


def _softplus__logarithm(x: Array) -> Any:
    return np.log(1 + np.exp(x))


def _softplus__stable(x: Array) -> Any:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _softplus_backward__exponential(dy: Array, x: Array) -> Any:
    return dy / (1 + np.exp(-x))


def _softplus_backward__slope(dy: Array, x: Array) -> Any:
    slope = sigmoid(x)
    return dy * slope


def _bernoulli_nll__probabilities(logits: Array, x: Array) -> Any:
    p = sigmoid(logits)
    terms = x * np.log(p) + (1 - x) * np.log(1 - p)
    return -terms.sum(axis=1)


def _bernoulli_nll__two_terms(logits: Array, x: Array) -> Any:
    white, black = softplus(-logits), softplus(logits)
    return (x * white + (1 - x) * black).sum(axis=1)


def _bernoulli_nll__stable(logits: Array, x: Array) -> Any:
    terms = np.maximum(logits, 0) - logits * x + np.log1p(np.exp(-np.abs(logits)))
    return terms.sum(axis=1)


def _bernoulli_nll_backward__step_by_step(dloss: Array, logits: Array, x: Array) -> Any:
    p = sigmoid(logits)
    dp = (1 - x) / (1 - p) - x / p
    return sigmoid_backward(dloss[:, None] * dp, p)


def _squared_error__difference(x_hat: Array, x: Array) -> Any:
    e = x_hat - x
    squares = e**2
    return squares.sum(axis=1)


def _squared_error_backward__difference(dloss: Array, x_hat: Array, x: Array) -> Any:
    e = x_hat - x
    return 2 * e * dloss[:, None]
