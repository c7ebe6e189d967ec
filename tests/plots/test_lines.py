"""Plain curves and a level."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_classic import PICTURES, plots


def test_lines_draw_curves_and_a_level() -> None:
    (axes,) = PICTURES["lines"]().axes
    curve, level = axes.lines
    np.testing.assert_array_equal(curve.get_xydata(), [(1, 0), (2, 1), (4, 2)])
    assert set(level.get_ydata()) == {1.5} and axes.get_xscale() == "log"
    assert axes.get_xlabel() == "size (logarithmic)" and axes.get_ylabel() == "error" and axes.get_ylim()[0] == 0
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "4"]


def test_lines_below_zero_are_not_cut_off() -> None:
    (axes,) = plots.lines({"a": ([0, 1], [-1, 1])}, "x", "y").axes
    assert axes.get_ylim()[0] < -1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.lines({}, "x", "y"), "0 curves"),
        (lambda: plots.lines({"a": ([1, 2], [1])}, "x", "y"), "same length"),
        (lambda: plots.lines({"a": ([1, 2], [1, np.nan])}, "x", "y"), "NaN or infinity"),
        (lambda: plots.lines({"a": ([0, 2], [1, 2])}, "x", "y", logarithmic=True), "not positive"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)
