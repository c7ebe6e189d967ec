"""Diagram of a stacked autoencoder: layer-wise pre-training, the unrolled network, and the classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scratchae.plots.diagram import DECODER, ENCODER, GREY, Weights, bracket, height, network
from scratchae.plots.figure import LINES, headline, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GAP = 0.8  # between two autoencoders; layers are 1 apart
_SOFTMAX = "#000000"


def unrolling(
    sizes: Sequence[int],
    *,
    n_classes: int | None = None,
    title: str | None = "Construction of the stacked autoencoder",
    note: str = "bars: layers with their sizes; areas: weights, in the colour of the autoencoder that learned them",
) -> Figure:
    """Draw a diagram of a stacked autoencoder: its layers trained one by one, then unrolled into encoder and decoder.

    Parameters
    ----------
    sizes : sequence of int
        The number of inputs, then the sizes of the layers; the last is the size of the code.
    n_classes : int, optional
        If given, adds a third line: the encoder with a softmax layer for this number of classes.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes per line of the diagram.

    Raises
    ------
    ValueError
        If there are no layers or too many, or a size is not a positive integer.
    """
    count = len(sizes) - 1
    if not 1 <= count <= len(LINES):
        raise ValueError(f"sizes={tuple(sizes)!r} has {count} layers after the input; give 1 to {len(LINES)}.")
    for size in [*sizes, *([] if n_classes is None else [n_classes])]:
        if int(size) != size or size < 1:
            raise ValueError(f"{size!r} is not a layer size; give positive integers.")
    rows = [_one_by_one, _unrolled] + ([] if n_classes is None else [_classifier])
    width = 2 * count + _GAP * (count - 1)
    aside = max(0.35, (5.2 - width) / 2)  # so that a small number of layers is not drawn too wide
    figure = new_figure(1.15 * (width + 2 * aside) + 1.0, 0.7 + 2.15 * len(rows))
    for axes, row in zip(figure.subplots(len(rows), 1, squeeze=False)[:, 0], rows, strict=True):
        row(axes, [int(size) for size in sizes], n_classes)
        axes.set_xlim(-aside, width + aside)
        axes.set_ylim(-0.98, 0.84)
        axes.set_axis_off()
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
    if note:
        figure.supxlabel(note, fontsize=8.5, color=GREY, x=0.01, ha="left")
    return figure


def _one_by_one(axes: Axes, sizes: list[int], _: int | None) -> None:
    headline(axes, "1  Pre-training: each autoencoder reconstructs the code of the previous one")
    for k in range(len(sizes) - 1):
        left, data = k * (2 + _GAP), _name(k)
        weights = [Weights(LINES[k], ENCODER), Weights(LINES[k], DECODER)]
        names = [data, _name(k + 1), _hat(data)]
        tops = network(axes, left, [sizes[k], sizes[k + 1], sizes[k]], names, weights, max(sizes))
        if k + 2 < len(sizes):  # above the output, into the input of the next autoencoder
            start, end = (left + 1, tops[1] + 0.05), (left + 2 + _GAP, height(sizes[k + 1], max(sizes)) / 2 + 0.05)
            bent = {"arrowstyle": "-|>", "color": GREY, "connectionstyle": "arc3,rad=-0.2", "linewidth": 1.1}
            axes.annotate("", end, start, arrowprops=bent)


def _unrolled(axes: Axes, sizes: list[int], _: int | None) -> None:
    headline(axes, "2  Unrolled: encoders in order, decoders in reverse order; then fine-tuning")
    count = len(sizes) - 1
    weights = [Weights(LINES[k], ENCODER) for k in range(count)]
    weights += [Weights(LINES[k], DECODER) for k in range(count)[::-1]]
    inner = [_name(k) for k in range(1, count + 1)]
    names = ["$x$", *inner, *[_hat(name) for name in inner[-2::-1]], _hat("$x$")]
    left = _left(sizes, 2 * count)
    network(axes, left, [*sizes, *sizes[-2::-1]], names, weights, max(sizes))
    bracket(axes, left, left + count, "encoder")
    bracket(axes, left + count, left + 2 * count, "decoder")


def _classifier(axes: Axes, sizes: list[int], n_classes: int | None) -> None:
    headline(axes, "3  Classifier: the copied encoder and a new softmax layer, trained with labels")
    count = len(sizes) - 1
    weights = [*[Weights(LINES[k], ENCODER) for k in range(count)], Weights(_SOFTMAX, 0.25)]
    left = _left(sizes, count + 1)
    names = [*[_name(k) for k in range(count + 1)], "$p$"]
    network(axes, left, [*sizes, int(n_classes or 0)], names, weights, max(sizes))
    bracket(axes, left, left + count, "copied")
    bracket(axes, left + count, left + count + 1, "softmax")


def _name(k: int) -> str:
    return f"$h_{k}$" if k else "$x$"


def _hat(name: str) -> str:
    """Return the name of a reconstruction."""
    return rf"$\hat{{{name[1]}}}{name[2:]}"


def _left(sizes: list[int], length: int) -> float:
    """Return the left end of a network of that length, centred below the first line."""
    count = len(sizes) - 1
    return (2 * count + _GAP * (count - 1) - length) / 2
