"""Sparse codes: a penalty on the mean activations, and the selection of the k largest entries."""

from __future__ import annotations

import numpy as np

from scratchae.ops.activations import Array


def _mean_activation(h: Array) -> Array:
    """Return the mean of each unit over the batch, accumulated in double precision.

    The mean of a saturated unit is rounded to 0 or 1, where the divergence is infinite. It is replaced by the nearest number that the type
    can distinguish from 0 or 1, which is about as far away as its true value.
    """
    mean, real = h.mean(axis=0, dtype=np.result_type(h, np.float64)).astype(h.dtype), np.finfo(h.dtype)
    mean = np.where(np.real(mean) < real.tiny, real.tiny, mean)
    return np.where(np.real(mean) > 1 - real.eps, 1 - real.eps, mean)


def sparsity_kl(h: Array, rho: float) -> Array:
    """Kullback-Leibler divergence of the mean activations of a batch from a target, summed over the units (sparsity_kl.2).

    The target and each unit's mean over the batch are taken as the probabilities of two Bernoulli distributions with divergence
    KL(target || mean). It is zero if every mean equals the target.

    Parameters
    ----------
    h : array, shape (N, H), in (0, 1)
        Activations of sigmoid units.
    rho : float, in (0, 1)
        The target of the mean activation.

    Returns
    -------
    penalty : scalar array
        Nats. One number for the whole batch, since the mean is over all its rows.

    References
    ----------
    Ng, A. (2011). Sparse autoencoder. CS294A lecture notes.
    """
    mean = _mean_activation(h)  # (sparsity_kl.1)
    kl = rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))
    return kl.sum()  # (sparsity_kl.2)


def sparsity_kl_backward(dpenalty: float, h: Array, rho: float) -> Array:
    """Gradient of `sparsity_kl` with respect to h, the same for every row (sparsity_kl.4).

    Parameters
    ----------
    dpenalty : float
        Upstream gradient.
    h : array, shape (N, H)
    rho : float

    Returns
    -------
    dh : array, shape (N, H)
    """
    mean = _mean_activation(h)
    dmean = dpenalty * ((1 - rho) / (1 - mean) - rho / mean)  # (sparsity_kl.3)
    return np.broadcast_to(dmean / len(h), h.shape).copy()  # (sparsity_kl.4)


def _largest(h: Array, k: int) -> Array:
    """Return a mask of the k largest entries of each row; among ties, the first."""
    order = np.argsort(-np.real(h), axis=1, kind="stable")
    mask = np.zeros(h.shape, bool)
    np.put_along_axis(mask, order[:, :k], True, axis=1)
    return mask


def k_sparse(h: Array, k: int) -> Array:
    """Keep the k largest entries of each row and set all others to zero (k_sparse.1).

    Parameters
    ----------
    h : array, shape (N, H)
    k : int, 1 to H

    Returns
    -------
    y : array, shape (N, H)

    References
    ----------
    Makhzani, A., Frey, B. (2014). k-sparse autoencoders. ICLR.
    """
    return np.where(_largest(h, k), h, 0)  # (k_sparse.1)


def k_sparse_backward(dy: Array, h: Array, k: int) -> Array:
    """Gradient of `k_sparse`: dy where h was kept (k_sparse.2).

    Parameters
    ----------
    dy : array, shape (N, H)
        Upstream gradient.
    h : array, shape (N, H)
    k : int

    Returns
    -------
    dh : array, shape (N, H)
    """
    return np.where(_largest(h, k), dy, 0)  # (k_sparse.2)
