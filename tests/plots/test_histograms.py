"""Histograms of the features of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_variational import COLUMNS, DRAWN, PICTURES, ROWS, plots


def heights(patches: Any) -> np.ndarray:
    """Heights of the bars of a histogram."""
    return np.array([patch.get_height() for patch in patches])


def test_each_feature_has_a_panel_with_the_density_of_its_values() -> None:
    figure = PICTURES["histograms_of_samples"]()
    assert [axes.get_title() for axes in figure.axes] == COLUMNS
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["data", *DRAWN]
    for j, axes in enumerate(figure.axes):
        expected, edges = np.histogram(ROWS[:, j], 20, density=True)
        np.testing.assert_allclose(heights(axes.patches[:20]), expected)
        for line, rows in zip(axes.patches[20:], DRAWN.values(), strict=True):
            counts, _ = np.histogram(np.clip(rows[:, j], edges[0], edges[-1]), edges)
            top = line.get_xy()[1:-1:2, 1]
            np.testing.assert_allclose(top, counts / counts.sum() / np.diff(edges))


def test_a_constant_feature_is_drawn() -> None:
    figure = plots.histograms_of_samples(np.full((5, 1), 3.0), {"rows": np.full((4, 1), 3.0)}, ["three"], bins=2)
    np.testing.assert_allclose(heights(figure.axes[0].patches[:2]), [0, 2])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.histograms_of_samples(ROWS, {}, COLUMNS), "There are 3 features and 0 sets of rows"),
        (
            lambda: plots.histograms_of_samples(ROWS, DRAWN, COLUMNS[:2]),
            "The shape of the data is (40, 3); give rows of 2",
        ),
        (lambda: plots.histograms_of_samples(ROWS, {"a": ROWS[0]}, COLUMNS), "The shape of 'a' is (3,)"),
        (lambda: plots.histograms_of_samples(ROWS, {"a": ROWS * np.nan}, COLUMNS), "The rows of 'a' contain NaN"),
        (
            lambda: plots.histograms_of_samples(np.ones((2, 31)), {"a": np.ones((2, 31))}, ["x"] * 31),
            "There are 31 features",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)
