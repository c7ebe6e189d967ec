"""Arguments for the exercises: random arrays of sizes about 1, from a generator and the lengths of the axes."""

from __future__ import annotations

import numpy as np

from scratchae.exercises.exercise import Arguments, Array, Inputs, Sizes

EXTREME_LOGIT = 3000.0  # exp of it overflows; a few hundred would not, in float64


def normal(rng: np.random.Generator, *shape: int) -> Array:
    """Standard normal entries."""
    return rng.standard_normal(shape)


def weights(rng: np.random.Generator, d_in: int, d_out: int) -> Array:
    """A layer's weights, of a size that gives outputs of about 1."""
    return rng.standard_normal((d_in, d_out)) / np.sqrt(d_in)


def shares(rng: np.random.Generator, *shape: int) -> Array:
    """Numbers between 0 and 1, not close to either."""
    return rng.uniform(0.05, 0.95, shape)


def black_or_white(rng: np.random.Generator, *shape: int) -> Array:
    """Pixels that are 0 or 1."""
    return rng.integers(0, 2, shape).astype(np.float64)


def extreme_logits(rng: np.random.Generator, *shape: int) -> Array:
    """Numbers around 3,000 and -3,000."""
    return EXTREME_LOGIT * rng.choice([-1.0, 1.0], shape) + rng.standard_normal(shape)


def extreme_rows(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Rows around 3,000 and rows around -3,000, some of each: what is right for one row must not come from another."""
    far = EXTREME_LOGIT * rng.permutation(np.where(np.arange(rows) % 2, 1.0, -1.0))
    return far[:, None] + 2 * rng.standard_normal((rows, columns))


def layer(rng: np.random.Generator, d_in: int, d_out: int, W: str, b: str) -> Arguments:
    """Weights and bias of a layer, by name."""
    return {W: weights(rng, d_in, d_out), b: 0.5 * normal(rng, d_out)}


def with_upstream(name: str, inputs: Inputs, *axes: str, drop: str = "") -> Inputs:
    """Arguments of a backward function: an upstream gradient first, then those of `inputs`, but for the one named `drop`.

    Parameters
    ----------
    name : str
        Of the upstream gradient.
    inputs : callable
    *axes : str
        Its axes, as fields of `Sizes`; none for a single number.
    drop : str
        An argument of the forward function that its backward function does not take.
    """

    def backward(rng: np.random.Generator, s: Sizes) -> Arguments:
        upstream = normal(rng, *(getattr(s, axis) for axis in axes)) if axes else float(rng.standard_normal())
        rest = inputs(rng, s)
        return {name: upstream, **{key: value for key, value in rest.items() if key != drop}}

    return backward
