"""Rows of generated images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_variational import PICTURES, SHAPE, X, plots


def test_sample_rows_may_be_of_different_lengths() -> None:
    (axes,) = PICTURES["sample_rows"]().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["epoch 1", "epoch 20"]
    whole = np.ma.filled(axes.images[0].get_array(), np.nan)
    assert whole.shape == (7, 6 * 5 - 1)
    np.testing.assert_allclose(whole[4:, 15:19].ravel(), X[3] / 2)
    assert np.isnan(whole[4:, 20:]).all() and np.isfinite(whole[:3, 25:]).all()


def test_sample_rows_show_no_more_than_asked_for() -> None:
    (axes,) = plots.sample_rows({"a": X}, SHAPE, columns=2).axes
    assert axes.images[0].get_array().shape == (3, 9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.sample_rows({}, SHAPE), "at least one row"),
        (lambda: plots.sample_rows({"a": X[0]}, SHAPE), "'a' has shape"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)
