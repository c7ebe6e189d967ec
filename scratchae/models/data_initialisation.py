"""Initial parameters from the data: their mean as first output, and a first layer that receives them as if standardised.

Derivation: docs/derivations/initialisation.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from scratchae.errors import warn
from scratchae.models.blocks import column_means, column_variances
from scratchae.nets import Parameters
from scratchae.nets.network import Array, Layer

SHARE = (0.001, 0.999)  # limits for the mean of a pixel or the share of a class
LARGE = 300.0  # mean or standard deviation of a feature; losses of 1e16 were seen at 1,000, and normal losses at 100
SMALL = (
    0.005  # largest standard deviation; at 0.002 the error of some models ended above that of the mean, at 0.02 of none
)

_NAMES: ContextVar[Array | None] = ContextVar("names of the features", default=None)


def start_at_the_mean(x: Array, likelihood: str, last: Layer, parameters: Parameters) -> None:
    """Set the bias of the decoder's last layer so that weights of zero output the mean of the data (initialisation.1).

    Parameters
    ----------
    x : array, shape (N, D)
    likelihood : {"bernoulli", "gaussian"}
        "bernoulli" for an output of logits.
    last : Layer
    parameters : Parameters
        Modified in place.
    """
    mean = column_means(x)
    activation = "sigmoid" if likelihood == "bernoulli" else last.activation
    if activation == "sigmoid":
        share = np.clip(mean, *SHARE)
        mean = np.log(share / (1 - share))  # (initialisation.1)
    elif activation == "tanh":
        mean = np.arctanh(2 * np.clip((mean + 1) / 2, *SHARE) - 1)  # (initialisation.1)
    parameters[f"{last.name}.b"] = np.maximum(mean, 0) if activation == "relu" else mean


def start_at_the_shares(y: Array, last: Layer, parameters: Parameters) -> None:
    """Set the bias of a softmax layer so that weights of zero output the share of each class (initialisation.2).

    Parameters
    ----------
    y : array of int, shape (N,)
    last : Layer
    parameters : Parameters
        Modified in place.
    """
    share = np.bincount(y, minlength=last.d_out) / len(y)
    parameters[f"{last.name}.b"] = np.log(np.maximum(share, SHARE[0]))  # (initialisation.2)


def receive_standardised(
    x: Array, first: Layer, parameters: Parameters, *, enlarge: bool = False, shrink: bool = True
) -> Array:
    """Change the first layer so that its output for the data is that of the drawn weights for standardised data (initialisation.3).

    Parameters
    ----------
    x : array, shape (N, D)
    first : Layer
        Its first D inputs are the features.
    parameters : Parameters
        Modified in place.
    enlarge : bool
        Whether to divide by standard deviations below 1, too. On digits with pixels in [0, 1], this raises the squared error of an
        autoencoder by a half; a variational model needs it, so that its posterior starts at the same distance from the prior in any unit.
    shrink : bool
        Whether to divide by standard deviations above 1; otherwise the data are only centred, as is needed if the same weights also decode.

    Returns
    -------
    deviation : array, shape (D,), float64
        Standard deviation of each feature.

    Warns
    -----
    UserWarning
        If a feature has a mean or a standard deviation above 300.
    """
    mean = column_means(x)
    deviation = np.sqrt(column_variances(x, mean))
    _warn_of_large_features(mean, deviation)
    W, b = parameters[f"{first.name}.W"], parameters[f"{first.name}.b"]
    constant = constant_up_to_rounding(mean, deviation)
    scale = np.clip(np.where(constant, 1, deviation), None if enlarge else 1, None if shrink else 1)
    W[: len(mean)] /= scale[:, None]  # (initialisation.3)
    b -= mean @ W[: len(mean)]  # (initialisation.3)
    return deviation


def constant_up_to_rounding(mean: Array, deviation: Array) -> Array:
    """Return whether each feature is constant, up to rounding errors of its mean, shape (D,)."""
    return deviation <= np.finfo(np.float32).eps * np.abs(mean)


def in_unit_interval(x: Array) -> bool:
    """Return whether all entries are in [0, 1]."""
    return bool(x.min() >= 0 and x.max() <= 1)


def warn_of_small_data(deviation: Array) -> None:
    """Warn if the data have a scale of a few steps of an output bias, which each move it by about the learning rate."""
    if 0 < deviation.max() < SMALL:
        warn(
            f"The largest standard deviation of a feature of the data is {deviation.max():.3g}, which is too small for training with squared "
            "errors; divide each feature by its standard deviation.",
        )


@contextmanager
def named(names: Array | None) -> Iterator[None]:
    """Name the features in warnings, within the block.

    Parameters
    ----------
    names : array of str, optional
        Column names of the data of a training; without, those of an enclosing block hold, if there are as many features.
    """
    if names is None:
        yield
        return
    token = _NAMES.set(names)
    try:
        yield
    finally:
        _NAMES.reset(token)


def _warn_of_large_features(mean: Array, deviation: Array) -> None:
    """Warn about large features: a step changes each weight by about the learning rate, and so the code by 1,000 times as much."""
    size = np.maximum(np.abs(mean), deviation)
    if size.max() > LARGE:
        largest = int(size.argmax())
        names = _NAMES.get()
        feature = f"Feature {largest}" if names is None or len(names) != len(mean) else f"Column {names[largest]!r}"
        warn(
            f"{feature} of the data has a standard deviation of {deviation[largest]:.3g} and a mean of {mean[largest]:.3g}, which is "
            "too large for stable training; subtract the mean of each feature and divide by its standard deviation.",
        )
