"""Other tasks of the last chapter: Rényi's bound, paths that start and end slowly, directions of length one."""

from __future__ import annotations

import numpy as np

from scratchae.ops.activations import Array
from scratchae.ops.importance import _shifted

ORDER = 0.4  # of Rényi's divergence, below 1


def tempered_weights(log_w: Array) -> Array:
    """Normalised weights of Rényi's bound: exp((1 - ORDER) log_w) divided by its sum over the K samples; compare (importance_weights.1).

    Parameters
    ----------
    log_w : array, shape (K, N)

    Returns
    -------
    w : array, shape (K, N)
        In [0, 1]; each column sums to 1.
    """
    _, shifted = _shifted(log_w)
    w = np.exp((1 - ORDER) * shifted)
    return w / w.sum(axis=0)


def tempered_weights_backward(dw: Array, w: Array) -> Array:
    """Gradient of `tempered_weights` with respect to log_w.

    Parameters
    ----------
    dw : array, shape (K, N)
        Upstream gradient.
    w : array, shape (K, N)
        Output of `tempered_weights`.

    Returns
    -------
    dlog_w : array, shape (K, N)
    """
    return (1 - ORDER) * w * (dw - (dw * w).sum(axis=0))


def renyi_bound(log_w: Array) -> Array:
    """Rényi's bound: the log of the mean over K samples of exp((1 - ORDER) log_w), divided by 1 - ORDER; compare (log_mean_exp.2).

    Parameters
    ----------
    log_w : array, shape (K, N)

    Returns
    -------
    bound : array, shape (N,)
        Nats per example.

    References
    ----------
    Li, Y., Turner, R. (2016). Rényi divergence variational inference. NeurIPS. Equation 10.
    """
    top, shifted = _shifted(log_w)
    return top + np.log(np.exp((1 - ORDER) * shifted).mean(axis=0)) / (1 - ORDER)


def renyi_bound_backward(dbound: Array, log_w: Array) -> Array:
    """Gradient of `renyi_bound`.

    Parameters
    ----------
    dbound : array, shape (N,)
        Upstream gradient.
    log_w : array, shape (K, N)

    Returns
    -------
    dlog_w : array, shape (K, N)
    """
    return dbound * tempered_weights(log_w)


def eased_path(a: Array, b: Array, n: int) -> Array:
    """n codes on the straight line from a to b, both ends included, that start and end slowly.

    At the time t, which goes from 0 to 1 in equal steps, the share 3 t^2 - 2 t^3 of the way is covered.

    Parameters
    ----------
    a, b : array, shape (J,)
    n : int, from 2 on

    Returns
    -------
    path : array, shape (n, J)
    """
    t = np.linspace(0, 1, n)[:, None]
    t = t * t * (3 - 2 * t)
    return (1 - t) * a + t * b


def unit_direction(codes: Array, has: Array) -> Array:
    """The direction of an attribute, of length 1: that from the mean code of the examples without it to the mean code of the others.

    Parameters
    ----------
    codes : array, shape (N, J)
    has : array of int, shape (N,)
        1 for examples that have the attribute, 0 for the others; both occur.

    Returns
    -------
    direction : array, shape (J,)
    """
    difference = codes[has == 1].mean(axis=0) - codes[has == 0].mean(axis=0)
    return difference / np.linalg.norm(difference)


def walk_by_length(z: Array, direction: Array, steps: Array) -> Array:
    """A code moved along a direction, once for each step: one factor changes and the rest is kept.

    Parameters
    ----------
    z : array, shape (J,)
    direction : array, shape (J,)
        Of any length, which does not matter.
    steps : array, shape (L,)
        Distances; 0 gives z itself.

    Returns
    -------
    codes : array, shape (L, J)
    """
    return z + steps[:, None] * direction / np.linalg.norm(direction)
