"""Roofs of a machine, rates below them, and labels that do not touch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.pictures import words
from helpers.pictures_classic import PICTURES, plots
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from scratchae.plots.roofline import below, spread

NUMBERS = st.lists(st.floats(-10, 10), min_size=1, max_size=9)


def test_each_roof_rises_with_its_bandwidth_and_ends_at_the_peak() -> None:
    axes = PICTURES["roofline"]().axes[0]
    lines = {line.get_label(): line.get_xydata() for line in axes.lines}
    memory = lines["memory 10 GB/s"]
    np.testing.assert_allclose(memory[:, 1], 10 * memory[:, 0])
    np.testing.assert_allclose(memory[-1], [10, 100])  # the peak, from 10 operations per byte on
    flat = next(data for data in lines.values() if len(data) == 2 and data[0, 1] == data[1, 1])
    assert flat[0].tolist() == [2, 100]  # from the end of the steepest roof


def test_each_program_is_a_point_with_its_name_and_rate() -> None:
    figure = PICTURES["roofline"]()
    points = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    np.testing.assert_allclose(points[0].get_xydata(), [(0.25, 0.5), (2, 40), (2, 60)])
    assert {"slow  0.5", "tile  40", "best  60", "1 thread", "2 threads"} <= set(words(figure))


def test_no_two_labels_of_a_panel_overlap() -> None:
    rates = {"slow": (0.25, 1.0), "order": (0.17, 20.0), "blocks": (0.17, 21.0), "registers": (0.5, 30.0)}
    rates |= {f"tile {i}": (2.5 + i / 100, 90.0 + i) for i in range(4)}
    figure = plots.roofline({"m": plots.Machine(100.0, {"L1": 150.0}, rates)}, title="t")
    figure.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in figure.axes[0].texts]  # that of an annotation includes its line
    boxes = [Bbox.from_bounds(box.x0, box.y0 + 2, box.width, box.height - 4) for box in boxes]  # around the letters
    assert len(boxes) == len(rates)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


@given(NUMBERS)
def test_labels_are_moved_apart_in_their_order(places: list[float]) -> None:
    moved = spread(np.array(places), 1.0)
    order = np.argsort(places, kind="stable")
    assert (np.diff(moved[order]) >= 1 - 1e-9).all()
    assert moved.mean() == pytest.approx(np.mean(places), abs=1e-9)


def test_labels_that_do_not_touch_stay() -> None:
    np.testing.assert_array_equal(spread(np.array([3.0, 0.0, 1.5]), 1.0), [3.0, 0.0, 1.5])
    np.testing.assert_allclose(spread(np.array([0.0, 0.0, 5.0]), 1.0), [-0.5, 0.5, 5.0])


@given(NUMBERS, st.floats(-10, 10))
def test_labels_below_a_limit_are_still_apart(places: list[float], limit: float) -> None:
    moved = below(spread(np.array(places), 1.0), limit, 1.0)
    assert moved.max() <= limit and (np.diff(np.sort(moved)) >= 1 - 1e-9).all()


@pytest.mark.parametrize(
    ("machines", "message"),
    [
        ({}, "no machine"),
        ({"m": plots.Machine(1.0, {"L1": 1.0}, {})}, "lacks programs"),
        ({"m": plots.Machine(1.0, {"L1": 0.0}, {"a": (1.0, 1.0)})}, "not positive"),
        ({"m": plots.Machine(1.0, {"L1": 1.0}, {"a": (1.0, np.nan)})}, "not positive"),
    ],
)
def test_what_cannot_be_drawn_is_refused(machines: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.roofline(machines)
