"""Whole training steps of a variational model in one call: encoder, draws of z, decoder.

The compiled twin of `objective` of the variational, the conditional and the importance-weighted autoencoder, followed by an update, in the
same order of lines, except that each layer moves as soon as its gradients are complete. `Objective` holds what their options decide; the
noise of all steps is passed in.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel
from scratchae.kernels.draws import (
    draw,
    draw_backward,
    kl_in_closed_form,
    kl_in_closed_form_backward,
    kl_of_draws,
    kl_of_draws_backward,
    weigh_draws,
)
from scratchae.kernels.losses import BERNOULLI, GAUSSIAN, loss_rows_both
from scratchae.kernels.matrix import rows_at
from scratchae.kernels.steps import (
    D_IN,
    D_OUT,
    INPUT,
    Moves,
    Workspace,
    backward,
    copy,
    decay_term,
    forward,
    workspace,
)
from scratchae.kernels.tile import advanced, keep_alive, pointer
from scratchae.kernels.updates import CONSTANTS, constants_of, update_all
from scratchae.kernels.variances import gaussian_rows_both, keep_above, read_variances, variance_gradient

# Forms of the loss: the evidence lower bound with one of two KLs, or the importance-weighted bound.
ANALYTIC, SAMPLED, IMPORTANCE_WEIGHTED = (np.int64(code) for code in range(3))


class Objective(NamedTuple):
    """The options of a model that decide its loss, as numbers.

    Attributes
    ----------
    form : int
        ANALYTIC or SAMPLED, the KL of the evidence lower bound; or IMPORTANCE_WEIGHTED.
    likelihood : int
        losses.BERNOULLI or losses.GAUSSIAN.
    beta : float
        Weight of the KL.
    floor : float
        Free nats of each latent dimension (ANALYTIC); minus infinity for none.
    decay : float
        Strength of the weight decay.
    learned, at : int
        How many log-variances of a Gaussian decoder are learned (none, one for all features, or one for each), and the index of the first
        in the parameters.
    """

    form: int
    likelihood: int
    beta: float
    floor: float
    decay: float
    learned: int
    at: int


class VariationalWorkspace(NamedTuple):
    """Working memory for whole steps, allocated once for many of them."""

    encoder: Workspace
    decoder: Workspace
    x: Any  # rows of the batch without their classes
    std: Any  # of each row and latent dimension
    z: Any  # draws without their classes
    dz: Any
    losses: Any  # of each draw: -log p(x|z), and the factor of its gradient
    weights: Any
    kl: Any  # of each latent dimension: a sum over the rows, and the factor of the gradient of a row
    slopes: Any
    precisions: Any  # of each feature of a Gaussian decoder: 1 / variance, and a sum over the draws
    sums: Any
    terms: Any  # of the last batch, means over its rows: log p(x|z), the KL, and what importance weights add or free bits lack


def variational_workspace(
    encoder: np.ndarray, decoder: np.ndarray, rows: int, draws: int, theta: np.ndarray
) -> VariationalWorkspace:
    """Allocate memory for steps of up to `rows` examples with `draws` draws each.

    Parameters
    ----------
    encoder, decoder : array of int, shape (layers, 7)
    rows, draws : int
    theta : array, shape (P,)
    """
    features, latents = decoder[-1, D_OUT], encoder[-1, D_OUT] // 2
    first = workspace(encoder, rows, theta)
    second = workspace(decoder, rows * draws, theta)._replace(gradient=first.gradient)
    x, z = first.batch, second.batch  # the inputs of the networks, unless classes are appended
    if encoder[0, D_IN] > features:
        x, z = np.empty(rows * features, theta.dtype), np.empty(rows * draws * latents, theta.dtype)
    sizes = (rows * latents, rows * draws * latents, rows * draws, rows * draws, latents, features)
    std, dz, losses, weights, slopes, precisions = (np.empty(size, theta.dtype) for size in sizes)
    kl, sums, terms = (np.empty(size) for size in (latents, features, 3))
    return VariationalWorkspace(first, second, x, std, z, dz, losses, weights, kl, slopes, precisions, sums, terms)


@inner
def _append_classes(values, columns, y, chosen, classes, rows, inputs):  # type: ignore[no-untyped-def]
    """Copy `rows` rows of values into the inputs, each followed by the one-hot encoding of its class, draw after draw."""
    for i in range(rows):
        row, label = advanced(inputs, i * (columns + classes)), y[chosen[i % chosen.size]]
        copy(advanced(values, i * columns), row, columns)
        for k in range(classes):
            row[columns + k] = 1 if k == label else 0  # (conditional.1)


@inner
def _nll_both(likelihood, weights, output, x, logvar, precisions, losses, doutput, rows, draws, features):  # type: ignore[no-untyped-def]
    """Compute -log p(x|z) of every draw, and its gradient with respect to the decoder's output times the weight of the draw."""
    for first in range(0, draws * rows, rows):  # all draws have the same rows as targets
        weight, loss = advanced(weights, first), advanced(losses, first)
        a, da = advanced(output, first * features), advanced(doutput, first * features)
        if likelihood == GAUSSIAN:
            gaussian_rows_both(weight, a, x, logvar, precisions, loss, da, rows, features)
        else:
            loss_rows_both(BERNOULLI, weight, a, x, loss, da, rows, features)


