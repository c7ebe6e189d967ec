"""Compiled twins of `scratchae.ops.losses`. Each example is summed by one thread in a fixed order."""

from __future__ import annotations

import numba
import numpy as np
from numba import types

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel, linked
from scratchae.kernels.threads import give_threads, take_threads
from scratchae.kernels.tile import advanced, keep_alive, pointer

BERNOULLI, GAUSSIAN, CROSS_ENTROPY = (np.int64(code) for code in range(3))  # the last is in `softmax`
PARALLEL_FROM = 50_000  # numbers; below, starting the threads costs more than it saves


@inner
def _bernoulli_nll_row(a, x, columns):  # type: ignore[no-untyped-def]
    """Loss of one example, whose logits and data begin at the pointers a and x."""
    total = a[0] - a[0]
    for j in range(columns):
        total += scalars.softplus(a[j]) - x[j] * a[j]  # (bernoulli_nll.4)
    return total


@inner
def _bernoulli_nll_row_both(dloss, a, x, columns, da):  # type: ignore[no-untyped-def]
    """Loss of one example and its gradient, in one loop: both use the same exponential."""
    total = a[0] - a[0]
    for j in range(columns):
        softplus, sigmoid = scalars.softplus_and_sigmoid(a[j])
        total += softplus - x[j] * a[j]  # (bernoulli_nll.4)
        da[j] = dloss * (sigmoid - x[j])  # (bernoulli_nll.6)
    return total


@inner
def _squared_error_row(x_hat, x, columns):  # type: ignore[no-untyped-def]
    total = x_hat[0] - x_hat[0]
    for j in range(columns):
        e = x_hat[j] - x[j]
        total += e * e  # (squared_error.1)
    return total


@inner
def _squared_error_row_both(dloss, x_hat, x, columns, dx_hat):  # type: ignore[no-untyped-def]
    total, twice = x_hat[0] - x_hat[0], dloss + dloss
    for j in range(columns):
        e = x_hat[j] - x[j]
        total += e * e  # (squared_error.1)
        dx_hat[j] = twice * e  # (squared_error.3)
    return total


# A row is computed by machine code of its own, which loops on one thread and on several call: inlined into each, it could be vectorised
# differently, and round differently.
@linked(lambda real: types.intp(types.intp, *[types.CPointer(real)] * 3, types.intp, types.intp))
def _row(likelihood, a, x, loss, i, columns):  # type: ignore[no-untyped-def]
    a_row, x_row = advanced(a, i * columns), advanced(x, i * columns)
    if likelihood == BERNOULLI:
        loss[i] = _bernoulli_nll_row(a_row, x_row, columns)
    else:
        loss[i] = _squared_error_row(a_row, x_row, columns)
    return 0


@linked(lambda real: types.intp(types.intp, *[types.CPointer(real)] * 5, types.intp, types.intp))
def _row_both(likelihood, dloss, a, x, loss, da, i, columns):  # type: ignore[no-untyped-def]
    a_row, x_row, da_row = advanced(a, i * columns), advanced(x, i * columns), advanced(da, i * columns)
    if likelihood == BERNOULLI:
        loss[i] = _bernoulli_nll_row_both(dloss[i], a_row, x_row, columns, da_row)
    else:
        loss[i] = _squared_error_row_both(dloss[i], a_row, x_row, columns, da_row)
    return 0


@linked(lambda real: types.intp(types.intp, *[types.CPointer(real)] * 3, types.intp, types.intp), parallel=True)
def loss_rows(likelihood, a, x, loss, rows, columns):  # type: ignore[no-untyped-def]
    """Compute loss[i] of every row of the prediction a and the data x; all are pointers."""
    if rows * columns < PARALLEL_FROM or not take_threads():
        for i in range(rows):
            _row(likelihood, a, x, loss, i, columns)
    else:
        for i in numba.prange(rows):
            _row(likelihood, a, x, loss, i, columns)
        give_threads()
    return 0


@linked(lambda real: types.intp(types.intp, *[types.CPointer(real)] * 5, types.intp, types.intp), parallel=True)
def loss_rows_both(likelihood, dloss, a, x, loss, da, rows, columns):  # type: ignore[no-untyped-def]
    """Compute loss[i] of every row, and da from dloss[i]; all are pointers."""
    if rows * columns < PARALLEL_FROM or not take_threads():
        for i in range(rows):
            _row_both(likelihood, dloss, a, x, loss, da, i, columns)
    else:
        for i in numba.prange(rows):
            _row_both(likelihood, dloss, a, x, loss, da, i, columns)
        give_threads()
    return 0


@inner
def _nll(likelihood, a, x):  # type: ignore[no-untyped-def]
    """Return the loss of every row of the arrays a and x."""
    rows, columns = a.shape
    if x.shape != a.shape:
        raise ValueError("a prediction and its data have different shapes; give arrays of the same shape")
    loss = np.empty(rows, a.dtype)
    a_flat, x_flat = a.ravel(), x.ravel()
    loss_rows(likelihood, pointer(a_flat), pointer(x_flat), pointer(loss), rows, columns)
    keep_alive(a_flat)
    keep_alive(x_flat)
    return loss


@inner
def _nll_backward(likelihood, dloss, a, x):  # type: ignore[no-untyped-def]
    """Return the gradient with respect to the array a."""
    rows, columns = a.shape
    if x.shape != a.shape or dloss.size != rows:
        raise ValueError("a prediction, its data and dloss do not fit; give arrays (N, D), (N, D) and (N,)")
    loss, da = np.empty(rows, a.dtype), np.empty(a.shape, a.dtype)
    upstream, a_flat, x_flat = dloss.ravel(), a.ravel(), x.ravel()
    loss_rows_both(
        likelihood,
        pointer(upstream), pointer(a_flat), pointer(x_flat), pointer(loss), pointer(da), rows, columns,
    )  # fmt: skip
    keep_alive(upstream)
    keep_alive(a_flat)
    keep_alive(x_flat)
    keep_alive(loss)
    return da


@kernel
def bernoulli_nll(logits, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.bernoulli_nll`."""
    return _nll(BERNOULLI, logits, x)  # (bernoulli_nll.4)


@kernel
def bernoulli_nll_backward(dloss, logits, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.bernoulli_nll_backward`."""
    return _nll_backward(BERNOULLI, dloss, logits, x)  # (bernoulli_nll.6)


@kernel
def squared_error(x_hat, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.squared_error`."""
    return _nll(GAUSSIAN, x_hat, x)  # (squared_error.1)


@kernel
def squared_error_backward(dloss, x_hat, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.squared_error_backward`."""
    return _nll_backward(GAUSSIAN, dloss, x_hat, x)  # (squared_error.3)
