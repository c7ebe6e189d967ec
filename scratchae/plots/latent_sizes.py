"""Originals and their reconstructions from latent spaces of several sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from scratchae.plots.reconstructions import reconstructions

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def reconstructions_by_size(
    x: ArrayLike,
    by_size: Mapping[int, ArrayLike],
    image_shape: tuple[int, int],
    *,
    measured: Mapping[int, str] | None = None,
    columns: int = 12,
    title: str | None = "Reconstructions by the size of the latent space",
    note: str = "",
) -> Figure:
    """Plot originals above their reconstructions, one row per latent size, on a common grey scale.

    Parameters
    ----------
    x : array_like, shape (N, D)
        Originals.
    by_size : mapping of int to array_like, shape (N, D)
        Reconstructions by J, the dimension of z.
    image_shape : (height, width)
        With height × width = D.
    measured : mapping of int to str, optional
        Measured value by J, such as "-24.4 nats"; shown below the size.
    columns : int
        Number of images shown, from the first.
    title, note : str
        The title, and a line in grey below it.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes; each row's label is a tick label of its y axis.

    Raises
    ------
    ValueError
        If there is no size, `image_shape` does not match, the numbers of rows differ, or an entry is not finite.
    """
    if not by_size:
        raise ValueError("There are no reconstructions to draw; give those of at least one latent size.")
    rows = {
        f"J = {size}" + (f"\n{measured[size]}" if measured and size in measured else ""): images
        for size, images in by_size.items()
    }
    (first, images), *others = rows.items()
    return reconstructions(
        x,
        images,
        image_shape,
        also=dict(others),
        labels=("original", first),
        columns=columns,
        title=title,
        note=note,
    )
