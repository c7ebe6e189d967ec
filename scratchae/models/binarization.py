"""Binarisation: grey pixels made black or white, since a Bernoulli likelihood is a likelihood of such pixels only."""

from __future__ import annotations

import numpy as np

from scratchae.nets.network import Array

BINARIZATIONS = ("none", "threshold", "static", "dynamic")


def bernoulli_sample(x: Array, u: Array) -> Array:
    """Each pixel white with its own grey value as the probability, by uniform noise u of the same shape; 0 and 1 stay."""
    return (u < x).astype(x.dtype)


def for_training(x: Array, way: str, seed: int) -> Array:
    """The rows as the model trains on them, before what is drawn afresh in each batch ("dynamic").

    Parameters
    ----------
    x : array, shape (N, D), in [0, 1]
    way : {"none", "threshold", "static", "dynamic"}
    seed : int
        Of the draw that "static" makes once.
    """
    if way == "threshold":
        return (x > 0.5).astype(x.dtype)
    return _drawn_by_seed(x, seed) if way == "static" else x


def for_evaluation(x: Array, way: str, seed: int) -> Array:
    """The rows as the model is evaluated on them: drawn once, by the seed, where training draws."""
    return _drawn_by_seed(x, seed) if way == "dynamic" else for_training(x, way, seed)


def _drawn_by_seed(x: Array, seed: int) -> Array:
    return bernoulli_sample(x, np.random.default_rng([seed, 1]).random(x.shape, x.dtype.type))
