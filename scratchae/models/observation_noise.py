"""The distribution of x around the output of a decoder: its variance, given or learned, and draws of x.

Derivation: docs/derivations/gaussian_nll.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

import numpy as np

from scratchae.errors import nearest
from scratchae.models.binarization import bernoulli_sample
from scratchae.models.blocks import in_blocks
from scratchae.models.validation import check_number
from scratchae.nets.network import Array

LEARNED = ("learned", "learned_per_feature")
# Share of the variance of the data below which a learned variance does not fall, as the loss would fall towards -infinity.
LEAST_SHARE = 1e-4
# Variances below it count as this, so that the inverse of a learned variance is finite in float32.
SMALLEST = 1e-30


def check_variance(variance: object) -> None:
    """Raise ValueError unless the option is a number above 0, a sequence of such numbers, or one of `LEARNED`."""
    if isinstance(variance, str):
        if variance not in LEARNED:
            raise ValueError(
                f"variance={variance!r} is not allowed{nearest(variance, LEARNED)}; give a number above 0, one number for each feature, "
                '"learned" or "learned_per_feature".'
            )
    elif isinstance(variance, Sequence) or (isinstance(variance, np.ndarray) and variance.ndim > 0):
        if len(variance) == 0 or (isinstance(variance, np.ndarray) and variance.ndim > 1):
            size = f"shape {variance.shape}" if isinstance(variance, np.ndarray) else "no entries"
            raise ValueError(f"variance has {size}; give one number for each feature, or a single number for all.")
        for i, number in enumerate(variance):
            check_number(f"variance[{i}]", number, 0, open_end=True)
    elif isinstance(variance, Real):
        check_number("variance", variance, 0, open_end=True)
    else:
        raise ValueError(
            f"variance is of type {type(variance).__name__}; give a number above 0, a list or an array with one number for each feature, "
            '"learned" or "learned_per_feature".'
        )


def check_number_of_variances(variance: object, features: int) -> None:
    """Raise ValueError if the checked option is a sequence whose length is not the number of features."""
    if np.ndim(variance) == 1 and len(variance) != features:  # type: ignore[arg-type]
        raise ValueError(
            f"variance has {len(variance)} numbers, but X has {features} features; "  # type: ignore[arg-type]
            "give one number for each feature, or a single number for all."
        )


def limits_of_logvar(variances: Array, constant: Array, option: str) -> tuple[Array, Array]:
    """Return the first and the least value of a learned log-variance: shape (1,) for "learned", (D,) for "learned_per_feature".

    Parameters
    ----------
    variances : array, shape (D,)
        Variance of each feature in the data.
    constant : array of bool, shape (D,)
        Whether a feature is constant up to rounding; it then counts as the least variable of the others.
    option : {"learned", "learned_per_feature"}
    """
    if option == "learned":
        variances, constant = variances.mean(keepdims=True), np.array([constant.all()])
    scale = np.where(constant, variances[~constant].min(initial=np.inf), variances)
    scale[np.isinf(scale)] = 1  # all are constant
    least = LEAST_SHARE * np.maximum(scale, SMALLEST)  # (gaussian_nll.8)
    return np.log(np.maximum(variances, least)), np.log(least)


def draws_of_x(means: Array, variances: Array | None, seed: int) -> Array:
    """Draw x around its means, shape (N, D), in blocks of rows.

    Parameters
    ----------
    means : array, shape (N, D)
    variances : array, shape (D,), or None
        Variances of a Gaussian; None for binary pixels, whose means are probabilities.
    seed : int
        Seed of the draws of z, from which a second, independent generator is made.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])
    if variances is None:
        return in_blocks(lambda p: bernoulli_sample(p, rng.random(p.shape, p.dtype.type)), means)
    deviations = np.sqrt(variances)

    def draws(mean: Array) -> Array:
        return (mean + deviations * rng.standard_normal(mean.shape)).astype(mean.dtype)  # (gaussian_nll.9)

    return in_blocks(draws, means)
