"""Compiled twins of `scratchae.ops.contraction`."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel
from scratchae.kernels.product import SIGMOID, TANH

CODES = {"sigmoid": SIGMOID, "tanh": TANH}


@inner
def _slope(h, activation):  # type: ignore[no-untyped-def]
    return scalars.sigmoid_slope(h) if activation == SIGMOID else scalars.tanh_slope(h)  # (contractive_penalty.1)


@inner
def _squared_norms(W):  # type: ignore[no-untyped-def]
    """Sum of squares of each column, accumulated in double precision."""
    w = np.zeros(W.shape[1])
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            value = np.float64(W[i, j])
            w[j] += value * value  # (contractive_penalty.2)
    return w


@inner
def _penalties(h, w, activation, penalty):  # type: ignore[no-untyped-def]
    """Write the penalty of each row to `penalty`."""
    rows, units = h.shape
    for n in range(rows):
        total = 0.0
        for j in range(units):
            s = np.float64(_slope(h[n, j], activation))
            total += s * s * w[j]  # (contractive_penalty.3)
        penalty[n] = total


@inner
def _penalties_backward(dpenalty, h, w, activation, dh):  # type: ignore[no-untyped-def]
    """Write the gradient with respect to the activations to dh."""
    rows, units = h.shape
    real = h.dtype.type
    two = real(2)
    for n in range(rows):
        for j in range(units):
            value = h[n, j]
            ds = dpenalty[n] * two * _slope(value, activation) * real(w[j])  # (contractive_penalty.4)
            bend = (real(1) if activation == SIGMOID else real(0)) - two * value
            dh[n, j] = ds * bend  # (contractive_penalty.5)


@inner
def contraction_of_weights(dpenalty, h, W, activation, dW, add):  # type: ignore[no-untyped-def]
    """Write the gradient with respect to W to dW, or add it to dW."""
    rows, units = h.shape
    squares, real = np.zeros(units), W.dtype.type
    for n in range(rows):
        for j in range(units):
            s = _slope(h[n, j], activation)
            squares[j] += 2 * np.float64(dpenalty[n]) * s * s
    for i in range(W.shape[0]):
        for j in range(units):
            dW[i, j] = (dW[i, j] if add else real(0)) + W[i, j] * real(squares[j])  # (contractive_penalty.6)


@inner
def contraction_both(dpenalty, h, W, activation, penalty, dh):  # type: ignore[no-untyped-def]
    """Write the penalty of each row to `penalty`, and the gradient with respect to the activations to dh."""
    w = _squared_norms(W)
    _penalties(h, w, activation, penalty)
    _penalties_backward(dpenalty, h, w, activation, dh)


@kernel
def _contractive_penalty(h, W, activation):  # type: ignore[no-untyped-def]
    penalty = np.empty(h.shape[0], h.dtype)
    _penalties(h, _squared_norms(W), activation, penalty)  # (contractive_penalty.3)
    return penalty


@kernel
def _contractive_penalty_backward(dpenalty, h, W, activation):  # type: ignore[no-untyped-def]
    dh, dW = np.empty(h.shape, h.dtype), np.empty(W.shape, W.dtype)
    _penalties_backward(dpenalty, h, _squared_norms(W), activation, dh)  # (contractive_penalty.5)
    contraction_of_weights(dpenalty, h, W, activation, dW, False)  # (contractive_penalty.6)
    return dh, dW


def _check(h: Any, W: Any) -> None:
    """Check the shapes: compiled code does not check array bounds."""
    if h.ndim != 2 or W.ndim != 2 or h.shape[1] != W.shape[1]:
        raise ValueError(f"h {h.shape} and W {W.shape} do not fit; give h (N, H) and W (D, H).")


def contractive_penalty(h: Any, W: Any, activation: str) -> Any:
    """Twin of `ops.contractive_penalty`."""
    _check(h, W)
    # (contractive_penalty.1), (contractive_penalty.2)
    return _contractive_penalty(h, W, CODES[activation])  # (contractive_penalty.3)


def contractive_penalty_backward(dpenalty: Any, h: Any, W: Any, activation: str) -> Any:
    """Twin of `ops.contractive_penalty_backward`."""
    _check(h, W)
    if dpenalty.shape != h.shape[:1]:
        raise ValueError(f"dpenalty has the shape {dpenalty.shape}; give it {h.shape[:1]}, which fits h.")
    # (contractive_penalty.4)
    return _contractive_penalty_backward(
        dpenalty, h, W, CODES[activation]
    )  # (contractive_penalty.5), (contractive_penalty.6)
