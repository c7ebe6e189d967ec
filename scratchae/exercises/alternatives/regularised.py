"""Other tasks of the second chapter: corruptions, penalties on codes, contraction."""

from __future__ import annotations

import numpy as np

from scratchae.ops.activations import Array
from scratchae.ops.contraction import _SLOPES

WHITE = 0.3  # share of the replaced entries that become 1
SCALE = 2.5  # factor of the penalty
GAIN = 1.7  # factor of the layer's input to its activation


def dropout_noise(x: Array, u: Array, level: float) -> Array:
    """Set each entry to zero with probability `level`, and divide the others by 1 - level, which keeps the mean; compare (masking_noise.1).

    Parameters
    ----------
    x : array, shape (N, D)
    u : array, shape (N, D)
        Uniform in [0, 1); where it is below `level`, the entry is set to zero.
    level : float
        Fraction of the entries that is set to zero, in [0, 1).

    Returns
    -------
    y : array, shape (N, D)
    """
    return np.where(u < level, 0, x / (1 - level))


def dropout_noise_backward(dy: Array, u: Array, level: float) -> Array:
    """Gradient of `dropout_noise` with respect to x.

    Parameters
    ----------
    dy : array, shape (N, D)
        Upstream gradient.
    u : array, shape (N, D)
    level : float

    Returns
    -------
    dx : array, shape (N, D)
    """
    return np.where(u < level, 0, dy / (1 - level))


def uneven_noise(x: Array, u: Array, level: float) -> Array:
    """Set each entry with probability `level` to 0 or to 1, to 1 in a share WHITE of these cases; compare (salt_and_pepper_noise.1).

    Parameters
    ----------
    x : array, shape (N, D)
    u : array, shape (N, D)
        Uniform in [0, 1): below WHITE times level an entry becomes 1, from there to level 0.
    level : float
        Fraction of the entries that is replaced, in [0, 1].

    Returns
    -------
    y : array, shape (N, D)
    """
    return np.where(u < WHITE * level, 1, np.where(u < level, 0, x))


def uneven_noise_backward(dy: Array, u: Array, level: float) -> Array:
    """Gradient of `uneven_noise` with respect to x.

    Parameters
    ----------
    dy : array, shape (N, D)
        Upstream gradient.
    u : array, shape (N, D)
    level : float

    Returns
    -------
    dx : array, shape (N, D)
    """
    return np.where(u < level, 0, dy)


def relative_noise(x: Array, eps: Array, level: float) -> Array:
    """Add normal noise in proportion to each entry, of standard deviation level |x|: y = x (1 + level eps); compare (gaussian_noise.1).

    Parameters
    ----------
    x : array, shape (N, D)
    eps : array, shape (N, D)
        Standard normal.
    level : float
        Standard deviation, as a share of x.

    Returns
    -------
    y : array, shape (N, D)
    """
    return x * (1 + level * eps)


def relative_noise_backward(dy: Array, eps: Array, level: float) -> Array:
    """Gradient of `relative_noise` with respect to x.

    Parameters
    ----------
    dy : array, shape (N, D)
        Upstream gradient.
    eps : array, shape (N, D)
    level : float

    Returns
    -------
    dx : array, shape (N, D)
    """
    return dy * (1 + level * eps)


def sparsity_kl_of_mean(h: Array, rho: float) -> Array:
    """Kullback-Leibler divergence of the target from the mean activations of a batch, summed over the units; compare (sparsity_kl.2).

    Each unit's mean over the batch and the target are taken as the probabilities of two Bernoulli distributions with divergence
    KL(mean || target): the expectation is under the mean. It is zero if every mean equals the target.

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
    """
    m = h.mean(axis=0)
    kl = m * np.log(m / rho) + (1 - m) * np.log((1 - m) / (1 - rho))
    return kl.sum()


def sparsity_kl_of_mean_backward(dpenalty: float, h: Array, rho: float) -> Array:
    """Gradient of `sparsity_kl_of_mean` with respect to h, the same for every row.

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
    m = h.mean(axis=0)
    dm = dpenalty * (np.log(m / rho) - np.log((1 - m) / (1 - rho)))
    return np.broadcast_to(dm / len(h), h.shape).copy()


def sparsity_squares(h: Array, rho: float) -> Array:
    """SCALE times the squared distance of the mean activations of a batch from a target, summed over the units; compare (sparsity_kl.2).

    Parameters
    ----------
    h : array, shape (N, H), in (0, 1)
        Activations of sigmoid units.
    rho : float, in (0, 1)
        The target of the mean activation.

    Returns
    -------
    penalty : scalar array
        One number for the whole batch, since the mean is over all its rows.
    """
    m = h.mean(axis=0)
    return SCALE * ((m - rho) ** 2).sum()


def sparsity_squares_backward(dpenalty: float, h: Array, rho: float) -> Array:
    """Gradient of `sparsity_squares` with respect to h, the same for every row.

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
    dm = dpenalty * 2 * SCALE * (h.mean(axis=0) - rho)
    return np.broadcast_to(dm / len(h), h.shape).copy()


