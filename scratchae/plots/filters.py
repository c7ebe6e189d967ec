"""The filters of the first layer: the weights of its units as images."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets.network import Array
from scratchae.plots.figure import headline, new_figure
from scratchae.plots.mosaic import as_images, mosaic

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def filters(
    W: ArrayLike,
    image_shape: tuple[int, int],
    *,
    spread: ArrayLike | None = None,
    most: int = 64,
    columns: int | None = None,
    title: str | None = "Filters of the first layer",
    note: str = "red: ink increases the activation; blue: ink decreases it; strongest unit first",
) -> Figure:
    """Plot the columns of a first layer's weights as images, one per hidden unit, the strongest (largest norm) first.

    Each filter has its own colour scale, symmetric around zero (white), so that weak filters are visible as well. The weight of
    a pixel that is blank in nearly every image stays random and can be the largest of all; with `spread`, each weight is multiplied
    by the standard deviation of its pixel.

    Parameters
    ----------
    W : array_like, shape (D, H)
        Weights from the pixels to H hidden units, such as ``model.parameters_["encoder.0.W"]``.
    image_shape : (height, width)
        With height × width = D.
    spread : array_like, shape (D,), optional
        Standard deviation of each pixel, such as ``x.std(axis=0)``. The filters then show W times the standard deviation: the typical
        change of the unit's input by that pixel.
    most : int
        Maximum number of filters shown.
    columns : int, optional
        Number of filters side by side; by default a wide block whose last line is full if possible.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With two axes: the filters and the colour bar.

    Raises
    ------
    ValueError
        If `image_shape` or `spread` does not match, or an entry is not finite.
    """
    shown = scaled_filters(W, image_shape, spread, most)
    whole = mosaic(shown, columns or _columns(len(shown)))

    figure = new_figure(*_size(whole.shape, image_shape))
    axes = figure.add_subplot()
    picture = axes.imshow(whole, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest", origin="upper")
    axes.set_facecolor("white")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(picture, ax=axes, shrink=0.85, aspect=25, ticks=[-1, 0, 1])
    shown_as = "weight" if spread is None else "weight × std. dev. of pixel"
    bar.set_label(f"{shown_as}\n/ largest of filter", fontsize=8.5)
    bar.outline.set_visible(False)
    headline(axes, title, note)
    return figure


def scaled_filters(
    W: ArrayLike, image_shape: tuple[int, int], spread: ArrayLike | None, most: int, name: str = "W"
) -> Array:
    """Return the columns of W, strongest first, as images scaled to a largest absolute entry of 1: shape (at most `most`, height, width)."""
    images = as_images(_times_spread(np.asarray(W, np.float64), spread).T, image_shape, name)
    order = np.argsort(-np.linalg.norm(images, axis=(1, 2)), kind="stable")[:most]
    largest = np.abs(images[order]).max(axis=(1, 2), keepdims=True)
    scaled: Array = images[order] / np.where(largest > 0, largest, 1)  # a filter of zeros is white
    return scaled


def _columns(n: int) -> int:
    """Return a number of columns for n images: wider than high, with few empty places in the last line."""
    ideal = math.sqrt(2 * n)
    candidates = range(min(n, math.ceil(math.sqrt(1.5 * n))), min(n, 2 * math.ceil(math.sqrt(n))) + 1)
    return min(candidates, key=lambda columns: (-n % columns, abs(columns - ideal)))


def _times_spread(W: Array, spread: ArrayLike | None) -> Array:
    """Return W with each row (pixel) multiplied by the spread of that pixel."""
    if spread is None:
        return W
    spread = np.asarray(spread, np.float64)
    if W.ndim != 2 or spread.shape != W.shape[:1]:
        raise ValueError(
            f"spread has shape {spread.shape}, W {W.shape}; give one standard deviation per pixel: x.std(axis=0)."
        )
    return W * spread[:, None]


def _size(pixels: tuple[int, int], image_shape: tuple[int, int]) -> tuple[float, float]:
    """Return width and height of the figure in inches: about 0.8 inch per small filter, less if there are many."""
    inch = min(0.8 / max(image_shape), 9 / max(pixels))
    return max(5.6, 1.1 + inch * pixels[1]), 0.75 + inch * pixels[0]
