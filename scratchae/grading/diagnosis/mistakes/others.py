"""Functions used by mistake: an edited formula calls them instead of the right one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchae import ops

Array = NDArray[Any]


def error_of_probabilities(logits: Array, x: Array) -> Array:
    """The squared error of the probabilities, instead of a cross-entropy."""
    return ops.squared_error(ops.sigmoid(logits), x)


def error_of_probabilities_backward(dloss: Array, logits: Array, x: Array) -> Array:
    """The gradient of the squared error of the probabilities."""
    p = ops.sigmoid(logits)
    return ops.sigmoid_backward(ops.squared_error_backward(dloss, p, x), p)


def share_of_errors(logits: Array, labels: Array) -> Any:
    """The 0-1 loss: one if the most likely class is wrong."""
    return (logits.argmax(axis=1) != labels) * 1.0


def sigmoids_in_proportion(logits: Array) -> Array:
    """Sigmoids divided by their sum, instead of a softmax."""
    p = ops.sigmoid(logits)
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def powers_of_two_in_proportion(logits: Array) -> Array:
    """A softmax with base two."""
    return ops.softmax(np.log(2) * logits)


def sum_of_entries(a: Array, **_: Any) -> Array:
    """The sum of all entries of each matrix, instead of its trace."""
    return np.asarray(a.sum(axis=(-2, -1)))


def sum_of_squared_entries(a: Array, **_: Any) -> Array:
    """The sum of squared entries of each matrix, instead of its trace."""
    return np.asarray((a * a).sum(axis=(-2, -1)))


def one_over_each(a: Array) -> Array:
    """The reciprocal of each entry, instead of the inverse matrix."""
    return np.asarray(1 / a)


def diagonal_determinant(a: Array) -> Array:
    """The product of the diagonal, instead of the determinant."""
    return np.asarray(np.diagonal(a, axis1=-2, axis2=-1).prod(axis=-1))


def best_takes_all(log_w: Array) -> Array:
    """One for the largest and zero for the rest, instead of weights."""
    return (log_w == log_w.max(axis=0)) * 1.0


OTHERS: dict[str, tuple[str, ...]] = {
    "sigmoid": ("tanh", "softplus", "relu"),
    "tanh": ("sigmoid", "relu", "arctan"),
    "relu": ("softplus", "tanh", "sigmoid"),
    "softplus": ("relu", "sigmoid", "exp"),
    "softmax": ("sigmoid", "sigmoids_in_proportion", "powers_of_two_in_proportion"),
    "softmax_cross_entropy": ("share_of_errors",),
    "importance_weights": ("best_takes_all",),
    "exp": ("exp2",),
    "log1p": ("log",),
    "log": ("log1p", "log2", "log10"),
    "max": ("min", "mean"),
    "min": ("max",),
    "trace": ("sum_of_entries", "sum_of_squared_entries"),
    "inv": ("one_over_each",),
    "det": ("diagonal_determinant",),
}
for _f in ("sigmoid", "tanh", "relu", "softplus"):
    OTHERS[f"{_f}_backward"] = tuple(f"{g}_backward" for g in ("sigmoid", "tanh", "relu", "softplus") if g != _f)
for _pair in (("bernoulli_nll", "squared_error"), ("masking_noise", "salt_and_pepper_noise")):
    for _f, _g in (_pair, _pair[::-1]):
        OTHERS[_f], OTHERS[f"{_f}_backward"] = (_g,), (f"{_g}_backward",)
OTHERS["bernoulli_nll"] += ("error_of_probabilities",)
OTHERS["bernoulli_nll_backward"] += ("error_of_probabilities_backward",)
