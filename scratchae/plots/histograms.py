"""Histograms of each feature of a table, beside those of generated rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets.network import Array
from scratchae.plots.figure import LINES, banner, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST = 30  # features in a figure


def histograms_of_samples(
    x: ArrayLike,
    samples: Mapping[str, ArrayLike],
    names: Sequence[str],
    *,
    bins: int = 20,
    columns: int = 5,
    title: str | None = None,
    note: str = "",
) -> Figure:
    """Plot the distribution of each feature in the data, filled, and in generated rows, as lines.

    Parameters
    ----------
    x : array_like, shape (N, D)
        The data.
    samples : mapping of str to array_like, each of shape (M, D)
        Generated rows by the name of the line; M may differ.
    names : sequence of str
        Names of the D features.
    bins : int
        Number of bins, equal for all histograms of a feature; they cover the data, and values beyond them count in the outermost bins.
    columns : int
        Number of panels in a row.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes per feature; every histogram has an area of 1.

    Raises
    ------
    ValueError
        If there are too many features or lines, shapes differ, or an entry is not finite.
    """
    data = _checked(x, "the data", len(names))
    rows = {name: _checked(value, repr(name), len(names)) for name, value in samples.items()}
    if not 1 <= len(names) <= _MOST or not 1 <= len(rows) <= len(LINES):
        raise ValueError(
            f"There are {len(names)} features and {len(rows)} sets of rows; give 1 to {_MOST} features, and 1 to {len(LINES)} sets."
        )
    lines = math.ceil(len(names) / columns)
    figure = new_figure(1.75 * columns, 1.45 * lines + 0.9)
    for j, name in enumerate(names):
        axes = figure.add_subplot(lines, columns, j + 1)
        edges = _edges(data[:, j], bins)
        axes.hist(data[:, j], edges, density=True, color="#cccccc", label="data")
        for i, (line, values) in enumerate(rows.items()):
            inside = np.clip(values[:, j], edges[0], edges[-1])
            axes.hist(inside, edges, density=True, histtype="step", color=LINES[i], linewidth=1.3, label=line)
        axes.set_title(name, fontsize=8)
        axes.set_yticks([])
        axes.tick_params(axis="x", labelsize=7)
        plain(axes)
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower right", ncols=len(labels), frameon=False, fontsize=8.5)
    banner(figure, title, note)
    return figure


def _edges(values: Array, bins: int) -> list[float]:
    low, high = values.min(), values.max()
    edges = np.linspace(low, high, bins + 1) if high > low else low + np.linspace(-0.5, 0.5, bins + 1)
    return [float(edge) for edge in edges]


def _checked(x: ArrayLike, what: str, features: int) -> Array:
    rows = np.asarray(x, np.float64)
    if rows.ndim != 2 or rows.shape[1] != features or len(rows) == 0:
        raise ValueError(f"The shape of {what} is {rows.shape}; give rows of {features} features, one for each name.")
    if not np.isfinite(rows).all():
        raise ValueError(f"The rows of {what} contain NaN or infinity, which cannot be drawn; remove them.")
    return rows
