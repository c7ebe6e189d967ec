"""Draw the figures of the derivations that no tutorial draws: Jensen's tangent, the errors of numerical derivatives, the parts of the KL divergence.

`python figures/derivations.py` writes them beside this file; `--out FOLDER` writes them elsewhere. The same versions of the libraries give
the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scratchae import plots
from scratchae.nets.network import Array
from scratchae.ops import gaussian_kl
from scratchae.plots.figure import LINES, banner, headline, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, RED, GREEN = LINES[:3]
GREY = "#555555"
WEIGHTS = np.array([0.3, 0.8, 1.5, 2.6, 4.8])  # their mean is 2


def jensen() -> Figure:
    """Five values of a weight on the logarithm and below its tangent at their mean: the mean distance to the tangent is Jensen's gap."""
    mean, mean_log = WEIGHTS.mean(), np.log(WEIGHTS).mean()
    t = np.linspace(0.17, 5.4, 500)
    figure = new_figure(6.4, 4.4)
    axes = figure.add_subplot()
    axes.plot(t, np.log(mean) + (t - mean) / mean, color=RED, linewidth=1.8, label="tangent at the mean of w")
    axes.plot(t, np.log(t), color=BLUE, linewidth=2.2, label="ln w")
    axes.vlines(WEIGHTS, np.log(WEIGHTS), np.log(mean) + (WEIGHTS - mean) / mean, color=GREY, linewidth=1.1)
    axes.plot(WEIGHTS, np.log(WEIGHTS), "o", color=BLUE, markersize=7, label="five draws of w")
    axes.plot([0, mean], [np.log(mean)] * 2, color=RED, linestyle=(0, (5, 3)), linewidth=1.2)
    axes.plot([0, mean], [mean_log] * 2, color=BLUE, linestyle=(0, (5, 3)), linewidth=1.2)
    axes.plot(mean, np.log(mean), "o", color=RED, markersize=7)
    axes.vlines(mean, -1.85, np.log(mean), color=RED, linestyle=(0, (1, 2)), linewidth=1.2)
    axes.annotate("", (mean, np.log(mean)), (mean, mean_log), arrowprops={"arrowstyle": "<|-|>", "color": "black"})
    axes.text(mean + 0.1, 0.45, f"gap {np.log(mean) - mean_log:.2f}", va="center", fontsize=10.5)
    axes.text(0.06, np.log(mean) + 0.07, f"ln of the mean: {np.log(mean):.2f}", color=RED, fontsize=10.5)
    axes.text(mean + 0.1, 0.17, f"mean of ln w: {mean_log:.2f}", color=BLUE, fontsize=10.5, va="center")
    axes.text(mean + 0.1, -1.8, f"mean of w: {mean:g}", color=RED, fontsize=10.5)
    axes.set(xlim=(0, 5.4), ylim=(-1.9, 2.5), xlabel="weight w", ylabel="ln w (nats)")
    axes.legend(frameon=False, fontsize=10, loc="lower right")
    plain(axes)
    headline(
        axes,
        "Jensen's inequality: the logarithm lies below its tangent",
        "grey lines: distances of the draws below the tangent; their mean is the gap",
    )
    return figure


def relative_errors(dtype: type[np.floating], steps: Array) -> tuple[Array, Array]:
    """Largest relative errors of the derivative of exp at 200 points, by step: of the central difference and of the complex step."""
    w = np.linspace(-1, 1, 200).astype(dtype)
    h = steps.astype(dtype)[:, None]
    central = (np.exp(w + h) - np.exp(w - h)) / (2 * h)  # (gradient_checking.1)
    complex_step = np.exp(w + 1j * h).imag / h  # (gradient_checking.4)
    assert central.dtype == complex_step.dtype == dtype
    exact = np.exp(w.astype(np.float64))
    return np.abs(central / exact - 1).max(axis=1), np.abs(complex_step / exact - 1).max(axis=1)


