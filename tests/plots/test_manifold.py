"""Images decoded on a grid, at their places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_variational import GRID, PICTURES, SHAPE, plots


def test_the_manifold_shows_the_grid_as_it_is_given() -> None:
    (axes,) = PICTURES["manifold"]().axes
    whole = np.ma.filled(axes.images[0].get_array(), np.nan)
    assert whole.shape == (4 * 4 - 1, 4 * 5 - 1)
    np.testing.assert_allclose(whole[:3, :4].ravel(), GRID[0])  # the upper left one
    np.testing.assert_allclose(whole[-3:, -4:].ravel(), GRID[-1])
    across = {label.get_text(): label.get_position()[0] for label in axes.get_xticklabels()}
    up = {label.get_text(): label.get_position()[1] for label in axes.get_yticklabels()}
    minus, plus = "−1.5", "1.5"
    assert across[minus] < across[plus] and up[minus] > up[plus]  # pixels count downwards, the dimension grows upwards


def test_a_manifold_without_places_has_no_ticks() -> None:
    (axes,) = plots.manifold(GRID, SHAPE).axes
    assert len(axes.get_xticks()) == 0 and len(axes.get_yticks()) == 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.manifold(GRID[:15], SHAPE), "15 images do not form a square"),
        (lambda: plots.manifold(GRID, (3, 5)), "15 pixels"),
        (lambda: plots.manifold(GRID, SHAPE, places=[1, 2]), "each of the 4 lines"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)
