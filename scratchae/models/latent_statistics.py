"""Latent statistics: KL and variance of each latent dimension, and a warning on posterior collapse."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scratchae import backend
from scratchae.errors import warn
from scratchae.nets.network import Array

ACTIVE_FROM = (
    0.01  # variance of the posterior means above which a latent dimension counts as active (Burda et al., 2016)
)
COLLAPSED_BELOW = 0.01  # nats of KL, summed over all dimensions
STILL_BELOW = 1e-8  # variance of the posterior means below which they are considered equal for all rows
ENOUGH_ROWS = 1000  # number of rows used to check for posterior collapse


class LatentStatistics(NamedTuple):
    """Usage of each latent dimension, arrays of shape (J,).

    Attributes
    ----------
    kl : array
        KL from the prior, averaged over the data, in nats.
    variance : array
        Variance of the posterior mean over the data.
    active : array of bool
        Whether the variance is above 0.01.
    """

    kl: Array
    variance: Array
    active: Array


def statistics_of(mu: Array, logvar: Array) -> LatentStatistics:
    """Compute the statistics of posteriors with these moments, shape (N, J)."""
    kl = backend.active().gaussian_kl_terms(mu, logvar).mean(axis=0, dtype=np.float64)
    variance = mu.var(axis=0, dtype=np.float64)
    return LatentStatistics(kl, variance, variance > ACTIVE_FROM)


def warn_of_collapse(mu: Array, logvar: Array) -> None:
    """Warn on posterior collapse: if posteriors with these moments equal the prior, or are the same for all rows."""
    found = statistics_of(mu, logvar)
    if found.kl.sum() < COLLAPSED_BELOW:
        what = f"the total KL of the latent dimensions is below {COLLAPSED_BELOW} nats"
    elif len(mu) > 1 and found.variance.max() < STILL_BELOW:
        what = "it is the same for all rows"
    else:
        return
    warn(
        f"The posterior has collapsed: {what}, so z contains no information about x; lower beta, or use warm_up or free_bits."
    )
