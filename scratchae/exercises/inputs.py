"""Arguments for the exercises: random arrays with values of about 1, from a generator and the lengths of the axes."""

from __future__ import annotations

import math

import numpy as np

from scratchae.exercises.exercise import Arguments, Array, Inputs, Sizes

EXTREME_LOGIT = 3000.0  # exp(3000) overflows in float64; a few hundred would not


def normal(rng: np.random.Generator, *shape: int) -> Array:
    """Standard normal entries."""
    return rng.standard_normal(shape)


def weights(rng: np.random.Generator, d_in: int, d_out: int) -> Array:
    """A layer's weights, scaled so that its outputs are about 1."""
    return rng.standard_normal((d_in, d_out)) / np.sqrt(d_in)


def shares(rng: np.random.Generator, *shape: int) -> Array:
    """Numbers between 0 and 1, not close to either."""
    return rng.uniform(0.05, 0.95, shape)


def near_zero(rng: np.random.Generator, *shape: int) -> Array:
    """Numbers around exp(-50), beside which any constant that is added against a division by zero is large."""
    return np.exp(-50 + normal(rng, *shape))


def black_or_white(rng: np.random.Generator, *shape: int) -> Array:
    """Pixels that are 0 or 1."""
    return rng.integers(0, 2, shape).astype(np.float64)


def switch(rng: np.random.Generator, length: int) -> Array:
    """As many ones as zeros, in any order, so that neither is missing from a short array."""
    return rng.permutation(np.arange(length) % 2).astype(np.float64)


def signs(rng: np.random.Generator, length: int) -> Array:
    """As many 1 as -1, in any order."""
    return 1 - 2 * switch(rng, length)


def extreme_logits(rng: np.random.Generator, *shape: int) -> Array:
    """Numbers around 3,000 and -3,000, as many of each."""
    return EXTREME_LOGIT * signs(rng, math.prod(shape)).reshape(shape) + rng.standard_normal(shape)


def extreme_rows(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Rows around 3,000 and rows around -3,000, so that subtracting another row's maximum fails."""
    return EXTREME_LOGIT * signs(rng, rows)[:, None] + 2 * rng.standard_normal((rows, columns))


def layer(rng: np.random.Generator, d_in: int, d_out: int, W: str, b: str) -> Arguments:
    """Weights and bias of a layer, by name."""
    return {W: weights(rng, d_in, d_out), b: 0.5 * normal(rng, d_out)}


def steered(arguments: Arguments, W: str, b: str, sign: Array) -> Arguments:
    """The same arguments, with outputs of a layer that differ by thousands from row to row.

    Biases alone would shift all rows alike.

    Parameters
    ----------
    arguments : dict
        Those of a network. The layer's first input is 0 in some rows and 1 in the others.
    W, b : str
        Names of the layer's weights and bias.
    sign : array, shape (outputs of the layer,)
        An output is around 3,000 times its sign where the first input is 1, and around -3,000 times its sign where it is 0. A sign of 0
        leaves it as it is.
    """
    weight, bias = arguments[W].copy(), arguments[b] - EXTREME_LOGIT * sign
    weight[0] += 2 * EXTREME_LOGIT * sign
    return {**arguments, W: weight, b: bias}


def first(length: int) -> Array:
    """The signs of a layer of which only the first unit is steered."""
    return np.eye(length)[0]


def switched(rng: np.random.Generator, x: Array) -> Array:
    """The same rows, whose first entry is 0 or 1."""
    return np.column_stack([switch(rng, len(x)), x[:, 1:]])


def with_upstream(name: str, inputs: Inputs, *axes: str, drop: str = "") -> Inputs:
    """Arguments of a backward function: an upstream gradient, then those of `inputs` except the one named `drop`.

    Parameters
    ----------
    name : str
        Name of the upstream gradient.
    inputs : callable
    *axes : str
        Axes of the upstream gradient, as fields of `Sizes`; none for a scalar.
    drop : str
        An argument of the forward function that the backward function does not take.
    """

    def backward(rng: np.random.Generator, s: Sizes) -> Arguments:
        upstream = normal(rng, *(getattr(s, axis) for axis in axes)) if axes else float(rng.standard_normal())
        rest = inputs(rng, s)
        return {name: upstream, **{key: value for key, value in rest.items() if key != drop}}

    return backward
