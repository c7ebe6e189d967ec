"""Whole training steps of a variational model in one call: encoder, draws of z, decoder.

The compiled twin of `objective` of the variational, the conditional and the importance-weighted autoencoder, followed by an update, in the
same order of lines. `Objective` holds what their options decide; the noise of all steps is passed in.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel
from scratchae.kernels.gaussian import LOG_2_PI
from scratchae.kernels.losses import BERNOULLI, GAUSSIAN, loss_rows_both
from scratchae.kernels.matrix import rows_at, transposed
from scratchae.kernels.product import ASSIGN, IDENTITY, product
from scratchae.kernels.steps import (
    D_IN,
    D_OUT,
    W_START,
    Workspace,
    backward,
    copy,
    decay_weights,
    forward,
    workspace,
)
from scratchae.kernels.tile import advanced, keep_alive, pointer
from scratchae.kernels.updates import move

ANALYTIC, SAMPLED, IMPORTANCE_WEIGHTED = (np.int64(code) for code in range(3))  # the loss: two forms of the bound, or many draws


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
    of_each: Any  # mean KL of each latent dimension
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
    sizes = (rows * latents, rows * draws * latents, rows * draws, rows * draws, features)
    std, dz, losses, weights, precisions = (np.empty(size, theta.dtype) for size in sizes)
    of_each, sums, terms = (np.zeros(size) for size in (latents, features, 3))
    return VariationalWorkspace(first, second, x, std, z, dz, losses, weights, of_each, precisions, sums, terms)


@inner
def _append_classes(values, columns, y, chosen, classes, rows, inputs):  # type: ignore[no-untyped-def]
    """Copy `rows` rows of values into the inputs, each followed by the one-hot encoding of its class, draw after draw."""
    for i in range(rows):
        row, label = advanced(inputs, i * (columns + classes)), y[chosen[i % chosen.size]]
        copy(advanced(values, i * columns), row, columns)
        for k in range(classes):
            row[columns + k] = 1 if k == label else 0  # (conditional.1)


@inner
def _draw(moments, eps, std, z, rows, draws, latents):  # type: ignore[no-untyped-def]
    """Compute z of every draw from mu and logvar, which are the two halves of each row of `moments`."""
    half = eps[0] - eps[0] + np.float32(0.5)  # in the type of the arrays
    for n in range(rows):
        mu, logvar = advanced(moments, 2 * n * latents), advanced(moments, (2 * n + 1) * latents)
        own = advanced(std, n * latents)
        for j in range(latents):
            own[j] = scalars.exp(logvar[j] * half)  # (reparameterize.1)
        for start in range(n * latents, draws * rows * latents, rows * latents):
            noise, drawn = advanced(eps, start), advanced(z, start)
            for j in range(latents):
                drawn[j] = mu[j] + own[j] * noise[j]  # (variational.2)


@inner
def _read_variances(theta, objective, logvar, precisions):  # type: ignore[no-untyped-def]
    """Update learned log-variances, one for all features or one for each; compute 1 / variance."""
    if objective.learned > 0:
        for j in range(logvar.size):
            logvar[j] = theta[objective.at + min(j, objective.learned - 1)]
    for j in range(logvar.size):
        precisions[j] = scalars.exp(-logvar[j])


@inner
def _gaussian_rows_both(weights, mean, x, logvar, precisions, losses, dmean, rows, columns):  # type: ignore[no-untyped-def]
    """Compute the loss of every row, and its gradient with respect to the mean times the weight of the row."""
    constant = 0.0
    for j in range(columns):
        constant += LOG_2_PI + logvar[j]
    for i in range(rows):
        a, target, da = advanced(mean, i * columns), advanced(x, i * columns), advanced(dmean, i * columns)
        total, weight = 0.0, weights[i]
        for j in range(columns):
            e = a[j] - target[j]
            scaled = e * precisions[j]
            total += e * scaled
            da[j] = weight * scaled  # (gaussian_nll.3)
        losses[i] = (constant + total) / 2  # (gaussian_nll.2)


@inner
def _nll_both(objective, weights, output, x, logvar, precisions, losses, doutput, rows, draws, features):  # type: ignore[no-untyped-def]
    """Compute -log p(x|z) of every draw, and its gradient with respect to the decoder's output times the weight of the draw."""
    for draw in range(draws):  # all have the same rows as targets
        row, place = draw * rows, draw * rows * features
        weight, a = advanced(weights, row), advanced(output, place)
        loss, da = advanced(losses, row), advanced(doutput, place)
        if objective.likelihood == GAUSSIAN:
            _gaussian_rows_both(weight, a, x, logvar, precisions, loss, da, rows, features)
        else:
            loss_rows_both(BERNOULLI, weight, a, x, loss, da, rows, features)


