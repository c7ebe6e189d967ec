"""The importance-weighted autoencoder: options it does not have, and its bound."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.variational_runs import X, fitted
from scipy.stats import norm

import scratchae as sae


def test_the_importance_weighted_one_has_no_options_of_a_kl() -> None:
    for name in ("beta", "warm_up", "free_bits", "kl"):
        with pytest.raises(TypeError, match=f"ImportanceWeightedAutoencoder has no option '{name}'"):
            sae.ImportanceWeightedAutoencoder(**{name: 1})


def test_with_one_draw_it_is_the_variational_autoencoder_with_the_sampled_kl() -> None:
    with sae.use_backend("numpy"):
        one = fitted("ImportanceWeightedAutoencoder", n_samples=1)
        same = fitted("VariationalAutoencoder", n_samples=1, kl="sampled")
        other = fitted("VariationalAutoencoder", n_samples=1, kl="analytic")
    np.testing.assert_allclose(one.parameters_.flat, same.parameters_.flat, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one.history_["loss"], same.history_["loss"], rtol=1e-12)
    assert not np.allclose(one.parameters_.flat, other.parameters_.flat, atol=1e-6)


def test_the_loss_is_the_negative_log_of_the_mean_weight() -> None:
    model = fitted("ImportanceWeightedAutoencoder", n_samples=4, likelihood="gaussian", variance=0.5)
    mu, logvar = model.posterior(X)
    eps = np.random.default_rng(7).standard_normal((4, len(X), 3))
    z = mu + np.exp(logvar / 2) * eps
    means = np.stack([model.decode(draws) for draws in z])
    log_p_x = norm.logpdf(X, means, np.sqrt(0.5)).sum(axis=2)
    log_ratio = norm.logpdf(z).sum(axis=2) - norm.logpdf(z, mu, np.exp(logvar / 2)).sum(axis=2)
    expected = -np.log(np.exp(log_p_x + log_ratio).mean(axis=0)).mean()
    assert model.loss_and_gradients(X, seed=7)[0] == pytest.approx(expected, rel=1e-10)
