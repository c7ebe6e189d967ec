"""Whole training steps in one call: for each minibatch, gather the rows, forward pass, loss, backward pass, update.

For a small network, the overhead between compiled calls exceeds the calls themselves. This is the compiled twin of a
model's `objective` followed by an update, in the same order of lines, except that each layer moves as soon as its gradients
are complete. It supports every chain of layers with one loss at the end, whose target is the input itself or something else
(the clean input, a class), and with at most one term at the code (`code_terms`).

A network is given as a table with one row per layer, encoder first (see `nets.Network.table`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import carray

from scratchae.kernels import scalars
from scratchae.kernels.code_terms import add_slopes, contract_weights, penalise, select, select_backward
from scratchae.kernels.compile import inner, kernel
from scratchae.kernels.layers import sum_rows, times_slope
from scratchae.kernels.losses import CROSS_ENTROPY, loss_rows_both
from scratchae.kernels.matrix import rows_at, transposed
from scratchae.kernels.product import ACTIVATE, ADD, ASSIGN, IDENTITY, SLOPE, product, scratch_memory
from scratchae.kernels.softmax import cross_entropy_rows_both
from scratchae.kernels.tile import MOST_COLUMNS, advanced, keep_alive, pointer
from scratchae.kernels.updates import CONSTANTS, DECAY, constants_of, update_all
from scratchae.kernels.weight_steps import MOST_ROWS, in_one_pass, move_weights

# Columns of a network's table.
D_IN, D_OUT, W_START, B_START, ACTIVATION, TIED, SHARED = range(7)
INPUT, ALL = np.int64(0), np.int64(1_000_000)  # the first layer, and more layers than any network has


@inner
def _weights(theta, row):  # type: ignore[no-untyped-def]
    """Return W of one layer; a tied layer uses the transposed weights of the corresponding encoder layer."""
    start = advanced(theta, row[W_START])
    if row[TIED]:
        return transposed(rows_at(start, row[D_OUT], row[D_IN]))
    return rows_at(start, row[D_IN], row[D_OUT])


@inner
def copy(source, target, size):  # type: ignore[no-untyped-def]
    """Copy numbers in memory; the source may be read-only."""
    for i in range(size):
        target[i] = source[i]


@inner
def forward(theta, table, x, work, first=INPUT, end=ALL):  # type: ignore[no-untyped-def]
    """Compute the outputs of the layers from `first` to before `end`; layer l starts at starts[l] in work.h."""
    inputs, h, parameters, scratch = x, pointer(work.h), pointer(theta), pointer(work.scratch)
    if first > 0:
        inputs = rows_at(advanced(h, work.starts[first - 1]), x.rows, table[first - 1, D_OUT])
    for layer in range(first, min(end, table.shape[0])):
        row = table[layer]
        outputs = rows_at(advanced(h, work.starts[layer]), x.rows, row[D_OUT])
        W, b = _weights(parameters, row), advanced(parameters, row[B_START])
        product(inputs, W, outputs, ACTIVATE, row[ACTIVATION], b, outputs, scratch)
        inputs = outputs


class Moves(NamedTuple):
    """The step that follows the backward pass: an optimiser's rule, pointers to its state, and the constants of `updates.constants_of`."""

    rule: Any
    m: Any
    v: Any
    constants: Any


NO_MOVES = np.int64(-1)  # a rule: only the gradients are computed