@inner
def _analytic_kl(moments, std, rows, latents, floor, of_each, terms):  # type: ignore[no-untyped-def]
    """Return the KL in closed form, a mean over the rows of which each latent dimension counts at least the floor."""
    of_each[:] = 0
    for n in range(rows):
        mu, logvar = advanced(moments, 2 * n * latents), advanced(moments, (2 * n + 1) * latents)
        for j in range(latents):
            variance = std[n * latents + j] * std[n * latents + j]
            of_each[j] += (mu[j] * mu[j] + variance) - (logvar[j] + 1)
    penalty = 0.0
    for j in range(latents):
        of_each[j] /= 2 * rows  # (gaussian_kl_terms.1), (free_bits.1); without free bits, (variational.5)
        terms[1] += of_each[j]
        lack = floor - of_each[j] if of_each[j] <= floor else 0.0
        terms[2] += lack
        penalty += of_each[j] + lack  # (free_bits.2)
    return penalty


@inner
def _log_ratio(z, eps, logvar, latents):  # type: ignore[no-untyped-def]
    """Return log q(z|x) - log p(z) of one draw."""
    total = 0.0
    for j in range(latents):
        total += (z[j] - eps[j]) * (z[j] + eps[j]) - logvar[j]
    return total / 2  # (sampled_kl.2)


@inner
def _sampled_kl(moments, eps, z, rows, draws, latents, terms):  # type: ignore[no-untyped-def]
    """Return the KL from the draws, a mean over draws and rows."""
    for i in range(draws * rows):
        logvar = advanced(moments, (2 * (i % rows) + 1) * latents)
        terms[1] += _log_ratio(advanced(z, i * latents), advanced(eps, i * latents), logvar, latents) / (draws * rows)
    return terms[1]


@inner
def _weigh_draws(moments, eps, z, losses, weights, rows, draws, latents, terms):  # type: ignore[no-untyped-def]
    """Return the negative importance-weighted bound, a mean over the rows; each draw receives its importance weight."""
    total, all_draws = 0.0, draws * rows
    for n in range(rows):
        logvar = advanced(moments, (2 * n + 1) * latents)
        top = -np.inf
        for i in range(n, all_draws, rows):
            ratio = _log_ratio(advanced(z, i * latents), advanced(eps, i * latents), logvar, latents)
            terms[1] += ratio / all_draws
            losses[i] = -np.float64(losses[i]) - ratio  # (importance_weighted.1)
            top = max(top, np.float64(losses[i]))
        mass = 0.0
        for i in range(n, all_draws, rows):
            weights[i] = np.exp(losses[i] - top)
            mass += weights[i]
        above = np.log(mass / draws)
        total -= (top + above) / rows  # (importance_weighted.2), (importance_weighted.3)
        terms[2] += above / rows
        for i in range(n, all_draws, rows):
            weights[i] = weights[i] / (mass * rows)  # (importance_weighted.4)
            terms[2] -= (np.float64(losses[i]) - top) / all_draws
    return total


@inner
def _scale_rows(d, weights, rows, columns):  # type: ignore[no-untyped-def]
    """Multiply each row of d by its weight."""
    for i in range(rows):
        row = advanced(d, i * columns)
        for j in range(columns):
            row[j] = row[j] * weights[i]


@inner
def _variance_gradient(objective, weights, output, doutput, x, sums, rows, draws, gradient):  # type: ignore[no-untyped-def]
    """Write the gradient of the learned log-variances, from that of the output."""
    features = sums.size
    sums[:] = 0
    for i in range(draws * rows):
        a, da = advanced(output, i * features), advanced(doutput, i * features)
        target = advanced(x, i % rows * features)
        for j in range(features):
            sums[j] += weights[i] - da[j] * (a[j] - target[j])
    for j in range(1, features):
        if objective.learned == 1:
            sums[0] += sums[j]
    for j in range(objective.learned):
        gradient[objective.at + j] = sums[j] / 2  # (gaussian_nll.5), or one for all features, (gaussian_nll.6)


@inner
def _moments_backward(objective, moments, std, eps, z, dz, weights, of_each, dmoments, rows, draws, latents, beta, scale):  # type: ignore[no-untyped-def]
    """Compute the gradient with respect to mu and logvar: through the draws, and on the direct path."""
    zero = eps[0] - eps[0]
    half, one = zero + np.float32(0.5), zero + np.float32(1)  # in the type of the arrays
    for n in range(rows):
        mu = advanced(moments, 2 * n * latents)
        dmu, dlogvar = advanced(dmoments, 2 * n * latents), advanced(dmoments, (2 * n + 1) * latents)
        for j in range(latents):
            through, spread, direct = zero, zero, zero
            for i in range(n, draws * rows, rows):
                at = i * latents + j
                d = dz[at]
                if objective.form != ANALYTIC:
                    d += beta * weights[i] * z[at]  # (sampled_kl.3), (importance_weighted.5), (variational.10)
                    direct -= beta * weights[i] * half  # (sampled_kl.4)
                through += d
                spread += d * eps[at]
            own = std[n * latents + j]
            if objective.form == ANALYTIC and of_each[j] > objective.floor:  # (free_bits.3)
                through += scale * mu[j]  # (gaussian_kl.2)
                direct = scale * (own * own - one) * half  # (gaussian_kl.3)
            dmu[j] = through  # (variational.11)
            dlogvar[j] = direct + spread * own * half