def step_size() -> Figure:
    """The V of gradient checking: error against step size, in both precisions, and the complex step, which has no left arm."""
    h = np.logspace(-16, 0, 97)
    figure = new_figure(6.4, 5.0)
    axes = figure.add_subplot()
    for name, dtype, colour in (("float32", np.float32, RED), ("float64", np.float64, BLUE)):
        least = np.finfo(dtype).eps / 4  # an error of 0 has no logarithm
        central, complex_step = (np.maximum(error, least) for error in relative_errors(dtype, h))
        shown = h >= 10 * np.finfo(dtype).eps  # below, w + h is w
        axes.loglog(h[shown], central[shown], color=colour, linewidth=2, label=f"central difference, {name}")
        axes.loglog(h, complex_step, color=colour, linewidth=1.6, linestyle=(0, (4, 2)), label=f"complex step, {name}")
        rounding = np.finfo(dtype).eps / 2
        best = (3 * rounding) ** (1 / 3)  # (gradient_checking.3)
        expected = best**2 / 6 + rounding / best  # (gradient_checking.2)
        axes.plot(best, expected, "o", color=colour, markersize=7, markerfacecolor="white", markeredgewidth=1.8)
    axes.text(3e-9, 1.5e-5, "rounding:\nu / h", color=BLUE, fontsize=10.5, ha="left", va="bottom")
    axes.text(0.9, 3e-8, "truncation:\nh² / 6", fontsize=10.5, ha="right", va="top")
    axes.set(xlim=(1e-16, 1), ylim=(2e-17, 1e1), xlabel="step size h", ylabel="relative error of the derivative")
    axes.grid(color="#dddddd", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.legend(framealpha=1, edgecolor="white", fontsize=10, loc="lower left", bbox_to_anchor=(0.01, 0.14))
    plain(axes)
    headline(
        axes,
        "Error of a numerical derivative by step size",
        "derivatives of exp, largest error of 200; circles: the best step (gradient_checking.3)",
    )
    return figure


def kl_parts() -> Figure:
    """The KL divergence of one latent variable from the standard normal, in two parts: that of the mean and that of the variance."""
    figure = new_figure(7.2, 4.1)
    left, right = figure.subplots(1, 2, sharey=True)
    mu, logvar = np.linspace(-3.2, 3.2, 321)[:, None], np.linspace(-6.2, 2.6, 441)[:, None]
    left.plot(mu, gaussian_kl(mu, np.zeros_like(mu)), color=RED, linewidth=2.2)
    right.plot(logvar, gaussian_kl(np.zeros_like(logvar), logvar), color=BLUE, linewidth=2.2)
    right.plot(logvar, -(logvar + 1) / 2, color=GREY, linestyle=(0, (4, 3)), linewidth=1.2)
    right.plot(logvar, np.exp(logvar) / 2 - 1, color=GREY, linestyle=(0, (1, 2)), linewidth=1.4)
    left.text(0, 3.2, "½ μ²", color=RED, fontsize=14, ha="center")
    right.text(-1.7, 3.2, "½ (σ² − ln σ² − 1)", color=BLUE, fontsize=14, ha="center")
    right.text(-4.5, 1.95, "too narrow:\na straight line", fontsize=10, color=GREY)
    right.text(1.2, 1.3, "too wide:\nlike σ² / 2", fontsize=10, color=GREY, va="center", ha="right")
    left.set(xlabel="mean μ", ylabel="KL(q ‖ p), nats", xlim=(-3.2, 3.2), ylim=(0, 4.2))
    right.set(xlabel="log variance ln σ²", xlim=(-6.2, 2.6))
    left.set_title("part of the mean", fontsize=11)
    right.set_title("part of the variance", fontsize=11)
    for axes in (left, right):
        axes.grid(color="#dddddd", linewidth=0.7)
        axes.set_axisbelow(True)
        plain(axes)
    banner(
        figure,
        "KL divergence of one latent variable from the standard normal",
        "the divergence is the sum of the two parts; each is 0 at q = p only: μ = 0, and ln σ² = 0",
    )
    return figure


FIGURES = {"jensen": jensen, "step_size": step_size, "kl_parts": kl_parts}


def main() -> None:
    """Write all figures, named derivation_NAME.png."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder of the figures")
    folder = parser.parse_args().out
    for name, draw in FIGURES.items():
        print(plots.save(draw(), folder / f"derivation_{name}.png"))


if __name__ == "__main__":
    main()
