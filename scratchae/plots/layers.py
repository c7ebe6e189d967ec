"""The latent codes of each layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets.network import Array
from scratchae.plots.codes import checked_labels, draw_class
from scratchae.plots.figure import headline, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def codes_by_layer(
    layers: Mapping[str, ArrayLike],
    labels: ArrayLike | None = None,
    *,
    notes: Mapping[str, str] | None = None,
    title: str | None = "Codes by layer",
    note: str = "each dot: the code of one image, on the first two principal components of the layer",
) -> Figure:
    """Plot the codes of the same rows in each layer as dots, on the first two principal components of that layer's codes.

    Parameters
    ----------
    layers : mapping of str to array_like, shape (N, H)
        Codes of the same rows by layer; H may differ between layers, and may be 1.
    labels : array_like of int, shape (N,), optional
        Class of each row, for the colours.
    notes : mapping of str to str, optional
        Text in grey below the name of a layer.
    title, note : str
        The title, and a line in grey at the bottom.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes per layer; the name of each class is at its median.

    Raises
    ------
    ValueError
        If there is no layer, an entry is not finite, or labels do not match.
    """
    if not layers:
        raise ValueError("There are no layers to draw; give the codes of at least one, by name.")
    planes = {name: _plane(codes, name) for name, codes in layers.items()}
    y = checked_labels(labels, [len(z) for z in planes.values()])
    figure = new_figure(2.75 * len(planes) + (0.7 if labels is not None else 0.1), 4.0)
    grid = figure.subplots(1, len(planes), squeeze=False)[0]
    for axes, (name, z) in zip(grid, planes.items(), strict=True):
        for i, label in enumerate(np.unique(y)):
            draw_class(axes, z[y == label], i, "" if labels is None else str(label), size=8)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_box_aspect(1)
        axes.margins(0.06)
        axes.spines[:].set_color("#bbbbbb")
        headline(axes, name, (notes or {}).get(name, ""))
    if labels is not None:
        handles, words = grid[0].get_legend_handles_labels()
        figure.legend(handles, words, loc="outside right center", title="class", frameon=False, markerscale=2.2)
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
    if note:
        figure.supxlabel(note, fontsize=8.5, color="#555555", x=0.01, ha="left")
    return figure


def _plane(codes: ArrayLike, name: str) -> Array:
    """Return codes on their first two principal components, each with the sign that makes its largest weight positive."""
    h = np.asarray(codes, np.float64)
    if h.ndim != 2 or h.size == 0:
        raise ValueError(f"The codes of {name!r} have shape {h.shape}; give one row per image, shape (N, H).")
    if not np.isfinite(h).all():
        raise ValueError(f"The codes of {name!r} contain NaN or infinity, which cannot be drawn; remove such rows.")
    centred = h - h.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    first = vectors[:, ::-1][:, :2]
    first = first * np.sign(first[np.abs(first).argmax(axis=0), range(first.shape[1])])
    plane = centred @ first
    return plane if plane.shape[1] == 2 else np.column_stack([plane, np.zeros(len(plane))])
