"""Display of the decoded output: as an image or a bar chart, and with which range of values."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from scratchae.models.validation import check_whole
from scratchae.nets.network import Array

PIXELS = (-0.25, 1.25)  # if nearly all decoded values lie within this range, they are taken for pixels in [0, 1]
SMALLEST_SIDE = 8  # of rows that are taken for square images; fewer features are more often those of a table
OUTPUTS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}  # range of the units of the last layer


def image_shape_of(shape: tuple[int, int] | str | None, features: int, *, named: bool) -> list[int] | None:
    """Return height and width of an image, or None for a bar chart.

    Parameters
    ----------
    shape : (int, int), "none" or None
        The argument of `write_page`.
    features : int
        D. Without a shape, rows are taken for square images if D is a square number and at least 64.
    named : bool
        Whether the features have names; if so, they are not pixels.
    """
    if isinstance(shape, str):
        if shape != "none":
            raise ValueError(f'image_shape={shape!r} is not allowed; give (height, width), or "none" for a bar chart.')
        return None
    if shape is None:
        side = math.isqrt(features)
        return [side, side] if side >= SMALLEST_SIDE and side * side == features and not named else None
    if np.shape(shape) != (2,):
        raise ValueError(f"image_shape={shape!r} is not (height, width); only grey images can be shown.")
    height, width = (check_whole("image_shape", size, 1) for size in shape)
    if height * width != features:
        raise ValueError(
            f"image_shape=({height}, {width}) has {height * width} pixels, but the model has {features} features; give a matching shape."
        )
    return [height, width]


def shape_to_show(model: object, given: tuple[int, int] | str | None, features: int) -> list[int] | None:
    """Return the shape of the images that a model decodes, or None for a bar chart: as given, or as the model's file states it.

    Parameters
    ----------
    model : fitted model
    given : (int, int), "none" or None
    features : int
    """
    if given is None and hasattr(model, "image_shape_"):
        given = model.image_shape_ or "none"
    return image_shape_of(given, features, named=hasattr(model, "feature_names_in_"))


def value_range(likelihood: str, activation: str, decoded: Array, rows: ArrayLike | None) -> list[float]:
    """Return the values that are drawn as white and as black, or the ends of the axis of the bars.

    Parameters
    ----------
    likelihood : {"bernoulli", "gaussian"}
    activation : str
        Activation of the decoder's last layer.
    decoded : array, shape (N, D)
    rows : array_like, shape (N, D), or None
        Data; if given, the range is taken from them and not from the decoded values.
    """
    if likelihood == "bernoulli":
        return [0.0, 1.0]
    if rows is None and activation in OUTPUTS:
        return list(OUTPUTS[activation])
    if rows is None:
        most = np.quantile(decoded, [0.01, 0.99])
        if PIXELS[0] <= most[0] and 0.5 < most[1] <= PIXELS[1]:
            return [0.0, 1.0]
    values = decoded if rows is None else rows
    low, high = min(0.0, float(np.min(values))), max(0.0, float(np.max(values)))  # bars start at zero
    return [low, high if high > low else low + 1]
