"""The two terms of the evidence lower bound by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchae.nets.network import Array
from scratchae.plots.curves import show_epochs
from scratchae.plots.figure import LINES, headline, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TERMS = (LINES[0], LINES[1])  # reconstruction, KL


def bound_terms(
    history: Mapping[str, Sequence[float]],
    *,
    log_likelihood: float | None = None,
    title: str | None = "The two terms of the loss (negative ELBO)",
    note: str = "",
) -> Figure:
    """Plot both terms of the negative bound as stacked bands: the reconstruction term, and the KL above it.

    Parameters
    ----------
    history : mapping
        ``model.history_`` of a variational autoencoder: "val_reconstruction" and "val_kl", in nats, or without validation data the terms of
        the training, "reconstruction" and "kl".
    log_likelihood : float, optional
        Estimate of the mean log p(x) of the same data after the last epoch; -log p(x) is drawn as a dashed line, and its distance from
        the top of the bands is the gap of the bound.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With two axes: both terms, and the KL alone on its own scale; epochs are on a logarithmic axis.

    Raises
    ------
    ValueError
        If a term is missing, empty or not finite, or their lengths differ.
    """
    part = "val_" if "val_kl" in history else ""
    reconstruction, kl = (_checked(history, f"{part}{key}") for key in ("reconstruction", "kl"))
    if len(reconstruction) != len(kl):
        raise ValueError(
            f"The terms have {len(reconstruction)} and {len(kl)} epochs; give both terms of the same epochs."
        )
    epochs, cost = np.arange(1, len(kl) + 1), -reconstruction
    figure = new_figure(8.6, 3.9)
    both, alone = figure.subplots(1, 2, width_ratios=(1.5, 1))
    both.fill_between(epochs, 0, cost, color=_TERMS[0], alpha=0.45, linewidth=0, label=r"$-E_q[\log\,p(x|z)]$")
    both.fill_between(
        epochs, cost, cost + kl, color=_TERMS[1], alpha=0.75, linewidth=0, label=r"KL$(q(z|x)\,\|\,p(z))$"
    )
    both.plot(epochs, cost + kl, color="black", linewidth=1.8, label="sum: negative ELBO")
    if log_likelihood is not None:
        dashed: dict[str, Any] = {"color": "black", "linestyle": (0, (6, 4)), "linewidth": 1.1}
        both.axhline(-log_likelihood, **dashed, label=rf"$-\log\,p(x)$ after the last epoch: {-log_likelihood:.4g}")
    both.set_ylim(0, 1.15 * float((cost + kl).max()))
    both.set_ylabel("nats per image")
    both.legend(frameon=False, fontsize=9, loc="lower left")
    alone.plot(epochs, kl, color=_TERMS[1], linewidth=1.8)
    alone.set_ylim(0, 1.15 * max(float(kl.max()), 1e-3))
    for axes, name, last in ((both, "both terms", 0.6), (alone, "KL divergence", 0.4)):
        show_epochs(axes, len(kl), last)
        axes.grid(axis="y", color="#dddddd", linewidth=0.7)
        axes.set_axisbelow(True)
        plain(axes)
        headline(axes, name)
    _around(figure, title, note)
    return figure


def _around(figure: Figure, title: str | None, note: str) -> None:
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
    if note:
        figure.supxlabel(note, fontsize=8.5, color="#555555", x=0.01, ha="left")


def _checked(history: Mapping[str, Sequence[float]], key: str) -> Array:
    if key not in history:
        raise ValueError(f"The history has no {key!r}; give model.history_ of a fitted variational autoencoder.")
    values = np.asarray(history[key], np.float64)
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
        raise ValueError(f"{key!r} is empty or not finite; give the history of a fitted model.")
    return values
