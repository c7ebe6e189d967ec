"""Whole training steps in one call: gather a minibatch, forward, loss, backward, update, and so on to the last batch.

For a small network the time between two compiled calls is longer than the calls. This is the compiled twin of
`Autoencoder.loss_and_gradients` followed by an update; the order of the lines is the same.

A network is a table with one row per layer, encoder first (see `nets.Network.table`).
"""

from __future__ import annotations

import numpy as np

from scratchae.kernels.compile import inner, kernel
from scratchae.kernels.layers import sum_rows
from scratchae.kernels.losses import loss_rows_both
from scratchae.kernels.product import ACTIVATE, ADD, ASSIGN, IDENTITY, SLOPE, product, rows_at, transposed
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
def _copy(source, target, size):  # type: ignore[no-untyped-def]
    """Copy numbers from one place in memory, which may be read-only, to another."""
    for i in range(size):
        target[i] = source[i]


@inner
def forward(theta, table, x, h, starts):  # type: ignore[no-untyped-def]
    """Outputs of all layers, layer l at starts[l] from h on."""
    inputs = x
    for layer in range(table.shape[0]):
        row = table[layer]
        outputs, bias = rows_at(advanced(h, starts[layer]), x.rows, row[D_OUT]), advanced(theta, row[B_START])
        product(inputs, _weights(theta, row), outputs, ACTIVATE, row[ACTIVATION], bias, outputs)
        inputs = outputs


@inner
def backward(theta, table, x, h, d, starts, gradient):  # type: ignore[no-untyped-def]
    """Gradients of all parameters from the gradient of the last layer's output, which stands in d where h has the output."""
    for layer in range(table.shape[0] - 1, -1, -1):
        row = table[layer]
        dy = rows_at(advanced(d, starts[layer]), x.rows, row[D_OUT])
        inputs = x if layer == 0 else rows_at(advanced(h, starts[layer - 1]), x.rows, row[D_IN])
        dW, db = advanced(gradient, row[W_START]), advanced(gradient, row[B_START])
        if row[TIED]:  # its weights are the mirror image's, whose turn comes later and adds to this
            dW = rows_at(dW, row[D_OUT], row[D_IN])
            product(transposed(dy), inputs, dW, ASSIGN, IDENTITY, db, dW)
        else:
            dW = rows_at(dW, row[D_IN], row[D_OUT])
            product(transposed(inputs), dy, dW, ADD if row[SHARED] else ASSIGN, IDENTITY, db, dW)
        sum_rows(dy, db)
        if layer > 0:
            dx, slope_of = rows_at(advanced(d, starts[layer - 1]), x.rows, row[D_IN]), table[layer - 1, ACTIVATION]
            product(dy, transposed(_weights(theta, row)), dx, SLOPE, slope_of, db, inputs)


@inner
def _decay_weights(theta, table, strength, gradient):  # type: ignore[no-untyped-def]
    """Add the gradient of the weight decay; return its value."""
    factor = theta.dtype.type(strength)
    total = 0.0
    for layer in range(table.shape[0]):
        if not table[layer, TIED]:
            start = table[layer, W_START]
            squares = theta[0] - theta[0]
            for i in range(start, start + table[layer, D_IN] * table[layer, D_OUT]):
                gradient[i] += factor * theta[i]
                squares += theta[i] * theta[i]
            total += strength / 2 * squares
    return total


@inner
def _memory(table, rows, like):  # type: ignore[no-untyped-def]
    """Where each layer's output begins, and room for all outputs and their gradients, for up to `rows` examples."""
    widths = table[:, D_OUT]
    starts = np.zeros(widths.size, np.int64)
    for layer in range(1, widths.size):
        starts[layer] = starts[layer - 1] + rows * widths[layer - 1]
    size = starts[-1] + rows * widths[-1]
    return starts, np.empty(size, like.dtype), np.empty(size, like.dtype)


