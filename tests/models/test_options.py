"""Options as JSON: what they become in a file, and that they come back."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae.models.options import as_tuple, plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("adam"), "adam"),
        ((np.int32(5), 4), [5, 4]),
        (range(8, 10), [8, 9]),
        (np.array([0.25, 0.5]), [0.25, 0.5]),
        ({"beta1": np.float64(0.75)}, {"beta1": 0.75}),
        (Fraction(1, 4), 0.25),
        (True, True),
        (None, None),
        ("relu", "relu"),
    ],
)
def test_values_become_those_of_json(value: Any, expected: Any) -> None:
    made = plain(value)
    assert made == expected and type(made) is type(expected)
    assert json.loads(json.dumps(made)) == expected


@given(st.lists(st.integers(1, 2**40)).map(tuple))
def test_sizes_come_back_as_they_were(sizes: tuple[int, ...]) -> None:
    assert as_tuple(json.loads(json.dumps(plain(sizes)))) == sizes


def test_what_is_not_a_list_comes_back_unchanged() -> None:
    settings = {"name": "adam"}
    assert as_tuple(settings) is settings and as_tuple("relu") == "relu" and as_tuple(None) is None
