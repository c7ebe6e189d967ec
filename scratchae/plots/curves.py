"""Learning curves: the loss by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchae.plots.figure import LINES, headline, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

History = Mapping[str, Sequence[float]]

FEW = 5  # lines whose legend finds a place among them; more get some room above


def loss_curves(
    history: History | Mapping[str, History],
    unit: str,
    *,
    floor: float | None = None,
    floor_label: str = "floor",
    held_out: str = "validation",
    title: str | None = "Learning curves",
    note: str = "",
) -> Figure:
    """Plot training loss (solid) and validation loss (dotted) by epoch, for one or several models.

    Parameters
    ----------
    history : mapping, or mapping of str to mapping
        ``model.history_``, or several by name: "loss" and, if it was measured, "val_loss".
    unit : str
        Unit of the loss, such as "nats per image".
    floor : float, optional
        A reference value, drawn as a dashed line: the minimum of the loss, or the loss of PCA.
    floor_label : str
        Label of the dashed line.
    held_out : str
        Name of the validation data.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes; epochs on a logarithmic axis, since the loss changes most in the first epochs.

    Raises
    ------
    ValueError
        If there is no "loss", or it is empty or not finite.
    """
    many = not (history and "loss" in history and not isinstance(history["loss"], Mapping))
    named: Mapping[str, Any] = history if many else {"": history}
    if not named:
        raise ValueError("There is no history to draw; give model.history_, or several by name.")
    figure = new_figure(6.4, 3.9)
    axes = figure.add_subplot()
    longest = 1
    for i, (name, curves) in enumerate(named.items()):
        colour, start = LINES[i % len(LINES)], f"{name}, " if name else ""
        train = _checked(curves, "loss", name)
        longest = max(longest, len(train))
        axes.plot(range(1, len(train) + 1), train, color=colour, linewidth=1.8, label=f"{start}training")
        if "val_loss" in curves:
            dotted: dict[str, Any] = {
                "color": colour if many else LINES[1],
                "linestyle": (0, (1, 1.2)),
                "linewidth": 2.2,
            }
            held = _checked(curves, "val_loss", name)
            axes.plot(range(1, len(held) + 1), held, **dotted, label=f"{start}{held_out}")
    if floor is not None:
        axes.axhline(floor, color="black", linestyle=(0, (6, 4)), linewidth=1.1, label=f"{floor_label}: {floor:.4g}")
    _finish(axes, longest, unit)
    headline(axes, title, note)
    return figure


def _checked(curves: History, key: str, name: str) -> np.ndarray:
    """Return one column of a history."""
    where = f" of {name!r}" if name else ""
    if not isinstance(curves, Mapping) or key not in curves:
        raise ValueError(f"The history{where} has no {key!r}; give model.history_ of a fitted model.")
    values = np.asarray(curves[key], np.float64)
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
        raise ValueError(f"{key!r}{where} is empty or not finite; give the history of a fitted model.")
    return values


def show_epochs(axes: Axes, longest: int, last: float = 0.75) -> None:
    """Set up the horizontal axis for epochs 1 to `longest`, logarithmic if there are many; no tick but the end beyond a fraction of `last`."""
    from matplotlib.ticker import NullLocator, ScalarFormatter

    if longest > 10:
        axes.set_xscale("log")
        # Round numbers, and the end: 1, 2, 5, 10, … are easier to read on this axis than powers of ten.
        rounds = [m * 10**p for p in range(7) for m in (1, 2, 5) if m * 10**p <= last * longest]
        axes.set_xticks([*rounds, longest])
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlim(0.95, longest * 1.05)
    else:
        axes.set_xticks(range(1, longest + 1))
    axes.set_xlabel("epoch (logarithmic)" if longest > 10 else "epoch")


def _finish(axes: Axes, longest: int, unit: str) -> None:
    show_epochs(axes, longest)
    axes.set_ylabel(f"loss ({unit})")
    axes.grid(axis="y", color="#dddddd", linewidth=0.7)
    axes.set_axisbelow(True)
    if len(axes.lines) > FEW:
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + 0.5 * (high - low))
    axes.legend(frameon=False, fontsize=9)
    plain(axes)
