"""Many small images as one large image, which is drawn faster and more exactly than a hundred axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets.network import Array

GAP = 1  # pixels between two images


def as_images(rows: ArrayLike, image_shape: tuple[int, int], name: str) -> Array:
    """Return rows of pixels as images, shape (N, height, width).

    Raises
    ------
    ValueError
        If a row does not have height × width pixels, or is not finite.
    """
    x = np.asarray(rows)
    if len(tuple(image_shape)) != 2:
        raise ValueError(f"image_shape={image_shape!r} is not (height, width); only grey images can be shown.")
    height, width = (int(size) for size in image_shape)
    if height < 1 or width < 1:
        raise ValueError(f"image_shape=({height}, {width}) must be two positive numbers, (height, width).")
    if x.ndim != 2 or len(x) == 0:
        raise ValueError(
            f"{name} has shape {x.shape}; give at least one image, as rows of pixels, shape (N, {height * width})."
        )
    if x.shape[1] != height * width:
        raise ValueError(
            f"image_shape=({height}, {width}) has {height * width} pixels, but the images in {name} have {x.shape[1]}; "
            f"give a matching shape."
        )
    if not np.isfinite(x).all():
        raise ValueError(f"{name} contains NaN or infinity, which cannot be drawn; remove it.")
    return x.reshape(len(x), height, width)


def mosaic(images: Array, columns: int) -> Array:
    """Return images (N, height, width) side by side, `columns` per row, with gaps of NaN (drawn as background)."""
    n, height, width = images.shape
    lines = -(-n // columns)
    tall, wide = height + GAP, width + GAP
    whole = np.full((lines * tall - GAP, columns * wide - GAP), np.nan)
    for i, image in enumerate(images):
        top, left = (i // columns) * tall, (i % columns) * wide
        whole[top : top + height, left : left + width] = image
    return whole


def centre(index: int, size: int) -> float:
    """Return the centre of image number `index` in the mosaic, along an axis on which images have `size` pixels."""
    return index * (size + GAP) + (size - 1) / 2
