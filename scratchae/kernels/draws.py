"""Draws of z in whole training steps, and the bounds that are computed from them, with their gradients.

All arrays are pointers. `moments` has mu and logvar of a row side by side, shape (N, 2 J); z, its gradient dz and the noise eps have the shape
(L, N, J), the standard deviations std (N, J), the losses -log p(x|z) and the weights of the draws (L, N), and kl and slopes of the latent
dimensions (J,). `terms` receives the terms of the loss, means over the rows: log p(x|z), the KL, and what importance weights add or free bits lack.
"""

from __future__ import annotations

import numpy as np

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner
from scratchae.kernels.tile import advanced

HALF = np.float32(0.5)  # exact in every float type, and does not widen float32


@inner
def draw(moments, eps, std, z, rows, draws, latents):  # type: ignore[no-untyped-def]
    """Compute z of every draw, and std."""
    for n in range(rows):
        mu, logvar = advanced(moments, 2 * n * latents), advanced(moments, (2 * n + 1) * latents)
        own = advanced(std, n * latents)
        for j in range(latents):
            own[j] = scalars.exp(logvar[j] * HALF)  # (reparameterize.1)
        for start in range(n * latents, draws * rows * latents, rows * latents):
            noise, drawn = advanced(eps, start), advanced(z, start)
            for j in range(latents):
                drawn[j] = mu[j] + own[j] * noise[j]  # (variational.2)


@inner
def draw_backward(std, eps, dz, dmoments, rows, draws, latents):  # type: ignore[no-untyped-def]
    """Add the gradient with respect to mu and logvar through the draws."""
    for n in range(rows):
        dmu, dlogvar = advanced(dmoments, 2 * n * latents), advanced(dmoments, (2 * n + 1) * latents)
        own = advanced(std, n * latents)
        for i in range(n, draws * rows, rows):
            d, noise = advanced(dz, i * latents), advanced(eps, i * latents)
            for j in range(latents):
                dmu[j] += d[j]  # (variational.11)
                dlogvar[j] += d[j] * noise[j] * own[j] * HALF


@inner
def kl_in_closed_form(moments, std, rows, latents, beta, floor, kl, slopes, terms):  # type: ignore[no-untyped-def]
    """Return the KL in closed form, a mean over the rows of which each latent dimension counts at least the floor.

    `slopes` receives the gradient of beta times it with respect to the KL of a row in each dimension; `kl` is memory for float64 sums.
    """
    for j in range(latents):
        kl[j] = 0
    for n in range(rows):
        mu, logvar = advanced(moments, 2 * n * latents), advanced(moments, (2 * n + 1) * latents)
        own = advanced(std, n * latents)
        for j in range(latents):
            kl[j] += (mu[j] * mu[j] + own[j] * own[j]) - (logvar[j] + 1)
    penalty = 0.0
    for j in range(latents):
        mean = kl[j] / (2 * rows)  # (gaussian_kl_terms.1), (free_bits.1); without free bits, (variational.5)
        lack = floor - mean if mean <= floor else 0.0
        terms[1] += mean
        terms[2] += lack
        penalty += mean + lack  # (free_bits.2)
        slopes[j] = beta / rows if mean > floor else 0.0  # (free_bits.3)
    return penalty


@inner
def kl_in_closed_form_backward(moments, std, slopes, dmoments, rows, latents):  # type: ignore[no-untyped-def]
    """Write the gradient of the KL in closed form with respect to mu and logvar."""
    for n in range(rows):
        mu, own = advanced(moments, 2 * n * latents), advanced(std, n * latents)
        dmu, dlogvar = advanced(dmoments, 2 * n * latents), advanced(dmoments, (2 * n + 1) * latents)
        for j in range(latents):
            dmu[j] = slopes[j] * mu[j]  # (gaussian_kl.2)
            dlogvar[j] = slopes[j] * (own[j] * own[j] - np.float32(1)) * HALF  # (gaussian_kl.3)


@inner
def _log_ratio(z, eps, logvar, latents):  # type: ignore[no-untyped-def]
    """Return log q(z|x) - log p(z) of one draw."""
    total = 0.0
    for j in range(latents):
        total += (z[j] - eps[j]) * (z[j] + eps[j]) - logvar[j]
    return total / 2  # (sampled_kl.2)


@inner
def kl_of_draws(moments, eps, z, rows, draws, latents, terms):  # type: ignore[no-untyped-def]
    """Return the KL from the draws, a mean over draws and rows."""
    for i in range(draws * rows):
        logvar = advanced(moments, (2 * (i % rows) + 1) * latents)
        terms[1] += _log_ratio(advanced(z, i * latents), advanced(eps, i * latents), logvar, latents) / (draws * rows)
    return terms[1]


@inner
def kl_of_draws_backward(z, weights, dz, dmoments, rows, draws, latents, beta):  # type: ignore[no-untyped-def]
    """Write the gradient of the KL of the draws with respect to mu (none) and logvar, and add that with respect to z."""
    for n in range(rows):
        dmu, dlogvar = advanced(dmoments, 2 * n * latents), advanced(dmoments, (2 * n + 1) * latents)
        for j in range(latents):
            dmu[j], dlogvar[j] = 0, 0
        for i in range(n, draws * rows, rows):
            drawn, d, slope = advanced(z, i * latents), advanced(dz, i * latents), beta * weights[i]
            for j in range(latents):
                d[j] += slope * drawn[j]  # (sampled_kl.3), (importance_weighted.5), (variational.10)
                dlogvar[j] -= slope * HALF  # (sampled_kl.4)


@inner
def weigh_draws(moments, eps, z, losses, weights, rows, draws, latents, terms):  # type: ignore[no-untyped-def]
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
