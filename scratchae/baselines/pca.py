"""Principal components: the baseline of every autoencoder's squared error.

No linear code of the same size has a smaller one (docs/derivations/linear_autoencoder.md); a deep autoencoder should.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scratchae.nets.network import Array


@dataclass(frozen=True)
class PrincipalComponents:
    """The mean and the first principal components of some data: a baseline, not an estimator of scikit-learn's kind.

    What an autoencoder with codes of k numbers is compared with: the best linear map to k numbers and back.

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
        """The first k components of the rows of x, shape (N, D), in float64.

        Raises
        ------
        ValueError
            If k is not between 1 and D.
        """
        if not 1 <= k <= x.shape[1]:
            raise ValueError(f"k={k} components of {x.shape[1]} features do not exist; give 1 to {x.shape[1]}.")
        mean = x.mean(axis=0, dtype=np.float64)
        scatter = np.zeros((x.shape[1], x.shape[1]))
        for first in range(0, len(x), 4096):  # in blocks, so that no float64 copy of x is needed
            centred = x[first : first + 4096] - mean
            scatter += centred.T @ centred
        _, vectors = np.linalg.eigh(scatter)
        return cls(mean, vectors[:, ::-1][:, :k].T.copy())

    def encode(self, x: Array) -> Array:
        """Codes, shape (N, k)."""
        return (x - self.mean) @ self.components.T

    def decode(self, codes: Array) -> Array:
        """Reconstructions, shape (N, D)."""
        return codes @ self.components + self.mean

    def squared_error(self, x: Array) -> float:
        """Squared error of the reconstruction, summed over the features and averaged over the rows (pixels²)."""
        total = 0.0
        for first in range(0, len(x), 4096):
            rows = x[first : first + 4096]
            total += float(((self.decode(self.encode(rows)) - rows) ** 2).sum())
        return total / len(x)

    def largest_angle(self, directions: Array) -> float:
        """The largest principal angle (radians) between the span of the components and that of the rows of `directions`."""
        from scipy.linalg import subspace_angles

        return float(subspace_angles(self.components.T, np.asarray(directions, np.float64).T).max())
