"""The filters of several models, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from scratchae.plots.figure import headline, new_figure
from scratchae.plots.filters import scaled_filters
from scratchae.plots.mosaic import mosaic

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def filter_panels(
    weights: Mapping[str, ArrayLike],
    image_shape: tuple[int, int],
    *,
    spread: ArrayLike | None = None,
    most: int = 36,
    columns: int = 6,
    panels_across: int = 4,
    title: str | None = "Filters of the first layer",
    note: str = "red: ink increases the activation; blue: ink decreases it; the strongest units of each model",
) -> Figure:
    """Plot the first layers of several models, one panel of filters per model; every filter has its own colour scale, as in `filters`.

    Parameters
    ----------
    weights : mapping of str to array_like, shape (D, H)
        Weights by the name of the model.
    image_shape : (height, width)
        With height × width = D.
    spread : array_like, shape (D,), optional
        Standard deviation of each pixel, as in `filters`.
    most, columns : int
        At most `most` filters per model are shown, `columns` of them side by side.
    panels_across : int
        Maximum number of panels side by side.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes per model.

    Raises
    ------
    ValueError
        If there is no model, `image_shape` or `spread` does not match, or an entry is not finite.
    """
    if not weights:
        raise ValueError("There are no filters to draw; give the weights of at least one model, by name.")
    pictures = {
        name: mosaic(scaled_filters(W, image_shape, spread, most, f"the weights of {name!r}"), columns)
        for name, W in weights.items()
    }
    across = min(panels_across, len(pictures))
    down = -(-len(pictures) // across)
    height, width = max(p.shape[0] for p in pictures.values()), max(p.shape[1] for p in pictures.values())
    inch = 2.7 / width
    figure = new_figure(max(5.6, across * 2.95), 0.55 + down * (0.45 + inch * height))
    layout: Any = figure.get_layout_engine()
    layout.set(wspace=0.06, hspace=0.04)
    grid = figure.subplots(down, across, squeeze=False).ravel()
    for axes, (name, whole) in zip(grid, pictures.items(), strict=False):
        axes.imshow(whole, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest", origin="upper")
        axes.set_anchor("N")
        headline(axes, name)
    for axes in grid:
        axes.set_axis_off()
    if title or note:
        figure.suptitle(title or "", fontsize=12, fontweight="bold", x=0.01, ha="left")
        figure.supxlabel(note, fontsize=8.5, color="#555555", x=0.01, ha="left")
    return figure
