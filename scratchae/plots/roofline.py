"""Rates of several programs by arithmetic intensity, below the roofs of a machine: its bandwidths and its peak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scratchae.nets.network import Array
from scratchae.plots.figure import LINES, banner, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROOF, _TEXT = "#888888", "#555555"
_STYLES = ("-", (0, (7, 2, 1.5, 2)), (0, (5, 2)), (0, (1.5, 1.5)))
_GAP = 0.046  # least distance of two labels, as a part of the height


@dataclass(frozen=True)
class Machine:
    """The roofs of a machine, and the rates of programs on it.

    Attributes
    ----------
    peak : float
        GFLOP/s.
    bandwidths : mapping of str to float
        GB/s of each memory, the farthest first.
    rates : mapping of str to (float, float)
        Arithmetic intensity in operations per byte, and GFLOP/s, of each program.
    """

    peak: float
    bandwidths: Mapping[str, float]
    rates: Mapping[str, tuple[float, float]]


def roofline(machines: Mapping[str, Machine], *, title: str | None = None, note: str = "") -> Figure:
    """Plot rates by arithmetic intensity, in one panel for each machine.

    A program that moves b bytes for each operation cannot compute more than bandwidth / b operations in a second, nor more than the peak.

    Parameters
    ----------
    machines : mapping of str to Machine
        The machine of each panel, or the same one with several numbers of threads.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes for each machine.

    Raises
    ------
    ValueError
        If there is no machine, one has no programs, or a number is not positive and finite.
    """
    if not machines:
        raise ValueError("There is no machine; give at least one.")
    for name, machine in machines.items():
        numbers = np.array([machine.peak, *machine.bandwidths.values(), *np.ravel(list(machine.rates.values()))])
        if not machine.rates or not (np.isfinite(numbers).all() and numbers.min() > 0):
            raise ValueError(f"{name!r} lacks programs, or a number is not positive; give positive, finite numbers.")
    points = np.array([point for machine in machines.values() for point in machine.rates.values()])
    peak = max(machine.peak for machine in machines.values())
    left, right = points[:, 0].min() / 14, points[:, 0].max() * 11
    bottom, top = points[:, 1].min() / 2, 2.5 * peak
    figure = new_figure(1.6 + 4.9 * len(machines), 5.0)
    panels: Sequence[Axes] = figure.subplots(1, len(machines), sharey=True, squeeze=False)[0]
    for axes, (name, machine) in zip(panels, machines.items(), strict=True):
        axes.set(xscale="log", yscale="log", xlim=(left, right), ylim=(bottom, top))
        _roofs(axes, machine, left, right)
        _programs(axes, machine, np.log(top / bottom))
        axes.set_xlabel("operations per byte loaded or stored (logarithmic)")
        axes.grid(color="#eeeeee", linewidth=0.7)
        axes.set_axisbelow(True)
        axes.set_title(name, fontsize=10, loc="left", color=_TEXT)
        plain(axes)
    panels[0].set_ylabel("GFLOP/s (logarithmic)")
    banner(figure, title, note)
    return figure


def _roofs(axes: Axes, machine: Machine, left: float, right: float) -> None:
    """Draw each bandwidth up to the peak, and the peak."""
    axes.plot([], [], color="black", linewidth=1.4, label=f"peak {machine.peak:.3g} GFLOP/s")
    flat = right
    for i, (name, bandwidth) in reversed(list(enumerate(machine.bandwidths.items()))):
        ridge = machine.peak / bandwidth
        flat = min(flat, ridge)
        axes.plot(
            [left, ridge],
            [left * bandwidth, ridge * bandwidth],
            color=_ROOF,
            linestyle=_STYLES[i % len(_STYLES)],
            linewidth=1.2,
            zorder=1,
            label=f"{name} {bandwidth:.3g} GB/s",
        )
    axes.plot([max(flat, left), right], [machine.peak] * 2, color="black", linewidth=1.4, zorder=1)
    axes.legend(loc="lower right", frameon=False, fontsize=8.5, labelcolor=_TEXT)


def _programs(axes: Axes, machine: Machine, height: float) -> None:
    """Draw a point for each program, with its name and rate: to the left of the points at the left, to the right of the others."""
    rates, gap = machine.rates, _GAP * height
    places = np.array(list(rates.values()))
    axes.plot(*places.T, "o", color=LINES[0], markersize=6, zorder=3)
    across, heights = np.log(places).T
    thirds = np.minimum(np.floor(3 * (across - across.min()) / max(float(np.ptp(across)), 1e-9)), 2)
    at_left = thirds == 0
    heights[thirds == 1] -= 1.3 * gap  # below the points of the last third
    for third in np.unique(thirds):
        near = thirds == third
        heights[near] = below(spread(heights[near], gap), np.log(machine.peak) - 0.75 * gap, gap)
    for (name, (intensity, rate)), at, left in zip(rates.items(), heights, at_left, strict=True):
        axes.annotate(
            f"{name}  {rate:.3g}",
            xy=(intensity, rate),
            xytext=(intensity / 1.6 if left else intensity * 1.6, float(np.exp(at))),
            fontsize=8.5,
            ha="right" if left else "left",
            va="center",
            color=LINES[0],
            zorder=4,
            arrowprops={"arrowstyle": "-", "color": LINES[0], "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3},
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
        )


def spread(places: Array, gap: float) -> Array:
    """Return the places moved apart, in the same order, so that neighbours are at least `gap` apart; the mean of a group stays."""
    order = np.argsort(places, kind="stable")
    groups: list[list[float]] = []  # the wanted places of labels that touch each other
    for place in places[order]:
        groups.append([place])
        while len(groups) > 1 and _start(groups[-1], gap) < _start(groups[-2], gap) + len(groups[-2]) * gap:
            last = groups.pop()
            groups[-1] += last
    moved = np.concatenate([_start(group, gap) + gap * np.arange(len(group)) for group in groups])
    result = np.empty(len(places))
    result[order] = moved
    return result


def below(places: Array, limit: float, gap: float) -> Array:
    """Return the places, of which none is above the limit, and neighbours are still at least `gap` apart."""
    result = places.copy()
    for i in np.argsort(-places, kind="stable"):
        result[i] = min(result[i], limit)
        limit = result[i] - gap
    return result


def _start(group: list[float], gap: float) -> float:
    """Return the first place of a group of labels around their mean."""
    return float(np.mean(group)) - gap * (len(group) - 1) / 2
