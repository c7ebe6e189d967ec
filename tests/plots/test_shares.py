"""Bars of one length, divided into parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.pictures import words
from helpers.pictures_classic import PICTURES, plots


def test_each_bar_is_divided_in_proportion_and_ends_at_one() -> None:
    (axes,) = PICTURES["shares"]().axes
    widths = np.array([[bar.get_width() for bar in part] for part in axes.containers])
    np.testing.assert_allclose(widths, [[0.25, 0.5], [0.75, 0.49], [0, 0.01]])
    ends = [bar.get_x() + bar.get_width() for bar in axes.containers[-1]]
    np.testing.assert_allclose(ends, 1)


def test_parts_have_names_and_large_ones_numbers() -> None:
    figure = PICTURES["shares"]()
    written = words(figure)
    assert {"25", "75", "50", "49", "4 s", "product", "loss", "rest"} <= set(written)
    assert "1" not in written and "nothing" not in written  # too small; always 0
    assert figure.axes[0].yaxis_inverted()  # the first total is at the top


@pytest.mark.parametrize(
    ("totals", "message"),
    [
        ({}, "no totals"),
        ({"a": {"p": 1}, "b": {"q": 1}}, "different parts"),
        ({"a": {"p": -1, "q": 2}}, "negative"),
        ({"a": {"p": 0, "q": 0}}, "none at all"),
        ({"a": {"p": np.inf}}, "not finite"),
        ({"a": {str(i): 1 for i in range(11)}}, "11 parts"),
    ],
)
def test_what_cannot_be_drawn_is_refused(totals: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.shares(totals)
