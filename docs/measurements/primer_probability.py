"""Draw the change of variables of docs/derivations/primer_probability.md, and compare both areas with draws.

python docs/measurements/primer_probability.py
"""

from __future__ import annotations

from typing import Any

import numpy as np
from _table import Measured, run
from scipy import stats
from scipy.integrate import quad

from scratchae.plots.figure import LINES, banner, new_figure, plain

EDGES = (0.5, 1.0)
EXPECTED = {
    "area under the normal density from 0.5 to 1": (0.1499, 1e-4),
    "area under the density of exp(ε), from exp(0.5) to exp(1), by quadrature": (0.1499, 1e-4),
    "share of 1,000,000 draws of exp(ε) there": (0.1499, 1.5e-3),
}


def density_of_exp(y: Any) -> Any:
    """Return the density of exp(ε) at y: that of ε at ln y, divided by the derivative of exp there, which is y."""
    return stats.norm.pdf(np.log(y)) / y


def panels() -> Any:
    """Both densities, with the same interval before and after the map."""
    figure = new_figure(7.6, 3.1)
    left, right = figure.subplots(1, 2)
    low, high = EDGES
    for axes, density, ends, inside in (
        (left, stats.norm.pdf, (-3, 3), (low, high)),
        (right, density_of_exp, (1e-3, 5), (np.exp(low), np.exp(high))),
    ):
        at, within = np.linspace(ends[0], ends[1], 600), np.linspace(inside[0], inside[1], 100)
        axes.plot(at, density(at), color=LINES[0], linewidth=2)
        axes.fill_between(within, density(within), color=LINES[1], alpha=0.6)
        axes.set(ylim=(0, 0.7), ylabel="density")
        plain(axes)
    left.set(xlabel="ε")
    right.set(xlabel="y = exp(ε)")
    left.text(0.85, 0.37, "area 0.15,\nlength 0.50", color=LINES[1], fontsize=10)
    right.text(2.4, 0.2, "area 0.15,\nlength 1.07", color=LINES[1], fontsize=10)
    banner(
        figure,
        "Change of variables",
        "where the map stretches an interval, the density falls, so that the area stays the same",
    )
    return figure


def measure(quick: bool) -> Measured:
    """Return the area before and after the map, and the share of draws; and the figure."""
    low, high = EDGES
    draws = np.exp(np.random.default_rng(0).standard_normal(1000 if quick else 1_000_000))
    values = [
        stats.norm.cdf(high) - stats.norm.cdf(low),
        quad(density_of_exp, np.exp(low), np.exp(high))[0],
        ((draws >= np.exp(low)) & (draws <= np.exp(high))).mean(),
    ]
    return {name: float(value) for name, value in zip(EXPECTED, values, strict=True)}, panels()


if __name__ == "__main__":
    run("primer_probability", measure, EXPECTED)
