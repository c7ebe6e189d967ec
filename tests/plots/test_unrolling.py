"""The diagram of a stack: layer by layer, unrolled, with a classifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from helpers.pictures import words
from helpers.pictures_classic import PICTURES, plots
from matplotlib.patches import Polygon, Rectangle


def test_the_stack_is_drawn_layer_by_layer_unrolled_and_with_a_classifier() -> None:
    figure = PICTURES["unrolling"]()
    _, unrolled, classifier = figure.axes
    bars = [[patch for patch in axes.patches if isinstance(patch, Rectangle)] for axes in figure.axes]
    weights = [[patch for patch in axes.patches if isinstance(patch, Polygon)] for axes in figure.axes]
    assert [len(row) for row in bars] == [6, 5, 4] and [len(row) for row in weights] == [4, 4, 3]
    sizes = [[text.split("\n")[1] for text in words(axes) if "\n" in text] for axes in figure.axes]
    assert sizes == [["64", "48", "64", "48", "12", "48"], ["64", "48", "12", "48", "64"], ["64", "48", "12", "10"]]
    colours = [tuple(p.get_facecolor()[:3]) for p in weights[1]]
    assert colours == colours[::-1] and len(set(colours)) == 2  # each half in the colour of its autoencoder
    heights = [bar.get_height() for bar in bars[1]]
    assert heights == heights[::-1] and heights[0] > heights[1] > heights[2]
    assert {"encoder", "decoder"} <= set(words(unrolled)) and {"copied", "softmax"} <= set(words(classifier))


def test_without_classes_there_is_no_classifier() -> None:
    assert len(plots.unrolling((64, 12)).axes) == 2


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.unrolling((64,)), "0 layers after the input"),
        (lambda: plots.unrolling(range(70, 50, -1)), "give 1 to"),
        (lambda: plots.unrolling((64, 0)), "0 is not a layer size"),
        (lambda: plots.unrolling((64, 8), n_classes=2.5), "2.5 is not a layer size"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)
