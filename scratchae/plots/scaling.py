"""A quantity against several sizes, in one panel for each size, with logarithmic axes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets.network import Array
from scratchae.plots.figure import LINES, banner, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = ("o", "s", "^", "D", "v", "P")
_MOST_TICKS = 7
Curves = Mapping[str, tuple[ArrayLike, ArrayLike]]


def scaling(
    panels: Mapping[str, Curves],
    up: str,
    *,
    dashed: Collection[str] = (),
    logarithmic: bool = True,
    columns: int = 2,
    title: str | None = None,
    note: str = "",
) -> Figure:
    """Plot a quantity against several sizes.

    Parameters
    ----------
    panels : mapping of str to (mapping of str to (array_like, array_like)), each of shape (M,)
        For each panel, by the label of its horizontal axis (more lines may follow), the curves by name: sizes and values. A name has one
        colour in all panels.
    up : str
        Label of the vertical axes, at the first of each row.
    dashed : collection of str
        Names of curves that are dashed, for example because they are computed and not measured.
    logarithmic : bool
        Whether the vertical axes are logarithmic, too; otherwise they start at 0.
    columns : int
        Panels in a row.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes for each panel. The ticks of the horizontal axes, which are logarithmic, are sizes of the curves.

    Raises
    ------
    ValueError
        If there are no panels, an empty one, more than six names, or a number is not positive and finite.
    """
    names = list(dict.fromkeys(name for curves in panels.values() for name in curves))
    if not panels or not all(panels.values()) or len(names) > len(LINES):
        raise ValueError(f"There are {len(panels)} panels with {len(names)} names; give panels with 1 to {len(LINES)}.")
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    figure = new_figure(max(5.4, 4.2 * columns), 0.9 + 3.3 * rows)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, (across, curves) in zip(grid.flat, panels.items(), strict=False):
        for name, (places, values) in curves.items():
            x, y, i = _checked(places, name), _checked(values, name), names.index(name)
            if x.shape != y.shape:
                raise ValueError(f"{name!r} has {len(x)} sizes and {len(y)} values; give one value for each size.")
            style = (0, (5, 3)) if name in dashed else "-"
            axes.plot(
                x, y, color=LINES[i], marker=_MARKERS[i], markersize=5, linewidth=1.8, linestyle=style, label=name
            )
        _axes(axes, across, np.unique(np.concatenate([np.asarray(x, np.float64) for x, _ in curves.values()])))
        if logarithmic:
            _logarithmic_upwards(axes)
        else:
            axes.set_ylim(bottom=0)
    for axes in grid[:, 0]:
        axes.set_ylabel(f"{up} (logarithmic)" if logarithmic else up)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    lines = {line.get_label(): line for axes in figure.axes for line in axes.lines}
    figure.legend(
        [lines[name] for name in names], names, loc="outside lower center", ncols=4, frameon=False, fontsize=9
    )
    banner(figure, title, note)
    return figure


def _checked(numbers: ArrayLike, name: str) -> Array:
    array = np.asarray(numbers, np.float64)
    if array.ndim != 1 or array.size == 0 or not (np.isfinite(array).all() and array.min() > 0):
        raise ValueError(
            f"{name!r} has a number that is not positive and finite, or none; give positive numbers, (M,)."
        )
    return array


def _axes(axes: Axes, across: str, places: Array) -> None:
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log")
    ticks = places[:: -(-len(places) // _MOST_TICKS)]
    axes.set_xticks(ticks, [f"{place:g}" for place in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    first, *others = across.split("\n")
    axes.set_xlabel("\n".join([f"{first} (logarithmic)", *others]))
    axes.grid(color="#e4e4e4", linewidth=0.7)
    axes.set_axisbelow(True)
    plain(axes)


def _logarithmic_upwards(axes: Axes) -> None:
    """Make the vertical axis logarithmic, with plain numbers at 1, 2 and 5, or at 1 if there are many decades."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_yscale("log")
    least, most = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if most < 500 * least else (1,)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