def _largest_sizes(h: Array, k: int) -> Array:
    """Return a mask of the k entries of each row that are largest in absolute value; among ties, the first."""
    order = np.argsort(-np.abs(h), axis=1, kind="stable")
    mask = np.zeros(h.shape, bool)
    np.put_along_axis(mask, order[:, :k], True, axis=1)
    return mask


def k_strongest(h: Array, k: int) -> Array:
    """Keep the k entries of each row that are largest in absolute value, and set all others to zero; compare (k_sparse.1).

    Parameters
    ----------
    h : array, shape (N, H)
    k : int, 1 to H

    Returns
    -------
    y : array, shape (N, H)
    """
    return np.where(_largest_sizes(h, k), h, 0)


def k_strongest_backward(dy: Array, h: Array, k: int) -> Array:
    """Gradient of `k_strongest`.

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
    return np.where(_largest_sizes(h, k), dy, 0)


def contraction_by_unit(h: Array, W: Array, activation: str) -> Array:
    """Squared Frobenius norm of the Jacobian dh/dx of a layer h = f(x W^T + b); compare (contractive_penalty.3).

    Parameters
    ----------
    h : array, shape (N, H)
        Output of the layer.
    W : array, shape (H, D)
        A row for each unit.
    activation : {"sigmoid", "tanh"}

    Returns
    -------
    penalty : array, shape (N,)
        Per example, in (units of h / units of x)².
    """
    slope, _ = _SLOPES[activation]
    s = slope(h)
    w = (W * W).sum(axis=1)
    return s * s @ w


def contraction_by_unit_backward(dpenalty: Array, h: Array, W: Array, activation: str) -> tuple[Array, Array]:
    """Gradients of `contraction_by_unit` with respect to h and W.

    dW is the direct gradient, with h held fixed.

    Parameters
    ----------
    dpenalty : array, shape (N,)
        Upstream gradient.
    h : array, shape (N, H)
    W : array, shape (H, D)
    activation : {"sigmoid", "tanh"}

    Returns
    -------
    dh : array, shape (N, H)
    dW : array, shape (H, D)
    """
    slope, slope_backward = _SLOPES[activation]
    s = slope(h)
    w = (W * W).sum(axis=1)
    dh = dpenalty[:, None] * 2 * s * w * slope_backward(h)
    dW = 2 * W * (dpenalty @ (s * s))[:, None]
    return dh, dW


def contraction_with_gain(h: Array, W: Array, activation: str) -> Array:
    """Squared Frobenius norm of the Jacobian dh/dx of a layer h = f(GAIN (x W + b)); compare (contractive_penalty.3).

    Parameters
    ----------
    h : array, shape (N, H)
        Output of the layer.
    W : array, shape (D, H)
    activation : {"sigmoid", "tanh"}

    Returns
    -------
    penalty : array, shape (N,)
        Per example, in (units of h / units of x)².
    """
    slope, _ = _SLOPES[activation]
    s = GAIN * slope(h)
    w = (W * W).sum(axis=0)
    return s * s @ w


def contraction_with_gain_backward(dpenalty: Array, h: Array, W: Array, activation: str) -> tuple[Array, Array]:
    """Gradients of `contraction_with_gain` with respect to h and W.

    dW is the direct gradient, with h held fixed.

    Parameters
    ----------
    dpenalty : array, shape (N,)
        Upstream gradient.
    h : array, shape (N, H)
    W : array, shape (D, H)
    activation : {"sigmoid", "tanh"}

    Returns
    -------
    dh : array, shape (N, H)
    dW : array, shape (D, H)
    """
    slope, slope_backward = _SLOPES[activation]
    s = GAIN * slope(h)
    w = (W * W).sum(axis=0)
    dh = dpenalty[:, None] * 2 * s * w * GAIN * slope_backward(h)
    dW = 2 * W * (dpenalty @ (s * s))
    return dh, dW
