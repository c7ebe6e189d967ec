"""Panels with logarithmic axes, in which a name has one colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.pictures import words
from helpers.pictures_classic import PICTURES, plots


def test_panels_show_the_sizes_and_share_one_legend() -> None:
    figure = PICTURES["scaling"]()
    first, second = (axes for axes in figure.axes if axes.get_visible())
    np.testing.assert_array_equal(first.lines[0].get_xydata(), [(1, 2), (4, 8)])
    assert [label.get_text() for label in first.get_xticklabels()] == ["1", "4"]
    assert (first.get_xscale(), first.get_yscale()) == ("log", "log")
    assert first.get_xlabel() == "rows (logarithmic)" and first.get_ylabel() == "time (logarithmic)"
    assert first.lines[1].get_color() == second.lines[0].get_color() != first.lines[0].get_color()
    assert words(figure.legends[0]) == ["a", "b"]


def test_computed_curves_are_dashed() -> None:
    first, _ = PICTURES["scaling"]().axes
    assert [line.get_linestyle() for line in first.lines] == ["-", "--"]


def test_without_logarithms_the_vertical_axis_starts_at_zero() -> None:
    (axes,) = plots.scaling({"x": {"a": ([1, 2], [50, 60])}}, "rate", logarithmic=False).axes
    assert axes.get_ylim()[0] == 0 and axes.get_yscale() == "linear" and axes.get_ylabel() == "rate"


def test_a_label_may_have_a_second_line() -> None:
    (axes,) = plots.scaling({"threads\na network": {"a": ([1], [1])}}, "y").axes
    assert axes.get_xlabel() == "threads (logarithmic)\na network"


def test_many_sizes_have_few_ticks() -> None:
    sizes = 2.0 ** np.arange(20)
    (axes,) = plots.scaling({"x": {"a": (sizes, sizes)}}, "y").axes
    assert len(axes.get_xticks()) == 7 and axes.get_xticks()[0] == 1


@pytest.mark.parametrize(
    ("panels", "message"),
    [
        ({}, "0 panels"),
        ({"x": {}}, "1 panels"),
        ({"x": {str(i): ([1], [1]) for i in range(7)}}, "7 names"),
        ({"x": {"a": ([0, 1], [1, 1])}}, "not positive"),
        ({"x": {"a": ([1, 2], [1, np.inf])}}, "finite"),
        ({"x": {"a": ([1, 2], [1])}}, "2 sizes and 1 values"),
    ],
)
def test_what_cannot_be_drawn_is_refused(panels: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.scaling(panels, "y")
