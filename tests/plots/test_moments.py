"""Moments of generated rows beside those of the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_variational import COLUMNS, DRAWN, PICTURES, ROWS, plots


def test_each_set_of_rows_has_its_moments() -> None:
    figure = PICTURES["moments_of_samples"]()
    by_mean, by_deviation, by_pair = figure.axes
    assert [label.get_text() for label in by_mean.get_yticklabels()] == COLUMNS
    assert [text.get_text() for text in by_pair.get_legend().get_texts()] == [*DRAWN]
    deviation = ROWS.std(axis=0)
    for i, rows in enumerate(DRAWN.values()):
        points = [np.asarray(axes.collections[i].get_offsets()) for axes in figure.axes]
        np.testing.assert_allclose(points[0], np.c_[(rows.mean(axis=0) - ROWS.mean(axis=0)) / deviation, range(3)])
        np.testing.assert_allclose(points[1], np.c_[rows.std(axis=0) / deviation, range(3)])
        pairs = [[np.corrcoef(r[:, a], r[:, b])[0, 1] for a, b in ((0, 1), (0, 2), (1, 2))] for r in (ROWS, rows)]
        np.testing.assert_allclose(points[2], np.transpose(pairs), atol=1e-12)
    np.testing.assert_allclose(np.asarray(by_deviation.collections[1].get_offsets())[:, 0], 0.5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.moments_of_samples(ROWS, {}, COLUMNS), "There are 0 sets of rows; give 1 to"),
        (lambda: plots.moments_of_samples(ROWS, DRAWN, COLUMNS[:2]), "The shape of the data is (40, 3)"),
        (lambda: plots.moments_of_samples(ROWS[:, :1], {"a": ROWS[:, :1]}, ["x"]), "at least two features"),
        (lambda: plots.moments_of_samples(ROWS, {"a": ROWS[:1]}, COLUMNS), "The shape of 'a' is (1, 3)"),
        (
            lambda: plots.moments_of_samples(ROWS, {"a": ROWS * np.inf}, COLUMNS),
            "The rows of 'a' contain NaN or infinity",
        ),
        (lambda: plots.moments_of_samples(ROWS, {"a": ROWS * [1, 0, 1]}, COLUMNS), "Feature 1 of 'a' is constant"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)
