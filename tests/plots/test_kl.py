"""The KL of each dimension: sorted, the active ones marked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures import words
from helpers.pictures_variational import PICTURES, plots


def test_kl_bars_are_sorted_and_the_active_ones_marked() -> None:
    (axes,) = PICTURES["kl_by_dimension"]().axes
    bars = sorted((bar.get_x(), bar.get_height(), bar.get_facecolor()) for bar in axes.patches)
    assert [height for _, height, _ in bars] == [2.0, 1.0, 0.0]
    assert bars[0][2] == bars[1][2] != bars[2][2]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "0"]
    assert "2 of 3 dimensions are active; total KL divergence 3.00 nats" in words(axes)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["active: 2", "not active: 1"]


def test_many_dimensions_are_not_all_numbered() -> None:
    (axes,) = plots.kl_by_dimension(np.arange(100.0), np.ones(100, bool)).axes
    assert len(axes.patches) == 100 and len(axes.get_xticklabels()) <= 40


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.kl_by_dimension([1.0], [True, False]), "one value per dimension"),
        (lambda: plots.kl_by_dimension([-1.0], [True]), "negative"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)
