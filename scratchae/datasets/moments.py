"""Slant, thickness, size and brightness of any images, to measure what a change of z has changed.

With pixels v at (x, y), y counted upwards, total V = Σ v and centre (x̄, ȳ) = Σ v (x, y) / V, the second
central moments are

    μ20 = Σ v (x − x̄)² / V,    μ11 = Σ v (x − x̄)(y − ȳ) / V,    μ02 = Σ v (y − ȳ)² / V

in pixels².  Slanting a figure, x → x + k y, leaves μ02 unchanged and adds k μ02 to μ11: so μ11 / μ02 follows the slant.
The estimates are properties of the image, and each kind of figure has its own zero: a 7 has a slant even
when it is upright.  Compare images of one kind, or differences.

**Second moments cannot distinguish slant from rotation**: rotating a tall figure counter-clockwise changes μ11 like
slanting it to the left.  So rotation is not estimated here; `axis_angle` is the direction of the figure, which
depends on both.

Except for `brightness`, the estimates do not depend on a factor common to all pixels, and none depends on the
position of the figure in the frame.

References
----------
M.-K. Hu (1962), "Visual pattern recognition by moment invariants", IRE Transactions on Information Theory 8(2),
179-187, https://doi.org/10.1109/TIT.1962.1057692.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

BRIGHTEST = 0.01  # fraction of the pixels whose mean is the brightness

_BLOCK = 1024  # images measured at once
_NOTHING = 1e-9  # pixels²: moments below this are zero up to rounding (a point, or a figure without a main axis)

FloatArray = npt.NDArray[np.float64]


def slant(images: npt.ArrayLike, image_shape: tuple[int, int]) -> FloatArray:
    """Slant of a figure to the right: μ11 / μ02.

    Parameters
    ----------
    images : array_like, shape (N, D)
        One image per row, with bright ink on a ground of 0; negative entries count as 0.
    image_shape : (int, int)
        (height, width), D = height × width.

    Returns
    -------
    ndarray of float64, shape (N,)
        Tangent of the angle; to be compared within one kind of figure (see above).  Slanting an image by k adds k;
        slanting the strokes before they are drawn, as in `draw_strokes`, adds 0.83 k to k, because slanted strokes have
        more ink.  A small counter-clockwise rotation by a subtracts about a (1 − μ20 / μ02).
        NaN for an empty image, and for an image with all its ink in one row.

    Raises
    ------
    ValueError
        If `images` are not finite numbers of that shape.
    """
    return _measured(lambda block: _ratio(*_moments(block)[1:]), images, image_shape)


def axis_angle(images: npt.ArrayLike, image_shape: tuple[int, int]) -> FloatArray:
    """Direction of the main axis of a figure: ½ arctan2(−2 μ11, μ02 − μ20).

    Parameters
    ----------
    images : array_like, shape (N, D)
        As in `slant`.
    image_shape : (int, int)
        (height, width).

    Returns
    -------
    ndarray of float64, shape (N,)
        Radians from upright, counter-clockwise, from −π/2 to π/2.  Rotating the figure by a adds a (modulo π), but
        slanting it changes the axis as well.  Unreliable if the figure has nearly no main axis; NaN if it has none, or
        if the image is empty.

    Raises
    ------
    ValueError
        As `slant`.
    """
    return _measured(_axis_angle, images, image_shape)


def size(images: npt.ArrayLike, image_shape: tuple[int, int]) -> FloatArray:
    """Root mean squared distance of the ink from its centre: √(μ20 + μ02).

    Parameters
    ----------
    images : array_like, shape (N, D)
        As in `slant`.
    image_shape : (int, int)
        (height, width).

    Returns
    -------
    ndarray of float64, shape (N,)
        In pixels; to be compared within one kind of figure.  Proportional to the scale, apart from the width of the
        stroke; unchanged by rotation; a slant of k adds about k² μ02 to its square.  NaN for an empty image.

    Raises
    ------
    ValueError
        As `slant`.
    """
    return _measured(lambda block: np.sqrt(np.add(*_moments(block)[::2])), images, image_shape)


def thickness(images: npt.ArrayLike, image_shape: tuple[int, int]) -> FloatArray:
    """Width of the strokes: 2 Σ v / Σ |∇v|.

    A line of length ℓ, width w and brightness v has the ink v ℓ w, and its two edges have the total variation
    2 v ℓ; the quotient is w / 2 for any course of the line.  The same quotient is an area over a perimeter,
    averaged over all grey levels (coarea formula), so that no threshold is needed, and a smooth or faint image has
    a thickness, too.  The gradient is computed from the diagonals of 2×2 pixels.

    Parameters
    ----------
    images : array_like, shape (N, D)
        As in `slant`.
    image_shape : (int, int)
        (height, width).

    Returns
    -------
    ndarray of float64, shape (N,)
        In pixels; for straight lines of at least 1.5 pixels, the error is below a quarter of a pixel.  Blur counts as
        width; so do gaps and corners that the pen fills.  NaN for an empty image.

    Raises
    ------
    ValueError
        As `slant`.
    """
    return _measured(_thickness, images, image_shape)


def brightness(images: npt.ArrayLike, image_shape: tuple[int, int]) -> FloatArray:
    """Mean of the brightest hundredth of the pixels (at least one).

    Parameters
    ----------
    images : array_like, shape (N, D)
        As in `slant`.
    image_shape : (int, int)
        (height, width).

    Returns
    -------
    ndarray of float64, shape (N,)
        In the units of the pixels.  Close to the highest value, but robust against single noisy pixels.  NaN for an empty image.

    Raises
    ------
    ValueError
        As `slant`.
    """
    return _measured(_brightness, images, image_shape)


def _axis_angle(block: FloatArray) -> FloatArray:
    mu20, mu11, mu02 = _moments(block)
    angle = np.arctan2(-2 * mu11, mu02 - mu20) / 2
    return np.where(np.hypot(2 * mu11, mu02 - mu20) > _NOTHING, angle, np.nan)


def _thickness(block: FloatArray) -> FloatArray:
    v = np.pad(block, ((0, 0), (1, 1), (1, 1)))
    falling, rising = v[:, 1:, 1:] - v[:, :-1, :-1], v[:, 1:, :-1] - v[:, :-1, 1:]
    variation = np.sqrt((falling**2 + rising**2) / 2).sum((1, 2))  # the diagonals are √2 long
    return _ratio(2 * block.sum((1, 2)), variation, nothing=0.0)


def _brightness(block: FloatArray) -> FloatArray:
    pixels = block.reshape(len(block), -1)
    count = max(1, round(BRIGHTEST * pixels.shape[1]))
    brightest = np.partition(pixels, -count, axis=1)[:, -count:].mean(1)
    return np.where(brightest > 0, brightest, np.nan)


def _moments(block: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return μ20, μ11, μ02 of images (N, height, width); NaN for images without ink."""
    _, height, width = block.shape
    columns, rows, total = block.sum(1), block.sum(2), block.sum((1, 2))
    x, y = np.arange(width), -np.arange(height)
    dx = x - _ratio(columns @ x, total, nothing=0.0)[:, None]
    dy = y - _ratio(rows @ y, total, nothing=0.0)[:, None]
    mu11 = ((block * dx[:, None, :]).sum(2) * dy).sum(1)
    return (columns * dx**2).sum(1) / total, mu11 / total, (rows * dy**2).sum(1) / total


