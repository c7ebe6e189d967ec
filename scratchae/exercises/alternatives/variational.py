"""Other tasks of the variational chapters: other priors, another scale, pixels that are flipped, a weighted bound."""

from __future__ import annotations

import numpy as np

from scratchae.ops import bernoulli_nll, dense, gaussian_kl, reparameterize
from scratchae.ops.activations import Array

PRIOR_VARIANCE = 1.7  # of each latent variable
PRIOR_MEAN = 0.4  # of each latent variable
TEMPERATURE = 0.7  # factor of the standard deviation
FLIP = 0.1  # probability that a pixel is flipped
BETA = 1.7  # weight of the divergence


def wide_kl_trace(mu: Array, covariance: Array) -> Array:
    """KL(N(mu, covariance) || N(0, PRIOR_VARIANCE I)) from trace and determinant; compare (gaussian_kl_trace.1).

    Parameters
    ----------
    mu : array, shape (N, J)
    covariance : array, shape (N, J, J)
        Symmetric and positive definite.

    Returns
    -------
    kl : array, shape (N,)
        Nats per example.
    """
    trace, squares = np.trace(covariance, axis1=1, axis2=2), (mu**2).sum(axis=1)
    _, log_det = np.linalg.slogdet(covariance)
    J = mu.shape[1]
    return ((trace + squares) / PRIOR_VARIANCE - J - log_det + J * np.log(PRIOR_VARIANCE)) / 2


def wide_kl_trace_backward(dkl: Array, mu: Array, covariance: Array) -> tuple[Array, Array]:
    """Gradients of `wide_kl_trace` with respect to mu and covariance.

    Parameters
    ----------
    dkl : array, shape (N,)
        Upstream gradient.
    mu : array, shape (N, J)
    covariance : array, shape (N, J, J)

    Returns
    -------
    dmu : array, shape (N, J)
    dcovariance : array, shape (N, J, J)
        With respect to each entry separately, ignoring the symmetry of the matrix.
    """
    dmu = dkl[:, None] * mu / PRIOR_VARIANCE
    inverse = np.linalg.inv(covariance).swapaxes(1, 2)
    dcovariance = dkl[:, None, None] * (np.eye(mu.shape[1]) / PRIOR_VARIANCE - inverse) / 2
    return dmu, dcovariance


def wide_kl_sums(mu: Array, variance: Array) -> Array:
    """KL(N(mu, diag(variance)) || N(0, PRIOR_VARIANCE I)) as sums; compare (gaussian_kl_sums.1).

    Parameters
    ----------
    mu : array, shape (N, J)
    variance : array, shape (N, J), above 0

    Returns
    -------
    kl : array, shape (N,)
        Nats per example.
    """
    ratio = (variance.sum(axis=1) + (mu**2).sum(axis=1)) / PRIOR_VARIANCE
    return (ratio - mu.shape[1] - (np.log(variance) - np.log(PRIOR_VARIANCE)).sum(axis=1)) / 2


def wide_kl_sums_backward(dkl: Array, mu: Array, variance: Array) -> tuple[Array, Array]:
    """Gradients of `wide_kl_sums` with respect to mu and variance.

    Parameters
    ----------
    dkl : array, shape (N,)
        Upstream gradient.
    mu, variance : array, shape (N, J)

    Returns
    -------
    dmu, dvariance : array, shape (N, J)
    """
    dmu = dkl[:, None] * mu / PRIOR_VARIANCE
    dvariance = dkl[:, None] * (1 / PRIOR_VARIANCE - 1 / variance) / 2
    return dmu, dvariance


def wide_kl(mu: Array, logvar: Array) -> Array:
    """KL(N(mu, diag(exp(logvar))) || N(0, PRIOR_VARIANCE I)), the compact form; compare (gaussian_kl.1).

    Parameters
    ----------
    mu, logvar : array, shape (N, J)

    Returns
    -------
    kl : array, shape (N,)
        Nats per example; non-negative up to rounding.
    """
    relative = logvar - np.log(PRIOR_VARIANCE)
    return (mu**2 / PRIOR_VARIANCE + np.exp(relative) - relative - 1).sum(axis=1) / 2


def wide_kl_backward(dkl: Array, mu: Array, logvar: Array) -> tuple[Array, Array]:
    """Gradients of `wide_kl` with respect to mu and logvar.

    Parameters
    ----------
    dkl : array, shape (N,)
        Upstream gradient.
    mu, logvar : array, shape (N, J)

    Returns
    -------
    dmu, dlogvar : array, shape (N, J)
    """
    dmu = dkl[:, None] * mu / PRIOR_VARIANCE
    dlogvar = dkl[:, None] * (np.exp(logvar) / PRIOR_VARIANCE - 1) / 2
    return dmu, dlogvar


