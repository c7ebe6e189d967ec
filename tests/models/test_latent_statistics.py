"""Used and unused latent dimensions, and the warning on a collapsed posterior."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.variational_runs import X, fitted, new

import scratchae as sae


def test_latent_statistics_tell_used_dimensions_from_unused_ones() -> None:
    model = fitted()
    p = model.parameters_
    p["encoder.1.W"][:, [1, 4]], p["encoder.1.b"][[1, 4]] = 0, 0  # the second dimension is the prior
    p["encoder.1.W"][:, 0] *= 5
    statistics = model.latent_statistics(X)
    mu, logvar = model.posterior(X)
    assert statistics.active.tolist()[:2] == [True, False]
    assert statistics.kl[1] == 0 and statistics.variance[1] == 0
    assert np.allclose(statistics.kl, ((mu**2 + np.exp(logvar) - logvar - 1) / 2).mean(axis=0))
    assert statistics.kl.sum() == pytest.approx(model.elbo(X).kl.mean())


def test_a_collapsed_posterior_is_reported() -> None:
    constant = np.full((40, 9), 0.3)
    with pytest.warns(UserWarning, match="collapsed.*lower beta, or use warm_up or free_bits"):
        model = new(beta=20.0, epochs=80, learning_rate=1e-2).fit(constant)
    assert not model.latent_statistics(constant).active.any()


def test_a_posterior_that_is_the_same_for_all_rows_has_collapsed() -> None:
    with pytest.warns(UserWarning, match="the same for all rows, so z contains no information"):
        sae.VariationalAutoencoder((8,), 2, epochs=2, random_state=0).fit(np.full((50, 6), 0.3))
