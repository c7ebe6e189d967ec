"""Compiled twins of `scratchae.ops.layers`, with bias and activation fused into the matrix product."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel
from scratchae.kernels.matrix import as_matrix, transposed
from scratchae.kernels.product import (
    ACTIVATE,
    ASSIGN,
    IDENTITY,
    RELU,
    SIGMOID,
    TANH,
    product,
    scratch_memory,
)
from scratchae.kernels.tile import advanced, keep_alive, pointer

CODES = {"identity": IDENTITY, "sigmoid": SIGMOID, "tanh": TANH, "relu": RELU}


@inner
def times_slope(dh, h, size, activation, da):  # type: ignore[no-untyped-def]
    """Compute da = dh f'(.) for `size` numbers, with the derivative in terms of the output h; da may be dh."""
    if activation == SIGMOID:
        for i in range(size):
            da[i] = dh[i] * scalars.sigmoid_slope(h[i])
    elif activation == TANH:
        for i in range(size):
            da[i] = dh[i] * scalars.tanh_slope(h[i])
    elif activation == RELU:
        for i in range(size):
            da[i] = dh[i] * scalars.relu_slope(h[i])
    else:
        for i in range(size):
            da[i] = dh[i]


@inner
def sum_rows(dy, db):  # type: ignore[no-untyped-def]
    """Write the column sums of the matrix dy, whose rows are contiguous in memory, to the pointer db."""
    columns = dy.columns
    for j in range(columns):
        db[j] = 0
    i = 0
    while i + 4 <= dy.rows:  # four rows per update of the total
        r0 = advanced(dy.start, i * columns)
        r1, r2, r3 = advanced(r0, columns), advanced(r0, 2 * columns), advanced(r0, 3 * columns)
        for j in range(columns):
            db[j] += (r0[j] + r1[j]) + (r2[j] + r3[j])
        i += 4
    while i < dy.rows:
        r0 = advanced(dy.start, i * columns)
        for j in range(columns):
            db[j] += r0[j]
        i += 1


@kernel
def _layer(x, W, b, activation, scratch):  # type: ignore[no-untyped-def]
    h, bias = np.empty((x.shape[0], W.shape[1]), x.dtype), b.ravel()
    out = as_matrix(h)
    # (dense.1), (layer.1)
    product(as_matrix(x), as_matrix(W), out, ACTIVATE, activation, pointer(bias), out, pointer(scratch))
    keep_alive(bias)
    return h


@inner
def _dense_gradients(dy, x, W, scratch):  # type: ignore[no-untyped-def]
    dx, dW, db = np.empty(x.shape, x.dtype), np.empty(W.shape, x.dtype), np.empty(W.shape[1], x.dtype)
    dx_out, dW_out = as_matrix(dx), as_matrix(dW)
    bias, work = pointer(db), pointer(scratch)
    product(as_matrix(dy), transposed(as_matrix(W)), dx_out, ASSIGN, IDENTITY, bias, dx_out, work)  # (dense.4)
    product(transposed(as_matrix(x)), as_matrix(dy), dW_out, ASSIGN, IDENTITY, bias, dW_out, work)  # (dense.6)
    rows = np.ascontiguousarray(dy)
    sum_rows(as_matrix(rows), pointer(db))  # (dense.8)
    keep_alive(rows)
    return dx, dW, db


@kernel
def _dense_backward(dy, x, W, scratch):  # type: ignore[no-untyped-def]
    return _dense_gradients(dy, x, W, scratch)  # (dense.4), (dense.6), (dense.8)


@kernel
def _layer_backward(dh, x, W, h, activation, scratch):  # type: ignore[no-untyped-def]
    rows, columns = dh.shape
    da = np.empty((rows, columns), x.dtype)
    times_slope(dh.ravel(), h.ravel(), h.size, activation, da.ravel())  # (layer.2)
    return _dense_gradients(da, x, W, scratch)  # (layer.3)


def _check(x: Any, W: Any, *others: tuple[str, Any, tuple[int, ...]]) -> None:
    """Check the shapes: compiled code does not check array bounds."""
    if x.ndim != 2 or W.ndim != 2 or x.shape[1] != W.shape[0]:
        raise ValueError(f"x {x.shape} and W {W.shape} do not fit; give x (N, D_in) and W (D_in, D_out).")
    for name, array, shape in others:
        if array.shape != shape:
            raise ValueError(f"{name} has the shape {array.shape}; give it {shape}, which fits x and W.")
        if array.dtype != x.dtype:
            raise TypeError(f"{name} is {array.dtype} and x is {x.dtype}; give both in one float type.")
    if W.dtype != x.dtype or x.dtype not in (np.float32, np.float64):
        raise TypeError(f"x is {x.dtype} and W is {W.dtype}; give both in float32, or both in float64.")


def dense(x: Any, W: Any, b: Any) -> Any:
    """Twin of `ops.dense`."""
    _check(x, W, ("b", b, W.shape[1:]))
    return _layer(x, W, b, IDENTITY, scratch_memory(x.dtype))  # (dense.1)


def dense_backward(dy: Any, x: Any, W: Any) -> Any:
    """Twin of `ops.dense_backward`."""
    _check(x, W, ("dy", dy, (x.shape[0], W.shape[1])))
    return _dense_backward(dy, x, W, scratch_memory(x.dtype))  # (dense.4), (dense.6), (dense.8)


def layer(x: Any, W: Any, b: Any, activation: str) -> Any:
    """Twin of `ops.layer`: one pass over the product, its bias and its activation."""
    _check(x, W, ("b", b, W.shape[1:]))
    return _layer(x, W, b, CODES[activation], scratch_memory(x.dtype))  # (layer.1)


def layer_backward(dh: Any, x: Any, W: Any, h: Any, activation: str) -> Any:
    """Twin of `ops.layer_backward`."""
    _check(x, W, ("dh", dh, (x.shape[0], W.shape[1])), ("h", h, (x.shape[0], W.shape[1])))
    return _layer_backward(dh, x, W, h, CODES[activation], scratch_memory(x.dtype))  # (layer.2), (layer.3)
