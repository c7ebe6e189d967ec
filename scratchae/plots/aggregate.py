"""The aggregate posterior (the latent codes of all data together) and the standard normal prior."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.plots.figure import LINES, headline, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDEST = 4.0  # smallest half-width of the histogram
_BINS = 40
_ACROSS = 4


def aggregate_posterior(
    z: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    notes: Sequence[str] | None = None,
    title: str | None = "Aggregate posterior and prior",
    note: str = "bars: draws of z from q(z|x), one for each image; line: the standard normal density",
) -> Figure:
    """Plot histograms of draws from the posteriors of all rows, one panel per latent dimension, with the density of the prior.

    Parameters
    ----------
    z : array_like, shape (N, J)
        A draw from q(z|x) for each row, such as ``mu + exp(logvar / 2) * eps``; not the means, which have a smaller spread.
    names : sequence of str, optional
        Names of the dimensions; z₁, z₂, … by default.
    notes : sequence of str, optional
        Text in grey below each name; by default the mean and the standard deviation of the draws.
    title, note : str
        The title, and a line in grey at the bottom.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes per dimension.

    Raises
    ------
    ValueError
        If z is not 2-D, an entry is not finite, or the number of names or notes is wrong.
    """
    draws = np.asarray(z, np.float64)
    if draws.ndim != 2 or draws.size == 0:
        raise ValueError(f"z has shape {draws.shape}; give one row per example, shape (N, J).")
    if not np.isfinite(draws).all():
        raise ValueError("z contains NaN or infinity, which cannot be drawn; remove such rows.")
    J = draws.shape[1]
    headings = [f"$z_{{{j}}}$" for j in range(J)] if names is None else list(names)
    below = [
        f"mean {m:.2f}, std. dev. {s:.2f}".replace("-", "\N{MINUS SIGN}")
        for m, s in zip(draws.mean(0), draws.std(0), strict=True)
    ]
    below = below if notes is None else list(notes)
    if len(headings) != J or len(below) != J:
        raise ValueError(
            f"There are {len(headings)} names and {len(below)} notes for {J} dimensions; give one name and one note per dimension."
        )
    across = min(_ACROSS, J)
    down = -(-J // across)
    figure = new_figure(max(5.2, 2.6 * across + 0.4), 0.75 + 2.25 * down)
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    reach = max(_WIDEST, float(np.abs(draws).max()))
    places = np.linspace(-reach, reach, 400)
    for j, axes in enumerate(grid.ravel()):
        if j >= J:
            axes.set_axis_off()
            continue
        edges = np.linspace(-reach, reach, _BINS + 1)
        axes.hist(draws[:, j], bins=edges, density=True, color=LINES[0], alpha=0.5, linewidth=0)
        axes.plot(places, np.exp(-(places**2) / 2) / np.sqrt(2 * np.pi), color=LINES[1], linewidth=1.8)
        plain(axes)
        headline(axes, headings[j], below[j])
    grid[0, 0].set_ylim(bottom=0)  # shared by all axes, so set after drawing
    for axes in grid[:, 0]:
        axes.set_ylabel("density")
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
    if note:
        figure.supxlabel(note, fontsize=8.5, color="#555555", x=0.01, ha="left")
    return figure