@inner
def backward(theta, table, x, work, moves, first=INPUT, end=ALL, dx_first=None):  # type: ignore[no-untyped-def]
    """Compute the gradients of the parameters of the layers from `first` to before `end`, and of layer `first` - 1 before its activation.

    They follow from the gradient of the last output of these layers, stored in work.d at the position of the output in work.h. Each layer's
    parameters move as soon as its gradients are complete and its weights have served the layer before. Of large layers, whose weights move in
    strips, work.gradient receives nothing. If the matrix `dx_first` is given, it receives the gradient of the inputs of layer 0, of as many
    columns as it has.
    """
    parameters, gradient, scratch = pointer(theta), pointer(work.gradient), pointer(work.scratch)
    h, d, starts = pointer(work.h), pointer(work.d), work.starts
    for layer in range(min(end, table.shape[0]) - 1, first - 1, -1):
        row = table[layer]
        dy = rows_at(advanced(d, starts[layer]), x.rows, row[D_OUT])
        inputs = x if layer == 0 else rows_at(advanced(h, starts[layer - 1]), x.rows, row[D_IN])
        dW, db = advanced(gradient, row[W_START]), advanced(gradient, row[B_START])
        if layer > 0:
            dx, slope_of = rows_at(advanced(d, starts[layer - 1]), x.rows, row[D_IN]), table[layer - 1, ACTIVATION]
            product(dy, transposed(_weights(parameters, row)), dx, SLOPE, slope_of, db, inputs, scratch)
        elif dx_first is not None:
            W = rows_at(advanced(parameters, row[W_START]), dx_first.columns, row[D_OUT])
            product(dy, transposed(W), dx_first, ASSIGN, IDENTITY, db, dx_first, scratch)
        fused = (
            moves.rule != NO_MOVES and not row[TIED] and not row[SHARED] and in_one_pass(x.rows, row[D_IN], row[D_OUT])
        )
        if fused:
            at = row[W_START]
            move_weights(
                inputs, dy, advanced(parameters, at), advanced(moves.m, at), advanced(moves.v, at), moves.rule,
                moves.constants, db, pointer(work.panels), scratch,
            )  # fmt: skip
        else:
            if row[TIED]:  # the encoder layer with the same weights comes later and adds its contribution
                dW = rows_at(dW, row[D_OUT], row[D_IN])
                product(transposed(dy), inputs, dW, ASSIGN, IDENTITY, db, dW, scratch)
            else:
                dW = rows_at(dW, row[D_IN], row[D_OUT])
                product(transposed(inputs), dy, dW, ADD if row[SHARED] else ASSIGN, IDENTITY, db, dW, scratch)
            sum_rows(dy, db)
        if moves.rule != NO_MOVES:
            _move_layer(parameters, gradient, row, moves, fused)


@inner
def _move_layer(theta, gradient, row, moves, weights_moved):  # type: ignore[no-untyped-def]
    """Move the parameters of one layer that have not moved yet; those of a tied layer are its bias."""
    first, size = row[W_START], row[D_IN] * row[D_OUT]
    if row[TIED] or weights_moved:
        first, size = row[B_START], 0
    elif moves.constants[DECAY] != 0:
        W, dW = advanced(theta, first), advanced(gradient, first)
        for i in range(size):
            dW[i] += moves.constants[DECAY] * W[i]  # (autoencoder.8)
    # The bias follows the weights in memory.
    update_all(
        moves.rule, advanced(theta, first), advanced(gradient, first), advanced(moves.m, first), advanced(moves.v, first),
        moves.constants, size + row[D_OUT],
    )  # fmt: skip


@inner
def _decayed(table, layer):  # type: ignore[no-untyped-def]
    """Return the index of a layer's first weight, and their number; a tied layer has none of its own."""
    size = 0 if table[layer, TIED] else table[layer, D_IN] * table[layer, D_OUT]
    return table[layer, W_START], size


@inner
def decay_term(theta, table, strength):  # type: ignore[no-untyped-def]
    """Return the weight decay term of the loss."""
    total = 0.0
    for layer in range(table.shape[0]):
        start, size = _decayed(table, layer)
        squares = 0.0
        for i in range(start, start + size):
            squares += np.float64(theta[i]) * theta[i]
        total += strength / 2 * squares
    return total


@inner
def add_decay(theta, table, strength, gradient):  # type: ignore[no-untyped-def]
    """Add the gradient of the weight decay."""
    factor = theta.dtype.type(strength)
    for layer in range(table.shape[0]):
        start, size = _decayed(table, layer)
        for i in range(start, start + size):
            gradient[i] += factor * theta[i]


class Workspace(NamedTuple):
    """Working memory for whole steps, allocated once for many of them."""

    starts: Any  # index in h and d at which each layer's output starts
    batch: Any
    h: Any
    d: Any
    gradient: Any
    panels: Any  # gradients of a layer's outputs, packed
    code: Any  # of a term at the code: which entries it keeps, or its gradient
    scratch: Any


