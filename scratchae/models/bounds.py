"""Bounds on the log-likelihood: the evidence lower bound and its two terms, the importance sampling estimate, and scores of single rows.

Derivation: docs/derivations/variational_evaluation.md and docs/derivations/log_mean_exp.md.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple, Protocol

import numpy as np

from scratchae import backend
from scratchae.models import blocks, row_noise
from scratchae.models.binarization import bernoulli_sample
from scratchae.nets import Parameters
from scratchae.nets.network import Array
from scratchae.training.progress import watched


class LatentVariableModel(Protocol):
    """The methods and attributes of a variational autoencoder that its bounds need."""

    n_samples: int
    latent_dim: int
    binarize: str
    verbose: int
    _parameters: Parameters

    def _at_once(self, features: int) -> int: ...
    def _moments_of(self, parameters: Parameters, x: Array, y: Array | None) -> tuple[Array, Array]: ...
    def _nll_of(self, parameters: Parameters, x: Array, y: Array | None, z: Array) -> Array: ...
    def _bound(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array) -> Array: ...


class Elbo(NamedTuple):
    """The evidence lower bound and its terms, arrays of shape (N,), in nats: elbo = reconstruction - kl.

    Attributes
    ----------
    elbo : array
        The bound: at most log p(x) in expectation over the noise.
    reconstruction : array
        E_q[log p(x|z)], the mean over the draws.
    kl : array
        KL(q(z|x) || p(z)).
    """

    elbo: Array
    reconstruction: Array
    kl: Array


class LogLikelihood(NamedTuple):
    """An estimate of log p(x), arrays of shape (N,), in nats.

    Attributes
    ----------
    log_likelihood : array
        The log of the mean importance weight; its expectation is below log p(x), and approaches it with more samples.
    standard_error : array
        Standard error of the estimate; NaN for a single sample.
    """

    log_likelihood: Array
    standard_error: Array


def elbo(model: LatentVariableModel, x: Array, y: Array | None, n_samples: int, seed: int, kl: str) -> Elbo:
    """Compute the evidence lower bound of each row and its terms.

    Parameters
    ----------
    model : VariationalAutoencoder
        The fitted model.
    x : array, shape (N, D)
    y : array of int, shape (N,), optional
        Classes, for a conditional model.
    n_samples : int
        Draws of z per row.
    seed : int
    kl : {"analytic", "sampled"}
    """
    mu, logvar = model._moments_of(model._parameters, x, y)
    reconstruction, divergence = np.zeros(len(x)), np.zeros(len(x))
    rng = np.random.default_rng(seed)
    for draws in _pieces(n_samples, len(x)):
        log_p, sampled = _draw(model, x, y, mu, logvar, draws, rng)
        reconstruction += log_p.sum(axis=0, dtype=np.float64) / n_samples
        divergence += sampled.sum(axis=0, dtype=np.float64) / n_samples
    if kl == "analytic":
        divergence = backend.active().gaussian_kl(mu, logvar).astype(np.float64)
    return Elbo(reconstruction - divergence, reconstruction, divergence)


def log_likelihood(model: LatentVariableModel, x: Array, y: Array | None, n_samples: int, seed: int) -> LogLikelihood:
    """Estimate log p(x) of each row by importance sampling with q(z|x); parameters as in `elbo`."""
    mu, logvar = model._moments_of(model._parameters, x, y)
    top, total, squares = np.full(len(x), -np.inf), np.zeros(len(x)), np.zeros(len(x))
    rng = np.random.default_rng(seed)
    for draws in watched(_pieces(n_samples, len(x)), "log-likelihood", model.verbose):
        log_p, sampled = _draw(model, x, y, mu, logvar, draws, rng)
        log_w = log_p.astype(np.float64) - sampled  # log p(x|z) + log p(z) - log q(z|x)
        before, top = top, np.maximum(top, log_w.max(axis=0))
        w, fall = np.exp(log_w - top), np.exp(before - top)  # all weights so far, relative to the largest
        total, squares = total * fall + w.sum(axis=0), squares * fall**2 + (w**2).sum(axis=0)
    value = top + np.log(total / n_samples)
    if n_samples == 1:
        return LogLikelihood(value, np.full(len(x), np.nan))
    variance = np.maximum(squares - total**2 / n_samples, 0) / (n_samples - 1)  # of one weight
    return LogLikelihood(value, np.sqrt(variance / n_samples) / (total / n_samples))


def _pieces(n_samples: int, rows: int) -> list[int]:
    """Return the numbers of draws that are taken at a time, each at most as many as fit into a block of rows."""
    at_once = max(1, blocks.BLOCK // rows)
    return [min(at_once, n_samples - first) for first in range(0, n_samples, at_once)]


def _draw(
    model: LatentVariableModel,
    x: Array,
    y: Array | None,
    mu: Array,
    logvar: Array,
    draws: int,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Compute log p(x|z) and log q(z|x) - log p(z) for draws of z, shapes (draws, N).

    The noise of pieces that follow one another is that of the single call ``rng.standard_normal((n_samples, N, J))``.
    """
    ops = backend.active()
    eps = rng.standard_normal((draws, *mu.shape)).astype(x.dtype)
    z = ops.reparameterize(mu, logvar, eps)
    return -model._nll_of(model._parameters, x, y, z), ops.sampled_kl(z, logvar, eps)


def scores(model: LatentVariableModel, x: Array, y: Array | None) -> Array:
    """Compute the model's bound on log p(x) of each row, shape (N,); the noise, and so the score, of a row depends on the row alone."""
    at_once = max(1, model._at_once(x.shape[1]) // int(model.n_samples))
    return blocks.in_blocks(partial(_scores_of_block, model), x, *([] if y is None else [y]), at_once=at_once)


def _scores_of_block(model: LatentVariableModel, x: Array, y: Array | None = None) -> Array:
    ops, L, J = backend.active(), int(model.n_samples), int(model.latent_dim)
    keys = row_noise.row_keys(x)
    eps = row_noise.normals(keys, L * J, x.dtype).reshape(len(x), L, J)
    eps = np.ascontiguousarray(eps.swapaxes(0, 1))
    if model.binarize == "threshold":
        x = (x > 0.5).astype(x.dtype)
    elif model.binarize != "none":
        x = bernoulli_sample(x, row_noise.uniforms(keys, 2 * L * J, x.shape[1], x.dtype))
    mu, logvar = model._moments_of(model._parameters, x, y)
    z = ops.reparameterize(mu, logvar, eps)
    return model._bound(model._nll_of(model._parameters, x, y, z), mu, logvar, z, eps)
