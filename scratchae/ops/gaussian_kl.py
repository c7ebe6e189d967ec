"""KL(q || p) of a normal distribution q from the standard normal p: three equal forms, and functions based on them.

`gaussian_kl_trace` is for any covariance, `gaussian_kl_sums` for a diagonal one, and `gaussian_kl` is the compact form used by models.
All are in nats per example.
"""

from __future__ import annotations

import numpy as np

from scratchae.ops.activations import Array


def gaussian_kl_trace(mu: Array, covariance: Array) -> Array:
    """KL(N(mu, covariance) || N(0, I)) from trace and determinant (gaussian_kl_trace.1).

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
    sign, log_size = np.linalg.slogdet(covariance)  # det = sign exp(log_size), which cannot overflow
    return (trace + squares - mu.shape[1] - (np.log(sign) + log_size)) / 2  # (gaussian_kl_trace.1)


def gaussian_kl_trace_backward(dkl: Array, mu: Array, covariance: Array) -> tuple[Array, Array]:
    """Gradients of `gaussian_kl_trace` with respect to mu and covariance (gaussian_kl_trace.2, .3).

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
    dmu = dkl[:, None] * mu  # (gaussian_kl_trace.2)
    inverse = np.linalg.inv(covariance).swapaxes(1, 2)
    dcovariance = dkl[:, None, None] * (np.eye(mu.shape[1], dtype=mu.dtype) - inverse) / 2  # (gaussian_kl_trace.3)
    return dmu, dcovariance


def gaussian_kl_sums(mu: Array, variance: Array) -> Array:
    """KL(N(mu, diag(variance)) || N(0, I)) as four sums (gaussian_kl_sums.1).

    Parameters
    ----------
    mu : array, shape (N, J)
    variance : array, shape (N, J), above 0

    Returns
    -------
    kl : array, shape (N,)
        Nats per example.
    """
    sums = variance.sum(axis=1) + (mu**2).sum(axis=1) - mu.shape[1] - np.log(variance).sum(axis=1)
    return sums / 2  # (gaussian_kl_sums.1)


def gaussian_kl_sums_backward(dkl: Array, mu: Array, variance: Array) -> tuple[Array, Array]:
    """Gradients of `gaussian_kl_sums` with respect to mu and variance (gaussian_kl_sums.2, .3).

    Parameters
    ----------
    dkl : array, shape (N,)
        Upstream gradient.
    mu, variance : array, shape (N, J)

    Returns
    -------
    dmu, dvariance : array, shape (N, J)
    """
    dmu = dkl[:, None] * mu  # (gaussian_kl_sums.2)
    dvariance = dkl[:, None] * (1 - 1 / variance) / 2  # (gaussian_kl_sums.3)
    return dmu, dvariance


def gaussian_kl_terms(mu: Array, logvar: Array) -> Array:
    """Contribution of each latent dimension to `gaussian_kl` (gaussian_kl_terms.1).

    Parameters
    ----------
    mu, logvar : array, shape (N, J)

    Returns
    -------
    terms : array, shape (N, J)
        Nats; non-negative up to rounding.
    """
    return (mu**2 + np.exp(logvar) - logvar - 1) / 2  # (gaussian_kl_terms.1)


def gaussian_kl_terms_backward(dterms: Array, mu: Array, logvar: Array) -> tuple[Array, Array]:
    """Gradients of `gaussian_kl_terms` with respect to mu and logvar (gaussian_kl_terms.2, .3).

    Parameters
    ----------
    dterms : array, shape (N, J)
        Upstream gradient.
    mu, logvar : array, shape (N, J)

    Returns
    -------
    dmu, dlogvar : array, shape (N, J)
    """
    dmu = dterms * mu  # (gaussian_kl_terms.2)
    dlogvar = dterms * (np.exp(logvar) - 1) / 2  # (gaussian_kl_terms.3)
    return dmu, dlogvar