def workspace(table: np.ndarray, rows: int, theta: np.ndarray, code: int = 0) -> Workspace:
    """Allocate memory for steps of up to `rows` examples.

    Parameters
    ----------
    table : array of int, shape (layers, 7)
    rows : int
    theta : array, shape (P,)
    code : int
        Size of a code with a term.
    """
    ends = rows * np.cumsum(table[:, D_OUT])
    panels = (int(table[:, D_OUT].max()) + MOST_COLUMNS) * min(rows, MOST_ROWS)
    sizes = (rows * table[0, D_IN], ends[-1], ends[-1], theta.size, panels, rows * code)
    arrays = (np.empty(size, theta.dtype) for size in sizes)
    return Workspace(np.concatenate([[0], ends[:-1]]), *arrays, scratch_memory(theta.dtype))


@inner
def _code_of(theta, table, term, rows, work):  # type: ignore[no-untyped-def]
    """Return arrays on the code and on the memory of its term, shape (N, J), and on the weights of its layer, shape (D, J)."""
    row, start = table[term.layers - 1], work.starts[term.layers - 1]
    shape = (rows, row[D_OUT])
    h, W = carray(advanced(pointer(work.h), start), shape), advanced(pointer(theta), row[W_START])
    return h, carray(pointer(work.code), shape), carray(W, (row[D_IN], row[D_OUT]))


@inner
def _batch_loss(theta, table, kind, target, rows, weight, term, draws, work):  # type: ignore[no-untyped-def]
    """Return the sum of the losses of the rows in work.batch, and the penalty of the code times the number of rows.

    work.d and work.code receive the gradients of `weight` times both with respect to the output and the code.
    """
    loss, dloss = np.empty(rows, theta.dtype), np.full(rows, theta.dtype.type(weight))
    x, last, columns = rows_at(pointer(work.batch), rows, table[0, D_IN]), work.starts[-1], table[-1, D_OUT]
    penalty, layers = 0.0, table.shape[0]
    if term is None:
        forward(theta, table, x, work, INPUT, layers)
    else:
        forward(theta, table, x, work, INPUT, term.layers)
        h, memory, W = _code_of(theta, table, term, rows, work)
        select(term.k, h, memory)
        penalty += penalise(term.rho, term.activation, term.scale, term.weight, weight, h, W, draws, memory)
        forward(theta, table, x, work, term.layers, layers)
    output, doutput = advanced(pointer(work.h), last), advanced(pointer(work.d), last)
    if kind == CROSS_ENTROPY:
        cross_entropy_rows_both(pointer(dloss), output, target, pointer(loss), doutput, rows, columns)
    else:
        loss_rows_both(kind, pointer(dloss), output, target, pointer(loss), doutput, rows, columns)
        if table[-1, ACTIVATION] != IDENTITY:
            times_slope(doutput, output, rows * columns, table[-1, ACTIVATION], doutput)  # (layer.2)
    total = 0.0
    for i in range(rows):
        total += loss[i]
    keep_alive(dloss)
    return total, penalty


@inner
def _batch_backward(theta, table, rows, weight, term, work, moves):  # type: ignore[no-untyped-def]
    """Compute the gradients of all parameters from what `_batch_loss` left in work, and move them."""
    x, layers = rows_at(pointer(work.batch), rows, table[0, D_IN]), table.shape[0]
    if term is None:
        backward(theta, table, x, work, moves, INPUT, layers)
    else:
        backward(theta, table, x, work, moves, term.layers, layers)
        h, memory, W = _code_of(theta, table, term, rows, work)
        row, tied = table[term.layers - 1], table[term.layers, TIED]
        da = carray(advanced(pointer(work.d), work.starts[term.layers - 1]), h.shape)
        dW = carray(advanced(pointer(work.gradient), row[W_START]), W.shape)
        select_backward(term.k, memory, da)
        add_slopes(term.k, h, row[ACTIVATION], memory, da)
        contract_weights(term.activation, term.weight, weight, h, W, dW, tied)
        backward(theta, table, x, work, moves, INPUT, term.layers)


@inner
def _target_of(targets, first, work):  # type: ignore[no-untyped-def]
    """Return the address of the target of row `first`: in the targets, or in the batch itself if there are none."""
    if targets.size == 0:
        return pointer(work.batch)
    return advanced(pointer(targets), first * targets.shape[1])


