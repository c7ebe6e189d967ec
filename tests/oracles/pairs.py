"""Options in all pairs: a short list of cases in which every two values of different options meet at least once.

Most mistakes need one option or two together. Ten options of three values have 59,049 combinations, but all pairs fit in about twenty.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

Case = dict[str, Any]
TRIES = 40  # cases of which the best is taken
SEARCH = 400  # tries to find any allowed case with a pair, before it is taken for impossible


def all_pairs(
    factors: Mapping[str, Sequence[Any]], allowed: Callable[[Case], bool] = lambda case: True, seed: int = 0
) -> list[Case]:
    """Cases that hold every pair of values which an allowed case can hold, chosen greedily; the same for the same seed.

    Parameters
    ----------
    factors : mapping of str to sequence
        The values of each option.
    allowed : callable
        Function that returns True for an allowed case.
    seed : int

    Examples
    --------
    >>> cases = all_pairs({"a": [1, 2], "b": [1, 2], "c": [1, 2]})
    >>> len(cases) < 8, sorted({(case["a"], case["c"]) for case in cases})
    (True, [(1, 1), (1, 2), (2, 1), (2, 2)])
    """
    rng, cases = random.Random(seed), []
    missing = {
        ((a, i), (b, j))
        for a, b in combinations(factors, 2)
        for i in range(len(factors[a]))
        for j in range(len(factors[b]))
    }
    while missing:
        pair = min(missing)  # a set has no order of its own
        found = _completions(dict(pair), factors, allowed, rng)
        if not found:
            missing.discard(pair)
            continue
        best = max(found, key=lambda chosen: len(_pairs_of(chosen, factors) & missing))
        missing -= _pairs_of(best, factors)
        cases.append({name: factors[name][i] for name, i in best.items()})
    return cases


def _pairs_of(chosen: Mapping[str, int], factors: Mapping[str, Sequence[Any]]) -> set[Any]:
    return {((a, chosen[a]), (b, chosen[b])) for a, b in combinations(factors, 2)}


def _completions(
    pair: Mapping[str, int],
    factors: Mapping[str, Sequence[Any]],
    allowed: Callable[[Case], bool],
    rng: random.Random,
) -> list[dict[str, int]]:
    """Allowed cases with that pair, drawn at random."""
    found = []
    for _ in range(SEARCH):
        chosen = {name: pair.get(name, rng.randrange(len(values))) for name, values in factors.items()}
        if allowed({name: factors[name][i] for name, i in chosen.items()}):
            found.append(chosen)
        if len(found) == TRIES:
            break
    return found
