"""Level two, for normal distributions, divergences and importance weights: values by independent definitions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array, relative_error
from scratchae.verify.gradient_cases import D_IN, D_OUT, N


def _moments(rng: np.random.Generator) -> tuple[Array, Array]:
    return rng.standard_normal((N, D_OUT)), rng.standard_normal((N, D_OUT))


@claim(
    "reparameterize draws with these moments",
    op="reparameterize",
    equation="reparameterize.2",
    level="value",
    method="mean and variance by Gauss-Hermite quadrature",
    tolerance=1e-13,
)
def _reparameterize(subject: Subject, rng: np.random.Generator) -> float:
    mu, logvar = _moments(rng)
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    eps = np.broadcast_to(nodes[:, None, None], (20, N, D_OUT)).copy()
    z, share = subject.ops.reparameterize(mu, logvar, eps), weights[:, None, None] / weights.sum()
    mean = (share * z).sum(axis=0)
    variance = (share * (z - mean) ** 2).sum(axis=0)
    return max(relative_error(mean, mu), relative_error(variance, np.exp(logvar)))


@claim(
    "gaussian_nll is minus a log-density",
    op="gaussian_nll",
    equation="gaussian_nll.2",
    level="value",
    method="scipy.stats.norm",
    tolerance=1e-13,
)
def _gaussian_nll(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import norm

    x_hat, logvar, x = (rng.standard_normal((N, D_IN)) for _ in range(3))
    expected = -norm.logpdf(x, x_hat, np.sqrt(np.exp(logvar))).sum(axis=1)
    shared = -norm.logpdf(x, x_hat, np.exp(logvar[0] / 2)).sum(axis=1)
    errors = [
        max(
            relative_error(room.gaussian_nll(x_hat, logvar, x), expected),
            relative_error(room.gaussian_nll(x_hat, logvar[0], x), shared),
        )
        for room in (subject.ops, subject.kernels)
    ]
    return max(errors)


@claim(
    "gaussian_kl is the integral that defines it",
    op="gaussian_kl",
    equation="gaussian_kl.1",
    level="value",
    method="scipy.integrate.quad in one dimension",
    tolerance=1e-9,
)
def _quadrature(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.integrate import quad
    from scipy.stats import norm

    worst = 0.0
    for mu, logvar in ((0.0, 0.0), (1.5, -1.0), (-0.3, 0.8), (2.0, 1.2)):
        q, p = norm(mu, math.sqrt(math.exp(logvar))), norm(0, 1)

        def integrand(z: float, q: object = q, p: object = p) -> float:
            return q.pdf(z) * (q.logpdf(z) - p.logpdf(z))  # type: ignore[attr-defined]

        expected, _ = quad(integrand, mu - 12 * q.std(), mu + 12 * q.std(), epsabs=1e-12, limit=200)
        value = subject.ops.gaussian_kl(np.array([[mu]]), np.array([[logvar]]))[0]
        worst = max(worst, abs(value - expected))
    return worst


@claim(
    "gaussian_kl is the mean of log q - log p over draws",
    op="gaussian_kl",
    equation="gaussian_kl.1",
    level="value",
    method="Monte Carlo with scipy.stats, as a share of four standard errors",
    tolerance=1,
)
def _monte_carlo(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import norm

    mu, logvar = _moments(rng)
    std = np.exp(logvar) ** 0.5
    draws = rng.normal(mu, std, (20_000, N, D_OUT))
    terms = (norm.logpdf(draws, mu, std) - norm.logpdf(draws)).sum(axis=2)
    error = abs(terms.mean(axis=0) - subject.ops.gaussian_kl(mu, logvar))
    return float((error / (4 * terms.std(axis=0) / np.sqrt(len(terms)))).max())


STEPS: list[tuple[str, str, str, Callable[[Any, Array, Array], tuple[Array, Array]]]] = [
    (
        "gaussian_kl_trace of a diagonal covariance is gaussian_kl_sums",
        "gaussian_kl_trace",
        "gaussian_kl_trace.1",
        lambda ops, mu, v: (
            ops.gaussian_kl_trace(mu, np.exp(v)[:, :, None] * np.eye(D_OUT)),
            ops.gaussian_kl_sums(mu, np.exp(v)),
        ),
    ),
    (
        "gaussian_kl_sums is gaussian_kl",
        "gaussian_kl_sums",
        "gaussian_kl_sums.1",
        lambda ops, mu, v: (ops.gaussian_kl_sums(mu, np.exp(v)), ops.gaussian_kl(mu, v)),
    ),
    (
        "gaussian_kl is the sum of gaussian_kl_terms",
        "gaussian_kl_terms",
        "gaussian_kl_terms.1",
        lambda ops, mu, v: (ops.gaussian_kl(mu, v), ops.gaussian_kl_terms(mu, v).sum(axis=1)),
    ),
]


def _register_steps() -> None:
    for name, op, equation, both in STEPS:

        @claim(name, op=op, equation=equation, level="value", method="one step against the next", tolerance=1e-13)
        def measure(subject: Subject, rng: np.random.Generator, both: Any = both) -> float:
            return relative_error(*both(subject.ops, *_moments(rng)))


_register_steps()


@claim(
    "gaussian_kl_trace does not depend on the axes",
    op="gaussian_kl_trace",
    equation="gaussian_kl_trace.1",
    level="value",
    method="rotated, against the diagonal form",
    tolerance=1e-13,
)
def _rotated(subject: Subject, rng: np.random.Generator) -> float:
    mu, logvar = _moments(rng)
    rotation, _ = np.linalg.qr(rng.standard_normal((D_OUT, D_OUT)))
    covariance = rotation @ (np.exp(logvar)[:, :, None] * np.eye(D_OUT)) @ rotation.T
    expected = subject.ops.gaussian_kl_sums(mu, np.exp(logvar))
    return relative_error(subject.ops.gaussian_kl_trace(mu @ rotation.T, covariance), expected)


@claim(
    "gaussian_kl is zero for the prior, and positive elsewhere",
    op="gaussian_kl",
    equation="gaussian_kl.1",
    level="meaning",
    method="at the prior and around it",
    tolerance=0,
)
def _divergence(subject: Subject, rng: np.random.Generator) -> float:
    mu, logvar = 0.1 * rng.standard_normal((200, D_OUT)), 0.1 * rng.standard_normal((200, D_OUT))
    at_prior = subject.ops.gaussian_kl(np.zeros((1, D_OUT)), np.zeros((1, D_OUT)))
    return float(abs(at_prior).sum() + (subject.ops.gaussian_kl(mu, logvar) <= 0).sum())


@claim(
    "sampled_kl is log q - log p at a draw",
    op="sampled_kl",
    equation="sampled_kl.2",
    level="value",
    method="scipy.stats.norm",
    tolerance=1e-12,
)
def _sampled(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import norm

    (mu, logvar), eps = _moments(rng), rng.standard_normal((4, N, D_OUT))
    std = np.exp(logvar) ** 0.5
    z = mu + std * eps
    expected = (norm.logpdf(z, mu, std) - norm.logpdf(z)).sum(axis=2)
    return relative_error(subject.ops.sampled_kl(z, logvar, eps), expected)


@claim(
    "free_bits charges the mean of a dimension, and at least the floor",
    op="free_bits",
    equation="free_bits.2",
    level="value",
    method="by hand",
    tolerance=1e-14,
)
def _free_bits(subject: Subject, rng: np.random.Generator) -> float:
    # Rows on both sides of the floor in every column: a comparison row by row gives another result.
    terms = rng.uniform(0, 4, (N, D_IN)) * np.linspace(0.1, 1, D_IN)
    expected = math.fsum(max(math.fsum(column) / N, 1.0) for column in terms.T.tolist())
    free = subject.ops.free_bits(terms, 0.0)
    return max(
        relative_error(subject.ops.free_bits(terms, 1.0), np.array(expected)),
        relative_error(free, terms.sum(axis=1).mean()),
    )
