"""Independent references for the tutorials: with one or two latent variables, every integral can be computed without a variational method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import minimize

from scratchae import ops
from scratchae.nets.network import Array
from scratchae.verify.derivatives import central_differences, complex_step


def log_normal(z: Any, mu: Any, logvar: Any) -> Any:
    """The log of the density of N(mu, exp(logvar)) at z."""
    return -(np.log(2 * np.pi) + logvar + (z - mu) ** 2 / np.exp(logvar)) / 2


def integral(f: Callable[[float], float], low: float = -8.0, high: float = 8.0) -> float:
    """Integral of f by SciPy's quadrature, with break points at the modes of tutorial 06."""
    return quad(f, low, high, points=(-2, 2), epsabs=1e-13, epsrel=1e-13, limit=500)[0]


def mean_under_normal(f: Callable[[float], float], mu: float, logvar: float) -> float:
    """The mean of f(z) over z from N(mu, exp(logvar)), by SciPy's quadrature."""
    edge = 12 * np.exp(logvar / 2)
    return quad(lambda z: np.exp(log_normal(z, mu, logvar)) * f(z), mu - edge, mu + edge, epsabs=1e-12, limit=500)[0]


def kl_by_definition(mean: float, variance: float) -> float:
    """KL(N(mean, variance) || N(0, 1)) of one number: the integral of q (ln q - ln p), by SciPy's densities and quadrature."""
    q, p = stats.norm(mean, np.sqrt(variance)), stats.norm()
    low, high = mean - 12 * np.sqrt(variance), mean + 12 * np.sqrt(variance)
    return quad(lambda z: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), low, high, epsabs=1e-12)[0]


class Line:
    """Densities of one latent variable, one for each image, at the points of a grid so fine that an integral is a sum.

    Parameters
    ----------
    log_joint : callable
        Function of points z, shape (M, 1), that returns log p(x, z) of each image, shape (N, M).
    low, high : float
        Ends of the line.
    count : int
        Number of points, M.

    Attributes
    ----------
    places : array, shape (M,)
    log_px : array, shape (N,)
        The log of the integral of p(x, z).
    posterior : array, shape (N, M)
        p(z|x).
    highest : array, shape (N, 1)
        The point at which the posterior is highest.
    """

    def __init__(self, log_joint: Callable[[Array], Array], low: float, high: float, count: int) -> None:
        self.places = np.linspace(low, high, count)
        self._log_joint, self._width = log_joint, self.places[1] - self.places[0]
        self._joint = log_joint(self.places[:, None])
        self.log_px = ops.log_mean_exp(self._joint.T) + np.log(self._width * count)
        self.posterior = np.exp(self._joint - self.log_px[:, None])
        self.highest = self.places[self._joint.argmax(axis=1)][:, None]

    def log_px_by_scipy(self, n: int) -> float:
        """log p(x) of image n by adaptive quadrature, which chooses its own points."""
        top = self._joint[n].max()

        def relative(z: float) -> float:
            return float(np.exp(self._log_joint(np.array([[z]]))[n, 0] - top))

        area = quad(relative, self.places[0], self.places[-1], points=(self.highest[n, 0],), limit=500)[0]
        return float(np.log(area) + top)

    def moments(self) -> tuple[Array, Array]:
        """Mean and log of the variance of p(z|x), both (N, 1)."""
        mean = (self.posterior @ self.places * self._width)[:, None]
        variance = (self.posterior * (self.places - mean) ** 2).sum(axis=1, keepdims=True) * self._width
        return mean, np.log(variance)

    def bound(self, mu: Array, logvar: Array) -> tuple[Array, Array]:
        """The bound of a normal q for each image, (N,), from moments (N, 1); and the densities of q, (N, M)."""
        log_density = log_normal(self.places, mu, logvar)
        return (np.exp(log_density) * (self._joint - log_density)).sum(axis=1) * self._width, np.exp(log_density)

    def best_bound(self, n: int, *starts: tuple[Array, Array]) -> float:
        """The highest bound of a normal q for image n that SciPy finds without gradients, from several starts."""

        def lost(moments: Array) -> float:
            log_density = log_normal(self.places, *moments)
            return -(np.exp(log_density) * (self._joint[n] - log_density)).sum() * self._width

        return -min(minimize(lost, (mu[n, 0], v[n, 0]), method="Nelder-Mead").fun for mu, v in starts)

    def modes(self, share: float) -> Array:
        """The number of modes of p(z|x) whose density is at least a given fraction of the highest one; shape (N,)."""
        inner = self.posterior[:, 1:-1]
        above = (inner > self.posterior[:, :-2]) & (inner > self.posterior[:, 2:])
        return (above & (inner > share * self.posterior.max(axis=1, keepdims=True))).sum(axis=1)


def plane(mean: Array, deviations: Array, reach: float = 16, count: int = 321) -> tuple[Array, float]:
    """A square grid of points around a mean, (count², 2), up to `reach` standard deviations to each side, and the area of a cell."""
    edge = reach * deviations
    sides = [np.linspace(m - e, m + e, count) for m, e in zip(mean, edge, strict=True)]
    cell = (sides[0][1] - sides[0][0]) * (sides[1][1] - sides[1][0])
    return np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, 2), float(cell)


def numeric_gradients(f: Callable[..., Any], *arguments: Array) -> list[Array]:
    """The gradients of a number with respect to each of its arguments, by central differences."""

    def by(i: int) -> Array:
        def moved(argument: Array) -> float:
            return float(f(*arguments[:i], argument, *arguments[i + 1 :]))

        return central_differences(moved, arguments[i])[0]

    return [by(i) for i in range(len(arguments))]


def gradient_check(forward: Callable[..., Any], backward: Callable[..., Any], rng: np.random.Generator) -> float:
    """The largest error of a gradient of `reparameterize`, right or wrong, against the complex step; dz is random."""
    mu, logvar, (eps, dz) = rng.standard_normal((4, 2)), rng.standard_normal((4, 2)), rng.standard_normal((2, 3, 4, 2))
    by_hand = backward(dz, logvar, eps)
    numeric = (
        complex_step(lambda value: (dz * forward(value, logvar, eps)).sum(), mu),
        complex_step(lambda value: (dz * forward(mu, value, eps)).sum(), logvar),
    )
    return max(float(np.abs(one - other).max()) for one, other in zip(by_hand, numeric, strict=True))
