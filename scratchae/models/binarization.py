"""Binarisation of grey pixels, because the Bernoulli likelihood is a likelihood of binary pixels only."""

from __future__ import annotations

import numpy as np

from scratchae.models.blocks import in_blocks
from scratchae.nets.network import Array

BINARIZATIONS = ("none", "threshold", "static", "dynamic")


def bernoulli_sample(x: Array, u: Array) -> Array:
    """Make each pixel white with its grey value as the probability, given uniform noise u of the same shape; 0 and 1 do not change."""
    return (u < x).astype(x.dtype)


def for_training(x: Array, way: str, seed: int) -> Array:
    """Return the rows used in training; with "dynamic", each batch is binarised later.

    Parameters
    ----------
    x : array, shape (N, D), in [0, 1]
    way : {"none", "threshold", "static", "dynamic"}
    seed : int
        Seed of the single draw for "static".
    """
    if way == "threshold":
        return in_blocks(lambda rows: (rows > 0.5).astype(x.dtype), x)
    return _bernoulli_sample_by_seed(x, seed) if way == "static" else x


def for_evaluation(x: Array, way: str, seed: int) -> Array:
    """Return the rows used in evaluation, binarised once with the seed if training uses random binarisation."""
    return _bernoulli_sample_by_seed(x, seed) if way == "dynamic" else for_training(x, way, seed)


def _bernoulli_sample_by_seed(x: Array, seed: int) -> Array:
    rng = np.random.default_rng([seed, 1])  # its numbers for blocks that follow one another are those of a single call
    return in_blocks(lambda rows: bernoulli_sample(rows, rng.random(rows.shape, x.dtype.type)), x)
