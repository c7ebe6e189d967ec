"""Pairwise testing: few settings that cover every pair of values of any two options."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

COMPLETIONS = 40  # number of candidate settings per pair; the one with the most new pairs is used


def all_pairs(
    choices: Mapping[str, Sequence[Any]], allowed: Callable[[dict[str, Any]], bool] = lambda setting: True
) -> Iterator[dict[str, Any]]:
    """Yield settings that cover every allowed pair of values, deterministically.

    An error in the interaction of two options is detected by the setting that contains both, with dozens of settings instead of thousands.

    Parameters
    ----------
    choices : mapping of str to sequence
        The values of each option.
    allowed : callable
        Returns whether a setting is allowed. Pairs without an allowed setting are left out.

    Yields
    ------
    setting : dict
    """
    rng, names = np.random.default_rng(0), list(choices)
    missing = [
        ((a, i), (b, j))
        for a, b in itertools.combinations(names, 2)
        for i in range(len(choices[a]))
        for j in range(len(choices[b]))
    ]
    while missing:
        new, best = 0, None
        for _ in range(COMPLETIONS):
            places = {name: int(rng.integers(len(choices[name]))) for name in names} | dict(missing[0])
            setting = {name: choices[name][place] for name, place in places.items()}
            count = sum(places[a] == i and places[b] == j for (a, i), (b, j) in missing)
            if count > new and allowed(setting):
                new, best = count, (places, setting)
        if best is None:
            del missing[0]
            continue
        places = best[0]
        missing = [pair for pair in missing if not all(places[name] == place for name, place in pair)]
        yield best[1]
