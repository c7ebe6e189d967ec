"""Level two, for the log-likelihood of pixels and importance weights: values by independent definitions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array, relative_error
from scratchae.verify.gradient_cases import D_IN, D_OUT, N


def _weights_of_two(rng: np.random.Generator) -> tuple[Array, list[list[Fraction]]]:
    """Return logarithms of powers of two, and the powers as exact fractions, sample by sample."""
    powers = rng.integers(-9, 10, (D_OUT, N))
    return powers * math.log(2), [[Fraction(2) ** int(p) for p in row] for row in powers]


@claim(
    "log_mean_exp is the log of a mean",
    op="log_mean_exp",
    equation="log_mean_exp.1",
    level="value",
    method="exact fractions of powers of two, and far beyond where it overflows",
    tolerance=1e-14,
)
def _log_mean_exp(subject: Subject, rng: np.random.Generator) -> float:
    log_w, weights = _weights_of_two(rng)
    expected = np.array([math.log(sum(row[n] for row in weights) / D_OUT) for n in range(N)])
    far = subject.ops.log_mean_exp(np.array([[1e4, -1e4], [1e4, -3e4]]))
    ends = relative_error(far, np.array([1e4, -1e4 - math.log(2)]))
    return max(relative_error(subject.ops.log_mean_exp(log_w), expected), ends)


@claim(
    "importance_weights are shares, the best sample's the largest",
    op="importance_weights",
    equation="importance_weights.1",
    level="value",
    method="exact fractions of powers of two, and far beyond where it overflows",
    tolerance=1e-14,
)
def _importance_weights(subject: Subject, rng: np.random.Generator) -> float:
    log_w, weights = _weights_of_two(rng)
    expected = np.array([[float(row[n] / sum(other[n] for other in weights)) for n in range(N)] for row in weights])
    far = subject.ops.importance_weights(np.array([[1e4], [-1e4], [1e4]]))
    ends = relative_error(far, np.array([[0.5], [0.0], [0.5]]))
    return max(relative_error(subject.ops.importance_weights(log_w), expected), ends)


def _pixels(rng: np.random.Generator) -> tuple[Array, Array]:
    return rng.uniform(0.02, 0.98, (N, D_IN)), rng.integers(0, 2, (N, D_IN)).astype(np.float64)


@claim(
    "bernoulli_log_product is the probability of the pixels",
    op="bernoulli_log_product",
    equation="bernoulli_log_product.1",
    level="value",
    method="scipy.stats.bernoulli",
    tolerance=1e-13,
)
def _product(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import bernoulli

    p, x = _pixels(rng)
    return relative_error(subject.ops.bernoulli_log_product(p, x), bernoulli.logpmf(x, p).sum(axis=1))


@claim(
    "bernoulli_log_powers is bernoulli_log_product",
    op="bernoulli_log_powers",
    equation="bernoulli_log_powers.1",
    level="value",
    method="one step against the next",
    tolerance=1e-13,
)
def _powers(subject: Subject, rng: np.random.Generator) -> float:
    p, x = _pixels(rng)
    return relative_error(subject.ops.bernoulli_log_powers(p, x), subject.ops.bernoulli_log_product(p, x))


@claim(
    "bernoulli_log_likelihood is bernoulli_log_powers, and minus bernoulli_nll",
    op="bernoulli_log_likelihood",
    equation="bernoulli_log_likelihood.1",
    level="value",
    method="one step against the next, grey pixels too",
    tolerance=1e-13,
)
def _log_likelihood(subject: Subject, rng: np.random.Generator) -> float:
    ops, (p, _), x = subject.ops, _pixels(rng), rng.random((N, D_IN))
    value = ops.bernoulli_log_likelihood(p, x)
    from_logits = -ops.bernoulli_nll(np.log(p) - np.log(1 - p), x)
    return max(relative_error(value, ops.bernoulli_log_powers(p, x)), relative_error(from_logits, value))
