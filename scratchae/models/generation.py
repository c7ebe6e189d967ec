"""Generation from a latent space with a standard normal prior: random codes, paths between codes, and grids."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from scratchae.models.validation import check_choice, check_whole
from scratchae.nets.network import Array

METHODS = ("linear", "spherical")


def prior_draws(n: int, J: int, seed: int, dtype: str) -> Array:
    """Draw n codes from the prior with a seed, shape (n, J)."""
    return np.random.default_rng(seed).standard_normal((n, J)).astype(dtype)


def grid_of_codes(n: int, J: int, dimensions: tuple[int, int], dtype: str) -> Array:
    """Return codes on a grid over two of J dimensions, in equal steps of prior probability, shape (n * n, J); other dimensions are zero.

    Raises
    ------
    ValueError
        If `dimensions` are not two different integers in [0, J).
    """
    from scipy.special import ndtri

    right, up = _two_dimensions(dimensions, J)
    steps = ndtri((np.arange(n) + 0.5) / n)  # the normal distribution's inverse CDF
    z = np.zeros((n, n, J), dtype)
    z[:, :, right] = steps
    if up is not None:
        z[:, :, up] = steps[::-1, None]
    return z.reshape(n * n, -1)


def _two_dimensions(dimensions: tuple[int, int], J: int) -> tuple[int, int | None]:
    if J == 1:
        return 0, None
    if np.shape(dimensions) != (2,) or len(set(dimensions)) < 2 or not set(dimensions) <= set(range(J)):
        raise ValueError(f"dimensions={dimensions!r} must be two different integers in [0, {J}).")
    return int(dimensions[0]), int(dimensions[1])


def two_ends(a: ArrayLike, b: ArrayLike) -> Array:
    """The ends of a path as two rows, shape (2, D).

    Raises
    ------
    ValueError
        If they have different sizes.
    """
    first, last = np.asarray(a).reshape(-1), np.asarray(b).reshape(-1)
    if first.shape != last.shape:
        raise ValueError(
            f"a has {first.size} features and b has {last.size} (they must have the same shape); give two examples."
        )
    return np.stack([first, last])


def path_between(a: Array, b: Array, n: int, method: str = "linear") -> Array:
    """Return n codes from a to b, shape (n, J), on a straight line or on an arc around the origin.

    Parameters
    ----------
    a, b : array, shape (J,)
    n : int, from 2 on
    method : {"linear", "spherical"}

    References
    ----------
    Shoemake, K. (1985). Animating rotation with quaternion curves. SIGGRAPH.
    """
    check_choice("method", method, METHODS)
    check_whole("n", n, 2)
    dtype, a, b = a.dtype, a.astype(np.float64), b.astype(np.float64)
    t = np.linspace(0, 1, n)[:, None]
    straight = (1 - t) * a + t * b
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if method == "linear" or min(lengths) == 0:
        return straight.astype(dtype)
    u, v = a / lengths[0], b / lengths[1]
    angle = 2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))  # accurate also near 0 and pi, unlike arccos
    if np.sin(angle) < 1e-9:  # the same direction, or opposite directions, for which the shortest arc is not unique
        return straight.astype(dtype)
    directions = (np.sin((1 - t) * angle) * u + np.sin(t * angle) * v) / np.sin(angle)
    return (directions * ((1 - t) * lengths[0] + t * lengths[1])).astype(dtype)
