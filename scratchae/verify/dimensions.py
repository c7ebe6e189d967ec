"""Claims about hundreds of dimensions, whose determinants are beyond the range of floats."""

from __future__ import annotations

import math

import numpy as np

from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import entrywise_error


@claim(
    "log p(x) of 784 features is finite and exact, for small and large variances",
    op="LinearGaussian",
    equation="linear_gaussian.3",
    level="value",
    method="closed form for orthogonal directions: the variance along each is its squared length plus the noise",
    tolerance=1e-12,
)
def _many_features(subject: Subject, rng: np.random.Generator) -> float:
    D, scales, errors = 784, np.array([1.5, 0.7, 0.2]), []
    directions, _ = np.linalg.qr(rng.standard_normal((D, 3)))
    mean = rng.standard_normal(D)
    for variance in (0.02, 5.0):  # the determinant is below 1e-1300 and above 1e500
        z, noise = rng.standard_normal((4, 3)), math.sqrt(variance) * rng.standard_normal((4, D))
        x = mean + z * scales @ directions.T + noise
        along = (x - mean) @ directions
        rest = ((x - mean - along @ directions.T) ** 2).sum(axis=1) / variance
        squares = (along**2 / (scales**2 + variance)).sum(axis=1) + rest
        log_size = np.log(scales**2 + variance).sum() + (D - 3) * math.log(variance)
        exact = subject.baselines.LinearGaussian(scales[:, None] * directions.T, mean, variance)
        expected = -(D * math.log(2 * math.pi) + log_size + squares) / 2
        errors.append(entrywise_error(exact.log_likelihood(x), expected))
    return max(errors)


@claim(
    "gaussian_kl_trace of 300 dimensions is finite and exact, for small and large covariances",
    op="gaussian_kl_trace",
    equation="gaussian_kl_trace.1",
    level="value",
    method="covariances c I, whose determinant c^300 is below 1e-390 or above 1e390: J (c - 1 - ln c) / 2 plus half the squares; both backends",
    tolerance=1e-13,
)
def _many_dimensions(subject: Subject, rng: np.random.Generator) -> float:
    J, errors = 300, []
    mu, sizes = rng.standard_normal((2, J)), np.array([0.05, 20.0])
    squares = [math.fsum(row**2) for row in mu]
    expected = np.array([(J * (c - 1 - math.log(c)) + s) / 2 for c, s in zip(sizes, squares, strict=True)])
    for room in (subject.ops, subject.kernels):
        errors.append(entrywise_error(room.gaussian_kl_trace(mu, sizes[:, None, None] * np.eye(J)), expected))
    return max(errors)
