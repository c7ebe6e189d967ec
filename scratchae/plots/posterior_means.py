"""Where a variational autoencoder puts its inputs: the posterior means of two latent dimensions, by class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchae.plots.codes import checked_labels, draw_class
from scratchae.plots.figure import headline, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHARES = (0.5, 0.95)  # of the prior, inside the circles


def posterior_means(
    mu: Any,
    labels: Any = None,
    *,
    names: tuple[str, str] = (r"$\mu_1$", r"$\mu_2$"),
    title: str | None = "Where the images lie in the latent space",
    note: str = "each dot the mean of q(z|x) of an image; circles: inside of them is half of the prior, and 95 %",
) -> Figure:
    """Each row's posterior mean as a dot with the colour of its class, over circles of the standard normal prior.

    Parameters
    ----------
    mu : array_like, shape (N, 2)
        Means of q(z|x), as ``model.encode(X)`` gives them.
    labels : array_like of int, shape (N,), optional
        The class of each row; it colours the dots, and was not seen in training.
    names : (str, str)
        Of the two dimensions.
    title, note : str
        The headline, and below it a line in grey.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes, equal scales on both sides; each class has its name at its median.

    Raises
    ------
    ValueError
        If there are not two finite numbers in each row, labels do not fit, or there are more than 20 classes.
    """
    z = np.asarray(mu)
    if z.ndim != 2 or z.shape[1] != 2 or len(z) == 0:
        raise ValueError(f"mu has shape {z.shape}; give two dimensions, shape (N, 2): mu[:, [0, 1]].")
    if not np.isfinite(z).all():
        raise ValueError("mu holds NaN or infinity, which has no place in the plane; remove such rows.")
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
