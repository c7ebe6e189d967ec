"""Claims about likelihoods, tested on a linear autoencoder whose log p(x) has a closed form."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae.verify.autoencoder import on_backend, trained
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array, central_differences, relative_error
from scratchae.verify.variational_models import COMMON, GAUSSIAN, VAE


def _linear(subject: Subject, rng: np.random.Generator, wrong: float) -> tuple[Any, Any, Array]:
    """Return a linear variational autoencoder, the equivalent linear-Gaussian model, and data; the encoder is exact up to the error `wrong`."""
    W, _ = np.linalg.qr(rng.standard_normal((6, 2)))
    exact = subject.baselines.LinearGaussian(W.T * [[1.5], [0.7]], rng.standard_normal(6), 0.4)
    x = rng.standard_normal((5, 6)) + exact.mean
    options = {**COMMON, **GAUSSIAN, "hidden_sizes": (), "latent_dim": 2, "variance": 0.4, "epochs": 2}
    model = trained(getattr(subject.models, VAE)(**options), x)
    _, covariance = exact.posterior(x)
    projection = exact.W.T @ covariance / exact.variance
    p = model.parameters_
    p["decoder.0.W"][...], p["decoder.0.b"][...] = exact.W, exact.mean
    p["encoder.0.W"][...] = np.hstack([projection * (1 + wrong), np.zeros((6, 2))])
    p["encoder.0.b"][...] = np.hstack([-exact.mean @ projection + wrong, np.log(np.diag(covariance)) + wrong])
    return model, exact, x


@claim(
    "importance sampling with the true posterior is exact after one draw",
    op=VAE,
    equation="linear_gaussian.3",
    level="value",
    method="linear-Gaussian model, log p(x) in closed form",
    tolerance=1e-12,
)
def _exact_posterior(subject: Subject, rng: np.random.Generator) -> float:
    with on_backend(subject.ops):
        model, exact, x = _linear(subject, rng, wrong=0.0)
        worst = 0.0
        for n_samples in (1, 7):
            estimate = model.log_likelihood(x, n_samples, seed=3).log_likelihood
            worst = max(worst, relative_error(estimate, exact.log_likelihood(x)))
    return worst


@claim(
    "the importance weights of a wrong posterior are right on average",
    op=VAE,
    equation="log_mean_exp.1",
    level="value",
    method="mean of 400 estimates of p(x), as a share of four standard errors; and the bound below log p(x)",
    tolerance=1,
)
def _unbiased(subject: Subject, rng: np.random.Generator) -> float:
    return average_error(subject, rng, 400)


def average_error(subject: Subject, rng: np.random.Generator, number: int) -> float:
    """Return the error of the mean of that many estimates of p(x), as a share of four standard errors."""
    with on_backend(subject.ops):
        model, exact, x = _linear(subject, rng, wrong=0.2)
        log_p = exact.log_likelihood(x)
        logs = np.array([model.log_likelihood(x, 10, seed=seed).log_likelihood for seed in range(number)])
        alone = np.array([model.log_likelihood(x, 1, seed=seed).log_likelihood for seed in range(number)])
        large = model.log_likelihood(x, 20_000, seed=0)
    ratios = np.exp(logs - log_p)
    error = abs(ratios.mean(axis=0) - 1) / (4 * ratios.std(axis=0) / np.sqrt(number))
    if not (alone.mean(axis=0) < logs.mean(axis=0)).all() or not (logs.mean(axis=0) < log_p).all():
        return np.inf
    return float(max(error.max(), (abs(large.log_likelihood - log_p) / (4 * large.standard_error)).max()))


@claim(
    "log p(x) is the bound plus its gap, KL(q || p(z|x))",
    op="LinearGaussian",
    equation="linear_gaussian.7",
    level="value",
    method="scipy's multivariate normal, for any q; the gap is zero for the posterior alone",
    tolerance=1e-10,
)
def _identity(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import multivariate_normal

    exact = subject.baselines.LinearGaussian(rng.standard_normal((3, 6)), rng.standard_normal(6), 0.4)
    x, mu, roots = rng.standard_normal((5, 6)), rng.standard_normal((5, 3)), rng.standard_normal((5, 3, 3))
    covariance = roots @ roots.swapaxes(1, 2) + 0.1 * np.eye(3)
    expected = multivariate_normal(exact.mean, exact.W.T @ exact.W + 0.4 * np.eye(6)).logpdf(x)
    mean, spread = exact.posterior(x)
    with on_backend(subject.ops):
        bound, gap = exact.elbo(x, mu, covariance), exact.gap(x, mu, covariance)
        closed = exact.gap(x, mean, np.tile(spread, (5, 1, 1)))
    errors = (
        relative_error(exact.log_likelihood(x), expected),
        relative_error(bound.elbo + gap, expected),
        float(abs(closed).max()),
    )
    return max(errors) if (gap > 0).all() else np.inf


@claim(
    "raising the bound is closing the gap",
    op="LinearGaussian",
    equation="linear_gaussian.7",
    level="meaning",
    method="gradients of both with respect to the mean of q, by central differences",
    tolerance=1e-7,
)
def _same_gradient(subject: Subject, rng: np.random.Generator) -> float:
    exact = subject.baselines.LinearGaussian(rng.standard_normal((3, 6)), rng.standard_normal(6), 0.4)
    x, mu, covariance = rng.standard_normal((1, 6)), rng.standard_normal((1, 3)), np.eye(3)[None] / 2
    with on_backend(subject.ops):
        rise, _ = central_differences(lambda m: float(exact.elbo(x, m, covariance).elbo[0]), mu)
        close, _ = central_differences(lambda m: float(exact.gap(x, m, covariance)[0]), mu)
    return relative_error(rise, -close) if abs(rise).max() > 0 else np.inf
