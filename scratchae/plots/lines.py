"""One quantity against another, one line per model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets.network import Array
from scratchae.plots.figure import LINES, headline, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = ("o", "s", "^", "D", "v", "P")
_MOST_MARKED = 12  # points with markers; more markers would hide the line


def lines(
    curves: Mapping[str, tuple[ArrayLike, ArrayLike]],
    across: str,
    up: str,
    *,
    level: float | None = None,
    level_label: str = "",
    logarithmic: bool = False,
    title: str | None = None,
    note: str = "",
) -> Figure:
    """Plot curves on one pair of axes.

    Parameters
    ----------
    curves : mapping of str to (array_like, array_like), each of shape (M,)
        Horizontal and vertical values by name.
    across, up : str
        Labels of the axes.
    level : float, optional
        A reference value, drawn as a dashed line.
    level_label : str
        Label of the dashed line.
    logarithmic : bool
        Whether the horizontal axis is logarithmic; its ticks are then the given values.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes; the vertical axis starts at 0 if no value is negative.

    Raises
    ------
    ValueError
        If there are no curves or too many, lengths differ, an entry is not finite, or a value on a logarithmic axis is not positive.
    """
    if not 1 <= len(curves) <= len(LINES):
        raise ValueError(f"There are {len(curves)} curves; give 1 to {len(LINES)}, so that their colours differ.")
    checked = {name: _checked(*curve, name, logarithmic) for name, curve in curves.items()}
    figure = new_figure(6.4, 3.9)
    axes = figure.add_subplot()
    for i, (name, (places, values)) in enumerate(checked.items()):
        marker = _MARKERS[i] if len(places) <= _MOST_MARKED else ""
        axes.plot(places, values, color=LINES[i], marker=marker, markersize=5, linewidth=1.8, label=name)
    if level is not None:
        axes.axhline(level, color="black", linestyle=(0, (6, 4)), linewidth=1.1, label=level_label or f"{level:g}")
    if logarithmic:
        _logarithmic(axes, np.unique(np.concatenate([places for places, _ in checked.values()])))
    if all((values >= 0).all() for _, values in checked.values()):
        axes.set_ylim(bottom=0)
    axes.set_xlabel(f"{across} (logarithmic)" if logarithmic else across)
    axes.set_ylabel(up)
    axes.grid(axis="y", color="#dddddd", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=9)
    plain(axes)
    headline(axes, title, note)
    return figure


def _checked(places: ArrayLike, values: ArrayLike, name: str, logarithmic: bool) -> tuple[Array, Array]:
    places, values = np.asarray(places, np.float64), np.asarray(values, np.float64)
    if places.ndim != 1 or places.shape != values.shape or places.size == 0:
        raise ValueError(
            f"{name!r} has shapes {places.shape} and {values.shape}; give two 1-D arrays of the same length."
        )
    if not (np.isfinite(places).all() and np.isfinite(values).all()):
        raise ValueError(f"{name!r} contains NaN or infinity, which cannot be drawn; remove it.")
    if logarithmic and places.min() <= 0:
        raise ValueError(f"{name!r} has a horizontal value that is not positive; remove it, or use logarithmic=False.")
    return places, values


def _logarithmic(axes: Axes, places: Array) -> None:
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log")
    axes.set_xticks(places, [f"{place:g}" for place in places])
    axes.xaxis.set_minor_locator(NullLocator())
