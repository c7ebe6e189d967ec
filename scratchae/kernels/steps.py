"""Whole training steps in one call: gather a minibatch, forward, loss, backward, update, and so on to the last batch.

For a small network the time between two compiled calls is longer than the calls. This is the compiled twin of a
model's `objective` followed by an update; the order of the lines is the same. It serves every chain of layers with one loss at
its end: that of a reconstruction of the input itself, or of something else (the clean input, a class).

A network is a table with one row per layer, encoder first (see `nets.Network.table`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scratchae.kernels.compile import inner, kernel
from scratchae.kernels.layers import sum_rows
from scratchae.kernels.losses import CROSS_ENTROPY, loss_rows_both
from scratchae.kernels.matrix import rows_at, transposed
from scratchae.kernels.product import ACTIVATE, ADD, ASSIGN, IDENTITY, SLOPE, product, scratch_memory
from scratchae.kernels.softmax import cross_entropy_rows_both
from scratchae.kernels.tile import advanced, keep_alive, pointer
from scratchae.kernels.updates import move

# Columns of a network's table.
D_IN, D_OUT, W_START, B_START, ACTIVATION, TIED, SHARED = range(7)


@inner
def _weights(theta, row):  # type: ignore[no-untyped-def]
    """W of one layer; a tied layer reads the weights of its mirror image transposed."""
    start = advanced(theta, row[W_START])
    if row[TIED]:
        return transposed(rows_at(start, row[D_OUT], row[D_IN]))
    return rows_at(start, row[D_IN], row[D_OUT])


@inner
def copy(source, target, size):  # type: ignore[no-untyped-def]
    """Copy numbers from one place in memory, which may be read-only, to another."""
    for i in range(size):
        target[i] = source[i]


@inner
def forward(theta, table, x, work):  # type: ignore[no-untyped-def]
    """Outputs of all layers, layer l at starts[l] of work.h."""
    inputs, h, parameters, scratch = x, pointer(work.h), pointer(theta), pointer(work.scratch)
    for layer in range(table.shape[0]):
        row = table[layer]
        outputs = rows_at(advanced(h, work.starts[layer]), x.rows, row[D_OUT])
        W, b = _weights(parameters, row), advanced(parameters, row[B_START])
        product(inputs, W, outputs, ACTIVATE, row[ACTIVATION], b, outputs, scratch)
        inputs = outputs


@inner
def backward(theta, table, x, work):  # type: ignore[no-untyped-def]
    """Gradients of all parameters from that of the last layer's output, which stands in work.d where work.h has the output."""
    parameters, gradient, scratch = pointer(theta), pointer(work.gradient), pointer(work.scratch)
    h, d, starts = pointer(work.h), pointer(work.d), work.starts
    for layer in range(table.shape[0] - 1, -1, -1):
        row = table[layer]
        dy = rows_at(advanced(d, starts[layer]), x.rows, row[D_OUT])
        inputs = x if layer == 0 else rows_at(advanced(h, starts[layer - 1]), x.rows, row[D_IN])
        dW, db = advanced(gradient, row[W_START]), advanced(gradient, row[B_START])
        if row[TIED]:  # its weights are the mirror image's, whose turn comes later and adds to this
            dW = rows_at(dW, row[D_OUT], row[D_IN])
            product(transposed(dy), inputs, dW, ASSIGN, IDENTITY, db, dW, scratch)
        else:
            dW = rows_at(dW, row[D_IN], row[D_OUT])
            product(transposed(inputs), dy, dW, ADD if row[SHARED] else ASSIGN, IDENTITY, db, dW, scratch)
        sum_rows(dy, db)
        if layer > 0:
            dx, slope_of = rows_at(advanced(d, starts[layer - 1]), x.rows, row[D_IN]), table[layer - 1, ACTIVATION]
            product(dy, transposed(_weights(parameters, row)), dx, SLOPE, slope_of, db, inputs, scratch)


@inner
def decay_weights(theta, table, strength, gradient):  # type: ignore[no-untyped-def]
    """Add the gradient of the weight decay; return its value."""
    factor = theta.dtype.type(strength)
    total = 0.0
    for layer in range(table.shape[0]):
        if not table[layer, TIED]:
            start = table[layer, W_START]
            squares = 0.0
            for i in range(start, start + table[layer, D_IN] * table[layer, D_OUT]):
                gradient[i] += factor * theta[i]
                squares += np.float64(theta[i]) * theta[i]
            total += strength / 2 * squares
    return total


class Workspace(NamedTuple):
    """The working memory of whole steps, made once for many of them."""

    starts: Any  # where in h and d each layer's output begins
    batch: Any
    h: Any
    d: Any
    gradient: Any
    scratch: Any


