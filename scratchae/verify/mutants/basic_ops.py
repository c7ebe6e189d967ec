"""Mistakes in activations, layers, losses, updates, and in kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchae import ops
from scratchae.verify.derivatives import Array
from scratchae.verify.mutants.mutant import kernel_mutant, op_mutant

# Activations.

op_mutant(
    "sigmoid' without its second factor", "sigmoid gradient by complex step", sigmoid_backward=lambda dy, y: dy * y
)
op_mutant(
    "sigmoid' taken at the output as if it were the input",
    "sigmoid gradient by complex step",
    sigmoid_backward=lambda dy, y: dy * ops.sigmoid(y) * (1 - ops.sigmoid(y)),
)
op_mutant(
    "sigmoid of probabilities clipped away from 0 and 1",
    "sigmoid is 1 / (1 + exp(-x))",
    sigmoid=lambda x: np.clip(ops.sigmoid(x), 1e-7, 1 - 1e-7),
)
op_mutant("sigmoid that overflows", "sigmoid is 1 / (1 + exp(-x))", sigmoid=lambda x: 1 / (1 + np.exp(-x)))
op_mutant("tanh' with y in place of y²", "tanh gradient by complex step", tanh_backward=lambda dy, y: dy * (1 - y))
op_mutant("relu' that lets everything through", "relu gradient by central differences", relu_backward=lambda dy, y: dy)
op_mutant("relu that leaks, its gradient too", "relu is (x + |x|) / 2", relu=lambda x: np.where(x < 0, 0.01 * x, x))
op_mutant(
    "softplus' with the sign of x turned",
    "softplus gradient by complex step",
    softplus_backward=lambda dy, x: dy * ops.sigmoid(-x),
)
op_mutant(
    "softplus that overflows", "softplus is the integral of the sigmoid", softplus=lambda x: np.log(1 + np.exp(x))
)


def _relu_in_place(dy: Array, y: Array) -> Array:
    dy[y <= 0] = 0
    return dy


op_mutant("relu' written over the upstream gradient", "relu is pure", relu_backward=_relu_in_place)
op_mutant("upstream gradient ignored", "tanh gradient by complex step", tanh_backward=lambda dy, y: 1 - y * y)

# Layers.


def _dense_backward(**wrong: Callable[[Array, Array, Array], Array]) -> Callable[..., Any]:
    def backward(dy: Array, x: Array, W: Array) -> tuple[Array, ...]:
        right = dict(zip(("dx", "dW", "db"), ops.dense_backward(dy, x, W), strict=True))
        return tuple(wrong[name](dy, x, W) if name in wrong else value for name, value in right.items())

    return backward


_DENSE = "dense gradient by complex step"
op_mutant(
    "db a mean over the batch, dW a sum", _DENSE, dense_backward=_dense_backward(db=lambda dy, x, W: dy.mean(axis=0))
)
op_mutant("db summed over the wrong axis", _DENSE, dense_backward=_dense_backward(db=lambda dy, x, W: dy.sum(axis=1)))
op_mutant("db from the first example only", _DENSE, dense_backward=_dense_backward(db=lambda dy, x, W: dy[0]))
op_mutant("dW divided by the batch size", _DENSE, dense_backward=_dense_backward(dW=lambda dy, x, W: x.T @ dy / len(x)))
op_mutant(
    "dW reshaped where it should be transposed",
    _DENSE,
    dense_backward=_dense_backward(dW=lambda dy, x, W: (dy.T @ x).reshape(W.shape)),
)
op_mutant(
    "dx with reshaped weights",
    _DENSE,
    dense_backward=_dense_backward(dx=lambda dy, x, W: dy @ W.reshape(W.shape[::-1])),
)
op_mutant("the bias is forgotten", "dense is a sum over inputs", dense=lambda x, W, b: x @ W + 0 * b)
op_mutant(
    "activation's derivative forgotten in a layer",
    "layer[tanh] gradient by complex step",
    layer_backward=lambda dh, x, W, h, activation: ops.dense_backward(dh, x, W),
)

# Losses: the first four are consistent pairs, right for any gradient check.

op_mutant(
    "Bernoulli loss averaged over the pixels, its gradient too",
    "bernoulli_nll gives probabilities that sum to one",
    bernoulli_nll=lambda a, x: ops.bernoulli_nll(a, x) / x.shape[1],
    bernoulli_nll_backward=lambda d, a, x: ops.bernoulli_nll_backward(d, a, x) / x.shape[1],
)
op_mutant(
    "squared error halved, its gradient too",
    "squared_error is a Gaussian's, of variance 1/2",
    squared_error=lambda x_hat, x: ops.squared_error(x_hat, x) / 2,
    squared_error_backward=lambda d, x_hat, x: ops.squared_error_backward(d, x_hat, x) / 2,
)
op_mutant(
    "weight decay without the half, its gradient too",
    "weight_decay is half the sum of squares",
    weight_decay=lambda W, strength: 2 * ops.weight_decay(W, strength),
    weight_decay_backward=lambda d, W, strength: 2 * ops.weight_decay_backward(d, W, strength),
)
op_mutant(
    "weight decay by a whole-number division, which has no slope",
    "weight_decay is half the sum of squares",
    weight_decay=lambda W, strength: (strength / 2 * (W * W).sum()) // 1,
    weight_decay_backward=lambda d, W, strength: 0 * W,
)


def _clipped_nll(logits: Array, x: Array) -> Array:
    p = np.clip(ops.sigmoid(logits), 1e-7, 1 - 1e-7)
    return -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)


op_mutant(
    "Bernoulli loss of clipped probabilities",
    "bernoulli_nll is the product of the pixels' probabilities",
    bernoulli_nll=_clipped_nll,
)
op_mutant(
    "Bernoulli loss without its second half",
    "bernoulli_nll gives probabilities that sum to one",
    bernoulli_nll=lambda a, x: (x * ops.softplus(-a)).sum(axis=1),
)
op_mutant(
    "Bernoulli gradient with the sign turned",
    "bernoulli_nll gradient by complex step",
    bernoulli_nll_backward=lambda d, a, x: d[:, None] * (x - ops.sigmoid(a)),
)
op_mutant(
    "Bernoulli gradient that ignores which example it belongs to",
    "bernoulli_nll gradient by complex step",
    bernoulli_nll_backward=lambda d, a, x: d.mean() * (ops.sigmoid(a) - x),
)
op_mutant(
    "squared error's gradient without the factor 2",
    "squared_error gradient by complex step",
    squared_error_backward=lambda d, x_hat, x: d[:, None] * (x_hat - x),
)

# Updates: no gradient check looks at these.


def _adam_uncorrected(
    theta: Array, m: Array, v: Array, g: Array, t: int, rate: float, b1: float, b2: float, eps: float
) -> Any:
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
    return theta - rate * m / (np.sqrt(v) + eps), m, v


def _adam_epsilon_inside(
    theta: Array, m: Array, v: Array, g: Array, t: int, rate: float, b1: float, b2: float, eps: float
) -> Any:
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
    return theta - rate * m / (1 - b1**t) / np.sqrt(v / (1 - b2**t) + eps), m, v


op_mutant("Adam without the correction of its means", "adam normalises unbiased means", adam=_adam_uncorrected)
op_mutant("Adam with epsilon under the root", "adam normalises unbiased means", adam=_adam_epsilon_inside)
op_mutant(
    "momentum that forgets its velocity",
    "momentum sums past gradients",
    momentum=lambda theta, v, g, rate, decay: ops.momentum(theta, 0 * v, g, rate, decay),
)
op_mutant("gradient ascent", "sgd shrinks a quadratic geometrically", sgd=lambda theta, g, rate: theta + rate * g)

# Kernels.

kernel_mutant("a twin that drops the bias", "dense twin in float64", dense=lambda x, W, b: x @ W)
kernel_mutant(
    "a twin computed in single precision",
    "tanh twin in float64",
    tanh=lambda x: np.tanh(x.astype(np.float32)).astype(x.dtype),
)
kernel_mutant(
    "a twin that returns double precision",
    "sigmoid twin in float32",
    sigmoid=lambda x: ops.sigmoid(x.astype(np.float64)),
)
kernel_mutant(
    "a twin without Adam's correction",
    "adam twin in float64",
    adam=_adam_uncorrected,
)
