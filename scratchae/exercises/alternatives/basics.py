"""Other tasks of the first chapter: layouts of weights, activations and losses with a constant, weight decay."""

from __future__ import annotations

import numpy as np

from scratchae.ops import (
    bernoulli_nll,
    bernoulli_nll_backward,
    dense,
    dense_backward,
    sigmoid,
    sigmoid_backward,
    softplus,
    tanh,
)
from scratchae.ops.activations import Array

GAIN = 1.7  # factor of the weights
SLOPE = 0.1  # slope for negative x
HEIGHT = 1.7  # limit for large x
STEEPNESS = 0.6  # factor of x
ALPHA = 0.4  # minus the limit for large negative x
SHARPNESS = 1.7  # factor of x
POSITIVE = 2.5  # weight of white pixels
DELTA = 0.4  # error from which on the loss is linear
TEMPERATURE = 1.7  # divisor of the logits
WIDTH = 0.4  # error from which on the loss is almost linear
DECAY = 0.1  # factor of the penalty on the weights


def dense_by_unit(x: Array, W: Array, b: Array) -> Array:
    """A dense layer whose weights have a row for each unit, y = x W^T + b; compare (dense.1).

    Parameters
    ----------
    x : array, shape (N, D_in)
    W : array, shape (D_out, D_in)
    b : array, shape (D_out,)

    Returns
    -------
    y : array, shape (N, D_out)
    """
    return x @ W.T + b


def dense_by_unit_backward(dy: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    """Gradients of `dense_by_unit` with respect to x, W and b.

    Parameters
    ----------
    dy : array, shape (N, D_out)
        Upstream gradient.
    x : array, shape (N, D_in)
    W : array, shape (D_out, D_in)

    Returns
    -------
    dx : array, shape (N, D_in)
    dW : array, shape (D_out, D_in)
        Summed over the batch; for a mean, divide the loss by N.
    db : array, shape (D_out,)
    """
    dx = dy @ W
    dW = dy.T @ x
    db = dy.sum(axis=0)
    return dx, dW, db


def dense_with_gain(x: Array, W: Array, b: Array) -> Array:
    """A dense layer whose weights are multiplied by a constant, y = GAIN x W + b; compare (dense.1).

    Parameters
    ----------
    x : array, shape (N, D_in)
    W : array, shape (D_in, D_out)
    b : array, shape (D_out,)

    Returns
    -------
    y : array, shape (N, D_out)
    """
    return GAIN * (x @ W) + b


def dense_with_gain_backward(dy: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    """Gradients of `dense_with_gain` with respect to x, W and b.

    Parameters
    ----------
    dy : array, shape (N, D_out)
        Upstream gradient.
    x : array, shape (N, D_in)
    W : array, shape (D_in, D_out)

    Returns
    -------
    dx : array, shape (N, D_in)
    dW : array, shape (D_in, D_out)
        Summed over the batch; for a mean, divide the loss by N.
    db : array, shape (D_out,)
    """
    dx = GAIN * (dy @ W.T)
    dW = GAIN * (x.T @ dy)
    db = dy.sum(axis=0)
    return dx, dW, db


def leaky_relu(x: Array) -> Array:
    """A rectifier with a leak: y = x where x > 0, and SLOPE x elsewhere; compare (relu.1).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, shape of x
    """
    return np.where(x > 0, x, SLOPE * x)


def leaky_relu_backward(dy: Array, y: Array) -> Array:
    """Gradient of `leaky_relu`. At the kink, the slope is that of negative x.

    Parameters
    ----------
    dy : array, any shape
        Upstream gradient.
    y : array, shape of dy
        Output of `leaky_relu`.

    Returns
    -------
    dx : array, shape of dy
    """
    return np.where(y > 0, dy, SLOPE * dy)


def scaled_tanh(x: Array) -> Array:
    """A hyperbolic tangent of another height and steepness, y = HEIGHT tanh(STEEPNESS x); compare (tanh.1).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, shape of x, in [-HEIGHT, HEIGHT]
    """
    return HEIGHT * np.tanh(STEEPNESS * x)


def scaled_tanh_backward(dy: Array, y: Array) -> Array:
    """Gradient of `scaled_tanh`.

    Parameters
    ----------
    dy : array, any shape
        Upstream gradient.
    y : array, shape of dy
        Output of `scaled_tanh`.

    Returns
    -------
    dx : array, shape of dy
    """
    return dy * STEEPNESS * (HEIGHT - y * y / HEIGHT)


def exponential_unit(x: Array) -> Array:
    """An exponential linear unit: y = x where x > 0, and ALPHA (exp(x) - 1) elsewhere; large x must not overflow.

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, shape of x
    """
    return np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))


