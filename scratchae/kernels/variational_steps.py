"""Whole training steps of a variational autoencoder in one call: encoder, draws of z, decoder.

The compiled twin of `objective` of the variational and the importance-weighted autoencoder for pixels (Bernoulli), followed by an
update, in the same order of lines. The noise of all steps is passed in.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel
from scratchae.kernels.losses import BERNOULLI, loss_rows_both
from scratchae.kernels.matrix import rows_at, transposed
from scratchae.kernels.product import ASSIGN, IDENTITY, product
from scratchae.kernels.steps import (
    D_IN,
    D_OUT,
    NO_MOVES,
    W_START,
    Moves,
    Workspace,
    add_decay,
    backward,
    copy,
    decay_term,
    forward,
    workspace,
)
from scratchae.kernels.tile import advanced, keep_alive, pointer
from scratchae.kernels.updates import move

ELBO, IMPORTANCE_WEIGHTED = (np.int64(code) for code in range(2))


class VariationalWorkspace(NamedTuple):
    """Working memory for whole steps, allocated once for many of them."""

    encoder: Workspace
    decoder: Workspace
    z: Any
    dz: Any
    losses: Any  # of each draw: -log p(x|z), and the factor of its gradient
    weights: Any
    terms: (
        Any  # of the last batch, sums over its rows: log p(x|z), the KL, and what importance weights add to the bound
    )


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
    first = workspace(encoder, rows, theta)
    second = workspace(decoder, rows * draws, theta)._replace(gradient=first.gradient)
    z, dz = (np.empty(rows * draws * decoder[0, D_IN], theta.dtype) for _ in range(2))
    losses, weights = (np.empty(rows * draws, theta.dtype) for _ in range(2))
    return VariationalWorkspace(first, second, z, dz, losses, weights, np.zeros(3))


@inner
def _draw(moments, eps, z, rows, draws, latents):  # type: ignore[no-untyped-def]
    """Compute z of every draw from mu and logvar, which are the two halves of each row of `moments`."""
    half = eps[0] - eps[0] + np.float32(0.5)  # in the type of the arrays
    for n in range(rows):
        mu, logvar = advanced(moments, 2 * n * latents), advanced(moments, (2 * n + 1) * latents)
        for j in range(latents):
            std = scalars.exp(logvar[j] * half)  # (reparameterize.1)
            for i in range(n * latents + j, draws * rows * latents, rows * latents):
                z[i] = mu[j] + std * eps[i]  # (variational.2)


@inner
def _weigh_bound(moments, eps, z, losses, weights, rows, draws, latents, beta, terms):  # type: ignore[no-untyped-def]
    """Return the sum over the rows of -log p(x|z) and of the analytic KL; all draws have equal weight."""
    total, share = 0.0, 1.0 / (draws * rows)
    divergence = 0.0
    for i in range(draws * rows):
        total += np.float64(losses[i]) / draws
        weights[i] = share  # (variational.7)
    terms[0] = -total
    for n in range(rows):
        mu, logvar = advanced(moments, 2 * n * latents), advanced(moments, (2 * n + 1) * latents)
        kl = 0.0
        for j in range(latents):
            kl += (mu[j] * mu[j] + scalars.exp(logvar[j])) - (logvar[j] + 1)
        total += beta * kl / 2  # (variational.5), (variational.6)
        divergence += kl / 2
    terms[1] = divergence
    return total


@inner
def _weigh_draws(moments, eps, z, losses, weights, rows, draws, latents, terms):  # type: ignore[no-untyped-def]
    """Return the sum over the rows of the negative importance-weighted bound; each draw has its importance weight."""
    total, fit, divergence, gain, all_draws = 0.0, 0.0, 0.0, 0.0, draws * rows
    for n in range(rows):
        logvar = advanced(moments, (2 * n + 1) * latents)
        top = -np.inf
        for i in range(n, all_draws, rows):
            log_p, ratio = -np.float64(losses[i]), 0.0
            for j in range(latents):
                at = i * latents + j
                ratio += ((z[at] - eps[at]) * (z[at] + eps[at]) - logvar[j]) / 2
            fit += log_p / draws
            divergence += ratio / draws
            losses[i] = log_p - ratio  # (importance_weighted.1)
            top = max(top, np.float64(losses[i]))
        mass = 0.0
        for i in range(n, all_draws, rows):
            weights[i] = np.exp(losses[i] - top)
            mass += weights[i]
        above = np.log(mass / draws)
        total -= top + above  # (importance_weighted.2)
        gain += above
        for i in range(n, all_draws, rows):
            weights[i] = weights[i] / (mass * rows)  # (importance_weighted.4)
            gain -= (np.float64(losses[i]) - top) / draws
    terms[0], terms[1], terms[2] = fit, divergence, gain
    return total


@inner
def _scale_rows(d, weights, rows, columns):  # type: ignore[no-untyped-def]
    """Multiply each row of d by its weight."""
    for i in range(rows):
        row = advanced(d, i * columns)
        for j in range(columns):
            row[j] = row[j] * weights[i]


@inner
def _moments_backward(kind, moments, eps, z, dz, weights, dmoments, rows, draws, latents, beta):  # type: ignore[no-untyped-def]
    """Compute the gradient with respect to mu and logvar: through the draws, and on the direct path."""
    zero = eps[0] - eps[0]
    half = zero + np.float32(0.5)  # in the type of the arrays
    for n in range(rows):
        mu, logvar = advanced(moments, 2 * n * latents), advanced(moments, (2 * n + 1) * latents)
        dmu, dlogvar = advanced(dmoments, 2 * n * latents), advanced(dmoments, (2 * n + 1) * latents)
        for j in range(latents):
            through, spread, direct = zero, zero, zero
            for i in range(n, draws * rows, rows):
                at = i * latents + j
                d = dz[at]
                if kind == IMPORTANCE_WEIGHTED:
                    d += weights[i] * z[at]  # (importance_weighted.5)
                    direct -= weights[i] * half
                through += d
                spread += d * eps[at]
            std = scalars.exp(logvar[j] * half)
            if kind == ELBO:
                scale = beta / rows
                through += scale * mu[j]  # (gaussian_kl.2)
                direct = scale * (std * std - 1) / 2  # (gaussian_kl.3)
            dmu[j] = through  # (variational.11)
            dlogvar[j] = direct + spread * std * half


@inner
def _batch_gradient(theta, encoder, decoder, kind, eps, rows, draws, beta, work):  # type: ignore[no-untyped-def]
    """Return the sum of the losses of the rows in work.encoder.batch; the gradient receives that of their mean."""
    latents, features, all_draws = decoder[0, D_IN], decoder[-1, D_OUT], draws * rows
    first, second = work.encoder, work.decoder
    x = rows_at(pointer(first.batch), rows, encoder[0, D_IN])
    forward(theta, encoder, x, first)
    moments = advanced(pointer(first.h), first.starts[-1])  # (variational.1)
    dmoments = advanced(pointer(first.d), first.starts[-1])
    z, dz = pointer(work.z), pointer(work.dz)
    losses, weights = pointer(work.losses), pointer(work.weights)
    _draw(moments, eps, z, rows, draws, latents)
    inputs = rows_at(z, all_draws, latents)
    forward(theta, decoder, inputs, second)  # (variational.3)
    output, doutput = advanced(pointer(second.h), second.starts[-1]), advanced(pointer(second.d), second.starts[-1])
    for i in range(all_draws):
        weights[i] = 1
    for draw in range(draws):
        row, place = draw * rows, draw * rows * features
        loss_rows_both(
            BERNOULLI, advanced(weights, row), advanced(output, place), x.start, advanced(losses, row),
            advanced(doutput, place), rows, features,
        )  # (variational.4), (variational.8)  # fmt: skip
    if kind == IMPORTANCE_WEIGHTED:
        total = _weigh_draws(moments, eps, z, losses, weights, rows, draws, latents, work.terms)
    else:
        total = _weigh_bound(moments, eps, z, losses, weights, rows, draws, latents, beta, work.terms)
    _scale_rows(doutput, weights, all_draws, features)
    none = Moves(NO_MOVES, z, z, z)
    backward(theta, decoder, inputs, second, none)  # (variational.9)
    dh = rows_at(advanced(pointer(second.d), second.starts[0]), all_draws, decoder[0, D_OUT])
    W = rows_at(advanced(pointer(theta), decoder[0, W_START]), latents, decoder[0, D_OUT])
    out = rows_at(dz, all_draws, latents)
    product(dh, transposed(W), out, ASSIGN, IDENTITY, dz, out, pointer(second.scratch))
    _moments_backward(kind, moments, eps, z, dz, weights, dmoments, rows, draws, latents, beta)
    backward(theta, encoder, x, first, none)  # (variational.12)
    return total


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
    order,
    batch_size,
    theta,
    encoder,
    decoder,
    kind,
    eps,
    u,
    beta,
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
    x : array, shape (N, D), in [0, 1]
    order : array of int, shape (M,)
    batch_size : int
    theta : array, shape (P,)
    encoder, decoder : array of int, shape (layers, 7)
    kind : int
        ELBO or IMPORTANCE_WEIGHTED.
    eps : array, shape (L * M * J,)
        Noise of all batches, one after another, each in the order draws, rows, latents.
    u : array, shape (M, D) or (0, 0)
        Noise for the binarisation of pixels, in the order of `order`; if empty, pixels are not binarised.
    beta, strength : float
        Weights of the KL and of the weight decay.
    rule, state, settings
        As in `updates.move`.
    step : int
        Number of steps already taken.
    work : VariationalWorkspace
        Allocated for batch_size rows.
    losses : array, float64, shape (number of batches,)
        Receives the loss of each batch.
    terms : array, float64, shape (4, number of batches)
        Receives its terms, means over the rows: log p(x|z), the KL (for IMPORTANCE_WEIGHTED from the draws), what the importance
        weights add to the bound, and the weight decay.

    Returns
    -------
    done : int
        Number of steps taken; less than losses.size if the loss of the next step is not finite (its update is not made).
    """
    draws, latents = eps.size // (order.size * decoder[0, D_IN]), decoder[0, D_IN]
    for done in range(losses.size):
        first = done * batch_size
        chosen = order[first : first + batch_size]
        rows = chosen.size
        _gather(x, chosen, u, first, u.size > 0, pointer(work.encoder.batch))
        noise = advanced(pointer(eps), draws * first * latents)
        total = _batch_gradient(theta, encoder, decoder, kind, noise, rows, draws, beta, work)
        losses[done] = total / rows
        terms[3, done] = 0.0
        for i in range(3):
            terms[i, done] = work.terms[i] / rows
        if strength > 0:
            gradient = work.encoder.gradient
            for table in (encoder, decoder):
                terms[3, done] += decay_term(theta, table, strength)
                add_decay(theta, table, strength, gradient)
            losses[done] += terms[3, done]
        if not scalars.is_finite(losses[done]):
            return done
        move(rule, theta, work.encoder.gradient, state, settings, step + done + 1)
    keep_alive(eps)
    return losses.size
