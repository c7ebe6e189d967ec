"""Compiled twins of `scratchae.ops.layers`: bias and activation are fused into the matrix product."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel
from scratchae.kernels.product import (
    ACTIVATE,
    ASSIGN,
    IDENTITY,
    NO_BIAS,
    RELU,
    SIGMOID,
    TANH,
    as_matrix,
    product,
    transposed,
)
from scratchae.kernels.tile import advanced, pointer

CODES = {"identity": IDENTITY, "sigmoid": SIGMOID, "tanh": TANH, "relu": RELU}


@inner
def times_slope(dh, h, activation, da):  # type: ignore[no-untyped-def]
    """da = dh f'(.), on flat arrays, the derivative written in terms of the output h; da may be dh."""
    if activation == SIGMOID:
        for i in range(h.size):
            da[i] = dh[i] * scalars.sigmoid_slope(h[i])
    elif activation == TANH:
        for i in range(h.size):
            da[i] = dh[i] * scalars.tanh_slope(h[i])
    elif activation == RELU:
        for i in range(h.size):
            da[i] = dh[i] * scalars.relu_slope(h[i])
    else:
        for i in range(h.size):
            da[i] = dh[i]


@inner
def sum_rows(dy, start, rows, columns, db, db_start):  # type: ignore[no-untyped-def]
    """Column sums of the (rows, columns) matrix that begins at `start` of the flat dy, written from db_start on."""
    total, row = pointer(db, db_start), pointer(dy, start)
    for j in range(columns):
        total[j] = row[j]
    i = 1
    while i + 4 <= rows:  # four rows for one trip to the total
        r0 = advanced(row, i * columns)
        r1, r2, r3 = advanced(r0, columns), advanced(r0, 2 * columns), advanced(r0, 3 * columns)
        for j in range(columns):
            total[j] += (r0[j] + r1[j]) + (r2[j] + r3[j])
        i += 4
    while i < rows:
        r0 = advanced(row, i * columns)
        for j in range(columns):
            total[j] += r0[j]
        i += 1


@kernel
def _layer(x, W, b, activation):  # type: ignore[no-untyped-def]
    h = np.empty((x.shape[0], W.shape[1]), x.dtype)
    out = as_matrix(h)
    product(as_matrix(x), as_matrix(W), out, ACTIVATE, activation, b.ravel(), NO_BIAS, out)  # (dense.1), (layer.1)
    return h


@inner
def _dense_gradients(dy, x, W):  # type: ignore[no-untyped-def]
    dx, dW, db = np.empty(x.shape, x.dtype), np.empty(W.shape, x.dtype), np.empty(W.shape[1], x.dtype)
    dx_out, dW_out = as_matrix(dx), as_matrix(dW)
    product(as_matrix(dy), transposed(as_matrix(W)), dx_out, ASSIGN, IDENTITY, db, NO_BIAS, dx_out)  # (dense.4)
    product(transposed(as_matrix(x)), as_matrix(dy), dW_out, ASSIGN, IDENTITY, db, NO_BIAS, dW_out)  # (dense.6)
    sum_rows(dy.ravel(), 0, dy.shape[0], dy.shape[1], db, 0)  # (dense.8)
    return dx, dW, db


@kernel
def _dense_backward(dy, x, W):  # type: ignore[no-untyped-def]
    return _dense_gradients(dy, x, W)  # (dense.4), (dense.6), (dense.8)


@kernel
def _layer_backward(dh, x, W, h, activation):  # type: ignore[no-untyped-def]
    rows, columns = dh.shape
    da = np.empty((rows, columns), x.dtype)
    times_slope(dh.ravel(), h.ravel(), activation, da.ravel())  # (layer.2)
    return _dense_gradients(da, x, W)  # (layer.3)


def dense(x: Any, W: Any, b: Any) -> Any:
    """Twin of `ops.dense`."""
    return _layer(x, W, b, IDENTITY)  # (dense.1)


def dense_backward(dy: Any, x: Any, W: Any) -> Any:
    """Twin of `ops.dense_backward`."""
    return _dense_backward(dy, x, W)  # (dense.4), (dense.6), (dense.8)


def layer(x: Any, W: Any, b: Any, activation: str) -> Any:
    """Twin of `ops.layer`: one pass over the product, its bias and its activation."""
    return _layer(x, W, b, CODES[activation])  # (layer.1)


def layer_backward(dh: Any, x: Any, W: Any, h: Any, activation: str) -> Any:
    """Twin of `ops.layer_backward`."""
    return _layer_backward(dh, x, W, h, CODES[activation])  # (layer.2), (layer.3)