def shifted_kl_trace(mu: Array, covariance: Array) -> Array:
    """KL(N(mu, covariance) || N(m, I)) from trace and determinant, with all entries of m equal to PRIOR_MEAN.

    Compare (gaussian_kl_trace.1).

    Parameters
    ----------
    mu : array, shape (N, J)
    covariance : array, shape (N, J, J)
        Symmetric and positive definite.

    Returns
    -------
    kl : array, shape (N,)
        Nats per example.
    """
    trace, squares = np.trace(covariance, axis1=1, axis2=2), ((mu - PRIOR_MEAN) ** 2).sum(axis=1)
    _, log_det = np.linalg.slogdet(covariance)
    return (trace + squares - mu.shape[1] - log_det) / 2


def shifted_kl_trace_backward(dkl: Array, mu: Array, covariance: Array) -> tuple[Array, Array]:
    """Gradients of `shifted_kl_trace` with respect to mu and covariance.

    Parameters
    ----------
    dkl : array, shape (N,)
        Upstream gradient.
    mu : array, shape (N, J)
    covariance : array, shape (N, J, J)

    Returns
    -------
    dmu : array, shape (N, J)
    dcovariance : array, shape (N, J, J)
        With respect to each entry separately, ignoring the symmetry of the matrix.
    """
    dmu = dkl[:, None] * (mu - PRIOR_MEAN)
    inverse = np.linalg.inv(covariance).swapaxes(1, 2)
    dcovariance = dkl[:, None, None] * (np.eye(mu.shape[1]) - inverse) / 2
    return dmu, dcovariance


def shifted_kl_sums(mu: Array, variance: Array) -> Array:
    """KL(N(mu, diag(variance)) || N(m, I)) as sums, with all entries of m equal to PRIOR_MEAN; compare (gaussian_kl_sums.1).

    Parameters
    ----------
    mu : array, shape (N, J)
    variance : array, shape (N, J), above 0

    Returns
    -------
    kl : array, shape (N,)
        Nats per example.
    """
    squares = ((mu - PRIOR_MEAN) ** 2).sum(axis=1)
    return (variance.sum(axis=1) + squares - mu.shape[1] - np.log(variance).sum(axis=1)) / 2


def shifted_kl_sums_backward(dkl: Array, mu: Array, variance: Array) -> tuple[Array, Array]:
    """Gradients of `shifted_kl_sums` with respect to mu and variance.

    Parameters
    ----------
    dkl : array, shape (N,)
        Upstream gradient.
    mu, variance : array, shape (N, J)

    Returns
    -------
    dmu, dvariance : array, shape (N, J)
    """
    dmu = dkl[:, None] * (mu - PRIOR_MEAN)
    dvariance = dkl[:, None] * (1 - 1 / variance) / 2
    return dmu, dvariance


