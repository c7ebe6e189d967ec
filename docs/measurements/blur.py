"""Measure how much of the variance and of the sharpness of images is left in reconstructions, by the number of latent variables.

    python docs/measurements/blur.py

The derivation is docs/derivations/blur.md. The images are drawn digits of 28 × 28 pixels, `make_strokes`.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from _table import Measured, run

import scratchae as sae
from scratchae.baselines.pca import PrincipalComponents
from scratchae.errors import ConvergenceWarning
from scratchae.plots.figure import banner, new_figure

Array = np.ndarray
SIZES = (1, 2, 4, 8, 16)
SIDE = 28
VARIANCES = (0.324, 0.571, 0.85, 0.917, 0.94)
SHARPNESS = (0.315, 0.471, 0.688, 0.792, 0.844)
EXPECTED = {
    "mean of shifted images minus convolution, largest": (0, 1e-12),
    "PCA, 8 components: variance of reconstructions + squared error, share of the variance": (1, 1e-9),
    **{f"J = {J}: variance of the reconstructions, share": (v, 0.03) for J, v in zip(SIZES, VARIANCES, strict=True)},
    **{f"J = {J}: squared differences of neighbours, share": (v, 0.04) for J, v in zip(SIZES, SHARPNESS, strict=True)},
    "J = 2: the decoder's image against the mean of 50 images with nearly its code, share": (0.038, 0.02),
    "J = 2: one of these images against their mean, share": (0.431, 0.05),
}


def shifted(image: Array, offset: int) -> Array:
    """Return the image moved to the right by whole pixels, black where nothing comes in."""
    moved = np.zeros_like(image)
    moved[:, max(offset, 0) : SIDE + min(offset, 0)] = image[:, max(-offset, 0) : SIDE - max(offset, 0)]
    return moved


def convolution_error(image: Array) -> float:
    """Return the largest difference between the mean over shifts of -2 to 2 pixels and the convolution with their probabilities."""
    kernel = np.array([0.1, 0.2, 0.4, 0.2, 0.1])
    mean = sum(p * shifted(image, offset) for offset, p in zip(range(-2, 3), kernel, strict=True))
    blurred = np.stack([np.convolve(row, kernel, mode="same") for row in image])  # (blur.3)
    return float(np.abs(mean - blurred).max())


def variance(images: Array) -> float:
    """Return the sum over the pixels of their variances."""
    return float(images.astype(np.float64).var(axis=0).sum())


def sharpness(images: Array) -> float:
    """Return the mean over the images of the squared differences of neighbouring pixels."""
    squares = images.astype(np.float64).reshape(-1, SIDE, SIDE)
    return float(sum((np.diff(squares, axis=axis) ** 2).sum() for axis in (1, 2)) / len(squares))


def fitted(x: Array, J: int, epochs: int) -> sae.VariationalAutoencoder:
    """Return a model with J latent variables."""
    return sae.VariationalAutoencoder(
        (200,), latent_dim=J, likelihood="gaussian", batch_size=64, learning_rate=2e-3, learning_rate_decay=0.97,
        warm_up=min(10, epochs), epochs=epochs, random_state=0,
    ).fit(x)  # fmt: skip


def with_the_same_code(model: sae.VariationalAutoencoder, x: Array, test: Array, count: int) -> tuple[Array, Array]:
    """Return for each test image the training images whose codes are nearest to its own, and what the decoder makes of their mean code."""
    codes = model.encode(x)
    rows = np.stack([((codes - code) ** 2).sum(axis=1).argsort()[:count] for code in model.encode(test)])
    return x[rows], model.decode(codes[rows].mean(axis=1))


def mosaic(rows: list[list[Array]], titles: list[str]) -> Any:
    """Rows of images."""
    figure = new_figure(9.0, 1.2 * len(rows) + 0.7)
    grid = figure.subplots(len(rows), len(titles), squeeze=False)
    for number, (axes_row, images) in enumerate(zip(grid, rows, strict=True)):
        for axes, image, title in zip(axes_row, images, titles, strict=True):
            axes.imshow(image.reshape(SIDE, SIDE), cmap="gray_r", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
            if number == 0:
                axes.set_title(title, fontsize=9)
    banner(
        figure,
        "Images with nearly the same code, their mean, and what the decoder makes of that code",
        "each row: a test image; images of nearly its code in a model with J = 2, and their mean; its reconstructions",
    )
    return figure


def measure(quick: bool) -> Measured:
    """Return the shares of variance and sharpness, and the figure."""
    warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is part of the comparison
    data = sae.make_strokes(300 if quick else 4000, seed=0, test=200)
    x, test, epochs = data.x_train, data.x_test, 1 if quick else 60
    pca = PrincipalComponents.fit(x, 8)
    back = pca.decode(pca.encode(x))
    error = float(((back - x) ** 2).sum(axis=1).mean())
    values = [convolution_error(test[0].reshape(SIDE, SIDE).astype(np.float64))]
    values.append((variance(back) + error) / variance(x))  # (blur.2)
    models = {J: fitted(x, J, epochs) for J in SIZES}
    reconstructions = {J: model.reconstruct(test) for J, model in models.items()}
    values += [variance(images) / variance(test) for images in reconstructions.values()]
    values += [sharpness(images) / sharpness(test) for images in reconstructions.values()]
    near, decoded = with_the_same_code(models[2], x, test, 10 if quick else 50)
    means = near.mean(axis=1)  # (blur.1)
    values.append(float(((decoded - means) ** 2).sum(axis=1).mean() / variance(test)))
    values.append(float(((near - means[:, None]) ** 2).sum(axis=2).mean() / variance(test)))
    titles = ["test image", "same code", "same code", "same code", "mean of 50", "J = 2", "J = 4", "J = 16"]
    some = [1, 2, 3] if quick else [3, 10, 20]
    rows = [[test[i], *near[i][some], means[i], *(reconstructions[J][i] for J in (2, 4, 16))] for i in (0, 2, 5)]
    return dict(zip(EXPECTED, values, strict=True)), mosaic(rows, titles)


if __name__ == "__main__":
    run("blur", measure, EXPECTED)
