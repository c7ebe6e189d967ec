"""Originals and their reconstructions: the rows, their scale of grey, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_basic import PICTURES, X, plots


def test_reconstructions_stack_labelled_rows() -> None:
    (axes,) = PICTURES["reconstructions"]().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["original", "autoencoder", "PCA"]
    whole = np.ma.filled(axes.images[0].get_array(), np.nan)
    assert whole.shape == (3 * 4 - 1, 5 * 5 - 1)  # three rows and five columns of 3×4 pixels, one pixel apart
    for row, factor in enumerate((1, 1 / 2, 1 / 3)):
        for column in range(5):
            shown = whole[4 * row : 4 * row + 3, 5 * column : 5 * column + 4]
            np.testing.assert_allclose(shown.ravel(), X[column] * factor)
    assert np.isnan(whole[3]).all() and np.isnan(whole[:, 4]).all()


def test_reconstructions_show_no_more_than_asked_for() -> None:
    (axes,) = plots.reconstructions(X, X, (3, 4), columns=2).axes
    assert axes.images[0].get_array().shape == (7, 9)


def test_the_originals_set_the_scale_of_grey() -> None:
    """A reconstruction that is twice as dark has to look so, and not be rescaled."""
    (axes,) = plots.reconstructions(X, 2 * X, (3, 4)).axes
    assert axes.images[0].get_clim() == (0, X.max())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.reconstructions(X, X, (3, 5)), "15 pixels, but the images in 'original' have 12"),
        (lambda: plots.reconstructions(X, X[:3], (3, 4)), "different numbers of images"),
        (lambda: plots.reconstructions(X, X * np.nan, (3, 4)), "'autoencoder' contains NaN"),
        (lambda: plots.reconstructions(X[0], X[0], (3, 4)), "rows of pixels"),
        (lambda: plots.reconstructions(X, X, (2, 2, 3)), "only grey images"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)