@inner
def _batch_gradient(theta, encoder, decoder, objective, y, chosen, logvar, eps, draws, work):  # type: ignore[no-untyped-def]
    """Return the loss of the rows in work.x without the weight decay; the gradient receives that of all parameters."""
    first, second, terms = work.encoder, work.decoder, work.terms
    rows, features, latents = chosen.size, decoder[-1, D_OUT], encoder[-1, D_OUT] // 2
    all_draws, classes = draws * rows, encoder[0, D_IN] - features
    x, std, z, dz = pointer(work.x), pointer(work.std), pointer(work.z), pointer(work.dz)
    losses, weights, precisions = pointer(work.losses), pointer(work.weights), pointer(work.precisions)
    variances = pointer(logvar)
    terms[:] = 0

    if classes > 0:
        _append_classes(x, features, y, chosen, classes, rows, pointer(first.batch))
    inputs = rows_at(pointer(first.batch), rows, encoder[0, D_IN])
    forward(theta, encoder, inputs, first)
    moments = advanced(pointer(first.h), first.starts[-1])  # (variational.1)
    _draw(moments, eps, std, z, rows, draws, latents)
    if classes > 0:
        _append_classes(z, latents, y, chosen, classes, all_draws, pointer(second.batch))
    codes = rows_at(pointer(second.batch), all_draws, decoder[0, D_IN])
    forward(theta, decoder, codes, second)  # (variational.3)
    output, doutput = advanced(pointer(second.h), second.starts[-1]), advanced(pointer(second.d), second.starts[-1])
    for i in range(all_draws):
        weights[i] = 1 if objective.form == IMPORTANCE_WEIGHTED else 1 / all_draws  # (variational.7)
    if objective.likelihood == GAUSSIAN:
        _read_variances(theta, objective, logvar, precisions)
    _nll_both(objective, weights, output, x, variances, precisions, losses, doutput, rows, draws, features)  # (variational.4), (variational.8)
    for i in range(all_draws):
        terms[0] -= np.float64(losses[i]) / all_draws
    if objective.form == IMPORTANCE_WEIGHTED:
        loss = _weigh_draws(moments, eps, z, losses, weights, rows, draws, latents, terms)
        _scale_rows(doutput, weights, all_draws, features)
    elif objective.form == SAMPLED:
        loss = objective.beta * _sampled_kl(moments, eps, z, rows, draws, latents, terms) - terms[0]  # (variational.6)
    else:
        loss = objective.beta * _analytic_kl(moments, std, rows, latents, objective.floor, work.of_each, terms) - terms[0]

    if objective.learned > 0:
        _variance_gradient(objective, weights, output, doutput, x, work.sums, rows, draws, first.gradient)
    backward(theta, decoder, codes, second)  # (variational.9)
    dh = rows_at(advanced(pointer(second.d), second.starts[0]), all_draws, decoder[0, D_OUT])
    W = rows_at(advanced(pointer(theta), decoder[0, W_START]), latents, decoder[0, D_OUT])  # without the rows of the classes
    out = rows_at(dz, all_draws, latents)
    product(dh, transposed(W), out, ASSIGN, IDENTITY, dz, out, pointer(second.scratch))
    dmoments, real = advanced(pointer(first.d), first.starts[-1]), theta.dtype.type
    _moments_backward(
        objective, moments, std, eps, z, dz, weights, work.of_each, dmoments, rows, draws, latents,
        real(objective.beta), real(objective.beta / rows),
    )  # fmt: skip
    backward(theta, encoder, inputs, first)  # (variational.12)
    return loss


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


@inner
def _keep_above(theta, objective, least):  # type: ignore[no-untyped-def]
    """Raise learned log-variances to their least value."""
    for j in range(objective.learned):
        if theta[objective.at + j] < least[j]:
            theta[objective.at + j] = least[j]  # (gaussian_nll.8)


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
    latents = encoder[-1, D_OUT] // 2
    draws = eps.size // (order.size * latents)
    for done in range(losses.size):
        first = done * batch_size
        chosen = order[first : first + batch_size]
        _gather(x, chosen, u, first, u.size > 0, pointer(work.x))
        noise = advanced(pointer(eps), draws * first * latents)
        losses[done] = _batch_gradient(theta, encoder, decoder, objective, y, chosen, logvar, noise, draws, work)
        terms[3, done] = 0.0
        for i in range(3):
            terms[i, done] = work.terms[i]
        if objective.decay > 0:
            gradient = work.encoder.gradient
            terms[3, done] += decay_weights(theta, encoder, objective.decay, gradient)
            terms[3, done] += decay_weights(theta, decoder, objective.decay, gradient)
            losses[done] += terms[3, done]
        if not np.isfinite(losses[done]):
            return done
        move(rule, theta, work.encoder.gradient, state, settings, step + done + 1)
        _keep_above(theta, objective, least)
    keep_alive(eps)
    return losses.size