@inner
def _batch_gradient(theta, table, likelihood, x, weight, starts, h, d, gradient):  # type: ignore[no-untyped-def]
    """Sum of the losses of a batch; `gradient` receives that of `weight` times the sum."""
    loss, dloss = np.empty(x.rows, theta.dtype), np.full(x.rows, theta.dtype.type(weight))
    parameters, outputs, doutputs = pointer(theta), pointer(h), pointer(d)
    forward(parameters, table, x, outputs, starts)
    output, doutput = advanced(outputs, starts[-1]), advanced(doutputs, starts[-1])
    loss_rows_both(likelihood, pointer(dloss), output, x.start, pointer(loss), doutput, x.rows, x.columns)
    backward(parameters, table, x, outputs, doutputs, starts, pointer(gradient))
    keep_alive(dloss)
    total = 0.0
    for i in range(x.rows):
        total += loss[i]
    return total


@kernel
def autoencoder_steps(
    x, order, batch_size, theta, table, likelihood, strength, rule, state, settings, step, gradient, losses
):  # type: ignore[no-untyped-def]
    """Train on the rows `order` of x, one minibatch after another; theta and state are changed in place.

    Parameters
    ----------
    x : array, shape (N, D)
    order : array of int, shape (M,)
    batch_size : int
    theta : array, shape (P,)
    table : array of int, shape (layers, 7)
    likelihood : int
        losses.BERNOULLI or losses.GAUSSIAN.
    strength : float
        Weight decay.
    rule, state, settings
        As in `updates.move`.
    step : int
        Steps already taken.
    gradient : array, shape (P,)
        Working memory; holds the last gradient afterwards.
    losses : array, float64, shape (number of batches,)
        Receives the loss of each batch.

    Returns
    -------
    done : int
        Number of steps taken: less than losses.size when that step's loss is not finite (its update is not made).
    """
    dimension = x.shape[1]
    starts, h, d = _memory(table, batch_size, theta)
    batch = np.empty((batch_size, dimension), theta.dtype)
    for done in range(losses.size):
        chosen = order[done * batch_size : (done + 1) * batch_size]
        rows = chosen.size
        for i in range(rows):
            _copy(advanced(pointer(x), chosen[i] * dimension), advanced(pointer(batch), i * dimension), dimension)
        inputs = rows_at(pointer(batch), rows, dimension)
        losses[done] = _batch_gradient(theta, table, likelihood, inputs, 1 / rows, starts, h, d, gradient) / rows
        if strength > 0:
            losses[done] += _decay_weights(theta, table, strength, gradient)
        if not np.isfinite(losses[done]):
            return done
        move(rule, theta, gradient, state, settings, step + done + 1)
    keep_alive(batch)
    keep_alive(h)
    keep_alive(d)
    return losses.size


@kernel
def autoencoder_gradient(x, block, theta, table, likelihood, strength):  # type: ignore[no-untyped-def]
    """Mean loss over all rows of x, and its gradient, `block` rows at a time.

    Parameters
    ----------
    x : array, shape (N, D)
    block : int
        Rows that are in working memory at once.
    theta, table, likelihood, strength
        As in `autoencoder_steps`.

    Returns
    -------
    loss : float
    total : array, float64, shape (P,)
    """
    n, dimension = x.shape
    starts, h, d = _memory(table, block, theta)
    batch = np.empty((block, dimension), theta.dtype)
    gradient, total, loss = np.empty(theta.size, theta.dtype), np.zeros(theta.size), 0.0
    for first in range(0, n, block):
        rows = min(block, n - first)
        _copy(advanced(pointer(x), first * dimension), pointer(batch), rows * dimension)
        inputs = rows_at(pointer(batch), rows, dimension)
        loss += _batch_gradient(theta, table, likelihood, inputs, 1 / n, starts, h, d, gradient)
        for i in range(theta.size):
            total[i] += gradient[i]
    keep_alive(batch)
    keep_alive(h)
    keep_alive(d)
    loss /= n
    if strength > 0:
        gradient[:] = 0
        loss += _decay_weights(theta, table, strength, gradient)
        for i in range(theta.size):
            total[i] += gradient[i]
    return loss, total
