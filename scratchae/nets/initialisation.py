"""Weight initialisation, scaled so that signals and gradients neither vanish nor explode from layer to layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def glorot_uniform(rng: np.random.Generator, d_in: int, d_out: int) -> NDArray[np.float64]:
    """Draw weights for linear, sigmoid and tanh layers, uniform in ±sqrt(6 / (d_in + d_out)) (glorot.5).

    Parameters
    ----------
    rng : numpy.random.Generator
    d_in, d_out : int

    Returns
    -------
    W : array, shape (d_in, d_out), float64

    References
    ----------
    Glorot, X., Bengio, Y. (2010). Understanding the difficulty of training deep feedforward neural networks. AISTATS. Eq. 16.
    """
    limit = np.sqrt(6 / (d_in + d_out))  # (glorot.5)
    return rng.uniform(-limit, limit, (d_in, d_out))


def he_normal(rng: np.random.Generator, d_in: int, d_out: int) -> NDArray[np.float64]:
    """Draw weights for ReLU layers, normal with standard deviation sqrt(2 / d_in) (he.3).

    Parameters
    ----------
    rng : numpy.random.Generator
    d_in, d_out : int

    Returns
    -------
    W : array, shape (d_in, d_out), float64

    References
    ----------
    He, K., Zhang, X., Ren, S., Sun, J. (2015). Delving deep into rectifiers. ICCV. Eq. 10.
    """
    return rng.standard_normal((d_in, d_out)) * np.sqrt(2 / d_in)  # (he.3)
