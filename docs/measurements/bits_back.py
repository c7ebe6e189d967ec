"""Compress digits with a variational autoencoder, without loss, and compare the length with the bound; then trade rate for distortion.

    python docs/measurements/bits_back.py

The derivation is docs/derivations/bits_back.md. The coder is an asymmetric numeral system on one large Python integer: symbols are pushed
and popped like numbers of a stack.
"""

from __future__ import annotations

import math
import warnings
import zlib
from typing import Any

import numpy as np
from _posteriors import Decoder, black_and_white
from _table import Measured, run
from scipy import stats

import scratchae as sae
from scratchae.plots.figure import LINES, headline, new_figure, plain

Array = np.ndarray
CELLS, PRECISION = 8, 18  # bits: cells of equal prior probability for each latent variable; frequencies
BETAS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
EXPECTED = {
    "images that were decoded wrongly": (0, 0),
    "bits per image, bits-back code": (34.36, 0.3),
    "bits per image, minus the ELBO": (34.34, 0.3),
    "bits per image, without the bits that come back": (91.7, 1),
    "bits per image, each pixel by its own mean": (39.46, 0.01),
    "bits per image, zlib on all images at once": (42.69, 1),
    "β with the least sum of rate and distortion": (1, 0),
    "slope of distortion against rate, β from 0.5 to 2": (-1.08, 0.1),
}


