"""Densities below their images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_identity import (
    IMAGES,
    PICTURES,
    P,
    Q,
    Z,
    plots,
)


def test_densities_stand_below_their_images() -> None:
    figure = PICTURES["densities"]()
    upper, lower = figure.axes[:3], figure.axes[3:]
    for axes, image in zip(upper, IMAGES, strict=True):
        np.testing.assert_array_equal(np.asarray(axes.images[0].get_array()).ravel(), image)
    for axes, density in zip(lower, Q, strict=True):
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), density)
        assert axes.collections[0].get_paths()[0].vertices[:, 1].max() == P.max()


def test_where_all_densities_are_small_the_axes_end() -> None:
    z = np.linspace(-50, 50, 2001)
    narrow = np.exp(-((z - 3) ** 2) / 2)[None]
    axes = plots.densities_by_image(IMAGES[:1], (3, 4), z, {"p": narrow}).axes[1]
    low, high = axes.get_xlim()
    assert -3 < low < 1 and 5 < high < 9


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.densities_by_image(IMAGES, (3, 5), Z, {"q": Q}), "give (N, 15)"),
        (lambda: plots.densities_by_image(IMAGES, (3, 4), Z, {}), "There are 0 curves"),
        (lambda: plots.densities_by_image(IMAGES, (3, 4), Z, {"q": Q[:2]}), "'q' has shape (2, 61)"),
        (lambda: plots.densities_by_image(IMAGES, (3, 4), Z[:0], {"q": Q[:, :0]}), "'q' has shape (3, 0)"),
        (lambda: plots.densities_by_image(IMAGES, (3, 4), Z, {"q": Q * np.nan}), "'q' contains NaN"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)
