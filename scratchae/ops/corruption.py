"""Corruptions of an input, for denoising. The noise is an argument, so the same noise gives the same result."""

from __future__ import annotations

import numpy as np

from scratchae.ops.activations import Array


def masking_noise(x: Array, u: Array, level: float) -> Array:
    """Set each entry to zero with probability `level` (masking_noise.1).

    Parameters
    ----------
    x : array, shape (N, D)
    u : array, shape (N, D)
        Uniform in [0, 1).
    level : float
        Fraction of the entries that is set to zero, in [0, 1].

    Returns
    -------
    y : array, shape (N, D)

    References
    ----------
    Vincent, P., Larochelle, H., Bengio, Y., Manzagol, P.-A. (2008). Extracting and composing robust features with denoising
    autoencoders. ICML.
    """
    return np.where(u < level, 0, x)  # (masking_noise.1)


def masking_noise_backward(dy: Array, u: Array, level: float) -> Array:
    """Gradient of `masking_noise` with respect to x: dy where x was kept (masking_noise.2).

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
    return np.where(u < level, 0, dy)  # (masking_noise.2)


def salt_and_pepper_noise(x: Array, u: Array, level: float) -> Array:
    """Set each entry with probability `level` to 0 or to 1, both equally likely (salt_and_pepper_noise.1).

    Parameters
    ----------
    x : array, shape (N, D)
    u : array, shape (N, D)
        Uniform in [0, 1): below level / 2 an entry becomes 0, from there to level 1.
    level : float
        Fraction of the entries that is replaced, in [0, 1].

    Returns
    -------
    y : array, shape (N, D)

    References
    ----------
    Vincent, P. et al. (2010). Stacked denoising autoencoders. Journal of Machine Learning Research 11. Section 3.3.
    """
    return np.where(u < level / 2, 0, np.where(u < level, 1, x))  # (salt_and_pepper_noise.1)


def salt_and_pepper_noise_backward(dy: Array, u: Array, level: float) -> Array:
    """Gradient of `salt_and_pepper_noise` with respect to x: dy where x was kept (salt_and_pepper_noise.2).

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
    return np.where(u < level, 0, dy)  # (salt_and_pepper_noise.2)


def gaussian_noise(x: Array, eps: Array, level: float) -> Array:
    """Add normal noise of standard deviation `level` (gaussian_noise.1).

    Parameters
    ----------
    x : array, shape (N, D)
    eps : array, shape (N, D)
        Standard normal.
    level : float
        Standard deviation, in units of x.

    Returns
    -------
    y : array, shape (N, D)
    """
    return x + level * eps  # (gaussian_noise.1)


def gaussian_noise_backward(dy: Array) -> Array:
    """Gradient of `gaussian_noise` with respect to x: dy (gaussian_noise.2).

    Parameters
    ----------
    dy : array, shape (N, D)
        Upstream gradient.

    Returns
    -------
    dx : array, shape (N, D)
    """
    return dy  # (gaussian_noise.2)
