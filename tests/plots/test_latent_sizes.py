"""Reconstructions by the size of the latent space."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_variational import PICTURES, SHAPE, X, plots


def test_reconstructions_by_size_have_a_row_for_each_size() -> None:
    (axes,) = PICTURES["reconstructions_by_size"]().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["original", "J = 2\n−24.4 nats", "J = 5"]
    whole = np.ma.filled(axes.images[0].get_array(), np.nan)
    np.testing.assert_allclose(whole[4:7, :4].ravel(), X[0] / 2)
    np.testing.assert_allclose(whole[8:11, 5:9].ravel(), X[1] / 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.reconstructions_by_size(X, {}, SHAPE), "at least one latent size"),
        (lambda: plots.reconstructions_by_size(X, {2: X[:2]}, SHAPE), "different numbers of images"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)
