"""The order in which an epoch visits the rows: every row once, or in proportion to its weight by systematic resampling.

Derivation: docs/derivations/sample_weights.md.
"""

from __future__ import annotations

import numpy as np

from scratchae.nets.network import Array

MOST_REPEATS = (
    10  # mean number of visits per row up to which whole numbers are repeats; more would make an epoch very long
)


class EpochOrder:
    """The random order of the rows in an epoch.

    Whole numbers, divided by their greatest common divisor, are the visits of the rows in each epoch. Other weights are proportional to the
    expected number of visits, and an epoch has as many visits as there are rows with a weight above 0.

    Parameters
    ----------
    rows : int
        N, the number of rows of the data.
    weights : array of float, shape (N,), optional
        Non-negative, at least one of them positive. Equal weights have no effect.

    Attributes
    ----------
    size : int
        T, the number of visits in an epoch.
    """

    def __init__(self, rows: int, weights: Array | None = None) -> None:
        self.size = rows
        self._kept: Array | None = None  # rows with a weight above 0; None if each row is visited once
        self._repeats: Array | None = None  # visits of these rows in each epoch, if they are fixed and not all 1
        self._expected: Array | None = None  # expected number of visits, otherwise
        if weights is None:
            return
        kept = np.flatnonzero(weights)
        w = weights[kept]
        repeats = _repeats(w)
        if repeats is None:
            self._expected = expected_visits(w)
        elif (repeats > 1).any():
            self._repeats = repeats
        elif len(kept) == rows:
            return
        self._kept, self.size = kept, len(kept) if repeats is None else int(repeats.sum())

    @property
    def is_plain(self) -> bool:
        """True if each row is visited exactly once."""
        return self._kept is None

    def draw(self, rng: np.random.Generator) -> Array:
        """Return the rows of one epoch, shape (T,), in random order."""
        if self._kept is None:
            return rng.permutation(self.size)
        if self._expected is None:
            return self.rows()[rng.permutation(self.size)]
        shuffled = rng.permutation(
            len(self._kept)
        )  # so that the order of the data does not decide which rows share a visit
        visits = systematic_visits(self._expected[shuffled], rng.random())
        return np.repeat(self._kept[shuffled], visits)[rng.permutation(self.size)]

    def rows(self) -> Array:
        """Return the rows of an epoch, shape (T,), in the order of the data; of expected numbers, whole numbers close to them."""
        if self._kept is None:
            return np.arange(self.size)
        visits = self._repeats if self._expected is None else systematic_visits(self._expected, 0.5)
        return self._kept if visits is None else np.repeat(self._kept, visits)


def _repeats(w: Array) -> Array | None:
    """Return positive whole numbers in lowest terms; None if they are not whole numbers, or too large for repeats."""
    if (w == w[0]).all():
        return np.ones(len(w), np.int64)
    if not ((w == np.floor(w)).all() and w.max() < 2**53):  # beyond, doubles are not exact
        return None
    whole = w.astype(np.int64)
    whole //= np.gcd.reduce(whole)
    return whole if whole.sum(dtype=np.float64) <= MOST_REPEATS * len(w) else None


def expected_visits(w: Array) -> Array:
    """Return the expected number of visits of each row, proportional to its weight; one visit per row on average.

    Parameters
    ----------
    w : array, shape (N,)
        Positive weights.
    """
    shares = w / w.max()  # (a sum of very large numbers would overflow)
    return len(w) * (shares / shares.sum())  # (sample_weights.3)


def systematic_visits(expected: Array, u: float) -> Array:
    """Return whole numbers that differ from the expected numbers by less than 1 and have the same sum, by systematic resampling.

    Parameters
    ----------
    expected : array, shape (N,)
        Non-negative, with a whole number as their sum.
    u : float
        A number in [0, 1); if it is uniform, the expectation of the result is `expected`.
    """
    ends = np.cumsum(expected)
    total = np.rint(ends[-1])
    ends[-1] = total  # exactly, in spite of rounding errors, with which ends + u may also reach total + 1
    return np.diff(np.minimum(np.floor(ends + u), total).astype(np.int64), prepend=0)  # (sample_weights.4)
