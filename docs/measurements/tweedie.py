"""Check Tweedie's formula by quadrature, compare a trained denoiser with the exact one, and follow the exact one from noise to data.

    python docs/measurements/tweedie.py

The derivation is docs/derivations/tweedie.md.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from _table import Measured, run
from scipy import stats
from scipy.integrate import quad

import scratchae as sae
from scratchae.errors import ConvergenceWarning
from scratchae.ops import softmax
from scratchae.plots.figure import LINES, banner, new_figure, plain

Array = np.ndarray
POINTS, WEIGHTS = np.array([-1.0, 0.4, 1.0]), np.array([0.5, 0.2, 0.3])
CENTRES = np.array([[1.0, 0.0], [-0.5, 0.87], [-0.5, -0.87]])  # of three clusters in the plane
SPREAD, LEVEL = 0.25, 0.4  # their standard deviation, and that of the noise
EXPECTED = {
    "three points: E[x given x̃] minus Tweedie's formula, largest": (0, 1e-12),
    "uniform x: E[x given x̃] minus Tweedie's formula, largest": (0, 1e-9),
    "exponential x: E[x given x̃] minus Tweedie's formula, largest": (0, 1e-9),
    "trained denoiser: squared error of its score, share of the squared score": (0.0021, 0.001),
    "its excess loss minus its squared distance from E[x given x̃], in standard errors": (0.41, 0.5),
    "shares of the three points after the path from noise, largest deviation": (0.0025, 0.0005),
    "digits: drawn images that are training images": (1, 0),
}


def gauss(v: Any, level: float) -> Any:
    """Return the density of the noise at v, a number."""
    return np.exp(-(v**2) / (2 * level**2)) / np.sqrt(2 * np.pi * level**2)


def tweedie(density: Callable[[complex], complex], x_noisy: float, level: float) -> float:
    """Return x̃ + ν² times the derivative of ln q(x̃), by the complex step."""
    step = 1e-30
    return x_noisy + level**2 * np.log(density(x_noisy + 1j * step)).imag / step  # (tweedie.3)


def worst_error(low: float, high: float, prior: Callable[[float], float], level: float = 0.5) -> float:
    """Return the largest difference between E[x given x̃], by quadrature of Bayes' formula, and Tweedie's formula."""

    def integral(f: Callable[[float], float]) -> float:
        return quad(f, low, high, epsabs=1e-14, epsrel=1e-13, limit=200)[0]

    def density(noisy: complex) -> complex:
        def f(x: float) -> complex:
            return prior(x) * gauss(noisy - x, level)

        return integral(lambda x: f(x).real) + 1j * 1e-30 * integral(lambda x: f(x).imag / 1e-30)  # (tweedie.1)

    errors = []
    for noisy in np.linspace(low - 1, low + 2, 7):

        def moment(x: float, at: float = noisy) -> float:
            return float(x * prior(x) * gauss(at - x, level))

        mean = integral(moment) / density(noisy).real
        errors.append(abs(mean - tweedie(density, noisy, level)))  # (tweedie.2), divided by the density
    return max(errors)


def posterior_mean(noisy: Array, points: Array, weights: Array, variance: float) -> Array:
    """Return the mean of the points given x̃, (M, D), if the noise has this variance: their mean by the shares of a softmax."""
    squares = (noisy**2).sum(axis=1)[:, None] - 2 * noisy @ points.T + (points**2).sum(axis=1)
    return softmax(np.log(weights) - squares / (2 * variance)) @ points  # (tweedie.4)


def mean_of_clusters(noisy: Array) -> Array:
    """Return E[x given x̃] for the three clusters: between the centre, itself a guess, and x̃."""
    total = SPREAD**2 + LEVEL**2
    centre = posterior_mean(noisy, CENTRES, np.ones(3) / 3, total)
    return centre + SPREAD**2 / total * (noisy - centre)


def clusters(n: int, rng: np.random.Generator) -> Array:
    """Draw points of the three clusters."""
    return CENTRES[rng.integers(3, size=n)] + SPREAD * rng.standard_normal((n, 2))


def path(x: Array, points: Array, weights: Array, levels: Array) -> Array:
    """Return the way of each row of x, which is noise of the first level, through all levels: shape (levels, M, D)."""
    way = [x]
    for level, following in zip(levels, levels[1:], strict=False):
        guess = posterior_mean(way[-1], points, weights, level**2)
        way.append(guess + following / level * (way[-1] - guess))  # (tweedie.6), (tweedie.7)
    return np.stack(way)


def picture(denoiser: Any, levels: Array, way: Array) -> Any:
    """Moves of the trained denoiser over the density of its inputs; and paths from noise to three points."""
    figure = new_figure(9.0, 3.9)
    left, right = figure.subplots(1, 2)
    side = np.linspace(-2, 2, 81)
    grid = np.stack([part.ravel() for part in np.meshgrid(side, side)], axis=1)
    density = np.exp(-((grid[:, None] - CENTRES) ** 2).sum(axis=2) / (2 * (SPREAD**2 + LEVEL**2))).sum(axis=1)
    left.contourf(side, side, density.reshape(81, 81), levels=8, cmap="Blues")
    coarse = np.linspace(-1.8, 1.8, 13)
    at = np.stack([part.ravel() for part in np.meshgrid(coarse, coarse)], axis=1)
    for start, move, colour in (
        (at, mean_of_clusters(at) - at, "#999999"),
        (at, denoiser.reconstruct(at.astype(np.float32)) - at, LINES[1]),
    ):
        left.quiver(*start.T, *move.T, color=colour, angles="xy", scale_units="xy", scale=2, width=0.005)
    left.set(aspect="equal", title="moves: exact (grey) and trained (orange)", xlabel="half of the length is drawn")
    right.plot(levels, way[:, ::80, 0], color=LINES[0], linewidth=0.8)
    right.set(
        xscale="log",
        xlim=(levels[0], levels[-1]),
        ylim=(-4, 4),
        xlabel="level of the noise ν",
        title="from noise to three points",
    )
    for value, weight in zip(POINTS, WEIGHTS, strict=True):
        right.text(levels[-1], value, f" {weight:.0%}", va="center", fontsize=9)
    plain(right)
    for axes in (left, right):
        axes.title.set_fontsize(10)
    banner(
        figure,
        "Denoising follows the gradient of the log-density",
        "left: three clusters, ν = 0.4; right: (tweedie.7) with the exact denoiser",
    )
    return figure


def trained(quick: bool) -> tuple[Any, float, float]:
    """Return a denoiser of the clusters, the relative error of its score, and how far (tweedie.5) is off, in standard errors."""
    rng = np.random.default_rng(0)
    x = clusters(500 if quick else 20_000, rng).astype(np.float32)
    model = sae.DenoisingAutoencoder(
        "gaussian", LEVEL, hidden_sizes=(64,), latent_dim=64, activation="tanh", likelihood="gaussian", batch_size=200,
        learning_rate=2e-3, learning_rate_decay=0.97, epochs=2 if quick else 100, random_state=0,
    ).fit(x)  # fmt: skip
    clean = clusters(50_000, rng)
    noisy = clean + LEVEL * rng.standard_normal(clean.shape)
    guess, exact = model.reconstruct(noisy.astype(np.float32)).astype(np.float64), mean_of_clusters(noisy)
    relative = ((guess - exact) ** 2).sum() / ((exact - noisy) ** 2).sum()
    excess = ((guess - clean) ** 2 - (exact - clean) ** 2 - (guess - exact) ** 2).sum(axis=1)  # (tweedie.5)
    return model, float(relative), float(abs(excess.mean()) / (excess.std() / len(excess) ** 0.5))


def measure(quick: bool) -> Measured:
    """Return the errors of the formula, of the denoiser and of the paths, and the figure."""
    warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is part of the comparison
    column = POINTS[:, None]
    at = np.linspace(-3, 3, 61)
    by_formula = [tweedie(lambda v: WEIGHTS @ gauss(v - POINTS, 0.5), v, 0.5) for v in at]
    errors = [float(np.abs(posterior_mean(at[:, None], column, WEIGHTS, 0.25)[:, 0] - by_formula).max())]
    errors += [worst_error(0, 1, lambda x: 1.0), worst_error(0, 12, lambda x: float(np.exp(-x)))]
    model, relative, off = trained(quick)
    levels = np.geomspace(20, 0.01, 100 if quick else 800)
    quantiles = (np.arange(2000) + 0.5) / 2000
    way = path(levels[0] * stats.norm.ppf(quantiles)[:, None], column, WEIGHTS, levels)
    nearest = np.abs(way[-1] - POINTS).argmin(axis=1)
    shares = np.bincount(nearest, minlength=3) / len(nearest)
    digits = sae.load_digits().x_train.astype(np.float64)[: 100 if quick else None]
    noise = levels[0] * np.random.default_rng(0).standard_normal((50, digits.shape[1]))
    drawn = path(noise, digits, np.ones(len(digits)) / len(digits), levels)[-1]
    distance = np.sqrt(((drawn[:, None] - digits) ** 2).sum(axis=2)).min(axis=1)
    values = [*errors, relative, off, float(np.abs(shares - WEIGHTS).max()), float((distance < 0.2).mean())]
    return dict(zip(EXPECTED, values, strict=True)), picture(model, levels, way)


if __name__ == "__main__":
    run("tweedie", measure, EXPECTED)
