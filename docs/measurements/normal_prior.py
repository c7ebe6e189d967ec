"""Measure how close decoders of a standard normal code come to a ring, which is far from normal.

    python docs/measurements/normal_prior.py

The derivation is docs/derivations/normal_prior.md. The best possible mean of ln p(x) is that of the ring's own density; what a model lacks is
KL(data || model).
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from _table import Measured, run
from scipy import stats

import scratchae as sae
from scratchae.errors import ConvergenceWarning
from scratchae.ops import log_mean_exp
from scratchae.plots.figure import banner, new_figure

Array = np.ndarray
WIDTH = 0.1  # standard deviation of the radius, whose mean is 1
HIDDEN: tuple[tuple[int, ...], ...] = ((), (4,), (16,))
EXPECTED = {
    "KS distance of 10,000 mapped draws, as a share of its 1 % limit": (0.545, 0.02),
    "KL(data ‖ model), best normal": (1.189, 0.005),
    "KL, linear decoder, bound of one draw": (1.195, 0.01),
    "KL, 4 hidden units, bound of one draw": (0.545, 0.02),
    "KL, 16 hidden units, bound of one draw": (0.319, 0.02),
    "KL, linear decoder, bound of ten draws": (1.189, 0.01),
    "KL, 4 hidden units, bound of ten draws": (0.174, 0.02),
    "KL, 16 hidden units, bound of ten draws": (0.052, 0.02),
}


def ring_from_normal(z: Array) -> Array:
    """Map standard normal numbers (N, 2) to points of the ring, by the quantile functions of its angle and its radius."""
    u = stats.norm.cdf(z)
    angle = stats.uniform(0, 2 * np.pi).ppf(u[:, 0])  # (normal_prior.1)
    radius = stats.norm(1, WIDTH).ppf(u[:, 1])  # (normal_prior.2)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def log_density(x: Array) -> Array:
    """Return the log of the ring's density: that of the radius, times that of the angle, divided by the radius (change of variables)."""
    radius = np.hypot(x[:, 0], x[:, 1])
    return stats.norm.logpdf(radius, 1, WIDTH) - np.log(2 * np.pi) - np.log(radius)


def distance_of_radii(x: Array) -> float:
    """Return the Kolmogorov-Smirnov distance between the radii and their distribution, as a share of its 1 % limit."""
    return float(stats.kstest(np.hypot(x[:, 0], x[:, 1]), stats.norm(1, WIDTH).cdf).statistic * len(x) ** 0.5 / 1.628)


def fitted(hidden: tuple[int, ...], draws: int, x: Array, epochs: int) -> Any:
    """Return a model with these hidden layers, trained on the bound of so many weighted draws."""
    options: dict[str, Any] = {
        "latent_dim": 2,
        "activation": "tanh",
        "likelihood": "gaussian",
        "batch_size": 100,
        "learning_rate": 5e-3,
        "learning_rate_decay": 0.985,
        "epochs": epochs,
        "random_state": 0,
    }
    if draws == 1:
        return sae.VariationalAutoencoder(hidden, warm_up=min(50, epochs), **options).fit(x)
    return sae.ImportanceWeightedAutoencoder(hidden, n_samples=draws, **options).fit(x)


def log_likelihood(model: Any, x: Array, draws: int) -> Array:
    """Return ln p(x) of each row, estimated with draws from the prior: with two latent variables they are enough."""
    z = np.random.default_rng(1).standard_normal((draws, 2)).astype(np.float32)
    means, variance = model.decode(z).astype(np.float64), float(model.noise_variance_[0])

    def of(rows: Array) -> Array:
        squares = ((rows[None] - means[:, None]) ** 2).sum(axis=2)
        return log_mean_exp(-squares / (2 * variance) - np.log(2 * np.pi * variance))

    return np.concatenate([of(rows) for rows in np.array_split(x, 1 + len(x) // 100)])


def panels(models: dict[str, Any], data: Array) -> Any:
    """Draws from the prior, what two decoders make of them, and the data."""
    z = np.random.default_rng(2).standard_normal((1500, 2)).astype(np.float32)
    noise = np.random.default_rng(3).standard_normal(z.shape)
    clouds = {"z from the prior": z}
    for name, model in models.items():
        clouds[name] = model.decode(z) + model.noise_variance_**0.5 * noise
    clouds["data"] = data[: len(z)]
    figure = new_figure(9.6, 3.0)
    every = figure.subplots(1, len(clouds))
    for axes, (name, points) in zip(every, clouds.items(), strict=True):
        colours = "#555555" if name == "data" else np.arctan2(z[:, 1], z[:, 0])
        axes.scatter(points[:, 0], points[:, 1], c=colours, cmap=None if name == "data" else "hsv", s=3)
        edge = 3.2 if name.startswith("z") else 1.9
        axes.set(xlim=(-edge, edge), ylim=(-edge, edge), aspect="equal", title=name)
        axes.title.set_fontsize(10)
    banner(figure, "A decoder bends the normal distribution into a ring", "colour: direction of z from the origin")
    return figure


def measure(quick: bool) -> Measured:
    """Return KL(data ‖ model) of all models, and the figure."""
    warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is part of the comparison
    rng = np.random.default_rng(0)
    train, test = (ring_from_normal(rng.standard_normal((n, 2))) for n in ((500, 200) if quick else (5000, 2000)))
    results = {next(iter(EXPECTED)): distance_of_radii(ring_from_normal(rng.standard_normal((10_000, 2))))}
    best, variance = log_density(test).mean(), train.var()
    normal = -np.log(2 * np.pi * variance) - (test**2).sum(axis=1) / (2 * variance)
    results["KL(data ‖ model), best normal"] = float(best - normal.mean())
    models = {}
    for draws, word in ((1, "one draw"), (10, "ten draws")):
        for hidden in HIDDEN:
            model = fitted(hidden, draws, train.astype(np.float32), 2 if quick else 200)
            size = f"{hidden[0]} hidden units" if hidden else "linear decoder"
            found = log_likelihood(model, test, 500 if quick else 20_000).mean()
            results[f"KL, {size}, bound of {word}"] = float(best - found)
            if (draws, hidden) in ((1, ()), (10, (16,))):
                models[size] = model
    return results, panels(models, train)


if __name__ == "__main__":
    run("normal_prior", measure, EXPECTED)
