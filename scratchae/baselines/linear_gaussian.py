"""Probabilistic PCA: the baseline for all estimates made by a variational autoencoder.

x = W z + mean + noise, with z from the standard normal and isotropic noise. The log-likelihood, the posterior and the bound of
any normal q have closed forms. So log p(x) = ELBO + KL(q || p(z|x)) can be checked to machine precision, and estimates of log p(x), such
as importance sampling, can be compared with the exact value.

Derivation: docs/derivations/linear_gaussian.md.
"""

from __future__ import annotations

import numpy as np

from scratchae import backend
from scratchae.models.bounds import Elbo
from scratchae.nets.network import Array

LOG_2_PI = float(np.log(2 * np.pi))


class LinearGaussian:
    """The linear model with normal latents and normal noise: a baseline, not a scikit-learn estimator.

    For comparison with a variational autoencoder with Gaussian likelihood: either the maximum-likelihood model (`fit`), or a model with
    known log-likelihood, to test estimates of log p(x) and of the bound.

    Parameters
    ----------
    W : array, shape (J, D)
        Maps latents to features: the mean of x is z W + mean.
    mean : array, shape (D,)
    variance : float, above 0
        Variance of the noise in each feature.

    References
    ----------
    Tipping, M., Bishop, C. (1999). Probabilistic principal component analysis. Journal of the Royal Statistical Society B 61.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchae.baselines import LinearGaussian
    >>> model = LinearGaussian(np.array([[2.0]]), np.zeros(1), variance=1.0)
    >>> mu, covariance = model.posterior(np.array([[5.0]]))
    >>> mu.tolist(), covariance.tolist()
    ([[2.0]], [[0.2]])
    """

    def __init__(self, W: Array, mean: Array, variance: float) -> None:
        self.W, self.mean, self.variance = np.asarray(W, np.float64), np.asarray(mean, np.float64), float(variance)
        if self.W.ndim != 2 or self.mean.shape != self.W.shape[1:]:
            raise ValueError(
                f"W has the shape {self.W.shape} and mean {self.mean.shape}; give arrays (J, D) and (D,), one mean per column of W."
            )
        if not 0 < self.variance < np.inf:
            raise ValueError(f"variance={variance!r} is not allowed; give a number above 0.")

    @classmethod
    def fit(cls, X: Array, latent_dim: int) -> LinearGaussian:
        """Return the maximum-likelihood model of the rows of X, in closed form (linear_gaussian.8).

        Parameters
        ----------
        X : array, shape (N, D)
        latent_dim : int
            J, from 1 to D - 1.

        Returns
        -------
        model : LinearGaussian

        Raises
        ------
        ValueError
            If J is not between 1 and D - 1, or the rows lie in a subspace of J dimensions.
        """
        x = np.asarray(X, np.float64)
        if not 1 <= latent_dim < x.shape[1]:
            raise ValueError(f"latent_dim={latent_dim} is not allowed; give 1 to {x.shape[1] - 1}.")
        mean = x.mean(axis=0)
        values, vectors = np.linalg.eigh((x - mean).T @ (x - mean) / len(x))
        values, vectors = values[::-1], vectors[:, ::-1]
        variance = values[latent_dim:].mean()
        if variance <= x.shape[1] * np.finfo(np.float64).eps * values[0]:  # 0 but for rounding
            raise ValueError(
                "The rows of X lie in a subspace of latent_dim dimensions, so the noise variance would be 0; reduce latent_dim."
            )
        scale = np.sqrt(np.maximum(values[:latent_dim] - variance, 0))  # equal values may differ by rounding
        return cls(scale[:, None] * vectors[:, :latent_dim].T, mean, variance)  # (linear_gaussian.8)

    def log_likelihood(self, x: Array) -> Array:
        """Return log p(x), shape (N,), in nats: the integral over z in closed form (linear_gaussian.3)."""
        covariance = self.W.T @ self.W + self.variance * np.eye(self.mean.size)  # (linear_gaussian.2)
        e = x - self.mean
        squares = (e * np.linalg.solve(covariance, e.T).T).sum(axis=1)
        _, log_size = np.linalg.slogdet(covariance)
        return -(self.mean.size * LOG_2_PI + log_size + squares) / 2  # (linear_gaussian.3)

    def posterior(self, x: Array) -> tuple[Array, Array]:
        """Return the means, shape (N, J), and the common covariance, shape (J, J), of p(z|x) (linear_gaussian.4, .5)."""
        precision = np.eye(len(self.W)) + self.W @ self.W.T / self.variance
        covariance = np.linalg.inv(precision)  # (linear_gaussian.4)
        return (x - self.mean) @ self.W.T @ covariance / self.variance, covariance  # (linear_gaussian.5)

    def elbo(self, x: Array, mu: Array, covariance: Array) -> Elbo:
        """Return the bound of q(z|x) = N(mu, covariance) and its terms, in closed form (linear_gaussian.6).

        Parameters
        ----------
        x : array, shape (N, D)
        mu : array, shape (N, J)
        covariance : array, shape (N, J, J)

        Returns
        -------
        bound : Elbo
            With the fields elbo, reconstruction and kl, each of shape (N,), in nats.
        """
        e = x - self.mean - mu @ self.W
        spread = np.einsum("jd,njk,kd->n", self.W, covariance, self.W)  # expected squared norm of W (z - mu)
        D = self.mean.size
        reconstruction = -(D * (LOG_2_PI + np.log(self.variance)) + ((e**2).sum(axis=1) + spread) / self.variance) / 2
        kl = backend.active().gaussian_kl_trace(mu, covariance)
        return Elbo(reconstruction - kl, reconstruction, kl)  # (linear_gaussian.6)

    def gap(self, x: Array, mu: Array, covariance: Array) -> Array:
        """Return the gap KL(q || p(z|x)) between log p(x) and the bound of q, shape (N,), in nats (linear_gaussian.7).

        Parameters
        ----------
        x : array, shape (N, D)
        mu : array, shape (N, J)
        covariance : array, shape (N, J, J)
        """
        mean, spread = self.posterior(x)
        # In coordinates in which p(z|x) is standard normal, it is the KL from the standard normal.
        to_standard = np.linalg.inv(np.linalg.cholesky(spread)).T
        moved = to_standard.T @ covariance @ to_standard
        return backend.active().gaussian_kl_trace((mu - mean) @ to_standard, moved)  # (linear_gaussian.7)