def push(state: int, start: int, frequency: int) -> int:
    """Add a symbol with the probability frequency / 2^PRECISION: the state grows by as many bits as its information."""
    return (state // frequency << PRECISION) + start + state % frequency  # (bits_back.1)


def pop(state: int, starts: list[int]) -> tuple[int, int]:
    """Remove a symbol, whose intervals begin at `starts`, the last of them 2^PRECISION: return it and the state before its push."""
    slot = state & ((1 << PRECISION) - 1)
    symbol = int(np.searchsorted(starts, slot, side="right")) - 1
    frequency = starts[symbol + 1] - starts[symbol]
    return symbol, frequency * (state >> PRECISION) + slot - starts[symbol]


def intervals(probabilities: Array) -> list[int]:
    """Return the starts of the intervals of symbols with these probabilities, none of them empty, and the end."""
    room = (1 << PRECISION) - len(probabilities)
    inner = np.floor(np.cumsum(probabilities)[:-1] * room).astype(np.int64) + np.arange(1, len(probabilities))
    return [0, *inner.tolist(), 1 << PRECISION]


class BitsBack:
    """A code for black and white images, from the encoder, the decoder and the prior of a model.

    Parameters
    ----------
    model : VariationalAutoencoder
    """

    def __init__(self, model: sae.VariationalAutoencoder) -> None:
        self.model, self.decoder, count = model, Decoder(model), 1 << CELLS
        self.edges = stats.norm.ppf(np.arange(1, count) / count)
        self.middles = stats.norm.ppf((np.arange(count) + 0.5) / count)
        self.prior = intervals(np.full(count, 1 / count))

    def posterior(self, x: Array) -> list[list[int]]:
        """Return the intervals of the cells of each latent variable under q(z|x)."""
        mu, logvar = (part[0].astype(np.float64) for part in self.model.posterior(x[None].astype(np.float32)))
        below = stats.norm.cdf((self.edges - mu[:, None]) / np.exp(logvar[:, None] / 2))
        return [intervals(np.diff(row, prepend=0.0, append=1.0)) for row in below]

    def pixels(self, cells: list[int]) -> list[list[int]]:
        """Return the intervals of black and white for each pixel, given the cells of z."""
        white = 1 / (1 + np.exp(-self.decoder.logits(self.middles[cells][None])[0]))
        return [intervals(np.array([1 - p, p])) for p in white]

    def encode(self, state: int, x: Array) -> int:
        """Add an image."""
        cells = []
        for starts in self.posterior(x):  # bits of the stack choose z; the receiver gets them back
            cell, state = pop(state, starts)
            cells.append(cell)
        for starts, pixel in zip(self.pixels(cells), x.astype(int), strict=True):
            state = push(state, starts[pixel], starts[pixel + 1] - starts[pixel])
        for cell in cells:
            state = push(state, self.prior[cell], self.prior[cell + 1] - self.prior[cell])
        return state

    def decode(self, state: int, size: int, latent: int) -> tuple[int, Array]:
        """Remove the image that was added last: the steps of `encode` backwards."""
        cells, x = [0] * latent, np.zeros(size)
        for j in reversed(range(latent)):
            cells[j], state = pop(state, self.prior)
        pixels = self.pixels(cells)
        for i in reversed(range(size)):
            x[i], state = pop(state, pixels[i])
        for starts, cell in reversed(list(zip(self.posterior(x), cells, strict=True))):
            state = push(state, starts[cell], starts[cell + 1] - starts[cell])
        return state, x


def length(state: int) -> float:
    """Return the number of bits of the state."""
    shift = max(state.bit_length() - 60, 0)
    return shift + math.log2(state >> shift)


def compressed(model: sae.VariationalAutoencoder, x: Array) -> tuple[float, int]:
    """Return the bits per image of the code, and the number of images that came back wrongly."""
    code, start = BitsBack(model), int.from_bytes(np.random.default_rng(0).bytes(1000), "little") | 1 << 8000
    state = start
    for image in x:
        state = code.encode(state, image)
    bits, wrong = (length(state) - length(start)) / len(x), 0  # (bits_back.2)
    for image in x[::-1]:
        state, decoded = code.decode(state, x.shape[1], model.latent_dim)
        wrong += not np.array_equal(decoded, image)
    return bits, wrong + (state != start)


def fitted(x: Array, beta: float, epochs: int) -> sae.VariationalAutoencoder:
    """Return a model of black and white digits."""
    return sae.VariationalAutoencoder(
        (128,), latent_dim=8, activation="tanh", beta=beta, binarize="dynamic", batch_size=32, learning_rate=2e-3,
        epochs=epochs, random_state=0,
    ).fit(x)  # fmt: skip


def trade(rates: Array, distortions: Array) -> Any:
    """Rate and distortion by β, and the line of equal bounds through β = 1."""
    figure = new_figure(6.4, 4.4)
    axes = figure.add_subplot()
    axes.plot(rates, distortions, "o-", color=LINES[0], linewidth=2)
    for beta, rate, distortion in zip(BETAS, rates, distortions, strict=True):
        axes.annotate(f"β = {beta:g}", (rate, distortion), (6, 4), textcoords="offset points", fontsize=10)
    one = BETAS.index(1.0)
    total = rates[one] + distortions[one]
    across = np.array([0, 1.15 * rates.max()])
    axes.plot(across, total - across, color=LINES[1], linestyle=(0, (5, 3)), label=f"rate + distortion = {total:.1f}")
    axes.set(xlabel="rate: KL(q ‖ p), nats per image", ylabel="distortion: −ln p(x|z), nats per image", xlim=across)
    axes.set_ylim(0.8 * distortions.min(), 1.08 * distortions.max())
    axes.legend(frameon=False, loc="upper right")
    plain(axes)
    headline(
        axes,
        "Rate and distortion of variational autoencoders by β",
        "test images; along the dashed line the bound is the same",
    )
    return figure


def measure(quick: bool) -> Measured:
    """Return the lengths of the codes and the trade of rate for distortion, and the figure."""
    warnings.simplefilter(
        "ignore"
    )  # the number of epochs is part of the comparison, and so is the collapse at a large beta
    data = sae.load_digits()
    x = black_and_white(data.x_test, 1)[: 5 if quick else None]
    epochs, rows = 1 if quick else 100, x.astype(np.float32)
    models = {beta: fitted(data.x_train, beta, epochs) for beta in BETAS}
    bounds = {beta: model.elbo(rows, 5 if quick else 200, seed=0) for beta, model in models.items()}
    rates = np.array([bound.kl.mean() for bound in bounds.values()])
    distortions = -np.array([bound.reconstruction.mean() for bound in bounds.values()])
    bits, wrong = compressed(models[1.0], x)
    white = np.clip(black_and_white(data.x_train, 0).mean(axis=0), 0.001, 0.999)
    by_mean = -(x * np.log2(white) + (1 - x) * np.log2(1 - white)).sum(axis=1).mean()
    packed = len(zlib.compress(np.packbits(x.astype(bool)).tobytes(), 9)) * 8 / len(x)
    # Without bits back: the cell of z costs CELLS bits for each variable, whatever q is.
    lost = distortions[BETAS.index(1.0)] / np.log(2) + CELLS * models[1.0].latent_dim
    half, two = BETAS.index(0.5), BETAS.index(2.0)
    values = [
        wrong,
        bits,
        -bounds[1.0].elbo.mean() / np.log(2),  # (bits_back.3)
        lost,
        by_mean,
        packed,
        BETAS[int((rates + distortions).argmin())],
        (distortions[two] - distortions[half]) / (rates[two] - rates[half]),  # (bits_back.4)
    ]
    return {name: float(value) for name, value in zip(EXPECTED, values, strict=True)}, trade(rates, distortions)


if __name__ == "__main__":
    run("bits_back", measure, EXPECTED)
