"""Paths in a latent space: from one code to another, and along the direction of an attribute."""

from __future__ import annotations

import numpy as np

from scratchae.ops.activations import Array


def linear_path(a: Array, b: Array, n: int) -> Array:
    """n codes on the straight line from a to b, in equal steps, both ends included.

    Parameters
    ----------
    a, b : array, shape (J,)
    n : int, from 2 on

    Returns
    -------
    path : array, shape (n, J)
    """
    t = np.linspace(0, 1, n)[:, None]
    return (1 - t) * a + t * b


def spherical_path(a: Array, b: Array, n: int) -> Array:
    """n codes from a to b on an arc around the origin, both ends included.

    The direction turns evenly from that of a to that of b, by the shorter way; the distance from the origin changes evenly. So the middle of
    the path is no less typical of the prior than its ends. Where a and b have the same direction, the path is straight.

    Parameters
    ----------
    a, b : array, shape (J,)
        Not zero, and not of opposite directions, between which no arc is the shortest.
    n : int, from 2 on

    Returns
    -------
    path : array, shape (n, J)

    References
    ----------
    Shoemake, K. (1985). Animating rotation with quaternion curves. SIGGRAPH.
    """
    t = np.linspace(0, 1, n)[:, None]
    length_a, length_b = np.linalg.norm(a), np.linalg.norm(b)
    u, v = a / length_a, b / length_b
    angle = np.arccos(np.clip(u @ v, -1, 1))
    if np.sin(angle) < 1e-6:  # nothing to turn
        return (1 - t) * a + t * b
    directions = (np.sin((1 - t) * angle) * u + np.sin(t * angle) * v) / np.sin(angle)
    return ((1 - t) * length_a + t * length_b) * directions


def attribute_vector(codes: Array, has: Array) -> Array:
    """The direction of an attribute: from the mean code of the examples without it to the mean code of those that have it.

    Parameters
    ----------
    codes : array, shape (N, J)
    has : array of int, shape (N,)
        1 for examples that have the attribute, 0 for the others; both occur.

    Returns
    -------
    direction : array, shape (J,)

    References
    ----------
    White, T. (2016). Sampling generative networks. arXiv:1609.04468. Section 3.4.
    """
    return codes[has == 1].mean(axis=0) - codes[has == 0].mean(axis=0)


def change_attribute(z: Array, direction: Array, steps: Array) -> Array:
    """A code moved along a direction, once for each step: one factor changes and the rest is kept.

    Parameters
    ----------
    z : array, shape (J,)
    direction : array, shape (J,)
    steps : array, shape (L,)
        Multiples of `direction`; 0 gives z itself.

    Returns
    -------
    codes : array, shape (L, J)
    """
    return z + steps[:, None] * direction
