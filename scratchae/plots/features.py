"""Values of the features of a table: a histogram for each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.plots.figure import LINES, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 24  # features in a figure
ACROSS = 4


def feature_histograms(
    groups: Mapping[str, ArrayLike],
    names: Sequence[str] | None = None,
    *,
    title: str | None = "Values of the features",
    note: str = "",
) -> Figure:
    """Plot a histogram of each feature, at most of the first 24, with one outline for each group of rows.

    Parameters
    ----------
    groups : mapping of str to array_like, each of shape (N, D)
        Rows by the name of their group, such as a class, or data and samples; N may differ. At most six.
    names : sequence of str, optional
        Names of the D features.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes for each feature.

    Raises
    ------
    ValueError
        If there is no group or more than six, the groups differ in D, `names` does not match, or an entry is not finite.
    """
    arrays = {name: np.asarray(rows, np.float64) for name, rows in groups.items()}
    if not 1 <= len(arrays) <= len(LINES):
        raise ValueError(f"There are {len(arrays)} groups of rows; give one to {len(LINES)}.")
    for name, rows in arrays.items():
        if rows.ndim != 2 or 0 in rows.shape or rows.shape[1] != next(iter(arrays.values())).shape[1]:
            raise ValueError(f"{name!r} has shape {rows.shape}; give rows of equal length, shape (N, D).")
        if not np.isfinite(rows).all():
            raise ValueError(f"{name!r} contains NaN or infinity, which cannot be drawn; remove it.")
    features = next(iter(arrays.values())).shape[1]
    known = [f"x[{j}]" for j in range(features)] if names is None else [str(name) for name in names]
    if len(known) != features:
        raise ValueError(f"There are {len(known)} names for {features} features; give one for each.")
    shown = min(features, MOST)
    across = min(shown, ACROSS)
    down = math.ceil(shown / across)
    figure = new_figure(max(2.1 * across, 4.5), 1.5 * down + 0.6)
    for j in range(shown):
        axes = figure.add_subplot(down, across, j + 1)
        columns = {name: rows[:, j] for name, rows in arrays.items()}
        edges = _edges(np.concatenate(list(columns.values())), min(map(len, columns.values())))
        for (name, column), colour in zip(columns.items(), LINES, strict=False):
            weights = np.full(len(column), 1 / len(column))
            axes.hist(
                column,
                edges.tolist(),
                weights=weights,
                histtype="stepfilled" if len(columns) == 1 else "step",
                color=colour,
                label=name,
            )
        axes.set_title(known[j] if len(known[j]) <= 26 else f"{known[j][:25]}…", fontsize=9)
        axes.set_yticks([])
        axes.tick_params(labelsize=8)
        plain(axes)
    if len(arrays) > 1:
        figure.axes[0].legend(fontsize=7, frameon=False)
    more = f"; the first {shown} of {features} features" if features > shown else ""
    words = [part for part in (title, f"{note}{more}".strip("; ")) if part]
    if words:
        figure.suptitle("\n".join(words), fontsize=10, x=0.01, ha="left")
    return figure


def _edges(values: np.ndarray, rows: int) -> np.ndarray:
    """Return the edges of the bins: as many as the square root of the number of rows, from 5 to 40."""
    low, high = float(values.min()), float(values.max())
    if not high > low:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, min(40, max(5, math.isqrt(rows))) + 1)