def gaussian_kl(mu: Array, logvar: Array) -> Array:
    """KL(N(mu, diag(exp(logvar))) || N(0, I)), the compact form (gaussian_kl.1).

    Parameters
    ----------
    mu, logvar : array, shape (N, J)

    Returns
    -------
    kl : array, shape (N,)
        Nats per example; non-negative up to rounding.

    References
    ----------
    Kingma, D., Welling, M. (2014). Auto-encoding variational Bayes. ICLR. Appendix B.
    """
    return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2  # (gaussian_kl.1)


def gaussian_kl_backward(dkl: Array, mu: Array, logvar: Array) -> tuple[Array, Array]:
    """Gradients of `gaussian_kl` with respect to mu and logvar (gaussian_kl.2, .3).

    Parameters
    ----------
    dkl : array, shape (N,)
        Upstream gradient.
    mu, logvar : array, shape (N, J)

    Returns
    -------
    dmu, dlogvar : array, shape (N, J)
    """
    dmu = dkl[:, None] * mu  # (gaussian_kl.2)
    dlogvar = dkl[:, None] * (np.exp(logvar) - 1) / 2  # (gaussian_kl.3)
    return dmu, dlogvar


def sampled_kl(z: Array, logvar: Array, eps: Array) -> Array:
    """Log-ratio log q(z) - log p(z) at the draws z = mu + exp(logvar / 2) eps; its expectation is `gaussian_kl` (sampled_kl.2).

    Parameters
    ----------
    z : array, shape (N, J) or (L, N, J)
    logvar : array, shape (N, J)
    eps : array, shape of z
        The noise of the draws z.

    Returns
    -------
    kl : array, shape (N,) or (L, N)
        Nats per draw; some may be negative.
    """
    return (z**2 - eps**2 - logvar).sum(axis=-1) / 2  # (sampled_kl.2)


def sampled_kl_backward(dkl: Array, z: Array) -> tuple[Array, Array]:
    """Gradients of `sampled_kl` with respect to z and logvar (sampled_kl.3, .4).

    Parameters
    ----------
    dkl : array, shape (N,) or (L, N)
        Upstream gradient.
    z : array, shape (N, J) or (L, N, J)

    Returns
    -------
    dz : array, shape of z
    dlogvar : array, shape (N, J)
        Summed over the L draws. The gradient through z is not included: `reparameterize_backward` computes it.
    """
    dz = dkl[..., None] * z  # (sampled_kl.3)
    draws = dkl.reshape(-1, z.shape[-2])
    dlogvar = np.broadcast_to(-draws.sum(axis=0)[:, None] / 2, z.shape[-2:]).copy()  # (sampled_kl.4)
    return dz, dlogvar


def _mean_of_rows(terms: Array) -> Array:
    """Return the mean of each column, accumulated in double precision."""
    return terms.mean(axis=0, dtype=np.result_type(terms, np.float64)).astype(terms.dtype)


def free_bits(terms: Array, floor: float) -> Array:
    """KL of a batch with free bits: each latent dimension counts at least `floor`, so its first nats are free (free_bits.2).

    Parameters
    ----------
    terms : array, shape (N, J)
        From `gaussian_kl_terms`.
    floor : float, from 0 on
        Nats per dimension.

    Returns
    -------
    penalty : scalar array
        Nats: the sum over the dimensions of the mean over the batch, or of the floor if that is larger. One number for the whole
        batch, since the means are over all its rows.

    References
    ----------
    Kingma, D. et al. (2016). Improving variational inference with inverse autoregressive flow. NeurIPS. Appendix C.8.
    """
    mean = _mean_of_rows(terms)  # (free_bits.1)
    return np.where(np.real(mean) <= floor, floor, mean).sum(dtype=terms.dtype)  # (free_bits.2)


def free_bits_backward(dpenalty: float, terms: Array, floor: float) -> Array:
    """Gradient of `free_bits`: the gradient of the mean for dimensions above the floor, zero for the others (free_bits.3).

    Parameters
    ----------
    dpenalty : float
        Upstream gradient.
    terms : array, shape (N, J)
    floor : float

    Returns
    -------
    dterms : array, shape (N, J)
    """
    above = (_mean_of_rows(terms) > floor).astype(terms.dtype)
    return np.broadcast_to(dpenalty * above / len(terms), terms.shape).copy()  # (free_bits.3)
