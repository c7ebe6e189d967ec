"""Normal distributions: reparameterised draws, and the likelihood of data.

The moments are always the mean `mu` and the log of the *variance*, `logvar`; the standard deviation is exp(logvar / 2).
"""

from __future__ import annotations

import numpy as np

from scratchae.ops.activations import Array

LOG_2_PI = float(np.log(2 * np.pi))


def reparameterize(mu: Array, logvar: Array, eps: Array) -> Array:
    """Draw from the normal distribution with these moments, given standard normal noise (reparameterize.2).

    Parameters
    ----------
    mu, logvar : array, shape (N, J)
    eps : array, shape (N, J) or (L, N, J)
        Standard normal noise; L draws for each example if it has three axes.

    Returns
    -------
    z : array, shape of eps

    References
    ----------
    Kingma, D., Welling, M. (2014). Auto-encoding variational Bayes. ICLR. Section 2.4.
    """
    std = np.exp(logvar / 2)  # (reparameterize.1)
    return mu + std * eps  # (reparameterize.2)


def reparameterize_backward(dz: Array, logvar: Array, eps: Array) -> tuple[Array, Array]:
    """Gradients of `reparameterize` with respect to mu and logvar, for the same noise (reparameterize.3, .4).

    Parameters
    ----------
    dz : array, shape of eps
        Upstream gradient.
    logvar : array, shape (N, J)
    eps : array, shape (N, J) or (L, N, J)

    Returns
    -------
    dmu, dlogvar : array, shape (N, J)
        Summed over the L draws.
    """
    std = np.exp(logvar / 2)
    dz_draws, eps_draws = dz.reshape(-1, *logvar.shape), eps.reshape(-1, *logvar.shape)
    dmu = dz_draws.sum(axis=0)  # (reparameterize.3)
    dlogvar = (dz_draws * eps_draws).sum(axis=0) * std / 2  # (reparameterize.4)
    return dmu, dlogvar


def gaussian_nll(x_hat: Array, logvar: Array, x: Array) -> Array:
    """Negative log-likelihood of x under independent normal features with means x_hat and variances exp(logvar) (gaussian_nll.2).

    Parameters
    ----------
    x_hat, x : array, shape (N, D)
        Means and data.
    logvar : array, shape (N, D) or (D,)
        Log-variance of each feature: of each row by itself, or the same for all rows.

    Returns
    -------
    loss : array, shape (N,)
        Nats per example. May be negative, since a density can exceed 1.
    """
    return (LOG_2_PI + logvar + (x - x_hat) ** 2 * np.exp(-logvar)).sum(axis=1) / 2  # (gaussian_nll.2)


def gaussian_nll_backward(dloss: Array, x_hat: Array, logvar: Array, x: Array) -> tuple[Array, Array]:
    """Gradients of `gaussian_nll` with respect to x_hat and logvar (gaussian_nll.3, .4, .5).

    Parameters
    ----------
    dloss : array, shape (N,)
        Upstream gradient.
    x_hat, logvar, x
        As in `gaussian_nll`.

    Returns
    -------
    dx_hat : array, shape (N, D)
    dlogvar : array, shape of logvar
        Summed over the rows if they share it.
    """
    precision, residual = np.exp(-logvar), x_hat - x
    dx_hat = dloss[:, None] * residual * precision  # (gaussian_nll.3)
    dlogvar = dloss[:, None] * (1 - residual**2 * precision) / 2  # (gaussian_nll.4)
    return dx_hat, dlogvar if logvar.ndim == 2 else _sum_of_rows(dlogvar)  # (gaussian_nll.5)


def _sum_of_rows(terms: Array) -> Array:
    """Return the sum over the rows, rounded once."""
    return terms.sum(axis=0, dtype=np.result_type(terms, np.float64)).astype(terms.dtype)
