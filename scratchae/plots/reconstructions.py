"""Originals above their reconstructions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.plots.figure import headline, new_figure
from scratchae.plots.mosaic import as_images, centre, mosaic

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def reconstructions(
    x: ArrayLike,
    x_hat: ArrayLike,
    image_shape: tuple[int, int],
    *,
    also: Mapping[str, ArrayLike] | None = None,
    labels: tuple[str, str] = ("original", "autoencoder"),
    columns: int = 12,
    title: str | None = "Originals and reconstructions",
    note: str = "",
) -> Figure:
    """Plot rows of images on a common grey scale: the originals, their reconstructions, and optional further rows.

    Parameters
    ----------
    x, x_hat : array_like, shape (N, D)
        Originals and their reconstructions.
    image_shape : (height, width)
        With height × width = D.
    also : mapping of str to array_like, shape (N, D), optional
        Further rows by label, such as {"PCA of the same size": …}.
    labels : (str, str)
        Labels of the first two rows.
    columns : int
        Number of images shown, from the first.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes; each row's label is a tick label of its y axis.

    Raises
    ------
    ValueError
        If `image_shape` does not match, the numbers of images differ, or an entry is not finite.
    """
    stack = {labels[0]: x, labels[1]: x_hat, **(also or {})}
    images = {label: as_images(rows, image_shape, repr(label)) for label, rows in stack.items()}
    counts = {label: len(rows) for label, rows in images.items()}
    if len(set(counts.values())) != 1:
        raise ValueError(f"The rows have different numbers of images, {counts}; give the same images for each row.")
    shown, height = min(columns, counts[labels[0]]), image_shape[0]
    whole = mosaic(np.concatenate([rows[:shown] for rows in images.values()]), shown)

    figure = new_figure(*_size(whole.shape, height, bool(title), bool(note)))
    axes = figure.add_subplot()
    # Dark ink on white; the originals determine the scale, so that rows that are too pale or too dark are visible as such.
    first = images[labels[0]][:shown]
    axes.imshow(
        whole,
        cmap="gray_r",
        vmin=min(0.0, float(first.min())),
        vmax=float(first.max()) or 1.0,
        interpolation="nearest",
        origin="upper",
    )
    axes.set_yticks([centre(i, height) for i in range(len(images))], list(images), fontsize=10)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    headline(axes, title, note)
    return figure


def _size(pixels: tuple[int, int], height: int, title: bool, note: bool) -> tuple[float, float]:
    """Return width and height of the figure in inches: 0.62 per image, plus room for labels and title."""
    inch = 0.62 / height
    return max(1.75 + inch * pixels[1], 6.2 if title or note else 0), 0.15 + 0.3 * title + 0.2 * note + inch * pixels[0]
