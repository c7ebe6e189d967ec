"""Accuracy by the number of labels: means and intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures import words
from helpers.pictures_classic import ACCURACIES, COUNTS, PICTURES, plots

from scratchae.plots.figure import LINES


def test_accuracy_curves_draw_means_and_intervals() -> None:
    (axes,) = PICTURES["accuracy_curves"]().axes
    a, b = axes.lines
    np.testing.assert_allclose(a.get_xydata(), np.column_stack([COUNTS, [0.6, 0.8, 0.95]]))
    np.testing.assert_array_equal(b.get_xdata(), COUNTS[:2])
    band = axes.collections[0].get_paths()[0].vertices
    half = (
        4.302652729911275 * 0.1 / np.sqrt(3)
    )  # Student's t for 95 % and 2 degrees of freedom; the three lie 0.1 apart
    at_ten = band[band[:, 0] == 10][:, 1]
    np.testing.assert_allclose([at_ten.min(), at_ten.max()], [0.6 - half, 0.6 + half])
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["10", "100", "1,437"]


def test_an_interval_that_leaves_the_shares_is_cut_at_them() -> None:
    (axes,) = PICTURES["accuracy_curves"]().axes
    assert axes.get_ylim()[1] <= 1.02


def test_one_seed_has_no_interval() -> None:
    (axes,) = plots.accuracy_curves({"a": ([1, 2], [[0.5], [0.6]])}, chance=0.1).axes
    assert not axes.collections and "chance: 10%" in words(axes)
    np.testing.assert_array_equal(plots.half_interval([[0.5], [0.6]]), 0)


def test_an_interval_covers_the_mean_as_often_as_it_says() -> None:
    values = np.random.default_rng(1).standard_normal((20_000, 5))
    covered = np.abs(values.mean(axis=1)) <= plots.half_interval(values, 0.9)
    assert abs(covered.mean() - 0.9) < 0.01


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.accuracy_curves({}), "0 arms"),
        (lambda: plots.accuracy_curves(dict.fromkeys(range(len(LINES) + 1), (COUNTS, ACCURACIES))), "colours differ"),
        (lambda: plots.accuracy_curves({"a": (COUNTS, ACCURACIES[0])}), "one row per count"),
        (lambda: plots.accuracy_curves({"a": (COUNTS[:2], ACCURACIES)}), "one row per count"),
        (lambda: plots.accuracy_curves({"a": (COUNTS[::-1], ACCURACIES)}), "are not positive and increasing"),
        (lambda: plots.accuracy_curves({"a": ([0, 1, 2], ACCURACIES)}), "are not positive and increasing"),
        (lambda: plots.accuracy_curves({"a": (COUNTS, 100 * ACCURACIES)}), "between 0 and 1"),
        (lambda: plots.accuracy_curves({"a": (COUNTS, np.nan * ACCURACIES)}), "between 0 and 1"),
        (lambda: plots.accuracy_curves({"a": (COUNTS, ACCURACIES)}, level=95), "not a confidence level"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)
