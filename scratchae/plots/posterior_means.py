"""The posterior means of a variational autoencoder in two latent dimensions, by class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.plots.codes import checked_labels, draw_class
from scratchae.plots.figure import headline, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHARES = (0.5, 0.95)  # prior probability inside the circles


def posterior_means(
    mu: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    names: tuple[str, str] = (r"$\mu_1$", r"$\mu_2$"),
    title: str | None = "Posterior means in the latent space",
    note: str = "dots: mean of q(z|x) for each image; circles: contain 50 % and 95 % of the prior",
) -> Figure:
    """Plot each row's posterior mean as a dot in the colour of its class, with circles of the standard normal prior.

    Parameters
    ----------
    mu : array_like, shape (N, 2)
        Means of q(z|x), as returned by ``model.encode(X)``.
    labels : array_like of int, shape (N,), optional
        Class of each row, for the colours only; it is not used in training.
    names : (str, str)
        Names of the two dimensions.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes with equal scales; the name of each class is at its median.

    Raises
    ------
    ValueError
        If mu does not have two finite numbers per row, labels do not match, or there are more than 20 classes.
    """
    z = np.asarray(mu)
    if z.ndim != 2 or z.shape[1] != 2 or len(z) == 0:
        raise ValueError(f"mu has shape {z.shape}; give two dimensions, shape (N, 2): mu[:, [0, 1]].")
    if not np.isfinite(z).all():
        raise ValueError("mu contains NaN or infinity, which cannot be drawn; remove such rows.")
    y = checked_labels(labels, [len(z)])
    figure = new_figure(6.4, 5.6)
    axes = figure.add_subplot()
    for i, label in enumerate(np.unique(y)):
        draw_class(axes, z[y == label], i, "" if labels is None else str(label))
    turn = np.linspace(0, 2 * np.pi, 200)
    for share in _SHARES:
        radius = np.sqrt(-2 * np.log(1 - share))  # |z|² is exponential with mean 2
        axes.plot(radius * np.cos(turn), radius * np.sin(turn), color="#555555", linewidth=1.1, linestyle=(0, (6, 4)))
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1], rotation=0)
    plain(axes)
    headline(axes, title, note)
    if labels is not None:
        handles, words = axes.get_legend_handles_labels()
        figure.legend(handles, words, loc="outside right center", title="class", frameon=False, markerscale=1.8)
    return figure
