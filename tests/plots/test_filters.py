"""Filters: their order, their scale, and silent pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_basic import plots


def test_filters_are_sorted_by_norm_and_scaled_one_by_one() -> None:
    W = np.stack([np.linspace(-1, 0.5, 12), np.linspace(-3, 2, 12), np.zeros(12)], axis=1)
    axes, bar = plots.filters(W, (3, 4), columns=3).axes
    whole, (low, high) = axes.images[0].get_array(), axes.images[0].get_clim()
    assert (low, high) == (-1, 1) and "largest of filter" in bar.get_ylabel()
    np.testing.assert_allclose(whole[:, :4].ravel(), W[:, 1] / 3)
    np.testing.assert_allclose(whole[:, 5:9].ravel(), W[:, 0])
    np.testing.assert_allclose(whole[:, 10:].ravel(), 0)


def test_spread_silences_weights_of_blank_pixels() -> None:
    W, spread = np.ones((12, 1)), np.ones(12)
    W[5], spread[5] = 100, 0  # the largest weight of all, at a pixel that is always blank
    whole = plots.filters(W, (3, 4), spread=spread).axes[0].images[0].get_array()
    np.testing.assert_allclose(whole.ravel(), spread)


def test_a_single_filter_is_alone() -> None:
    assert plots.filters(np.ones((12, 1)), (3, 4)).axes[0].images[0].get_array().shape == (3, 4)


def test_filters_fill_their_last_line_where_that_can_be() -> None:
    whole = np.ma.filled(plots.filters(np.ones((12, 16)), (3, 4)).axes[0].images[0].get_array(), np.nan)
    assert whole.shape == (2 * 4 - 1, 8 * 5 - 1) and np.isfinite(whole[-1, -4:]).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.filters(np.ones((10, 3)), (3, 4)), "images in W have 10"),
        (lambda: plots.filters(np.ones(12), (3, 4)), "W has shape"),
        (lambda: plots.filters(np.ones((12, 3)), (3, 4), spread=np.ones(3)), "one standard deviation per pixel"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)