def exponential_unit_backward(dy: Array, y: Array) -> Array:
    """Gradient of `exponential_unit`. At the kink, the slope is that of negative x.

    Parameters
    ----------
    dy : array, any shape
        Upstream gradient.
    y : array, shape of dy
        Output of `exponential_unit`.

    Returns
    -------
    dx : array, shape of dy
    """
    return dy * np.where(y > 0, 1, y + ALPHA)


def sharp_softplus(x: Array) -> Array:
    """A smooth rectifier of another sharpness, y = log(1 + exp(SHARPNESS x)) / SHARPNESS, in a form that never overflows.

    Compare (softplus.2).

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    y : array, shape of x, positive
    """
    a = SHARPNESS * x
    return (np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))) / SHARPNESS


def sharp_softplus_backward(dy: Array, x: Array) -> Array:
    """Gradient of `sharp_softplus`.

    Parameters
    ----------
    dy : array, any shape
        Upstream gradient.
    x : array, shape of dy
        Input of `sharp_softplus`.

    Returns
    -------
    dx : array, shape of dy
    """
    return dy * sigmoid(SHARPNESS * x)


def weighted_bernoulli_nll(logits: Array, x: Array) -> Array:
    """Negative log-likelihood of Bernoulli pixels in which white pixels count POSITIVE times; compare (bernoulli_nll.2).

    With p = sigmoid(logits), it is the sum over the features of -POSITIVE x log(p) - (1 - x) log(1 - p), computed from the logits, so
    that nothing overflows and no probability is clipped.

    Parameters
    ----------
    logits : array, shape (N, D)
    x : array, shape (N, D), in [0, 1]

    Returns
    -------
    loss : array, shape (N,)
        Weighted nats per example.
    """
    return (POSITIVE * x * softplus(-logits) + (1 - x) * softplus(logits)).sum(axis=1)


def weighted_bernoulli_nll_backward(dloss: Array, logits: Array, x: Array) -> Array:
    """Gradient of `weighted_bernoulli_nll` with respect to the logits.

    Parameters
    ----------
    dloss : array, shape (N,)
        Upstream gradient.
    logits : array, shape (N, D)
    x : array, shape (N, D)

    Returns
    -------
    dlogits : array, shape (N, D)
    """
    return dloss[:, None] * ((1 - x) * sigmoid(logits) - POSITIVE * x * sigmoid(-logits))


def huber_error(x_hat: Array, x: Array) -> Array:
    """Huber's error, summed over the features: e^2 / 2 where |e| <= DELTA, and DELTA (|e| - DELTA / 2) elsewhere, for e = x_hat - x.

    Parameters
    ----------
    x_hat : array, shape (N, D)
    x : array, shape (N, D)

    Returns
    -------
    loss : array, shape (N,)

    References
    ----------
    Huber, P. (1964). Robust estimation of a location parameter. Annals of Mathematical Statistics 35.
    """
    e = np.abs(x_hat - x)
    return np.where(e <= DELTA, e * e / 2, DELTA * (e - DELTA / 2)).sum(axis=1)


