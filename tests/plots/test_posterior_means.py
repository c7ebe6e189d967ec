"""Posterior means over the circles of the prior."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_variational import MU, PICTURES, Y, plots


def test_posterior_means_lie_over_circles_that_hold_their_share_of_the_prior() -> None:
    (axes,) = PICTURES["posterior_means"]().axes
    named = {text.get_text(): text.get_position() for text in axes.texts if text.get_text() in map(str, range(10))}
    np.testing.assert_allclose([named[str(k)] for k in range(10)], [np.median(MU[k == Y], axis=0) for k in range(10)])
    draws = np.random.default_rng(1).standard_normal((100_000, 2))
    inside = [(np.linalg.norm(draws, axis=1) < np.linalg.norm(line.get_xydata()[0])).mean() for line in axes.lines]
    np.testing.assert_allclose(inside, [0.5, 0.95], atol=0.01)
    assert axes.get_aspect() == 1


def test_posterior_means_without_labels_have_no_legend() -> None:
    assert not plots.posterior_means(MU).legends


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.posterior_means(np.ones((4, 3))), "two dimensions"),
        (lambda: plots.posterior_means(MU * np.nan), "NaN or infinity"),
        (lambda: plots.posterior_means(MU, Y[:5]), "one label for each row"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)
