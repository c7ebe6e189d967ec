"""The arithmetic of the rounds: medians with their quartiles, ratios within each round, the best peer, and the share of the bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scratchae.benchmarks.bounds import FUSED_BYTES, bound_seconds
from scratchae.benchmarks.contestants import OURS
from scratchae.benchmarks.record import Contest


class Spread(NamedTuple):
    """Median and quartiles."""

    median: float
    low: float
    high: float


def spread_of(values: Sequence[float]) -> Spread:
    """Return the median and the quartiles, by linear interpolation."""
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
    return Spread(float(median), float(low), float(high))


def ratios(contest: Contest, name: str) -> list[float]:
    """Return the rate of scratchae divided by that of a contestant, in each round."""
    return [ours / other for ours, other in zip(contest.rates[OURS], contest.rates[name], strict=True)]


def best_peer(contest: Contest) -> str | None:
    """Return the contestant with the highest median rate, of those that train the same loss; scratchae does not count. None if there is none."""
    peers = [n for n in contest.rates if not n.startswith(OURS) and n not in contest.other_tasks]
    return max(peers, key=lambda name: float(np.median(contest.rates[name])), default=None)


def least_seconds(contest: Contest, bytes_each: int = FUSED_BYTES) -> list[float]:
    """Return the bound of the time per step (or row), from the best rates in each round, see `bounds.bound_seconds`."""
    rates = zip(*(contest.bounds[name] for name in ("BLAS", "tile", "memory")), strict=True)
    return [
        bound_seconds(contest.flops, contest.parameters, max(blas, tile), memory, bytes_each)
        for blas, tile, memory in rates
    ]


def shares(contest: Contest, bytes_each: int = FUSED_BYTES) -> list[float]:
    """Return the bound divided by the time that scratchae took, in each round."""
    return [
        rate * seconds for rate, seconds in zip(contest.rates[OURS], least_seconds(contest, bytes_each), strict=True)
    ]