def _ratio(above: FloatArray, below: FloatArray, nothing: float = _NOTHING) -> FloatArray:
    """Return above / below; NaN where the latter is zero up to rounding (or NaN)."""
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > nothing)


def _measured(
    measure: Callable[[FloatArray], FloatArray], images: npt.ArrayLike, image_shape: tuple[int, int]
) -> FloatArray:
    """Measure all images in blocks, since a float64 copy of all would be large."""
    rows = np.asarray(images)
    height, width = _sizes(image_shape)
    if rows.dtype.kind not in "buif" or rows.ndim != 2 or rows.shape[1] != height * width:
        raise ValueError(
            f"images have type {rows.dtype} and shape {rows.shape}; give an array of numbers of shape (N, {height * width}), "
            f"as required by image_shape=({height}, {width})."
        )
    result = np.empty(len(rows))
    for first in range(0, len(rows), _BLOCK):
        block = rows[first : first + _BLOCK].astype(np.float64)
        if not np.isfinite(block).all():
            row = first + int(np.flatnonzero(~np.isfinite(block).all(1))[0])
            raise ValueError(f"images hold NaN or infinity in row {row}; remove it.")
        result[first : first + _BLOCK] = measure(np.maximum(block, 0).reshape(-1, height, width))
    return result


def _sizes(image_shape: tuple[int, int]) -> tuple[int, int]:
    sizes = np.asarray(image_shape)
    if sizes.shape != (2,) or sizes.dtype.kind not in "iu" or sizes.min() < 1:
        raise ValueError(f"image_shape={image_shape!r} is not allowed; give (height, width), two positive integers.")
    return int(sizes[0]), int(sizes[1])
