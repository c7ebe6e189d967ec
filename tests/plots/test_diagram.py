"""Parts of a diagram: the heights of layers, and where weights and brackets begin and end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.patches import Polygon, Rectangle

from scratchae.plots import diagram
from scratchae.plots.figure import new_figure


@pytest.fixture
def axes() -> Any:
    return new_figure(3, 3).subplots()


def test_heights_grow_with_the_root_of_the_size() -> None:
    heights = [diagram.height(size, 100) for size in (1, 25, 100)]
    assert heights[2] == pytest.approx(0.22 + 0.88)
    assert (heights[2] - 0.22) / (heights[1] - 0.22) == pytest.approx(2)  # the root of 100 / 25
    assert heights[0] > 0.22  # a small layer remains visible


def test_a_chain_has_a_bar_for_each_layer_and_weights_between_their_edges(axes: Any) -> None:
    weights = [diagram.Weights("#0072B2", 0.75), diagram.Weights("#D55E00", 0.35)]
    tops = diagram.network(axes, 2.0, [1600, 4, 1600], ["x", "h", "x̂"], weights, 1600)
    assert tops[0] == tops[2] > tops[1]
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    areas = [patch for patch in axes.patches if isinstance(patch, Polygon)]
    assert [bar.get_x() + bar.get_width() / 2 for bar in bars] == pytest.approx([2, 3, 4])
    assert [bar.get_height() / 2 for bar in bars] == pytest.approx(tops)
    assert [area.get_alpha() for area in areas] == [0.75, 0.35]
    for area, left, right in zip(areas, bars[:-1], bars[1:], strict=True):
        corners = area.get_xy()
        assert corners[:, 0].min() == pytest.approx(left.get_x() + left.get_width())
        assert corners[:, 0].max() == pytest.approx(right.get_x())
    assert [text.get_text() for text in axes.texts] == ["x\n1,600", "h\n4", "x̂\n1,600"]


def test_a_bracket_spans_its_part_with_the_label_in_the_middle(axes: Any) -> None:
    diagram.bracket(axes, 1, 4, "encoder", y=0.5)
    (line,), (label,) = axes.lines, axes.texts
    x, y = np.transpose(line.get_xydata())
    assert 1 < x.min() < 1.1 and 3.9 < x.max() < 4 and y.max() == 0.5 > y.min()
    assert label.get_text() == "encoder" and label.get_position()[0] == pytest.approx(2.5)
