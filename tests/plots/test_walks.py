"""Walks along a direction, with the value below each image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures import words
from helpers.pictures_variational import PICTURES, SHAPE, VALUES, WALK, X, plots


def test_a_walk_has_the_value_below_each_image() -> None:
    (axes,) = PICTURES["attribute_walk"]().axes
    assert len(axes.images) == 6
    for picture, image in zip(axes.images, WALK.reshape(6, 12), strict=True):
        np.testing.assert_allclose(picture.get_array().ravel(), image)
    texts = {text.get_text(): text.get_position() for text in axes.texts}
    for value, picture in zip(["−0.25", "0.00", "0.25", "1.00", "2.00", "3.00"], axes.images, strict=True):
        left, right, bottom, _ = picture.get_extent()
        x, y = texts[value]
        assert left < x < right and bottom - 0.1 < y < bottom
    assert {"−1", "0", "+1"} <= set(texts)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a 3", "a 7"]


def test_a_walk_may_have_words_below() -> None:
    figure = plots.attribute_walk(WALK[:1], np.array([["a 3", "a 3", "an 8"]]), SHAPE)
    assert "an 8" in words(figure)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.attribute_walk(X, VALUES, SHAPE), "(N, S, D) and (N, S)"),
        (lambda: plots.attribute_walk(WALK, VALUES[:, :2], SHAPE), "one value per image"),
        (lambda: plots.attribute_walk(WALK, VALUES, SHAPE, steps=[1]), "each of 3 columns"),
        (lambda: plots.attribute_walk(WALK, VALUES, SHAPE, labels=["a"]), "each of 2 rows"),
        (lambda: plots.attribute_walk(WALK * np.nan, VALUES, SHAPE), "NaN or infinity"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)
