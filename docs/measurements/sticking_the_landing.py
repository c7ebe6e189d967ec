"""Measure the variance of both gradients of the bound: that of the loss, and the one with the parameters inside ln q held fixed.

    python docs/measurements/sticking_the_landing.py

The derivation is docs/derivations/sticking_the_landing.md. First p is normal, where both variances have a formula; then p is the posterior of
a variational autoencoder of the digits, with eight latent variables.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from _posteriors import Decoder, best_q, black_and_white
from _table import Measured, run

import scratchae as sae
from scratchae import ops
from scratchae.errors import ConvergenceWarning
from scratchae.plots.figure import LINES, headline, new_figure, plain

Array = np.ndarray
EXPECTED = {
    "q = p normal: largest entry of the path gradient, 1,000 draws": (0, 1e-12),
    "q = p normal: variance of the full gradient of the mean, times σ²": (1, 0.1),
    "q = p normal: variance of the full gradient of ln σ²": (0.5, 0.05),
    "largest deviation of measured variances from r² and (1 − r)², relative": (0, 0.05),
    "digits, q of the encoder: variance of the path gradient, share of the full one": (0.083, 0.015),
    "digits, best q: variance of the path gradient, share of the full one": (0.061, 0.015),
    "digits: difference of the means of both, in standard errors": (1, 0.1),
}


def gradients(slope: Callable[[Array], Array], mu: Array, logvar: Array, eps: Array) -> tuple[Array, Array]:
    """Return the full gradient and the path gradient of the bound from each draw: shape (2, L, N, J), first of mu, then of logvar."""
    std = np.exp(logvar / 2)
    full = slope(ops.reparameterize(mu, logvar, eps))
    path = full + eps / std  # (sticking_the_landing.3)
    return np.stack([full, full * std * eps / 2 + 0.5]), np.stack([path, path * std * eps / 2])


def normal_case(ratios: Array, draws: int) -> Array:
    """Return the variances of both gradients for p = N(0, 1) and q = N(0, r), in units of q: shape (2 gradients, 2 parameters, R)."""
    eps = np.random.default_rng(0).standard_normal((draws, 1, len(ratios)))
    mu, logvar = np.zeros((1, len(ratios))), np.log(ratios)[None]
    both = np.stack(gradients(lambda z: -z, mu, logvar, eps)).var(axis=2)[:, :, 0]
    both[:, 0] *= ratios  # a step of the mean counts in standard deviations of q
    return both


def of_digits(quick: bool) -> dict[str, float]:
    """Return the shares of the variance for the encoder's q and for the best q of each image, and the difference of the means."""
    data = sae.load_digits()
    rows, draws, steps = (20, 50, 3) if quick else (100, 2000, 300)
    model = sae.VariationalAutoencoder(
        (128,), latent_dim=8, activation="tanh", binarize="dynamic", batch_size=32, learning_rate=2e-3,
        epochs=1 if quick else 100, random_state=0,
    ).fit(data.x_train)  # fmt: skip
    x, decoder, rng = black_and_white(data.x_test, 1)[:rows], Decoder(model), np.random.default_rng(0)
    encoder = [part.astype(np.float64) for part in model.posterior(x.astype(np.float32))]
    shares, errors = [], []
    for mu, logvar in ((encoder[0], encoder[1]), best_q(decoder, x, encoder[0], encoder[1], steps, rng)):
        eps = rng.standard_normal((draws, *mu.shape))
        full, path = gradients(lambda z: decoder.log_joint(x, z)[1], mu, logvar, eps)
        unit = np.exp(logvar / 2)
        full[0] *= unit
        path[0] *= unit
        shares.append(float(path.var(axis=1).mean() / full.var(axis=1).mean()))
        score = full - path  # (sticking_the_landing.2)
        difference = score.mean(axis=1) / (score.std(axis=1) / draws**0.5)
        errors.append(float((difference**2).mean() ** 0.5))  # 1 if they differ by chance alone
    names = list(EXPECTED)[4:]
    return dict(zip(names, [*shares, max(errors)], strict=True))


def curves(ratios: Array, variances: Array) -> Any:
    """The variances of the gradients of the mean, measured and by formula."""
    r = np.linspace(0, 2, 401)
    figure = new_figure(6.4, 4.0)
    axes = figure.add_subplot()
    for name, formula, measured, colour in (
        ("all of the gradient: r²", r**2, variances[0, 0], LINES[1]),
        ("parameters in ln q held fixed: (1 − r)²", (1 - r) ** 2, variances[1, 0], LINES[0]),
    ):
        axes.plot(r, formula, color=colour, linewidth=2, label=name)
        axes.plot(ratios, measured, "o", color=colour, markersize=5)
    axes.vlines(1, 0, 1.6, color="#555555", linestyle=(0, (1, 2)))
    axes.text(0.98, 1.5, "q = p", fontsize=10, color="#555555", ha="right")
    axes.set(
        xlim=(0, 2), ylim=(0, 2.6), xlabel="r: variance of q, as a share of that of p", ylabel="variance, one draw"
    )
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, 0.9))
    plain(axes)
    headline(
        axes,
        "Variance of two unbiased gradients of the same bound",
        "of the mean of q, in its standard deviations; dots: 100,000 draws",
    )
    return figure


def measure(quick: bool) -> Measured:
    """Return the variances in both cases, and the figure."""
    warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is part of the comparison
    names, rng = list(EXPECTED), np.random.default_rng(0)
    mu, logvar, eps = np.array([[0.7]]), np.array([[-1.2]]), rng.standard_normal((1000, 1, 1))
    full, path = gradients(lambda z: -(z - mu) / np.exp(logvar), mu, logvar, eps)
    results = {names[0]: float(np.abs(path).max())}
    results[names[1]] = float(full[0].var() * np.exp(logvar[0, 0]))
    ratios = np.linspace(0.1, 1.9, 10)
    variances = normal_case(ratios, 1000 if quick else 100_000)
    results[names[2]] = float(full[1].var())
    of_mean = np.array([ratios**2, (1 - ratios) ** 2])[:, None]  # (sticking_the_landing.4)
    formulas = of_mean * np.array([1, 0.5])[:, None]
    results[names[3]] = float(np.abs(variances / formulas - 1).max())
    return {**results, **of_digits(quick)}, curves(ratios, variances)


if __name__ == "__main__":
    run("sticking_the_landing", measure, EXPECTED)