@inner
def _scale_rows(d, weights, rows, columns):  # type: ignore[no-untyped-def]
    """Multiply each row of d by its weight."""
    for i in range(rows):
        row = advanced(d, i * columns)
        for j in range(columns):
            row[j] = row[j] * weights[i]


@inner
def _batch_loss(theta, encoder, decoder, objective, y, chosen, logvar, eps, draws, work):  # type: ignore[no-untyped-def]
    """Return the loss of the rows in work.x without the weight decay; work receives what its gradient needs."""
    first, second, learned = work.encoder, work.decoder, objective.learned
    rows, features, latents = chosen.size, decoder[-1, D_OUT], encoder[-1, D_OUT] // 2
    all_draws, classes = draws * rows, encoder[0, D_IN] - features
    x, std, z, terms = pointer(work.x), pointer(work.std), pointer(work.z), pointer(work.terms)
    losses, weights, slopes = pointer(work.losses), pointer(work.weights), pointer(work.slopes)
    variances, precisions = pointer(logvar), pointer(work.precisions)

    if classes > 0:
        _append_classes(x, features, y, chosen, classes, rows, pointer(first.batch))
    inputs = rows_at(pointer(first.batch), rows, encoder[0, D_IN])
    forward(theta, encoder, inputs, first)
    moments = advanced(pointer(first.h), first.starts[-1])  # (variational.1)
    draw(moments, eps, std, z, rows, draws, latents)
    if classes > 0:
        _append_classes(z, latents, y, chosen, classes, all_draws, pointer(second.batch))
    codes = rows_at(pointer(second.batch), all_draws, decoder[0, D_IN])
    forward(theta, decoder, codes, second)  # (variational.3)
    output, doutput = advanced(pointer(second.h), second.starts[-1]), advanced(pointer(second.d), second.starts[-1])
    for i in range(all_draws):
        weights[i] = 1 if objective.form == IMPORTANCE_WEIGHTED else 1 / all_draws  # (variational.7)
    if objective.likelihood == GAUSSIAN:
        read_variances(learned, advanced(pointer(theta), objective.at), variances, precisions, features)
    _nll_both(
        objective.likelihood, weights, output, x, variances, precisions, losses, doutput, rows, draws, features
    )  # (variational.4), (variational.8)
    terms[0], terms[1], terms[2] = 0, 0, 0
    for i in range(all_draws):
        terms[0] -= np.float64(losses[i]) / all_draws
    if objective.form == IMPORTANCE_WEIGHTED:
        loss = weigh_draws(moments, eps, z, losses, weights, rows, draws, latents, terms)
        _scale_rows(doutput, weights, all_draws, features)
    elif objective.form == SAMPLED:
        kl = kl_of_draws(moments, eps, z, rows, draws, latents, terms)
        loss = objective.beta * kl - terms[0]  # (variational.6)
    else:
        kl = kl_in_closed_form(
            moments, std, rows, latents, objective.beta, objective.floor, pointer(work.kl), slopes, terms
        )
        loss = objective.beta * kl - terms[0]  # (variational.6)

    if learned > 0:
        gradient = advanced(pointer(first.gradient), objective.at)
        variance_gradient(learned, weights, output, doutput, x, pointer(work.sums), rows, draws, features, gradient)
    return loss


