"""The KL divergence of each latent dimension from the prior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.plots.figure import LINES, headline, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_IDLE = "#bbbbbb"


def kl_by_dimension(
    kl: ArrayLike,
    active: ArrayLike,
    *,
    title: str | None = "KL divergence by latent dimension",
    note: str | None = None,
) -> Figure:
    """Plot the KL of each latent dimension as a bar, in decreasing order; active dimensions are coloured.

    Parameters
    ----------
    kl : array_like, shape (J,)
        KL of each dimension from the prior, averaged over the data, in nats.
    active : array_like of bool, shape (J,)
        Whether the dimension is active, as in ``model.latent_statistics(X)``.
    title, note : str
        The title, and a line in grey below it: by default the number of active dimensions and the total KL.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes; the index of the dimension, counted from 0, is below each bar.

    Raises
    ------
    ValueError
        If the shapes differ, there is no dimension, or a KL is not finite or negative.
    """
    nats, used = np.asarray(kl, np.float64), np.asarray(active, bool)
    if nats.ndim != 1 or nats.size == 0 or used.shape != nats.shape:
        raise ValueError(f"kl has shape {nats.shape}, active {used.shape}; give one value per dimension, (J,).")
    if not (np.isfinite(nats).all() and nats.min() >= -1e-6):
        raise ValueError("kl contains a value that is not finite or is negative; give non-negative numbers.")
    order = np.argsort(-nats, kind="stable")
    figure = new_figure(max(6.0, 1.6 + 0.24 * len(nats)), 3.6)
    axes = figure.add_subplot()
    for mark, colour, name in ((True, LINES[0], "active"), (False, _IDLE, "not active")):
        places = np.flatnonzero(used[order] == mark)
        if len(places):
            axes.bar(places, nats[order][places], width=0.8, color=colour, label=f"{name}: {len(places)}")
    step = -(-len(nats) // 40)  # so that the labels do not overlap
    axes.set_xticks(range(0, len(nats), step), [str(j) for j in order[::step]], fontsize=9)
    for text, j in zip(axes.get_xticklabels(), order[::step], strict=True):
        text.set_color("black" if used[j] else "#999999")
    axes.set_xlim(-0.7, len(nats) - 0.3)
    axes.set_xlabel("latent dimension (sorted by KL divergence)")
    axes.set_ylabel("KL divergence from the prior (nats)")
    axes.grid(axis="y", color="#dddddd", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=9)
    axes.tick_params(axis="x", length=0)
    plain(axes)
    usual = f"{int(used.sum())} of {len(nats)} dimensions are active; total KL divergence {nats.sum():.2f} nats"
    headline(axes, title, usual if note is None else note)
    return figure
