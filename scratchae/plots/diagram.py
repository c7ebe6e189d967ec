"""Elements of network diagrams: layers as bars, weights between layers as areas, brackets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR = 0.13  # width of a layer; layers are 1 apart
GREY = "#555555"
ENCODER, DECODER = 0.75, 0.35  # opacity of their weights


@dataclass(frozen=True)
class Weights:
    """Colour and opacity of the weights between two layers."""

    colour: str
    alpha: float


def height(size: int, largest: int) -> float:
    """Return the height of a layer's bar: proportional to the root of its size, so that small layers remain visible."""
    return 0.22 + 0.88 * float(size / largest) ** 0.5


def between(axes: Axes, start: tuple[float, float, float], end: tuple[float, float, float], weights: Weights) -> None:
    """Draw the weights from one layer to another, each layer given by its horizontal centre, vertical centre and half height."""
    from matplotlib.patches import Polygon

    (a, here, half), (b, there, other) = start, end
    a, b = a + BAR / 2, b - BAR / 2
    corners = [(a, here + half), (b, there + other), (b, there - other), (a, here - half)]
    axes.add_patch(Polygon(corners, facecolor=weights.colour, alpha=weights.alpha, linewidth=0))


def layer(axes: Axes, place: tuple[float, float, float], text: str) -> None:
    """Draw a layer at its place, with a label below."""
    from matplotlib.patches import Rectangle

    left, middle, half = place
    axes.add_patch(Rectangle((left - BAR / 2, middle - half), BAR, 2 * half, facecolor="#333333", linewidth=0))
    axes.text(left, middle - half - 0.04, text, ha="center", va="top", fontsize=9.5, linespacing=1.25)


def network(
    axes: Axes, left: float, sizes: list[int], names: list[str], weights: list[Weights], largest: int
) -> list[float]:
    """Draw a chain of layers from left to right; return the top of each."""
    tops = [height(size, largest) / 2 for size in sizes]
    for i, colour in enumerate(weights):
        between(axes, (left + i, 0, tops[i]), (left + i + 1, 0, tops[i + 1]), colour)
    for i, (size, name, top) in enumerate(zip(sizes, names, tops, strict=True)):
        layer(axes, (left + i, 0, top), f"{name}\n{size:,}")
    return tops


def bracket(axes: Axes, left: float, right: float, text: str, y: float = 0.66) -> None:
    """Draw a bracket above a part of a network, with a label."""
    a, b = left + 0.06, right - 0.06
    axes.plot([a, a, b, b], [y - 0.05, y, y, y - 0.05], color=GREY, linewidth=1)
    axes.text((a + b) / 2, y + 0.03, text, ha="center", va="bottom", fontsize=9, color=GREY)


def box(axes: Axes, x: float, y: float, text: str, colour: str = GREY) -> None:
    """Draw a framed formula."""
    frame = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": colour, "linewidth": 1.3}
    axes.text(x, y, text, ha="center", va="center", fontsize=9.5, bbox=frame)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw an arrow."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": GREY, "linewidth": 1.1})