def workspace(table: np.ndarray, rows: int, theta: np.ndarray) -> Workspace:
    """Memory for steps of up to `rows` examples.

    Parameters
    ----------
    table : array of int, shape (layers, 7)
    rows : int
    theta : array, shape (P,)
    """
    ends = rows * np.cumsum(table[:, D_OUT])
    sizes = (rows * table[0, D_IN], ends[-1], ends[-1], theta.size)
    arrays = (np.empty(size, theta.dtype) for size in sizes)
    return Workspace(np.concatenate([[0], ends[:-1]]), *arrays, scratch_memory(theta.dtype))


@inner
def _batch_gradient(theta, table, kind, target, rows, weight, work):  # type: ignore[no-untyped-def]
    """Sum of the losses of the rows in work.batch; work.gradient receives that of `weight` times the sum."""
    loss, dloss = np.empty(rows, theta.dtype), np.full(rows, theta.dtype.type(weight))
    x, last, columns = rows_at(pointer(work.batch), rows, table[0, D_IN]), work.starts[-1], table[-1, D_OUT]
    forward(theta, table, x, work)
    output, doutput = advanced(pointer(work.h), last), advanced(pointer(work.d), last)
    if kind == CROSS_ENTROPY:
        cross_entropy_rows_both(pointer(dloss), output, target, pointer(loss), doutput, rows, columns)
    else:
        loss_rows_both(kind, pointer(dloss), output, target, pointer(loss), doutput, rows, columns)
    backward(theta, table, x, work)
    total = 0.0
    for i in range(rows):
        total += loss[i]
    keep_alive(dloss)
    return total


@inner
def _target_of(targets, first, work):  # type: ignore[no-untyped-def]
    """Where the target of the row `first` begins: among the targets, or in the batch itself if there are none."""
    if targets.size == 0:
        return pointer(work.batch)
    return advanced(pointer(targets), first * targets.shape[1])


@kernel
def take_steps(x, targets, order, batch_size, theta, table, kind, strength, rule, state, settings, step, work, losses):  # type: ignore[no-untyped-def]
    """Train on the rows `order` of x, one minibatch after another; theta and state are changed in place.

    Parameters
    ----------
    x : array, shape (N, D)
    targets : array, shape (M, D) or (M, 1), or (0, 0)
        What is to come out for each row of `order`: the same numbers of features, or the class as a real number. If it is empty, the input.
    order : array of int, shape (M,)
    batch_size : int
    theta : array, shape (P,)
    table : array of int, shape (layers, 7)
    kind : int
        losses.BERNOULLI, losses.GAUSSIAN or losses.CROSS_ENTROPY.
    strength : float
        Weight decay.
    rule, state, settings
        As in `updates.move`.
    step : int
        Steps already taken.
    work : Workspace
        For batch_size rows; work.gradient holds the last gradient afterwards.
    losses : array, float64, shape (number of batches,)
        Receives the loss of each batch.

    Returns
    -------
    done : int
        Number of steps taken: less than losses.size when that step's loss is not finite (its update is not made).
    """
    dimension = x.shape[1]
    for done in range(losses.size):
        first = done * batch_size
        chosen = order[first : first + batch_size]
        rows = chosen.size
        for i in range(rows):
            copy(advanced(pointer(x), chosen[i] * dimension), advanced(pointer(work.batch), i * dimension), dimension)
        target = _target_of(targets, first, work)
        losses[done] = _batch_gradient(theta, table, kind, target, rows, 1 / rows, work) / rows
        if strength > 0:
            losses[done] += decay_weights(theta, table, strength, work.gradient)
        if not np.isfinite(losses[done]):
            return done
        move(rule, theta, work.gradient, state, settings, step + done + 1)
    return losses.size


@kernel
def full_gradient(x, targets, block, theta, table, kind, strength, work):  # type: ignore[no-untyped-def]
    """Mean loss over all rows of x, and its gradient, `block` rows at a time.

    Parameters
    ----------
    x : array, shape (N, D)
    targets : array, shape (N, D) or (N, 1), or (0, 0)
        As in `take_steps`.
    block : int
        Rows that are in working memory at once.
    theta, table, kind, strength
        As in `take_steps`.
    work : Workspace
        For `block` rows.

    Returns
    -------
    loss : float
    total : array, float64, shape (P,)
    """
    n, dimension = x.shape
    total, loss = np.zeros(theta.size), 0.0
    for first in range(0, n, block):
        rows = min(block, n - first)
        copy(advanced(pointer(x), first * dimension), pointer(work.batch), rows * dimension)
        loss += _batch_gradient(theta, table, kind, _target_of(targets, first, work), rows, 1 / n, work)
        for i in range(theta.size):
            total[i] += work.gradient[i]
    loss /= n
    if strength > 0:
        work.gradient[:] = 0
        loss += decay_weights(theta, table, strength, work.gradient)
        for i in range(theta.size):
            total[i] += work.gradient[i]
    return loss, total
