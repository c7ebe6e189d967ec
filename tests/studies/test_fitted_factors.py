"""Factors of an image, found by drawing it again: found where they are known, and kept in their ranges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.datasets.strokes import RANGES, draw_strokes
from scratchae.studies import fitted_factors


@pytest.fixture(scope="module")
def strokes() -> Any:
    return sae.make_strokes(1500, seed=0, test=100)


def nearest(images: Any, strokes: Any) -> Any:
    """The rows of the drawn images that are nearest."""
    return ((strokes.x_train**2).sum(axis=1) - 2 * images @ strokes.x_train.T).argmin(axis=1)


@pytest.mark.slow
def test_factors_of_drawn_images_are_found_again(strokes: Any) -> None:
    known = np.stack(strokes.factors_train[1:], axis=1)
    true = np.stack(strokes.factors_test[1:], axis=1)
    rows = nearest(strokes.x_test, strokes)
    kind = strokes.y_train[rows]
    found = fitted_factors(
        strokes.x_test, lambda f: draw_strokes(kind, *f.T), known[rows], list(RANGES.values()), rounds=20
    )
    error = np.abs(found - true)[kind == strokes.y_test] / known.std(axis=0)
    assert (kind == strokes.y_test).mean() > 0.95
    assert np.median(error) < 1e-4 and (error.max(axis=1) < 0.05).mean() > 0.95


def test_factors_stay_in_their_ranges() -> None:
    low, high = np.array(list(RANGES.values())).T
    white = np.ones((3, 784), np.float32)
    found = fitted_factors(white, lambda f: draw_strokes(0, *f.T), np.stack([low, high, low]), list(RANGES.values()))
    assert (found >= low).all() and (found <= high).all() and np.allclose(found[:, 1], high[1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fitted_factors(np.ones((2, 8)), len, np.ones((2, 3)), [(0, 1)] * 2), "there are 2 ranges"),
        (lambda: fitted_factors(np.ones((2, 8)), len, np.ones((2, 1)), [(1, 1)]), "an empty range"),
    ],
)
def test_what_cannot_be_done_is_said(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)
