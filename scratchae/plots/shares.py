"""The parts of several totals, as horizontal bars of one length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from scratchae.plots.figure import LINES, banner, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = (*LINES, "#F0E442", "#888888", "#cccccc", "#444444")
_LEAST = 0.035  # parts that are smaller have no number


def shares(
    totals: Mapping[str, Mapping[str, float]],
    *,
    notes: Mapping[str, str] | None = None,
    title: str | None = None,
    note: str = "",
) -> Figure:
    """Plot each total as a bar of length 1, divided into its parts.

    Parameters
    ----------
    totals : mapping of str to (mapping of str to float)
        For each total its parts by name, in the order of the bar. Parts that are 0 in every total are left out.
    notes : mapping of str to str, optional
        A text at the end of the bar, for some of the totals.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes; the first total is at the top.

    Raises
    ------
    ValueError
        If there is no total, totals have different parts or more than 10, or a part is negative or not finite.
    """
    values = {name: np.array(list(parts.values()), np.float64) for name, parts in totals.items()}
    names = list(next(iter(totals.values()), {}))
    if not names or any(list(parts) != names for parts in totals.values()):
        raise ValueError("There are no totals, or they have different parts; give the same parts in the same order.")
    for name, parts in values.items():
        if not (np.isfinite(parts).all() and parts.min() >= 0 and parts.sum() > 0):
            raise ValueError(
                f"{name!r} has a part that is negative or not finite, or none at all; give positive numbers."
            )
    table = np.array([parts / parts.sum() for parts in values.values()])
    shown = np.flatnonzero(table.any(axis=0))
    if len(shown) > len(COLOURS):
        raise ValueError(f"There are {len(shown)} parts; give at most {len(COLOURS)}, so that their colours differ.")
    figure = new_figure(8.6, 1.75 + 0.52 * len(table))
    axes = figure.add_subplot()
    ends = np.cumsum(table, axis=1)
    for colour, part in zip(COLOURS, shown, strict=False):
        widths, starts = table[:, part], ends[:, part] - table[:, part]
        axes.barh(
            range(len(table)), widths, 0.66, starts, color=colour, label=names[part], edgecolor="white", linewidth=0.6
        )
        dark = sum(int(colour[i : i + 2], 16) for i in (1, 3, 5)) < 400
        for row, (start, width) in enumerate(zip(starts, widths, strict=True)):
            if width >= _LEAST:
                axes.text(start + width / 2, row, f"{100 * width:.0f}", ha="center", va="center", fontsize=8.5,
                          color="white" if dark else "black")  # fmt: skip
    for row, name in enumerate(totals):
        axes.text(1.012, row, (notes or {}).get(name, ""), va="center", fontsize=9, color="#555555")
    axes.set_yticks(range(len(table)), list(totals), fontsize=9)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.02), frameon=False, fontsize=9, handlelength=1.2)
    banner(figure, title, note)
    return figure
