"""Claims about the variance of a Gaussian decoder: its best value, its first value, and the value below which it does not fall."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from scratchae.verify.autoencoder import on_backend
from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array, entrywise_error

VAE, IWAE, CVAE = "VariationalAutoencoder", "ImportanceWeightedAutoencoder", "ConditionalVariationalAutoencoder"
LEARNED = ("learned", "learned_per_feature")
COMMON: dict[str, Any] = {
    "hidden_sizes": (4,),
    "latent_dim": 2,
    "likelihood": "gaussian",
    "dtype": "float64",
    "batch_size": 10,
    "random_state": 0,
}


@claim(
    "the density that gaussian_nll describes has a mass of 1 for variances shared by the rows",
    op="gaussian_nll",
    equation="gaussian_nll.1 gaussian_nll.2",
    level="value",
    method="sum of e^-loss over a grid of two features, of different variances; op and kernel",
    tolerance=1e-12,
)
def _mass(subject: Subject, rng: np.random.Generator) -> float:
    logvar, mean, worst = np.array([-1.0, 1.5]), rng.standard_normal(2), 0.0
    steps = np.linspace(-12, 12, 241)
    axes = [m + math.exp(v / 2) * steps for m, v in zip(mean, logvar, strict=True)]
    x = np.stack([axis.ravel() for axis in np.meshgrid(*axes)], axis=1)
    cell = math.prod(axis[1] - axis[0] for axis in axes)
    for room in (subject.ops, subject.kernels):
        losses = room.gaussian_nll(np.tile(mean, (len(x), 1)), logvar, x)
        worst = max(worst, abs(float(np.exp(-losses).sum() * cell) - 1))
    return worst


@claim(
    "the best variance of a feature is the mean of its squared errors, and of all features the mean of all",
    op="gaussian_nll",
    equation="gaussian_nll.5 gaussian_nll.6 gaussian_nll.7",
    level="meaning",
    method="the gradient there, and the loss and the sign of the gradient at other variances; op and kernel",
    tolerance=1e-13,
)
def _best(subject: Subject, rng: np.random.Generator) -> float:
    x_hat, x, worst = rng.standard_normal((50, 4)), 2 * rng.standard_normal((50, 4)), 0.0
    squares, ones = ((x - x_hat) ** 2).mean(axis=0), np.ones(50)
    for room in (subject.ops, subject.kernels):
        for best in (np.log(squares), np.full(4, np.log(squares.mean()))):
            gradient = room.gaussian_nll_backward(ones, x_hat, best, x)[1]
            worst = max(worst, abs(gradient if best[0] != best[1] else gradient.sum()).max() / 50)
            least = room.gaussian_nll(x_hat, best, x).sum()
            for move in (-0.1, 0.1):
                slope = room.gaussian_nll_backward(ones, x_hat, best + move, x)[1].sum()
                if room.gaussian_nll(x_hat, best + move, x).sum() <= least or slope * move <= 0:
                    return np.inf
    return worst


def _data() -> list[tuple[Array, Array]]:
    """Return rows, and the variance that each feature counts as: a constant one as the least of the others, or 1 if there are none."""
    x = np.random.default_rng(7).standard_normal((30, 3)) * [1.0, 20.0, 0.3] + [0.0, 5.0, -2.0]
    variances = np.array([math.fsum((column - math.fsum(column) / 30) ** 2) / 30 for column in x.T])
    constant = np.hstack([x, np.full((30, 1), 0.1), np.zeros((30, 1))])
    return [
        (x, variances),
        (1e-5 * x, 1e-10 * variances),
        (constant, np.append(variances, [variances.min()] * 2)),
        (np.full((30, 2), 0.7), np.ones(2)),
    ]


def _lowering(kind: Any) -> Any:
    """Return a subclass whose gradient lowers a learned variance, and nothing else."""

    def objective(self: Any, parameters: Any, *batch: Any, **more: Any) -> tuple[float, Any]:
        gradients = parameters.like()
        gradients["decoder.logvar"] = 1.0
        return 0.0, gradients

    return type(f"Lowered{kind.__name__}", (kind,), {"objective": objective})


@claim(
    "a learned variance begins at that of the data, and does not fall below a ten-thousandth of it",
    op=VAE,
    equation="gaussian_nll.8",
    level="value",
    method="by hand, also for constant features: values after steps that change nothing, and after steps that lower them without end",
    tolerance=1e-11,
)
def _limits(subject: Subject, rng: np.random.Generator) -> float:
    worst, y = 0.0, np.arange(30) % 3
    still: dict[str, Any] = {**COMMON, "optimizer": "sgd", "learning_rate": 1e-300, "epochs": 1}
    falling: dict[str, Any] = {**COMMON, "optimizer": "sgd", "learning_rate": 5.0, "epochs": 4}
    for room in ("numpy", "numba"):
        with on_backend(room), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a posterior that has not been trained
            for name in (VAE, IWAE, CVAE):
                kind = getattr(subject.models, name)
                for option in LEARNED:
                    for x, scale in _data():
                        first, least = _by_hand(x, scale, option)
                        begun = kind(**still, variance=option).fit(x, y).parameters_["decoder.logvar"]
                        fallen = _lowering(kind)(**falling, variance=option).fit(x, y).parameters_["decoder.logvar"]
                        worst = max(worst, entrywise_error(begun, first, 1.0), entrywise_error(fallen, least, 1.0))
    return worst


def _by_hand(x: Array, scale: Array, option: str) -> tuple[Array, Array]:
    """Return the first and the least log-variance."""
    variances = np.where(np.ptp(x, axis=0) > 0, scale, 0.0)
    if option == "learned":
        variances = np.array([math.fsum(variances) / len(variances)])
        scale = np.where(variances > 0, variances, 1.0)
    return np.log(np.maximum(variances, 1e-4 * scale)), np.log(1e-4 * scale)


@claim(
    "a feature that is constant stays so in a Gaussian model that learns its variance",
    op=VAE,
    equation="gaussian_nll.8",
    level="meaning",
    method="means and deviations of samples of a table with two constants, after training: in standard deviations of the least variable feature",
    tolerance=0.05,
)
def _constants(subject: Subject, rng: np.random.Generator) -> float:
    x, _ = _data()[2]
    with on_backend(subject.ops), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {**COMMON, "variance": "learned_per_feature", "epochs": 100, "learning_rate": 1e-2}
        model = getattr(subject.models, VAE)(**options).fit(x)
        made = model.sample(400, seed=1)
    least = x[:, :3].std(axis=0).min()
    off = abs(made[:, 3:] - [0.1, 0.0]).max()
    return off / least if np.isfinite(model.history_["loss"]).all() else np.inf
