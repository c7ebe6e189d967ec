"""Two-dimensional codes, by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets.network import Array
from scratchae.plots.figure import CLASSES, headline, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = ("o", "^")  # the second marker is used from the eleventh class on, when the colours repeat


def codes(
    codes: ArrayLike,
    labels: ArrayLike | None = None,
    pca_codes: ArrayLike | None = None,
    *,
    names: tuple[str, str] = ("autoencoder", "PCA"),
    class_names: Sequence[str] | None = None,
    title: str | None = "Two-dimensional codes",
) -> Figure:
    """Plot each row's 2-D code as a dot in the colour of its class, next to the first two principal components.

    Parameters
    ----------
    codes : array_like, shape (N, 2)
    labels : array_like of int, shape (N,), optional
        Class of each row, for the colours only; it is not used in training.
    pca_codes : array_like, shape (N, 2), optional
        Codes of the same rows on the first two principal components.
    names : (str, str)
        Titles of the two panels.
    class_names : sequence of str, optional
        Names by label; the labels themselves by default.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
        With one axes, or two with `pca_codes`; the name of each class is at its median.

    Raises
    ------
    ValueError
        If codes are not 2-D or not finite, labels do not match, or there are more than 20 classes.
    """
    panels = {names[0]: _checked(codes, "codes")}
    axis_names = [("code 1", "code 2")]
    if pca_codes is not None:
        panels[names[1]] = _checked(pca_codes, "pca_codes")
        axis_names.append(("principal component 1 (pixels)", "principal component 2 (pixels)"))
    y = checked_labels(labels, [len(z) for z in panels.values()])
    classes = np.unique(y)

    figure = new_figure(5.2 * len(panels) + 0.9, 5.4)
    grid = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (name, z), (across, up) in zip(grid, panels.items(), axis_names, strict=True):
        for i, label in enumerate(classes):
            text = "" if labels is None else str(label if class_names is None else class_names[label])
            draw_class(axes, z[y == label], i, text)
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.set_box_aspect(1)
        plain(axes)
        headline(axes, name)
    if labels is not None:
        handles, words = grid[0].get_legend_handles_labels()
        figure.legend(handles, words, loc="outside right center", title="class", frameon=False, markerscale=1.8)
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
    return figure


def draw_class(axes: Axes, z: Array, i: int, text: str, size: float = 14) -> None:
    """Plot the dots of one class, and its name at their median."""
    colour, marker = CLASSES[i % len(CLASSES)], _MARKERS[i // len(CLASSES)]
    axes.scatter(z[:, 0], z[:, 1], s=size, color=colour, marker=marker, alpha=0.85, linewidths=0, label=text or None)
    if text:
        x, y = np.median(z, axis=0)
        badge = {"boxstyle": "circle,pad=0.18", "facecolor": colour, "edgecolor": "white", "linewidth": 1.2}
        ink = "white" if _luminance(colour) < 0.5 else "black"
        axes.text(
            x,
            y,
            text,
            fontsize=11,
            fontweight="bold",
            color=ink,
            ha="center",
            va="center",
            bbox=badge,
            zorder=5,
        )


def _luminance(colour: str) -> float:
    """Return the luminance of a colour "#rrggbb", between 0 and 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _checked(codes: ArrayLike, name: str) -> Array:
    z = np.asarray(codes)
    if z.ndim != 2 or z.shape[1] != 2 or len(z) == 0:
        raise ValueError(f"{name} has shape {z.shape}; only 2-D codes of shape (N, 2) can be drawn: use latent_dim=2.")
    if not np.isfinite(z).all():
        raise ValueError(f"{name} contains NaN or infinity, which cannot be drawn; remove such rows.")
    return z


def checked_labels(labels: ArrayLike | None, counts: list[int]) -> Array:
    """Return one label per row; identical labels if none are given."""
    y = np.zeros(counts[0], int) if labels is None else np.asarray(labels)
    if y.ndim != 1 or any(count != len(y) for count in counts):
        raise ValueError(
            f"The codes have {' and '.join(map(str, counts))} rows, the labels shape {y.shape}; give one label for each row."
        )
    most = len(CLASSES) * len(_MARKERS)
    if len(np.unique(y)) > most:
        raise ValueError(
            f"There are {len(np.unique(y))} classes, but only {most} can be distinguished; leave out labels, or merge classes."
        )
    return y
