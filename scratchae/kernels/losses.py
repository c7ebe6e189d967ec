"""Compiled twins of `scratchae.ops.losses`. Each example is summed by one thread, in one order."""

from __future__ import annotations

import numba
import numpy as np

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel
from scratchae.kernels.tile import pointer

BERNOULLI, GAUSSIAN = np.int64(0), np.int64(1)
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
    """The same, and its gradient: in one loop, the two share their exponential."""
    total = a[0] - a[0]
    for j in range(columns):
        total += scalars.softplus(a[j]) - x[j] * a[j]  # (bernoulli_nll.4)
        da[j] = dloss * (scalars.sigmoid(a[j]) - x[j])  # (bernoulli_nll.6)
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


@inner
def _row(likelihood, a, x, i, columns, loss):  # type: ignore[no-untyped-def]
    a_row, x_row = pointer(a, i * columns), pointer(x, i * columns)
    if likelihood == BERNOULLI:
        loss[i] = _bernoulli_nll_row(a_row, x_row, columns)
    else:
        loss[i] = _squared_error_row(a_row, x_row, columns)


@inner
def _row_both(likelihood, dloss, a, x, i, columns, loss, da):  # type: ignore[no-untyped-def]
    a_row, x_row, da_row = pointer(a, i * columns), pointer(x, i * columns), pointer(da, i * columns)
    if likelihood == BERNOULLI:
        loss[i] = _bernoulli_nll_row_both(dloss[i], a_row, x_row, columns, da_row)
    else:
        loss[i] = _squared_error_row_both(dloss[i], a_row, x_row, columns, da_row)


@inner(parallel=True)
def loss_rows(likelihood, a, x, columns, loss):  # type: ignore[no-untyped-def]
    """loss[i] of every row of the prediction a and the data x, both flat."""
    if loss.size * columns < PARALLEL_FROM:
        for i in range(loss.size):
            _row(likelihood, a, x, i, columns, loss)
    else:
        for i in numba.prange(loss.size):
            _row(likelihood, a, x, i, columns, loss)


@inner(parallel=True)
def loss_rows_both(likelihood, dloss, a, x, columns, loss, da):  # type: ignore[no-untyped-def]
    """loss[i] of every row, and da given dloss[i]."""
    if loss.size * columns < PARALLEL_FROM:
        for i in range(loss.size):
            _row_both(likelihood, dloss, a, x, i, columns, loss, da)
    else:
        for i in numba.prange(loss.size):
            _row_both(likelihood, dloss, a, x, i, columns, loss, da)


@kernel
def bernoulli_nll(logits, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.bernoulli_nll`."""
    loss = np.empty(logits.shape[0], logits.dtype)
    loss_rows(BERNOULLI, logits.ravel(), x.ravel(), logits.shape[1], loss)  # (bernoulli_nll.4)
    return loss


@kernel
def bernoulli_nll_backward(dloss, logits, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.bernoulli_nll_backward`."""
    dlogits = np.empty(logits.shape, logits.dtype)
    loss = np.empty_like(dloss)
    loss_rows_both(
        BERNOULLI, dloss, logits.ravel(), x.ravel(), logits.shape[1], loss, dlogits.ravel()
    )  # (bernoulli_nll.6)
    return dlogits


@kernel
def squared_error(x_hat, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.squared_error`."""
    loss = np.empty(x_hat.shape[0], x_hat.dtype)
    loss_rows(GAUSSIAN, x_hat.ravel(), x.ravel(), x_hat.shape[1], loss)  # (squared_error.1)
    return loss


@kernel
def squared_error_backward(dloss, x_hat, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.squared_error_backward`."""
    dx_hat = np.empty(x_hat.shape, x_hat.dtype)
    loss = np.empty_like(dloss)
    loss_rows_both(GAUSSIAN, dloss, x_hat.ravel(), x.ravel(), x_hat.shape[1], loss, dx_hat.ravel())  # (squared_error.3)
    return dx_hat
