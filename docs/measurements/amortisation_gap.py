"""Measure both parts of the gap between bound and log-likelihood: what the family of q costs, and what the encoder costs.

    python docs/measurements/amortisation_gap.py

The derivation is docs/derivations/amortisation_gap.md. The best q of each image is found by 300 steps on its own mu and logvar, with the decoder
fixed. ln p(x) is the importance-weighted estimate from 2,000 draws of that q.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from _posteriors import Decoder, best_q, black_and_white, mean_log_w
from _table import Measured, run

import scratchae as sae
from scratchae.errors import ConvergenceWarning
from scratchae.plots.figure import LINES, headline, new_figure, plain

Array = np.ndarray
CASES = ("1,437 images, training", "1,437 images, test", "200 images, training", "200 images, test")
EXPECTED = {
    "1,437 images, training: approximation gap": (0.11, 0.02),
    "1,437 images, training: amortisation gap": (0.24, 0.03),
    "1,437 images, test: approximation gap": (0.11, 0.02),
    "1,437 images, test: amortisation gap": (0.23, 0.03),
    "200 images, training: approximation gap": (0.42, 0.05),
    "200 images, training: amortisation gap": (0.49, 0.06),
    "200 images, test: approximation gap": (0.75, 0.1),
    "200 images, test: amortisation gap": (3.31, 0.3),
}


def fitted(x: Array, epochs: int, binarize: str) -> sae.VariationalAutoencoder:
    """Return a model with eight latent variables."""
    return sae.VariationalAutoencoder(
        (128,), latent_dim=8, activation="tanh", binarize=binarize, batch_size=32, learning_rate=2e-3,
        epochs=epochs, random_state=0,
    ).fit(x)  # fmt: skip


def gaps(model: sae.VariationalAutoencoder, x: Array, steps: int, draws: int) -> tuple[float, float]:
    """Return the approximation gap and the amortisation gap, means over the images, in nats."""
    rng, decoder = np.random.default_rng(0), Decoder(model)
    mu, logvar = (part.astype(np.float64) for part in model.posterior(x.astype(np.float32)))
    best_mu, best_logvar = best_q(decoder, x, mu, logvar, steps, rng)
    of_encoder, _ = mean_log_w(decoder, x, mu, logvar, draws, rng)
    of_best, log_p = mean_log_w(decoder, x, best_mu, best_logvar, draws, rng)
    return float((log_p - of_best).mean()), float((of_best - of_encoder).mean())  # (amortisation_gap.1)


def bars(parts: dict[str, tuple[float, float]]) -> Any:
    """Both gaps of each case, stacked."""
    figure = new_figure(6.8, 3.2)
    axes = figure.add_subplot()
    approximation, amortisation = np.array(list(parts.values())).T
    axes.barh(list(parts), approximation, color=LINES[0], label="approximation gap: the family of q")
    axes.barh(list(parts), amortisation, left=approximation, color=LINES[1], label="amortisation gap: the encoder")
    for row, total in enumerate(approximation + amortisation):
        axes.text(total + 0.05, row, f"{total:.2f}", va="center", fontsize=10)
    axes.invert_yaxis()
    axes.set(xlabel="nats per image", xlim=(0, 1.15 * (approximation + amortisation).max()))
    axes.legend(frameon=False, fontsize=9.5, loc="upper right")
    plain(axes)
    headline(axes, "ln p(x) minus the bound, in its two parts", "black and white digits, eight latent variables")
    return figure


def measure(quick: bool) -> Measured:
    """Return the gaps of two models on images that they were trained on and on others, and the figure."""
    warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is part of the comparison
    data = sae.load_digits()
    train, test = black_and_white(data.x_train, 0), black_and_white(data.x_test, 1)
    rows, steps, draws = (10, 3, 50) if quick else (200, 300, 2000)
    many = fitted(data.x_train, 1 if quick else 100, "dynamic")
    few = fitted(train[:200].astype(np.float32), 1 if quick else 700, "none")
    parts = {
        case: gaps(model, x[:rows], steps, draws)
        for case, model, x in zip(CASES, (many, many, few, few), (train, test, train, test), strict=True)
    }
    values = [gap for pair in parts.values() for gap in pair]
    return dict(zip(EXPECTED, values, strict=True)), bars(parts)


if __name__ == "__main__":
    run("amortisation_gap", measure, EXPECTED)