@inner
def _batch_backward(theta, encoder, decoder, objective, rows, eps, draws, work, moves):  # type: ignore[no-untyped-def]
    """Compute the gradients of all parameters from what `_batch_loss` left in work, and move them."""
    first, second, learned, at = work.encoder, work.decoder, objective.learned, objective.at
    latents, all_draws = encoder[-1, D_OUT] // 2, draws * rows
    std, z, weights, dz = pointer(work.std), pointer(work.z), pointer(work.weights), pointer(work.dz)
    moments, dmoments = advanced(pointer(first.h), first.starts[-1]), advanced(pointer(first.d), first.starts[-1])

    if learned > 0:
        update_all(
            moves.rule, advanced(pointer(theta), at), advanced(pointer(first.gradient), at), advanced(moves.m, at),
            advanced(moves.v, at), moves.constants, learned,
        )  # fmt: skip
    codes = rows_at(pointer(second.batch), all_draws, decoder[0, D_IN])
    dcodes = rows_at(dz, all_draws, latents)  # classes have no gradient
    backward(theta, decoder, codes, second, moves, INPUT, decoder.shape[0], dcodes)  # (variational.9)
    if objective.form == ANALYTIC:
        kl_in_closed_form_backward(moments, std, pointer(work.slopes), dmoments, rows, latents)
    else:
        kl_of_draws_backward(z, weights, dz, dmoments, rows, draws, latents, theta.dtype.type(objective.beta))
    draw_backward(std, eps, dz, dmoments, rows, draws, latents)
    inputs = rows_at(pointer(first.batch), rows, encoder[0, D_IN])
    backward(theta, encoder, inputs, first, moves, INPUT, encoder.shape[0])  # (variational.12)


@inner
def _gather(x, chosen, u, first, black_and_white, batch):  # type: ignore[no-untyped-def]
    """Copy rows of x, or binarise them with the noise u."""
    dimension = x.shape[1]
    for i in range(chosen.size):
        source, target = advanced(pointer(x), chosen[i] * dimension), advanced(batch, i * dimension)
        if black_and_white:
            noise = advanced(pointer(u), (first + i) * dimension)
            for j in range(dimension):
                target[j] = 1 if noise[j] < source[j] else 0
        else:
            copy(source, target, dimension)


@kernel
def take_steps(  # type: ignore[no-untyped-def]
    x,
    y,
    order,
    batch_size,
    theta,
    encoder,
    decoder,
    objective,
    logvar,
    least,
    eps,
    u,
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
    x : array, shape (N, D), in [0, 1] for the Bernoulli likelihood
    y : array of int64, shape (N,) or (0,)
        Classes of a conditional model.
    order : array of int, shape (M,)
    batch_size : int
    theta : array, shape (P,)
    encoder, decoder : array of int, shape (layers, 7)
        If their first layers have C more inputs than x has features and z latents, these receive the one-hot encoding of the class.
    objective : Objective
    logvar : array, shape (D,) or (0,)
        Log-variances of the features for the Gaussian likelihood: given, or memory for those that are learned.
    least : array, float64, shape (objective.learned,)
        Least values of the learned log-variances.
    eps : array, shape (L * M * J,)
        Noise of all batches, one after another, each in the order draws, rows, latents.
    u : array, shape (M, D) or (0, 0)
        Noise for the binarisation of pixels, in the order of `order`; if empty, pixels are not binarised.
    rule, state, settings
        As in `updates.move`.
    step : int
        Number of steps already taken.
    work : VariationalWorkspace
        Allocated for batch_size rows.
    losses : array, float64, shape (number of batches,)
        Receives the loss of each batch.
    terms : array, float64, shape (4, number of batches)
        Receives its terms, means over the rows: log p(x|z), the KL, what importance weights add to the bound or what the KL lacks to the
        free bits, and the weight decay.

    Returns
    -------
    done : int
        Number of steps taken; less than losses.size if the loss of the next step is not finite (its update is not made).
    """
    latents, constants, m = encoder[-1, D_OUT] // 2, np.empty(CONSTANTS, theta.dtype), pointer(state)
    moves = Moves(rule, m, advanced(m, theta.size), pointer(constants))
    draws = eps.size // (order.size * latents)
    for done in range(losses.size):
        first = done * batch_size
        chosen = order[first : first + batch_size]
        _gather(x, chosen, u, first, u.size > 0, pointer(work.x))
        noise = advanced(pointer(eps), draws * first * latents)
        losses[done] = _batch_loss(theta, encoder, decoder, objective, y, chosen, logvar, noise, draws, work)
        terms[3, done] = 0.0
        for i in range(3):
            terms[i, done] = work.terms[i]
        if objective.decay > 0:
            for table in (encoder, decoder):
                terms[3, done] += decay_term(theta, table, objective.decay)
            losses[done] += terms[3, done]
        if not scalars.is_finite(losses[done]):
            return done
        constants_of(rule, settings, step + done + 1, objective.decay, constants)
        _batch_backward(theta, encoder, decoder, objective, chosen.size, noise, draws, work, moves)
        keep_above(objective.learned, advanced(pointer(theta), objective.at), pointer(least))
    keep_alive(eps)
    keep_alive(constants)
    return losses.size
