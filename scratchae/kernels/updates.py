"""Compiled twins of `scratchae.ops.updates`, and the in-place updates used in training."""

from __future__ import annotations

import numba
import numpy as np
from numba import types

from scratchae.kernels.compile import inner, kernel, linked
from scratchae.kernels.threads import give_threads, take_threads
from scratchae.kernels.tile import advanced, keep_alive, pointer

SGD, MOMENTUM, ADAM = (np.int64(code) for code in range(3))
CHUNK = 8192  # numbers updated by one thread at a time
PARALLEL_FROM = 8 * CHUNK  # below this, starting the threads costs more than it saves
CONSTANTS, DECAY = 8, 7  # number of constants of an update, and the place of the weight decay among them


@kernel
def weight_decay(W, strength):  # type: ignore[no-untyped-def]
    """Twin of `ops.weight_decay`."""
    flat = W.ravel()
    total = 0.0  # accumulated in double precision
    for i in range(flat.size):
        total += np.float64(flat[i]) * flat[i]
    return W.dtype.type(strength / 2 * total)  # (weight_decay.1)


@kernel
def weight_decay_backward(dpenalty, W, strength):  # type: ignore[no-untyped-def]
    """Twin of `ops.weight_decay_backward`."""
    dW = np.empty(W.shape, W.dtype)
    factor = W.dtype.type(dpenalty * strength)
    flat, dW_flat = W.ravel(), dW.ravel()
    for i in range(flat.size):
        dW_flat[i] = factor * flat[i]  # (weight_decay.2)
    return dW


@inner
def _sgd(theta, gradient, learning_rate, size):  # type: ignore[no-untyped-def]
    for i in range(size):
        theta[i] -= learning_rate * gradient[i]  # (sgd.1)


@inner
def _momentum(theta, velocity, gradient, learning_rate, decay, size):  # type: ignore[no-untyped-def]
    for i in range(size):
        velocity[i] = decay * velocity[i] - learning_rate * gradient[i]  # (momentum.1)
        theta[i] += velocity[i]  # (momentum.2)


@inner
def _adam(theta, m, v, gradient, rate, beta1, rest1, beta2, rest2, scale, epsilon, size):  # type: ignore[no-untyped-def]
    for i in range(size):
        g = gradient[i]
        m[i] = beta1 * m[i] + rest1 * g  # (adam.1)
        v[i] = beta2 * v[i] + rest2 * g * g  # (adam.2)
        theta[i] -= rate * m[i] / (np.sqrt(scale * v[i]) + epsilon)  # (adam.3)


@inner
def update_part(rule, theta, gradient, m, v, c, size):  # type: ignore[no-untyped-def]
    """Update `size` parameters, given by pointers to the first; c holds the constants in the type of the parameters."""
    if rule == SGD:
        _sgd(theta, gradient, c[0], size)
    elif rule == MOMENTUM:
        _momentum(theta, m, gradient, c[0], c[1], size)
    else:
        _adam(theta, m, v, gradient, c[0], c[1], c[2], c[3], c[4], c[5], c[6], size)


@inner
def _update(rule, theta, gradient, m, v, c, start, stop):  # type: ignore[no-untyped-def]
    """Update the parameters `start` to `stop`."""
    update_part(
        rule, advanced(theta, start), advanced(gradient, start), advanced(m, start), advanced(v, start), c, stop - start
    )


@inner
def _in_parallel(size):  # type: ignore[no-untyped-def]
    """Return whether there are enough parameters for starting the threads to pay off."""
    return size >= PARALLEL_FROM


@inner
def _chunks(size):  # type: ignore[no-untyped-def]
    """Return the number of chunks for all parameters; the last may be shorter."""
    return (size + CHUNK - 1) // CHUNK


@linked(lambda real: types.intp(types.intp, *[types.CPointer(real)] * 5, types.intp), parallel=True)
def update_all(rule, theta, gradient, m, v, constants, size):  # type: ignore[no-untyped-def]
    """Update all parameters, on all threads if that pays off."""
    if not _in_parallel(size) or not take_threads():
        _update(rule, theta, gradient, m, v, constants, 0, size)
    else:
        for c in numba.prange(_chunks(size)):
            _update(rule, theta, gradient, m, v, constants, c * CHUNK, min((c + 1) * CHUNK, size))
        give_threads()
    return 0


@inner
def constants_of(rule, settings, step, decay, constants):  # type: ignore[no-untyped-def]
    """Write the constants of an update: of the optimiser's rule, and the weight decay.

    Parameters
    ----------
    rule : int
        SGD, MOMENTUM or ADAM.
    settings : array, shape (4,), float64
        Learning rate, then decay (momentum) or beta1, beta2, epsilon (Adam).
    step : int
        1 for the first step.
    decay : float
        Weight decay.
    constants : array, shape (CONSTANTS,)
    """
    constants[0] = settings[0]
    constants[1] = settings[1]
    if rule == ADAM:
        beta1, beta2 = settings[1], settings[2]
        constants[0] = settings[0] / (1 - beta1**step)
        constants[2] = 1 - beta1
        constants[3] = beta2
        constants[4] = 1 - beta2
        constants[5] = 1 / (1 - beta2**step)
        constants[6] = settings[3]
    constants[DECAY] = decay


@inner
def move(rule, theta, gradient, state, settings, step):  # type: ignore[no-untyped-def]
    """Take one step of an optimiser, in place.

    Parameters
    ----------
    theta, gradient : array, shape (P,)
    state : array, shape (S, P)
        Empty, the velocity, or Adam's m and v.
    rule, settings, step
        As in `constants_of`.
    """
    constants = np.empty(CONSTANTS, theta.dtype)
    constants_of(rule, settings, step, 0.0, constants)
    m, size = pointer(state), theta.size
    update_all(rule, pointer(theta), pointer(gradient), m, advanced(m, size), pointer(constants), size)
    keep_alive(constants)


@kernel
def update(rule, theta, gradient, state, settings, step):  # type: ignore[no-untyped-def]
    """Call `move` from Python."""
    move(rule, theta, gradient, state, settings, step)


def _one_step(
    rule: np.int64, theta: np.ndarray, gradient: np.ndarray, state: np.ndarray, settings: list[float], step: int
) -> None:
    """Call `update` with a gradient in any memory order."""
    update(rule, theta, np.ascontiguousarray(gradient), state, np.array(settings), step)


def sgd(theta: np.ndarray, gradient: np.ndarray, learning_rate: float) -> np.ndarray:
    """Twin of `ops.sgd`."""
    theta = theta.copy()
    _one_step(SGD, theta, gradient, np.empty((0, theta.size), theta.dtype), [learning_rate, 0.0], 1)  # (sgd.1)
    return theta


def momentum(
    theta: np.ndarray, velocity: np.ndarray, gradient: np.ndarray, learning_rate: float, decay: float
) -> tuple[np.ndarray, np.ndarray]:
    """Twin of `ops.momentum`."""
    theta, state = theta.copy(), velocity[None].copy()
    _one_step(MOMENTUM, theta, gradient, state, [learning_rate, decay], 1)  # (momentum.1), (momentum.2)
    return theta, state[0]


def adam(
    theta: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    gradient: np.ndarray,
    step: int,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Twin of `ops.adam`."""
    theta, state = theta.copy(), np.stack([m, v])
    settings = [learning_rate, beta1, beta2, epsilon]
    _one_step(ADAM, theta, gradient, state, settings, step)  # (adam.1), (adam.2), (adam.3)
    return theta, state[0], state[1]
