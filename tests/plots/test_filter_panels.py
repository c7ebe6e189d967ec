"""Filters of several models, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_classic import PICTURES, WEIGHTS, plots


def test_filter_panels_show_the_strongest_of_each_model() -> None:
    figure = PICTURES["filter_panels"]()
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["basic", "sparse"]
    whole = np.ma.filled(figure.axes[0].images[0].get_array(), np.nan)
    strongest = WEIGHTS["basic"][:, np.argsort(-np.linalg.norm(WEIGHTS["basic"], axis=0))[:4]]
    assert whole.shape == (2 * 4 - 1, 2 * 5 - 1)
    np.testing.assert_allclose(whole[:3, :4].ravel(), strongest[:, 0] / np.abs(strongest[:, 0]).max())
    np.testing.assert_allclose(whole[4:, 5:].ravel(), strongest[:, 3] / np.abs(strongest[:, 3]).max())


def test_filter_panels_begin_a_second_line() -> None:
    figure = plots.filter_panels(dict.fromkeys("abcde", np.ones((12, 2))), (3, 4), panels_across=3)
    tops = {axes.get_subplotspec().rowspan.start for axes in figure.axes if axes.images}
    assert tops == {0, 1} and sum(bool(axes.images) for axes in figure.axes) == 5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.filter_panels({}, (3, 4)), "at least one model"),
        (lambda: plots.filter_panels({"a": np.ones((10, 3))}, (3, 4)), "the weights of 'a' have 10"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)
