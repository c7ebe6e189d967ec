"""What the latent space of a variational autoencoder looks like: the posterior of each row, and which dimensions are used."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from scratchae import backend
from scratchae.models.latent import BaseVariational, joined
from scratchae.models.problem import Data
from scratchae.nets import Parameters
from scratchae.nets.parameters import Array

ACTIVE_FROM = (
    0.01  # variance of the posterior means above which a latent dimension counts as active (Burda et al., 2016)
)
COLLAPSED_BELOW = 0.01  # nats of KL, in all dimensions together
STILL_BELOW = 1e-8  # variance of the posterior means, in every dimension, below which all rows have the same
ENOUGH_ROWS = 1000  # to find out whether the posterior has collapsed


class LatentStatistics(NamedTuple):
    """What each latent dimension is used for, arrays of shape (J,).

    Attributes
    ----------
    kl : array
        Its KL to the prior, the mean over the data, in nats.
    variance : array
        The variance of its posterior mean over the data.
    active : array of bool
        Whether that is above 0.01.
    """

    kl: Array
    variance: Array
    active: Array


class Posterior(BaseVariational):
    """A variational autoencoder whose latent space can be looked at."""

    def _code(self, parameters: Parameters, x: Array) -> Array:
        """The posterior means of a block of rows."""
        return self._posterior(parameters, x)[0]

    def _posterior(self, parameters: Parameters, x: Array, c: Array | None = None) -> tuple[Array, Array]:
        encoder = self._encoder(x.shape[1])
        return self._moments(encoder.forward(parameters, joined(x, c))[-1])

    def posterior(self, X: Any) -> tuple[Array, Array]:
        """The moments of q(z|x) for the rows of X.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        mu, logvar : array, shape (N, J)
            Means, and logarithms of the variances.
        """
        x = self._known(X)
        return self._moments_of(self._parameters, x, None)

    def latent_statistics(self, X: Any) -> LatentStatistics:
        """How each latent dimension is used on the rows of X.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        statistics : LatentStatistics
            With the fields kl (nats), variance and active, each of shape (J,).
        """
        return statistics_of(*self.posterior(X))

    def _moments_of(self, parameters: Parameters, x: Array, y: Array | None) -> tuple[Array, Array]:
        """mu and logvar of all rows."""

        def block(rows: Array, *labels: Array) -> Array:
            c = self._condition(labels[0], rows.dtype) if labels else None
            return np.hstack(self._posterior(parameters, rows, c))

        return self._moments(self._in_blocks(block, x, *([] if y is None else [y])))

    def _after_training(self, data: Data) -> None:
        """Say so if the posterior tells nothing about x."""
        some = data.part(slice(ENOUGH_ROWS))
        mu, logvar = self._moments_of(self._parameters, some.x, some.y)
        found = statistics_of(mu, logvar)
        if found.kl.sum() < COLLAPSED_BELOW:
            what = f"the KL of all latent dimensions together is below {COLLAPSED_BELOW} nats"
        elif len(mu) > 1 and found.variance.max() < STILL_BELOW:
            what = "it is the same for all rows"
        else:
            return
        warnings.warn(
            f"The posterior has collapsed: {what}, so z tells nothing about x; lower beta, or use warm_up or free_bits.",
            stacklevel=3,
        )


def statistics_of(mu: Array, logvar: Array) -> LatentStatistics:
    """The statistics of posteriors with these moments, shape (N, J)."""
    kl = backend.active().gaussian_kl_terms(mu, logvar).mean(axis=0, dtype=np.float64)
    variance = mu.var(axis=0, dtype=np.float64)
    return LatentStatistics(kl, variance, variance > ACTIVE_FROM)
