"""Walks along a latent direction: the images, and measured values below them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.plots.figure import headline, new_figure
from scratchae.plots.mosaic import as_images

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BELOW = 0.34  # room for the value, as a fraction of the image's height
_HEAD = 0.3  # room for the steps above the first row
_GAP = 0.08  # between images, as a fraction of their width


def attribute_walk(
    images: ArrayLike,
    values: ArrayLike,
    image_shape: tuple[int, int],
    *,
    steps: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    form: str = ".2f",
    title: str | None = "Images along a latent direction",
    note: str = "",
) -> Figure:
    """Plot rows of images along a direction, with the measured value below each.

    Parameters
    ----------
    images : array_like, shape (N, S, D)
        Images as returned by `scratchae.studies.walk`.
    values : array_like, shape (N, S)
        Value measured on each image, such as the values of `scratchae.studies.measured_changes`; or text.
    image_shape : (height, width)
        With height × width = D.
    steps : array_like, shape (S,), optional
        Labels above the columns.
    labels : sequence of str, length N, optional
        Labels of the rows.
    form : str
        Python format specification of the numbers.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes, with one picture per image and one text per value.

    Raises
    ------
    ValueError
        If shapes do not match, or an image is not finite.
    """
    pictures, measured = np.asarray(images), np.asarray(values)
    if pictures.ndim != 3 or measured.shape != pictures.shape[:2]:
        raise ValueError(
            f"The images have the shape {pictures.shape} and the values {measured.shape}; give (N, S, D) and (N, S), one value per image."
        )
    N, S = measured.shape
    if (steps is not None and np.shape(steps) != (S,)) or (labels is not None and len(labels) != N):
        raise ValueError(
            f"The numbers of steps or labels are wrong; give one step for each of {S} columns and one label for each of {N} rows."
        )
    shown = as_images(pictures.reshape(N * S, -1), image_shape, "images").reshape(N, S, *image_shape)
    ratio = image_shape[0] / image_shape[1]  # an image is 1 wide
    longest = max((len(label) for label in labels or [""]), default=0)

    wide, head = S * (1 + _GAP) - _GAP, _HEAD * (steps is not None)
    high = N * (ratio + _BELOW) + head
    inch = 0.78 if ratio <= 1.5 else 0.6
    left, above = 0.12 + 0.085 * longest, 0.08 + 0.28 * bool(title) + 0.2 * bool(note)
    page = (
        max(left + inch * wide + 0.12, left + 0.092 * len(title or ""), left + 0.063 * len(note)),
        above + inch * high + 0.05,
    )
    figure = new_figure(*page)
    figure.set_layout_engine("none")
    # A fixed position in inches: automatic layout cannot handle images with a fixed aspect ratio and texts between them.
    axes = figure.add_axes((left / page[0], 0.05 / page[1], inch * wide / page[0], inch * high / page[1]))
    for s, step in enumerate(np.asarray(steps).tolist() if steps is not None else []):
        axes.text(s * (1 + _GAP) + 0.5, 0.06, _signed(step), ha="center", va="bottom", fontsize=9, color="#555555")
    low, top = min(0.0, float(shown.min())), float(shown.max()) or 1.0
    for n, s in np.ndindex(N, S):
        base, edge = -n * (ratio + _BELOW), s * (1 + _GAP)
        place = (edge, edge + 1, base - ratio, base)
        axes.imshow(
            shown[n, s], cmap="gray_r", vmin=low, vmax=top, interpolation="nearest", origin="upper", extent=place
        )
        axes.text(edge + 0.5, base - ratio - 0.03, _word(measured[n, s], form), ha="center", va="top", fontsize=9)
    axes.set_xlim(0, wide)
    axes.set_ylim(head - high, head)
    axes.set_aspect("equal")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xticks([])
    middles = [-n * (ratio + _BELOW) - ratio / 2 for n in range(N)]
    axes.set_yticks(middles, labels if labels is not None else [""] * N, fontsize=10)
    headline(axes, title, note)
    return figure


def _signed(step: float) -> str:
    return f"{step:+.3g}".replace("-", "\N{MINUS SIGN}") if step else "0"


def _word(value: str | float, form: str) -> str:
    if isinstance(value, str):
        return value
    text = format(float(value), form)
    return text.replace("-", "" if float(text) == 0 else "\N{MINUS SIGN}")  # avoid a negative zero
