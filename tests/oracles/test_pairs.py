"""All pairs: every two values of different options meet, unless no allowed case holds both; and no option stands at a neutral value only."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from oracles import cases
from oracles.pairs import all_pairs
from scratchae.registry import REGISTRY


def test_every_pair_is_there_and_cases_are_few() -> None:
    factors = {name: list(range(n)) for name, n in zip("abcdef", (2, 3, 4, 3, 2, 4), strict=True)}
    chosen = all_pairs(factors)
    for a, b in combinations(factors, 2):
        assert {(case[a], case[b]) for case in chosen} == set(product(factors[a], factors[b]))
    assert len(chosen) <= 1.5 * 4 * 4
    assert chosen == all_pairs(factors) and chosen != all_pairs(factors, seed=1)


def test_pairs_that_are_not_allowed_are_left_out() -> None:
    chosen = all_pairs({"a": [1, 2, 3], "b": [1, 2, 3], "c": [0, 1]}, lambda case: case["a"] != case["b"])
    assert {(case["a"], case["b"]) for case in chosen} == {(a, b) for a in (1, 2, 3) for b in (1, 2, 3) if a != b}
    assert {(case["a"], case["c"]) for case in chosen} == set(product((1, 2, 3), (0, 1)))


@pytest.mark.parametrize("name", cases.FACTORS)
def test_options_of_models_in_pairs(name: str) -> None:
    factors, chosen = cases.FACTORS[name], cases.CASES[name]
    assert all(cases.allowed(name, case) for case in chosen)
    for case in chosen:
        cases.model_of(name, case)._check_options()  # what is allowed here is allowed by the model
    for option, values in factors.items():
        assert {repr(case[option]) for case in chosen} == {repr(value) for value in values}, option


def test_every_model_of_the_registry_is_tried() -> None:
    assert set(cases.FACTORS) == {entry.name for entry in REGISTRY}


def test_every_option_is_tried() -> None:
    never = {
        "verbose",
        "warm_start",
        "class_weight",
    }  # what is fitted first, or how often rows are visited: not the objective
    left = {"tied_weights", "output_activation"}  # of one layer and many at once: see `FACTORS`
    for name, factors in cases.FACTORS.items():
        options = set(cases.model_of(name, cases.CASES[name][0]).get_params())
        assert options - set(factors) <= never | left, name
