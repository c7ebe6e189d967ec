"""How likely data are under a model with latent variables: the bound with its two terms, and the log-likelihood by importance sampling.

Derivation: docs/derivations/variational.md and docs/derivations/log_mean_exp.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from scratchae import backend
from scratchae.models.binarization import drawn
from scratchae.models.latent import joined
from scratchae.models.model import ROWS_AT_A_TIME
from scratchae.models.posterior import Posterior
from scratchae.models.problem import Data
from scratchae.models.validation import check_choice, check_whole
from scratchae.nets import Parameters
from scratchae.nets.parameters import Array


class Elbo(NamedTuple):
    """The evidence lower bound and its terms, arrays of shape (N,), in nats: elbo = reconstruction - kl.

    Attributes
    ----------
    elbo : array
        At most log p(x), on average over the noise.
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
        The log of the mean importance weight: too low on average, and less so with more samples.
    standard_error : array
        Of the estimate; NaN for a single sample.
    """

    log_likelihood: Array
    standard_error: Array


class Bounds(Posterior):
    """A variational autoencoder that says how likely data are."""

    def elbo(self, X: Any, n_samples: int | None = None, seed: int = 0, *, kl: str = "analytic") -> Elbo:
        """The evidence lower bound of each row and its two terms.

        Parameters
        ----------
        X : array_like, shape (N, D)
            Grey pixels are made black and white first, as `binarize` says; where that is by chance, by the seed.
        n_samples : int, optional
            Draws of z for each row; the model's own number if not given.
        seed : int
            Of the draws: the same seed gives the same numbers.
        kl : {"analytic", "sampled"}
            By the formula, or from the same draws: log q(z|x) - log p(z).

        Returns
        -------
        elbo : Elbo
            With the fields elbo, reconstruction and kl, each of shape (N,), in nats.
        """
        return self._elbo(self._for_evaluation(X, seed), None, n_samples, seed, kl)

    def log_likelihood(self, X: Any, n_samples: int = 1000, seed: int = 0) -> LogLikelihood:
        """log p(x) of each row by importance sampling with q(z|x), from exactly `n_samples` draws, in bounded memory.

        Parameters
        ----------
        X : array_like, shape (N, D)
            Grey pixels are made black and white first, as `binarize` says; where that is by chance, by the seed.
        n_samples : int
            Draws of z for each row. The estimate is a lower bound on average, which rises with them.
        seed : int
            Of the draws.

        Returns
        -------
        estimate : LogLikelihood
            With the fields log_likelihood and standard_error, each of shape (N,), in nats.

        References
        ----------
        Burda, Y., Grosse, R., Salakhutdinov, R. (2016). Importance weighted autoencoders. ICLR.
        """
        return self._log_likelihood(self._for_evaluation(X, seed), None, n_samples, seed)

    def score_samples(self, X: Any) -> Array:
        """The bound on log p(x) of each row, with noise that is drawn by the row itself: its score does not depend on the others.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        scores : array, shape (N,)
            Nats; higher is better.
        """
        x = self._known(X, unit_interval=self.likelihood == "bernoulli")
        at_once = max(1, ROWS_AT_A_TIME // int(self.n_samples))
        return np.concatenate([self._scores(x[i : i + at_once]) for i in range(0, len(x), at_once)])

    def _scores(self, x: Array) -> Array:
        """The scores of a block of rows."""
        ops, rows = backend.active(), [np.random.default_rng([0, crc32(row.tobytes())]) for row in x]
        shape = int(self.n_samples), int(self.latent_dim)
        eps = np.stack([rng.standard_normal(shape) for rng in rows], axis=1).astype(x.dtype)
        if self.binarize != "none":
            u = np.stack([rng.random(x.shape[1], x.dtype.type) for rng in rows])
            x = (x > 0.5).astype(x.dtype) if self.binarize == "threshold" else drawn(x, u)
        mu, logvar = self._moments_of(self._parameters, x, None)
        z = ops.reparameterize(mu, logvar, eps)
        return self._bound(self._nll_of(self._parameters, x, None, z), mu, logvar, z, eps)

    def _bound(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array) -> Array:
        """The bound that the model is trained on, for each row; nll has the shape (L, N)."""
        return -nll.mean(axis=0) - backend.active().gaussian_kl(mu, logvar)

    def _elbo(self, x: Array, y: Array | None, n_samples: int | None, seed: int, kl: str = "analytic") -> Elbo:
        check_choice("kl", kl, ("analytic", "sampled"))
        draws = int(self.n_samples) if n_samples is None else check_whole("n_samples", n_samples, 1)
        mu, logvar = self._moments_of(self._parameters, x, y)
        reconstruction, divergence = np.zeros(len(x)), np.zeros(len(x))
        for log_p, sampled in self._draws(x, y, mu, logvar, draws, seed):
            reconstruction += log_p.sum(axis=0, dtype=np.float64) / draws
            divergence += sampled.sum(axis=0, dtype=np.float64) / draws
        if kl == "analytic":
            divergence = backend.active().gaussian_kl(mu, logvar).astype(np.float64)
        return Elbo(reconstruction - divergence, reconstruction, divergence)

    def _log_likelihood(self, x: Array, y: Array | None, n_samples: int, seed: int) -> LogLikelihood:
        check_whole("n_samples", n_samples, 1)
        mu, logvar = self._moments_of(self._parameters, x, y)
        top, total, squares = np.full(len(x), -np.inf), np.zeros(len(x)), np.zeros(len(x))
        for log_p, sampled in self._draws(x, y, mu, logvar, n_samples, seed):
            log_w = log_p.astype(np.float64) - sampled  # log p(x|z) + log p(z) - log q(z|x)
            before, top = top, np.maximum(top, log_w.max(axis=0))
            w, fall = np.exp(log_w - top), np.exp(before - top)  # all weights so far, relative to the largest
            total, squares = total * fall + w.sum(axis=0), squares * fall**2 + (w**2).sum(axis=0)
        value = top + np.log(total / n_samples)
        if n_samples == 1:
            return LogLikelihood(value, np.full(len(x), np.nan))
        variance = np.maximum(squares - total**2 / n_samples, 0) / (n_samples - 1)  # of one weight
        return LogLikelihood(value, np.sqrt(variance / n_samples) / (total / n_samples))

    def _nll_of(self, parameters: Parameters, x: Array, y: Array | None, z: Array) -> Array:
        """-log p(x|z) for draws z, shape (draws, N, J), in blocks of rows; shape (draws, N)."""
        draws, rows, J = z.shape
        decoder = self._decoder(x.shape[1])

        def block(inputs: Array, target: Array) -> Array:
            return self._nll(parameters, decoder.forward(parameters, inputs)[-1], target)

        inputs = joined(z.reshape(draws * rows, J), self._condition(y, x.dtype))
        target = x if draws == 1 else np.tile(x, (draws, 1))
        return self._in_blocks(block, inputs, target).reshape(draws, rows)

    def _draws(
        self, x: Array, y: Array | None, mu: Array, logvar: Array, n_samples: int, seed: int
    ) -> Iterator[tuple[Array, Array]]:
        """log p(x|z) and log q(z|x) - log p(z) for draws of z, shapes (draws, N), as many draws at a time as fit into a block.

        The noise is that of one call, ``default_rng(seed).standard_normal((n_samples, N, J))``, made piece by piece.
        """
        ops, rng = backend.active(), np.random.default_rng(seed)
        at_once = max(1, ROWS_AT_A_TIME // len(x))
        for first in range(0, n_samples, at_once):
            eps = rng.standard_normal((min(at_once, n_samples - first), *mu.shape)).astype(x.dtype)
            z = ops.reparameterize(mu, logvar, eps)
            yield -self._nll_of(self._parameters, x, y, z), ops.sampled_kl(z, logvar, eps)

    def _metrics(self, parameters: Parameters, data: Data, noise: Any) -> dict[str, float]:
        """The objective on validation data, and the two terms of the bound."""
        ops, (eps, u) = backend.active(), noise
        x = self._in_black_and_white(data.x, u)
        mu, logvar = self._moments_of(parameters, x, data.y)
        z = ops.reparameterize(mu, logvar, eps)
        nll = np.concatenate([self._nll_of(parameters, x, data.y, draw[None]) for draw in z])
        return {
            "loss": self._objective(nll, mu, logvar, z, eps) + self._penalty(parameters),
            "reconstruction": -float(nll.mean(dtype=np.float64)),
            "kl": float(ops.gaussian_kl(mu, logvar).mean(dtype=np.float64)),
        }