@kernel
def take_steps(  # type: ignore[no-untyped-def]
    x,
    targets,
    order,
    batch_size,
    theta,
    table,
    kind,
    term,
    draws,
    strength,
    rule,
    state,
    settings,
    step,
    work,
    losses,
    terms,
):
    """Train on the rows `order` of x, one minibatch after another; theta and state are modified in place.

    Parameters
    ----------
    x : array, shape (N, D)
    targets : array, shape (M, D) or (M, 1), or (0, 0)
        Targets of the rows `order`: as many features as x has, or the class as a float. If empty, the targets are the inputs.
    order : array of int, shape (M,)
    batch_size : int
    theta : array, shape (P,)
    table : array of int, shape (layers, 7)
    kind : int
        losses.BERNOULLI, losses.GAUSSIAN or losses.CROSS_ENTROPY.
    term : CodeTerm or None
        The term at the code.
    draws : array, shape (M, J), or (0, 0)
        Draws from the prior for the rows `order`, if the term needs them.
    strength : float
        Weight decay.
    rule, state, settings
        As in `updates.move`.
    step : int
        Number of steps already taken.
    work : Workspace
        Allocated for batch_size rows.
    losses : array, float64, shape (number of batches,)
        Receives the loss of each batch.
    terms : array, float64, shape (3, number of batches)
        Receives its terms: the mean loss of the rows, the penalty of the code without its weight, and the weight decay.

    Returns
    -------
    done : int
        Number of steps taken; less than losses.size if the loss of the next step is not finite (its update is not made).
    """
    dimension, constants, m = x.shape[1], np.empty(CONSTANTS, theta.dtype), pointer(state)
    moves = Moves(rule, m, advanced(m, theta.size), pointer(constants))
    for done in range(losses.size):
        first = done * batch_size
        chosen = order[first : first + batch_size]
        rows = chosen.size
        for i in range(rows):
            copy(advanced(pointer(x), chosen[i] * dimension), advanced(pointer(work.batch), i * dimension), dimension)
        target = _target_of(targets, first, work)
        some = advanced(pointer(draws), first * draws.shape[1])
        fit, penalty = _batch_loss(theta, table, kind, target, rows, 1 / rows, term, some, work)
        decay = decay_term(theta, table, strength) if strength > 0 else 0.0
        terms[0, done], terms[1, done], terms[2, done] = fit / rows, penalty / rows, decay
        losses[done] = terms[0, done] + decay
        if term is not None:
            losses[done] += term.weight * terms[1, done]
        if not scalars.is_finite(losses[done]):
            return done
        constants_of(rule, settings, step + done + 1, strength, constants)
        _batch_backward(theta, table, rows, 1 / rows, term, work, moves)
    keep_alive(constants)
    return losses.size


@kernel
def full_gradient(x, targets, block, theta, table, kind, term, strength, work):  # type: ignore[no-untyped-def]
    """Compute the mean loss over all rows of x and its gradient, `block` rows at a time.

    Parameters
    ----------
    x : array, shape (N, D)
    targets : array, shape (N, D) or (N, 1), or (0, 0)
        As in `take_steps`.
    block : int
        Number of rows processed at once; all, if the term couples the rows.
    theta, table, kind, term, strength
        As in `take_steps`.
    work : Workspace
        Allocated for `block` rows.

    Returns
    -------
    loss : float
    total : array, float64, shape (P,)
    terms : tuple of three floats
        Its terms, as in `take_steps`.
    """
    n, dimension = x.shape
    total, fit, penalty, decay = np.zeros(theta.size), 0.0, 0.0, 0.0
    start = pointer(theta)
    none = Moves(NO_MOVES, start, start, start)
    for first in range(0, n, block):
        rows = min(block, n - first)
        copy(advanced(pointer(x), first * dimension), pointer(work.batch), rows * dimension)
        target = _target_of(targets, first, work)
        part, part_penalty = _batch_loss(theta, table, kind, target, rows, 1 / n, term, pointer(x), work)
        _batch_backward(theta, table, rows, 1 / n, term, work, none)
        fit, penalty = fit + part / n, penalty + part_penalty / n
        for i in range(theta.size):
            total[i] += work.gradient[i]
    if strength > 0:
        work.gradient[:] = 0
        decay = decay_term(theta, table, strength)
        add_decay(theta, table, strength, work.gradient)
        for i in range(theta.size):
            total[i] += work.gradient[i]
    loss = fit + decay
    if term is not None:
        loss += term.weight * penalty
    return loss, total, (fit, penalty, decay)
