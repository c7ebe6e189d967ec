"""Generated images of a model, for example from the same draws after several epochs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from scratchae.plots.figure import headline, new_figure
from scratchae.plots.mosaic import as_images, centre, mosaic

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def sample_rows(
    samples: Mapping[str, ArrayLike],
    image_shape: tuple[int, int],
    *,
    columns: int = 12,
    title: str | None = "Images decoded from the same draws",
    note: str = "",
) -> Figure:
    """Plot labelled rows of generated images: by epoch, by class, or along paths between two codes.

    Parameters
    ----------
    samples : mapping of str to array_like, shape (N, D)
        Images by the label of their row, such as {"epoch 1": …, "epoch 10": …}; N may differ between rows.
    image_shape : (height, width)
        With height × width = D.
    columns : int
        Number of images shown per row, from the first.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes; each row's label is a tick label of its y axis.

    Raises
    ------
    ValueError
        If there is no row, `image_shape` does not match, or an entry is not finite.
    """
    if not samples:
        raise ValueError("There are no samples to draw; give at least one row of images, by label.")
    rows = {label: as_images(images, image_shape, repr(label))[:columns] for label, images in samples.items()}
    across, (height, width) = max(map(len, rows.values())), image_shape
    blank = np.full((across, height, width), np.nan)
    whole = mosaic(np.concatenate([np.concatenate([r, blank[len(r) :]]) for r in rows.values()]), across)
    longest = max(len(line) for label in rows for line in str(label).split("\n"))

    inch = 0.62 / height
    wide = 0.35 + 0.095 * longest + inch * whole.shape[1]
    high = 0.15 + 0.3 * bool(title) + 0.2 * bool(note) + inch * whole.shape[0]
    figure = new_figure(max(wide, 6.2 if title or note else 0), high)
    axes = figure.add_subplot()
    low, top = np.nanmin(whole), np.nanmax(whole)
    axes.imshow(
        whole, cmap="gray_r", vmin=min(0.0, float(low)), vmax=float(top) or 1.0, interpolation="nearest", origin="upper"
    )
    axes.set_yticks([centre(i, height) for i in range(len(rows))], [str(label) for label in rows], fontsize=10)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    headline(axes, title, note)
    return figure
