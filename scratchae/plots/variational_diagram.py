"""Two diagrams of a variational autoencoder: training and generation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scratchae.plots.diagram import ENCODER, GREY, Weights, arrow, between, box, bracket, height, layer
from scratchae.plots.figure import LINES, headline, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DRAW = 1.7  # distance from the moments to z; layers are 1 apart
_APART = 0.5  # distance of each moment from the middle
_ENCODER, _DECODER = Weights(LINES[0], ENCODER), Weights(LINES[1], ENCODER)
_NOISE = LINES[2]
_MOST = 5  # maximum number of hidden layers
_TALLEST = 0.27  # largest half height of a moment, to leave room for its name above the other


def variational_diagram(
    features: int,
    hidden_sizes: Sequence[int],
    latent_dim: int,
    *,
    title: str | None = "A variational autoencoder",
    note: str = "bars: arrays, with their shapes; N examples, L draws of z for each; the decoder is the same in both",
) -> Figure:
    """Draw two diagrams: training, from x to the two terms of the loss, and generation, from the prior to new x.

    Parameters
    ----------
    features : int
        D.
    hidden_sizes : sequence of int
        Sizes of the encoder's hidden layers; the decoder has the same sizes in reverse order.
    latent_dim : int
        J.
    title, note : str
        The title, and a line in grey at the bottom.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes per diagram.

    Raises
    ------
    ValueError
        If there are too many hidden layers, or a size is not a positive integer.
    """
    hidden = list(hidden_sizes)
    if len(hidden) > _MOST:
        raise ValueError(f"hidden_sizes={tuple(hidden)!r} has {len(hidden)} layers; give at most {_MOST}.")
    for size in (features, *hidden, latent_dim):
        if int(size) != size or size < 1:
            raise ValueError(f"{size!r} is not a layer size; give positive integers.")
    sizes = [int(size) for size in (features, *hidden, latent_dim)]
    width = 2 * len(sizes) - 2 + _DRAW
    figure = new_figure(1.25 * width + 1.5, 6.6)
    training, generating = figure.subplots(2, 1, height_ratios=(3.1, 1.75))
    _training(training, sizes)
    _generating(generating, sizes)
    for axes, low, high in ((training, -1.9, 1.2), (generating, -0.95, 0.8)):
        axes.set_xlim(-0.6, width + 0.6)
        axes.set_ylim(low, high)
        axes.set_axis_off()
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
    if note:
        figure.supxlabel(note, fontsize=8.5, color=GREY, x=0.01, ha="left")
    return figure


def _training(axes: Axes, sizes: list[int]) -> None:
    headline(axes, "Training: each x is encoded as a distribution q(z|x), and a draw from it is decoded")
    moments, J = len(sizes) - 1, sizes[-1]
    places = [(float(k), 0.0, height(size, max(sizes)) / 2) for k, size in enumerate(sizes[:-1])]
    half = _half(sizes)
    mu, logvar, z = (moments, _APART, half), (moments, -_APART, half), (moments + _DRAW, 0.0, half)
    for start, end in [*zip(places[:-1], places[1:], strict=True), (places[-1], mu), (places[-1], logvar)]:
        between(axes, start, end, _ENCODER)
    for k, place in enumerate(places):
        layer(axes, place, f"${'x' if k == 0 else f'h_{k}'}$\n(N, {sizes[k]:,})")
    layer(axes, mu, f"$\\mu$\n(N, {J:,})")
    layer(axes, logvar, f"$\\ln\\,\\sigma^2$\n(N, {J:,})")

    for moment in (mu, logvar):
        arrow(axes, (moment[0] + 0.12, moment[1] * 0.95), (z[0] - 0.12, moment[1] * 0.12))
    box(axes, z[0] - 0.6, 0.93, r"$\varepsilon \sim N(0, I)$", _NOISE)
    arrow(axes, (z[0] - 0.52, 0.74), (z[0] - 0.07, half + 0.04))
    formula = r"$z = \mu + e^{\ln \sigma^2 / 2}\,\varepsilon$"
    axes.text(z[0], -0.98, formula, ha="center", va="center", fontsize=9.5, color=GREY)
    output = _decoder(axes, sizes, z[0], f"$z$\n(L, N, {J:,})", r"$\hat{x}$", "L·N")
    bracket(axes, 0, moments, "encoder", 0.92)
    bracket(axes, z[0], output, "decoder", 0.92)

    y = -1.65
    axes.text(moments - 1.15, y, "loss  =", ha="right", va="center", fontsize=10, fontweight="bold")
    box(axes, moments, y, r"KL$(q(z|x)\,\|\,p(z))$")
    arrow(axes, (moments, -_APART - half - 0.43), (moments, y + 0.2))
    box(axes, output - 0.6, y, r"$-E_q[\log\,p(x|z)]$,  $\hat{x}$ against $x$")
    arrow(axes, (output, -places[0][2] - 0.42), (output, y + 0.2))
    axes.text((moments + output - 0.6) / 2 - 0.1, y, "+", ha="center", va="center", fontsize=13)


def _generating(axes: Axes, sizes: list[int]) -> None:
    headline(axes, "Generation: a draw from the prior, and the same decoder")
    moments, J = len(sizes) - 1, sizes[-1]
    z = moments + _DRAW
    box(axes, moments, 0, r"$z \sim N(0, I)$", _NOISE)
    arrow(axes, (moments + 0.5, 0), (z - 0.12, 0))
    output = _decoder(axes, sizes, z, f"$z$\n(n, {J:,})", "$x$", "n")
    bracket(axes, z, output, "decoder")


def _half(sizes: list[int]) -> float:
    """Return half the height of z and of its moments."""
    return min(height(sizes[-1], max(sizes)) / 2, _TALLEST)


def _decoder(axes: Axes, sizes: list[int], left: float, code: str, name: str, rows: str) -> float:
    """Draw z, the hidden layers in reverse order, and the output; return the position of the output."""
    tops = [_half(sizes), *[height(size, max(sizes)) / 2 for size in sizes[-2::-1]]]
    places = [(left + k, 0.0, top) for k, top in enumerate(tops)]
    for start, end in zip(places[:-1], places[1:], strict=True):
        between(axes, start, end, _DECODER)
    layer(axes, places[0], code)
    for k, (place, size) in enumerate(zip(places[1:-1], sizes[-2:0:-1], strict=True), 1):
        layer(axes, place, f"$h'_{{{len(sizes) - 1 - k}}}$\n({rows}, {size:,})")
    layer(axes, places[-1], f"{name}\n({rows}, {sizes[0]:,})")
    return places[-1][0]
