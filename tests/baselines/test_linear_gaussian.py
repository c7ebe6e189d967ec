"""Probabilistic PCA: likelihood and posterior of other packages, the bound and its gap, and the best fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from scratchae.baselines import LinearGaussian

rng = np.random.default_rng(0)
W, MEAN = rng.standard_normal((2, 4)), rng.standard_normal(4)
MODEL = LinearGaussian(W, MEAN, 0.3)
X = rng.standard_normal((6, 4))


def test_the_likelihood_is_that_of_a_normal_distribution() -> None:
    expected = multivariate_normal(MEAN, W.T @ W + 0.3 * np.eye(4)).logpdf(X)
    np.testing.assert_allclose(MODEL.log_likelihood(X), expected, rtol=1e-12)


def test_the_posterior_is_that_of_the_joint_distribution() -> None:
    # The conditional distribution of z given x, when both are jointly normal.
    gain = W @ np.linalg.inv(W.T @ W + 0.3 * np.eye(4))
    mean, covariance = MODEL.posterior(X)
    np.testing.assert_allclose(mean, (X - MEAN) @ gain.T, rtol=1e-10)
    np.testing.assert_allclose(covariance, np.eye(2) - gain @ W.T, atol=1e-12)


def test_bound_and_gap_add_up_to_the_likelihood() -> None:
    mu, factor = rng.standard_normal((6, 2)), rng.standard_normal((6, 2, 2))
    covariance = factor @ factor.swapaxes(1, 2) + 0.1 * np.eye(2)
    bound, gap = MODEL.elbo(X, mu, covariance), MODEL.gap(X, mu, covariance)
    np.testing.assert_allclose(bound.elbo + gap, MODEL.log_likelihood(X), rtol=1e-10)
    np.testing.assert_allclose(bound.elbo, bound.reconstruction - bound.kl, rtol=1e-12)
    assert (gap > 0).all()
    mean, spread = MODEL.posterior(X)
    np.testing.assert_allclose(MODEL.gap(X, mean, np.tile(spread, (6, 1, 1))), 0, atol=1e-12)  # tight at the posterior


def test_the_fit_is_more_likely_than_models_nearby() -> None:
    z = rng.standard_normal((500, 2))
    x = z @ (2 * W) + MEAN + 0.5 * rng.standard_normal((500, 4))
    fitted = LinearGaussian.fit(x, 2)
    best = fitted.log_likelihood(x).mean()
    assert fitted.variance == pytest.approx(0.25, rel=0.2)
    for seed in range(10):
        moved = np.random.default_rng(seed)
        other = LinearGaussian(
            fitted.W + 0.05 * moved.standard_normal((2, 4)),
            fitted.mean + 0.05 * moved.standard_normal(4),
            fitted.variance * np.exp(0.1 * moved.standard_normal()),
        )
        assert other.log_likelihood(x).mean() < best


@pytest.mark.parametrize("rows", [np.ones((3, 2)), np.outer([1.0, -1.0], [1.0, 0.0]), np.outer(rng.random(50), W[0])])
def test_rows_without_noise_have_no_likelihood(rows: np.ndarray) -> None:
    with pytest.raises(ValueError, match="noise variance would be 0"):
        LinearGaussian.fit(rows, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LinearGaussian(np.ones(3), np.ones(3), 1.0), r"W has the shape \(3,\)"),
        (lambda: LinearGaussian(W, np.ones(2), 1.0), r"mean \(2,\); give arrays"),
        (lambda: LinearGaussian(W, MEAN, 0.0), r"variance=0\.0 is not allowed; give a number above 0"),
        (lambda: LinearGaussian(W, MEAN, np.inf), "variance=inf is not allowed"),
        (lambda: LinearGaussian.fit(X, 0), r"latent_dim=0 is not allowed; give 1 to 3\."),
        (lambda: LinearGaussian.fit(X, 4), "latent_dim=4 is not allowed"),
        (lambda: LinearGaussian.fit(np.zeros((5, 3)), 1), "noise variance would be 0; reduce latent_dim"),
    ],
)
def test_models_that_do_not_exist_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