def huber_error_backward(dloss: Array, x_hat: Array, x: Array) -> Array:
    """Gradient of `huber_error` with respect to x_hat.

    Parameters
    ----------
    dloss : array, shape (N,)
        Upstream gradient.
    x_hat : array, shape (N, D)
    x : array, shape (N, D)

    Returns
    -------
    dx_hat : array, shape (N, D)
    """
    return dloss[:, None] * np.clip(x_hat - x, -DELTA, DELTA)


def tempered_bernoulli_nll(logits: Array, x: Array) -> Array:
    """Negative log-likelihood of x under independent Bernoulli pixels with p = sigmoid(logits / TEMPERATURE); compare (bernoulli_nll.4).

    Computed from the logits, so that nothing overflows and no probability is clipped.

    Parameters
    ----------
    logits : array, shape (N, D)
    x : array, shape (N, D), in [0, 1]

    Returns
    -------
    loss : array, shape (N,)
        Nats per example.
    """
    a = logits / TEMPERATURE
    return (softplus(a) - x * a).sum(axis=1)


def tempered_bernoulli_nll_backward(dloss: Array, logits: Array, x: Array) -> Array:
    """Gradient of `tempered_bernoulli_nll` with respect to the logits.

    Parameters
    ----------
    dloss : array, shape (N,)
        Upstream gradient.
    logits : array, shape (N, D)
    x : array, shape (N, D)

    Returns
    -------
    dlogits : array, shape (N, D)
    """
    return dloss[:, None] * (sigmoid(logits / TEMPERATURE) - x) / TEMPERATURE


def log_cosh_error(x_hat: Array, x: Array) -> Array:
    """A smooth absolute error: WIDTH^2 log cosh((x_hat - x) / WIDTH), summed over the features.

    Parameters
    ----------
    x_hat : array, shape (N, D)
    x : array, shape (N, D)

    Returns
    -------
    loss : array, shape (N,)
    """
    a = np.abs(x_hat - x) / WIDTH
    return WIDTH**2 * (a + np.log1p(np.exp(-2 * a)) - np.log(2)).sum(axis=1)


def log_cosh_error_backward(dloss: Array, x_hat: Array, x: Array) -> Array:
    """Gradient of `log_cosh_error` with respect to x_hat.

    Parameters
    ----------
    dloss : array, shape (N,)
        Upstream gradient.
    x_hat : array, shape (N, D)
    x : array, shape (N, D)

    Returns
    -------
    dx_hat : array, shape (N, D)
    """
    return dloss[:, None] * WIDTH * tanh((x_hat - x) / WIDTH)


def penalised_loss(x: Array, W: Array, b: Array, V: Array, c: Array) -> Array:
    """The mean loss of an autoencoder with a code of sigmoid units and weight decay; compare (autoencoder.1) to (autoencoder.4).

    The encoder is a dense layer with a sigmoid, the decoder a dense layer that gives logits. Half of the sum of all squared weights, times
    DECAY, is added to the mean loss. The biases are not penalised.

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
        The sum over the features and the mean over the batch, in nats, and the penalty.
    """
    h = sigmoid(dense(x, W, b))
    logits = dense(h, V, c)
    return bernoulli_nll(logits, x).mean() + DECAY / 2 * ((W * W).sum() + (V * V).sum())


def penalised_gradients(x: Array, W: Array, b: Array, V: Array, c: Array) -> tuple[Array, Array, Array, Array]:
    """Gradients of `penalised_loss` with respect to its four parameters; compare (autoencoder.5) to (autoencoder.7).

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
    h = sigmoid(a)
    logits = dense(h, V, c)

    dlosses = np.full(len(x), 1 / len(x))
    dlogits = bernoulli_nll_backward(dlosses, logits, x)
    dh, dV, dc = dense_backward(dlogits, h, V)
    da = sigmoid_backward(dh, h)
    _, dW, db = dense_backward(da, x, W)
    return dW + DECAY * W, db, dV + DECAY * V, dc
