"""Images decoded on a grid in a two-dimensional latent space."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.plots.figure import headline, new_figure
from scratchae.plots.mosaic import as_images, centre, mosaic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TICKS = 5  # per axis, or one less, to be symmetric about the middle


def manifold(
    images: ArrayLike,
    image_shape: tuple[int, int],
    *,
    places: ArrayLike | None = None,
    names: tuple[str, str] = ("$z_1$", "$z_2$"),
    title: str | None = "Images decoded from the latent plane",
    note: str = "",
) -> Figure:
    """Plot the images of an n × n grid over two latent dimensions as one picture.

    Parameters
    ----------
    images : array_like, shape (n * n, D)
        Row by row from the top, as returned by `latent_grid`: the first dimension increases to the right, the second upwards.
    image_shape : (height, width)
        With height × width = D.
    places : array_like, shape (n,), optional
        Coordinates of the grid in the latent space, increasing; some are shown as ticks.
    names : (str, str)
        Names of the two dimensions.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes.

    Raises
    ------
    ValueError
        If the number of images is not a square, `image_shape` or `places` do not match, or an entry is not finite.
    """
    pictures = as_images(images, image_shape, "images")
    n = math.isqrt(len(pictures))
    if n * n != len(pictures):
        raise ValueError(
            f"{len(pictures)} images do not form a square grid; give n × n images, as returned by latent_grid(n)."
        )
    z = None if places is None else np.asarray(places, np.float64)
    if z is not None and z.shape != (n,):
        raise ValueError(f"places has the shape {z.shape}; give one value for each of the {n} lines of the grid.")
    whole = mosaic(pictures, n)

    height = 6.0 * whole.shape[0] / whole.shape[1]
    figure = new_figure(
        6.0 + 0.6 * (z is not None), height + 0.4 * bool(title) + 0.2 * bool(note) + 0.5 * (z is not None)
    )
    axes = figure.add_subplot()
    axes.imshow(
        whole,
        cmap="gray_r",
        vmin=min(0.0, float(pictures.min())),
        vmax=float(pictures.max()) or 1.0,
        interpolation="nearest",
        origin="upper",
    )
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xticks([])
    axes.set_yticks([])
    if z is not None:
        shown = np.unique(np.linspace(0, n - 1, min(n, _TICKS - (n + 1) % 2)).round().astype(int))
        words = [f"{z[i]:.1f}".replace("-", "\N{MINUS SIGN}") for i in shown]
        axes.set_xticks([centre(i, image_shape[1]) for i in shown], words)
        axes.set_yticks([centre(n - 1 - i, image_shape[0]) for i in shown], words)
        axes.set_xlabel(names[0])
        axes.set_ylabel(names[1], rotation=0)
    headline(axes, title, note)
    return figure
