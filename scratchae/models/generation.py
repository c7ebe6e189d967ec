"""New data out of a latent space with a standard normal prior: samples, paths between two examples, a grid."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae.models.latent import BaseVariational
from scratchae.models.validation import check_choice, check_whole
from scratchae.nets.parameters import Array

METHODS = ("linear", "spherical")


class Generation(BaseVariational):
    """A variational autoencoder that generates."""

    def sample(self, n: int, seed: int = 0) -> Array:
        """New examples: z from the prior, decoded.

        Parameters
        ----------
        n : int
        seed : int
            The same seed gives the same examples.

        Returns
        -------
        x : array, shape (n, D)
            The means of p(x|z): for the Bernoulli likelihood the probabilities that pixels are white.
        """
        check_whole("n", n, 1)
        self._check_fitted()
        return self.decode(self._prior(n, seed))

    def _prior(self, n: int, seed: int) -> Array:
        return np.random.default_rng(seed).standard_normal((n, int(self.latent_dim))).astype(self._dtype())

    def interpolate(self, a: Any, b: Any, n: int = 10, *, method: str = "linear") -> Array:
        """A path from one example to another through the latent space, decoded.

        Parameters
        ----------
        a, b : array_like, shape (D,)
            The two examples.
        n : int, from 2 on
            Points on the path, both ends included.
        method : {"linear", "spherical"}
            A straight line between the two codes; or an arc on which the distance from the origin changes evenly, so that the middle is no
            less typical of the prior than the ends. (From a code to its exact opposite there is no shortest arc, and the line is taken.)

        Returns
        -------
        x : array, shape (n, D)
        """
        ends = self.encode(np.stack([np.asarray(a).reshape(-1), np.asarray(b).reshape(-1)]))
        return self.decode(path_between(ends[0], ends[1], n, method))

    def latent_grid(self, n: int = 20, dimensions: tuple[int, int] = (0, 1)) -> Array:
        """The examples on a grid over two latent dimensions, in equal steps of the prior's probability.

        Parameters
        ----------
        n : int
            Rows, and columns.
        dimensions : tuple of two int
            Which dimensions are varied; all others are zero. (Of a code with one dimension, that one, along each row.)

        Returns
        -------
        x : array, shape (n * n, D)
            Row by row from the top: the first dimension grows to the right, the second upwards.
        """
        return self.decode(self._grid(n, dimensions))

    def _grid(self, n: int, dimensions: tuple[int, int]) -> Array:
        """The codes of the grid, shape (n * n, J)."""
        from scipy.special import ndtri

        check_whole("n", n, 1)
        self._check_fitted()
        right, up = self._two_dimensions(dimensions)
        steps = ndtri((np.arange(n) + 0.5) / n)  # the normal distribution's inverse CDF
        z = np.zeros((n, n, int(self.latent_dim)), self._dtype())
        z[:, :, right] = steps
        if up is not None:
            z[:, :, up] = steps[::-1, None]
        return z.reshape(n * n, -1)

    def _two_dimensions(self, dimensions: tuple[int, int]) -> tuple[int, int | None]:
        J = int(self.latent_dim)
        if J == 1:
            return 0, None
        if np.shape(dimensions) != (2,) or len(set(dimensions)) < 2 or not set(dimensions) <= set(range(J)):
            raise ValueError(f"dimensions={dimensions!r} are no two of the {J} latent dimensions; give two from 0 on.")
        return int(dimensions[0]), int(dimensions[1])


def path_between(a: Array, b: Array, n: int, method: str = "linear") -> Array:
    """n codes from a to b, shape (n, J), on a straight line or on an arc around the origin.

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
    angle = 2 * np.arctan2(
        np.linalg.norm(u - v), np.linalg.norm(u + v)
    )  # exact also near 0 and pi, where arccos is not
    if np.sin(angle) < 1e-9:  # the same direction, or opposite ones, between which no arc is the shortest
        return straight.astype(dtype)
    directions = (np.sin((1 - t) * angle) * u + np.sin(t * angle) * v) / np.sin(angle)
    return (directions * ((1 - t) * lengths[0] + t * lengths[1])).astype(dtype)
