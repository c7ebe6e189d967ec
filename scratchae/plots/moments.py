"""Means, standard deviations and correlations of generated rows, compared with those of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets.network import Array
from scratchae.plots.figure import LINES, banner, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = ("o", "x", "^", "s", "v", "D")
_DASHED = {"color": "black", "linestyle": (0, (6, 4)), "linewidth": 1.0}


def moments_of_samples(
    x: ArrayLike,
    samples: Mapping[str, ArrayLike],
    names: Sequence[str],
    *,
    title: str | None = None,
    note: str = "",
) -> Figure:
    """Plot the moments of generated rows beside those of the data.

    Parameters
    ----------
    x : array_like, shape (N, D), D from 2 on
        The data.
    samples : mapping of str to array_like, each of shape (M, D)
        Generated rows by name.
    names : sequence of str
        Names of the D features.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With three axes: for each feature, the mean minus that of the data, in standard deviations of the data, and the ratio of the standard
        deviations; for each pair of features, the correlation against that of the data. On the dashed lines, both agree.

    Raises
    ------
    ValueError
        If there are too many sets of rows, shapes differ, an entry is not finite, or a feature is constant.
    """
    if not 1 <= len(samples) <= len(LINES):
        raise ValueError(f"There are {len(samples)} sets of rows; give 1 to {len(LINES)}.")
    mean, deviation, correlation = _moments(x, "the data", len(names))
    found = {name: _moments(rows, repr(name), len(names)) for name, rows in samples.items()}
    figure = new_figure(10.2, max(3.6, 1.6 + 0.18 * len(names)))
    by_mean, by_deviation, by_pair = figure.subplots(1, 3)
    places = np.arange(len(names))
    for i, (name, (means, deviations, correlations)) in enumerate(found.items()):
        style = {"s": 22, "marker": _MARKERS[i], "color": LINES[i], "linewidth": 1.2, "label": name}
        by_mean.scatter((means - mean) / deviation, places, **style)
        by_deviation.scatter(deviations / deviation, places, **style)
        by_pair.scatter(correlation, correlations, **style)
    by_mean.axvline(0, zorder=0, **_DASHED)
    by_deviation.axvline(1, zorder=0, **_DASHED)
    by_pair.axline((0, 0), slope=1, zorder=0, **_DASHED)
    by_mean.set_xlabel("mean, distance from the data's\n(standard deviations)", fontsize=9)
    by_deviation.set_xlabel("standard deviation,\nrelative to the data's", fontsize=9)
    by_pair.set_xlabel("correlation of two features, data", fontsize=9)
    by_pair.set_ylabel("generated rows", fontsize=9)
    by_pair.legend(frameon=False, fontsize=8.5, loc="upper left")
    by_mean.set_yticks(places, names, fontsize=8)
    by_deviation.set_yticks(places, [])
    for axes in (by_mean, by_deviation):
        _listed(axes, len(names))
    for axes in (by_mean, by_deviation, by_pair):
        axes.tick_params(axis="x", labelsize=8)
        plain(axes)
    banner(figure, title, note)
    return figure


def _listed(axes: Axes, rows: int) -> None:
    """List the features from top to bottom."""
    axes.set_ylim(rows - 0.5, -0.5)
    axes.grid(axis="y", color="#eeeeee", linewidth=0.7)
    axes.set_axisbelow(True)


def _moments(x: ArrayLike, what: str, features: int) -> tuple[Array, Array, Array]:
    """Return means, standard deviations, and the correlation of every pair of features."""
    rows = np.asarray(x, np.float64)
    if rows.ndim != 2 or len(rows) < 2 or rows.shape[1] != features or features < 2:
        raise ValueError(
            f"The shape of {what} is {rows.shape}; give at least two rows of at least two features, one for each of {features} names."
        )
    if not np.isfinite(rows).all():
        raise ValueError(f"The rows of {what} contain NaN or infinity, which cannot be drawn; remove them.")
    deviations = rows.std(axis=0)
    if deviations.min() == 0:
        raise ValueError(
            f"Feature {int(deviations.argmin())} of {what} is constant and has no correlation; leave it out."
        )
    return rows.mean(axis=0), deviations, np.corrcoef(rows.T)[np.triu_indices(features, 1)]
