"""Codes in the plane, named by class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures import words
from helpers.pictures_basic import PICTURES, Y, Z, plots


def test_codes_name_each_class_at_its_median() -> None:
    figure = PICTURES["codes"]()
    left, right = figure.axes
    for axes, z in ((left, Z), (right, Z * 2)):
        named = {text.get_text(): text.get_position() for text in axes.texts if text.get_text()}
        assert list(named) == [str(k) for k in range(10)]
        np.testing.assert_allclose(
            [named[str(k)] for k in range(10)], [np.median(z[k == Y], axis=0) for k in range(10)]
        )
        assert sum(len(dots.get_offsets()) for dots in axes.collections) == len(z)
    assert "principal component 1" in right.get_xlabel() and left.get_xlabel() == "code 1"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [str(k) for k in range(10)]


def test_codes_without_labels_have_no_legend() -> None:
    figure = plots.codes(Z)
    assert len(figure.axes) == 1 and not figure.legends and len(figure.axes[0].collections) == 1


def test_class_names_take_the_place_of_numbers() -> None:
    assert "ankle boot" in words(plots.codes(Z, Y, class_names=[*"abcdefghi", "ankle boot"]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.codes(np.ones((4, 3))), "use latent_dim=2"),
        (lambda: plots.codes(Z, Y[:5]), "one label for each row"),
        (lambda: plots.codes(Z, Y, Z[:5]), "one label for each row"),
        (lambda: plots.codes(Z, None, np.ones((40, 3))), "pca_codes has shape"),
        (lambda: plots.codes(Z, np.arange(40)), "only 20 can be distinguished"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)
