"""Principal components: the baseline for the squared error of an autoencoder.

No linear code of the same size has a smaller squared error (docs/derivations/linear_autoencoder.md); a deep autoencoder should.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scratchae.models.blocks import BLOCK
from scratchae.nets.network import Array


@dataclass(frozen=True)
class PrincipalComponents:
    """The mean and the first principal components of data: a baseline, not a scikit-learn estimator.

    For comparison with an autoencoder with codes of k numbers: the best linear map to k numbers and back.

    Parameters
    ----------
    mean : array, shape (D,)
    components : array, shape (k, D)
        Orthonormal rows, largest variance first.
    """

    mean: Array
    components: Array

    @classmethod
    def fit(cls, x: Array, k: int) -> PrincipalComponents:
        """Return the first k principal components of the rows of x, shape (N, D), in float64.

        Raises
        ------
        ValueError
            If k is not between 1 and D.
        """
        if not 1 <= k <= x.shape[1]:
            raise ValueError(f"k={k} components of {x.shape[1]} features do not exist; give 1 to {x.shape[1]}.")
        mean = x.mean(axis=0, dtype=np.float64)
        scatter = np.zeros((x.shape[1], x.shape[1]))
        for first in range(0, len(x), BLOCK):  # in blocks, to avoid a float64 copy of x
            centred = x[first : first + BLOCK] - mean
            scatter += centred.T @ centred
        _, vectors = np.linalg.eigh(scatter)
        return cls(mean, vectors[:, ::-1][:, :k].T.copy())

    def encode(self, x: Array) -> Array:
        """Return the codes, shape (N, k)."""
        return (x - self.mean) @ self.components.T

    def decode(self, codes: Array) -> Array:
        """Return the reconstructions, shape (N, D)."""
        return codes @ self.components + self.mean

    def squared_error(self, x: Array) -> float:
        """Return the squared error of the reconstruction, summed over features and averaged over rows (pixels²)."""
        total = 0.0
        for first in range(0, len(x), BLOCK):
            rows = x[first : first + BLOCK]
            total += float(((self.decode(self.encode(rows)) - rows) ** 2).sum())
        return total / len(x)

    def largest_angle(self, directions: Array) -> float:
        """Return the largest principal angle (radians) between the span of the components and that of the rows of `directions`."""
        from scipy.linalg import subspace_angles

        return float(subspace_angles(self.components.T, np.asarray(directions, np.float64).T).max())