def shifted_kl(mu: Array, logvar: Array) -> Array:
    """KL(N(mu, diag(exp(logvar))) || N(m, I)), the compact form, with all entries of m equal to PRIOR_MEAN; compare (gaussian_kl.1).

    Parameters
    ----------
    mu, logvar : array, shape (N, J)

    Returns
    -------
    kl : array, shape (N,)
        Nats per example; non-negative up to rounding.
    """
    return ((mu - PRIOR_MEAN) ** 2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2


def shifted_kl_backward(dkl: Array, mu: Array, logvar: Array) -> tuple[Array, Array]:
    """Gradients of `shifted_kl` with respect to mu and logvar.

    Parameters
    ----------
    dkl : array, shape (N,)
        Upstream gradient.
    mu, logvar : array, shape (N, J)

    Returns
    -------
    dmu, dlogvar : array, shape (N, J)
    """
    dmu = dkl[:, None] * (mu - PRIOR_MEAN)
    dlogvar = dkl[:, None] * (np.exp(logvar) - 1) / 2
    return dmu, dlogvar


def normal_draw(mu: Array, logstd: Array, eps: Array) -> Array:
    """Draw from the normal distribution with this mean and log of the standard deviation; compare (reparameterize.2).

    Parameters
    ----------
    mu, logstd : array, shape (N, J)
        logstd is the logarithm of the standard deviation, not of the variance.
    eps : array, shape (N, J) or (L, N, J)
        Standard normal noise; L draws for each example if it has three axes.

    Returns
    -------
    z : array, shape of eps
    """
    return mu + np.exp(logstd) * eps


def normal_draw_backward(dz: Array, logstd: Array, eps: Array) -> tuple[Array, Array]:
    """Gradients of `normal_draw` with respect to mu and logstd, for the same noise.

    Parameters
    ----------
    dz : array, shape of eps
        Upstream gradient.
    logstd : array, shape (N, J)
    eps : array, shape (N, J) or (L, N, J)

    Returns
    -------
    dmu, dlogstd : array, shape (N, J)
        Summed over the L draws.
    """
    dz_draws, eps_draws = dz.reshape(-1, *logstd.shape), eps.reshape(-1, *logstd.shape)
    dmu = dz_draws.sum(axis=0)
    dlogstd = (dz_draws * eps_draws).sum(axis=0) * np.exp(logstd)
    return dmu, dlogstd


def tempered_draw(mu: Array, logvar: Array, eps: Array) -> Array:
    """Draw from the normal distribution with these moments, with a standard deviation that is TEMPERATURE times as large.

    Compare (reparameterize.2).

    Parameters
    ----------
    mu, logvar : array, shape (N, J)
    eps : array, shape (N, J) or (L, N, J)
        Standard normal noise; L draws for each example if it has three axes.

    Returns
    -------
    z : array, shape of eps
    """
    std = TEMPERATURE * np.exp(logvar / 2)
    return mu + std * eps


def tempered_draw_backward(dz: Array, logvar: Array, eps: Array) -> tuple[Array, Array]:
    """Gradients of `tempered_draw` with respect to mu and logvar, for the same noise.

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
    std = TEMPERATURE * np.exp(logvar / 2)
    dz_draws, eps_draws = dz.reshape(-1, *logvar.shape), eps.reshape(-1, *logvar.shape)
    dmu = dz_draws.sum(axis=0)
    dlogvar = (dz_draws * eps_draws).sum(axis=0) * std / 2
    return dmu, dlogvar


def flipped_log_product(p: Array, x: Array) -> Array:
    """Log of the product over the pixels of the probability of each pixel's value; compare (bernoulli_log_product.1).

    Each pixel is white with probability p, and then flipped with probability FLIP: it is seen as white with probability
    FLIP + (1 - 2 FLIP) p.

    Parameters
    ----------
    p : array, shape (N, D), in (0, 1)
        Probabilities that pixels are white before the flip.
    x : array, shape (N, D), 0 or 1
        Pixels as they are seen.

    Returns
    -------
    log_likelihood : array, shape (N,)
        Nats per example.
    """
    q = FLIP + (1 - 2 * FLIP) * p
    return np.log(np.where(x == 1, q, 1 - q).prod(axis=1))


def flipped_log_powers(p: Array, x: Array) -> Array:
    """Sum over the pixels of log(q^x (1 - q)^(1 - x)) with q = FLIP + (1 - 2 FLIP) p; compare (bernoulli_log_powers.1).

    Parameters
    ----------
    p : array, shape (N, D), in (0, 1)
        Probabilities that pixels are white before each is flipped with probability FLIP.
    x : array, shape (N, D), in [0, 1]

    Returns
    -------
    log_likelihood : array, shape (N,)
        Nats per example.
    """
    q = FLIP + (1 - 2 * FLIP) * p
    return np.log(q**x * (1 - q) ** (1 - x)).sum(axis=1)


def flipped_log_likelihood(p: Array, x: Array) -> Array:
    """Sum over the pixels of x log q + (1 - x) log(1 - q) with q = FLIP + (1 - 2 FLIP) p; compare (bernoulli_log_likelihood.1).

    Parameters
    ----------
    p : array, shape (N, D), in (0, 1)
        Probabilities that pixels are white before each is flipped with probability FLIP.
    x : array, shape (N, D), in [0, 1]

    Returns
    -------
    log_likelihood : array, shape (N,)
        Nats per example.
    """
    q = FLIP + (1 - 2 * FLIP) * p
    return (x * np.log(q) + (1 - x) * np.log(1 - q)).sum(axis=1)


def flipped_log_likelihood_backward(dlog_likelihood: Array, p: Array, x: Array) -> Array:
    """Gradient of `flipped_log_likelihood` with respect to p.

    Parameters
    ----------
    dlog_likelihood : array, shape (N,)
        Upstream gradient.
    p, x : array, shape (N, D)

    Returns
    -------
    dp : array, shape (N, D)
    """
    q = FLIP + (1 - 2 * FLIP) * p
    return dlog_likelihood[:, None] * (1 - 2 * FLIP) * (x / q - (1 - x) / (1 - q))


def weighted_bound(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> tuple[Array, Array, Array]:
    """A weighted lower bound of each example: E_q[log p(x|z)] - BETA KL(q(z|x) || p(z)); compare (variational.2) to (variational.6).

    The decoder is a dense layer that gives the logits of Bernoulli pixels. The expectation is the mean over L draws of z, computed from
    the noise; the divergence has a closed form.

    Parameters
    ----------
    x : array, shape (N, D), in [0, 1]
    mu, logvar : array, shape (N, J)
        Moments of q(z|x).
    eps : array, shape (L, N, J)
        Standard normal noise.
    W : array, shape (J, D)
        The decoder's weights.
    b : array, shape (D,)

    Returns
    -------
    bound : array, shape (N,)
        Nats per example: reconstruction minus BETA times kl.
    reconstruction : array, shape (N,)
    kl : array, shape (N,)
        Without the weight.
    """
    z = reparameterize(mu, logvar, eps)
    logits = [dense(draw, W, b) for draw in z]
    nll = np.stack([bernoulli_nll(a, x) for a in logits])
    reconstruction = -nll.mean(axis=0)
    kl = gaussian_kl(mu, logvar)
    return reconstruction - BETA * kl, reconstruction, kl
