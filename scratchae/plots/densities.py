"""Densities of one variable, below the corresponding images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets.network import Array
from scratchae.plots.figure import LINES, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def densities_by_image(
    images: ArrayLike,
    image_shape: tuple[int, int],
    places: ArrayLike,
    curves: Mapping[str, ArrayLike],
    *,
    across: str = "z",
    title: str | None = "Densities of the latent variable by image",
    note: str = "",
) -> Figure:
    """Plot densities of one variable for each image. The first density is filled with grey, the others are lines.

    Parameters
    ----------
    images : array_like, shape (N, D)
        Pixels from 0 to 1.
    image_shape : (int, int)
        Height and width of an image, with height × width = D.
    places : array_like, shape (M,)
        Values of the variable.
    curves : mapping of str to array_like, each of shape (N, M)
        Densities at these values, by name. The axes are cropped where all densities are small.
    across : str
        Label of the variable.
    title, note : str
        The title, and a line in grey.

    Returns
    -------
    matplotlib.figure.Figure
        With 2 N axes: the images, and the densities below each.

    Raises
    ------
    ValueError
        If there is no image or no curve, there are too many curves, shapes do not match, or an entry is not finite.
    """
    x, z = np.asarray(images, np.float64), np.asarray(places, np.float64)
    if x.ndim != 2 or len(x) == 0 or x.shape[1] != image_shape[0] * image_shape[1]:
        raise ValueError(
            f"images has shape {x.shape}; give (N, {image_shape[0] * image_shape[1]}), one row of pixels per image."
        )
    if not 1 <= len(curves) <= len(LINES):
        raise ValueError(f"There are {len(curves)} curves; give 1 to {len(LINES)}, so that their colours differ.")
    densities = {name: np.asarray(values, np.float64) for name, values in curves.items()}
    for name, values in densities.items():
        if z.ndim != 1 or z.size == 0 or values.shape != (len(x), len(z)):
            raise ValueError(
                f"{name!r} has shape {values.shape}; give (N, M), one row for each of the {len(x)} images."
            )
        if not np.isfinite(values).all():
            raise ValueError(f"{name!r} contains NaN or infinity, which cannot be drawn; remove it.")
    figure = new_figure(max(5.0, 1.9 + 1.7 * len(x)), 4.0)
    upper, lower = figure.subplots(2, len(x), squeeze=False, height_ratios=(0.8, 1))
    for n, image in enumerate(x):
        upper[n].imshow(
            image.reshape(image_shape), cmap="gray_r", vmin=0, vmax=1, interpolation="nearest", origin="upper"
        )
        upper[n].set(xticks=[], yticks=[])
        _panel(lower[n], z, {name: values[n] for name, values in densities.items()})
        lower[n].set_xlabel(across)
    handles, names = lower[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside right center", frameon=False, fontsize=9)
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
    if note:
        figure.supxlabel(note, fontsize=8.5, color="#555555", x=0.01, ha="left")
    return figure


def _panel(axes: Axes, z: Array, curves: Mapping[str, Array]) -> None:
    """Plot the densities of one image where they are not all small."""
    colours = iter(LINES)
    for i, (name, values) in enumerate(curves.items()):
        if i == 0:
            axes.fill_between(z, values, color="#555555", alpha=0.3, linewidth=0, label=name)
        else:
            axes.plot(z, values, color=next(colours), linewidth=1.6, label=name)
    tall = np.flatnonzero(np.max([values / max(values.max(), 1e-300) for values in curves.values()], axis=0) > 0.003)
    axes.set(xlim=(z[tall[0]], z[tall[-1]]), yticks=[])
    axes.set_ylim(bottom=0)
    axes.tick_params(labelsize=8)
    plain(axes)
    axes.spines["left"].set_visible(False)
