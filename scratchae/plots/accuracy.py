"""Accuracy by the number of labels, for several training methods."""

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


def accuracy_curves(
    arms: Mapping[str, tuple[ArrayLike, ArrayLike]],
    *,
    level: float = 0.95,
    chance: float | None = None,
    title: str | None = "Accuracy by the number of labels",
    note: str = "",
) -> Figure:
    """Plot mean test accuracy against the number of labels, one line per arm, with confidence intervals of the mean.

    Parameters
    ----------
    arms : mapping of str to (counts, accuracies)
        `counts`: array_like of int, shape (M,), numbers of labels in increasing order. `accuracies`: array_like,
        shape (M, S), between 0 and 1, one column per seed.
    level : float, in (0, 1)
        Confidence level of the intervals: mean ± Student's t times the standard error. With one seed there is no interval.
    chance : float, optional
        Accuracy of random guessing, drawn as a dashed line.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes; the numbers of labels are on a logarithmic axis.

    Raises
    ------
    ValueError
        If there are no arms or too many, shapes do not match, counts are not positive and increasing, or an accuracy is not in [0, 1].
    """
    if not 1 <= len(arms) <= len(LINES):
        raise ValueError(f"There are {len(arms)} arms; give 1 to {len(LINES)}, so that their colours differ.")
    if not 0 < level < 1:
        raise ValueError(f"level={level!r} is not a confidence level; give a number between 0 and 1, such as 0.95.")
    checked = {name: _checked(*arm, name) for name, arm in arms.items()}
    figure = new_figure(6.8, 4.4)
    axes = figure.add_subplot()
    for i, (name, (counts, accuracies)) in enumerate(checked.items()):
        mean, half = accuracies.mean(axis=1), half_interval(accuracies, level)
        if accuracies.shape[1] > 1:
            axes.fill_between(counts, mean - half, mean + half, color=LINES[i], alpha=0.14, linewidth=0)
        axes.plot(counts, mean, color=LINES[i], marker=_MARKERS[i], markersize=5.5, linewidth=1.8, label=name)
    if chance is not None:
        axes.axhline(chance, color="black", linestyle=(0, (6, 4)), linewidth=1.1, label=f"chance: {chance:.0%}")
    _finish(axes, np.unique(np.concatenate([counts for counts, _ in checked.values()])))
    headline(axes, title, note)
    return figure


def half_interval(values: ArrayLike, level: float = 0.95) -> Array:
    """Return half the width of the confidence interval of each row's mean; 0 for rows of one value.

    Parameters
    ----------
    values : array_like, shape (M, S)
    level : float, in (0, 1)

    Returns
    -------
    half : array, shape (M,)
        Student's t, with S - 1 degrees of freedom, times the standard error.
    """
    from scipy.stats import t

    values = np.asarray(values, np.float64)
    seeds = values.shape[1]
    if seeds < 2:
        return np.zeros(len(values))
    half: Array = t.ppf((1 + level) / 2, seeds - 1) * values.std(axis=1, ddof=1) / np.sqrt(seeds)
    return half


def _checked(counts: ArrayLike, accuracies: ArrayLike, name: str) -> tuple[Array, Array]:
    counts, accuracies = np.asarray(counts), np.asarray(accuracies, np.float64)
    if counts.ndim != 1 or accuracies.ndim != 2 or len(counts) != len(accuracies) or accuracies.size == 0:
        raise ValueError(
            f"{name!r} has counts of shape {counts.shape} and accuracies of shape {accuracies.shape}; "
            f"give shapes (M,) and (M, S): one row per count, one column per seed."
        )
    if counts.min() < 1 or (np.diff(counts) <= 0).any():
        raise ValueError(f"The counts of {name!r} are not positive and increasing; sort them and remove duplicates.")
    if not ((accuracies >= 0) & (accuracies <= 1)).all():
        raise ValueError(f"The accuracies of {name!r} are not all between 0 and 1; give fractions without NaN.")
    return counts, accuracies


def _finish(axes: Axes, counts: Array) -> None:
    from matplotlib.ticker import NullLocator, PercentFormatter

    axes.set_xscale("log")
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, -0.02), min(high, 1.02))  # an interval may extend beyond [0, 1]
    axes.set_xlabel("labels (logarithmic)")
    axes.set_ylabel("test accuracy")
    axes.grid(axis="y", color="#dddddd", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=9, loc="lower right")
    plain(axes)
