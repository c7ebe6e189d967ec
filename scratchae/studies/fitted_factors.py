"""Factors of an image, estimated by fitting a drawing to it.

Measures such as moments cannot distinguish slant from rotation; a drawing can. If images can be drawn from factors, the factors of any
image, including generated ones, are found by least squares: draw, compare, correct (the Levenberg-Marquardt method for all images at
once, with derivatives by finite differences).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets.network import Array

_DIFFERENCE = 0.02  # fraction of a factor's range: not visible, but large compared with the kinks of a drawn stroke
_FIRST_DAMPING = 1e-2


def fitted_factors(
    images: ArrayLike,
    draw: Callable[[Array], Array],
    start: ArrayLike,
    ranges: Sequence[tuple[float, float]],
    rounds: int = 12,
) -> Array:
    """Find the factors whose drawing is nearest to each image in squared error.

    Parameters
    ----------
    images : array_like, shape (N, D)
    draw : callable
        Maps factors, shape (N, K), to images, shape (N, D), row by row.
    start : array_like, shape (N, K)
        Initial factors, such as those of the nearest of many drawn images. The search finds a local minimum near them.
    ranges : sequence of (float, float), length K
        Lowest and highest value of each factor; `draw` is never called outside these ranges.
    rounds : int
        Number of corrections to try.

    Returns
    -------
    factors : array, shape (N, K)

    Raises
    ------
    ValueError
        If shapes do not match, or a range is empty.
    """
    x, first = np.asarray(images, np.float64), np.asarray(start, np.float64)
    low, high = np.asarray(ranges, np.float64).reshape(-1, 2).T
    if x.ndim != 2 or first.shape != (len(x), len(low)):
        raise ValueError(
            f"The images have the shape {x.shape}, start {first.shape}, and there are {len(low)} ranges; give (N, D), (N, K) and K ranges."
        )
    if not (high > low).all():
        raise ValueError(f"ranges={list(ranges)!r} contain an empty range; give (lowest, highest) for each factor.")

    def residual(u: Array) -> Array:
        return np.asarray(draw(low + u * (high - low)), np.float64) - x

    u = np.clip((first - low) / (high - low), 0, 1)
    r, damping = residual(u), np.full(len(x), _FIRST_DAMPING)
    for _ in range(rounds):
        tried = _corrected(u, r, _jacobian(residual, u), damping)
        r_tried = residual(tried)
        better = (r_tried**2).sum(axis=1) < (r**2).sum(axis=1)
        u, r = np.where(better[:, None], tried, u), np.where(better[:, None], r_tried, r)
        damping = np.where(better, damping / 3, damping * 5)
    return low + u * (high - low)


def _jacobian(residual: Callable[[Array], Array], u: Array) -> Array:
    """Return the derivatives of the drawing with respect to each factor, shape (N, D, K), by differences within the ranges."""
    columns = []
    for k in range(u.shape[1]):
        ahead, behind = u.copy(), u.copy()
        ahead[:, k] = np.minimum(u[:, k] + _DIFFERENCE, 1)
        behind[:, k] = np.maximum(u[:, k] - _DIFFERENCE, 0)
        columns.append((residual(ahead) - residual(behind)) / (ahead - behind)[:, k, None])
    return np.stack(columns, axis=2)


def _corrected(u: Array, r: Array, jacobian: Array, damping: Array) -> Array:
    """Return u after a damped least-squares step, clipped to the ranges; a factor pushed beyond the end of its range stays there."""
    slope = np.einsum("ndk,nd->nk", jacobian, r)
    stuck = ((u <= 0) & (slope > 0)) | ((u >= 1) & (slope < 0))
    free = ~stuck
    squares = np.einsum("ndk,ndl->nkl", jacobian, jacobian) * (free[:, :, None] & free[:, None, :])
    sizes = np.trace(squares, axis1=1, axis2=2)[:, None] * damping[:, None] / u.shape[1] + 1e-12
    squares = squares + np.eye(u.shape[1]) * (sizes + stuck)[:, :, None]
    step = np.linalg.solve(squares, -(slope * free)[:, :, None])[:, :, 0]
    return np.clip(u + step, 0, 1)
