"""The two diagrams of a variational autoencoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures import words
from helpers.pictures_variational import PICTURES, plots
from matplotlib.patches import Polygon, Rectangle


def test_the_diagrams_show_training_and_generating_with_shapes() -> None:
    training, generating = PICTURES["variational_diagram"]().axes
    bars = [[p for p in axes.patches if isinstance(p, Rectangle)] for axes in (training, generating)]
    areas = [[p for p in axes.patches if isinstance(p, Polygon)] for axes in (training, generating)]
    assert [len(row) for row in bars] == [9, 4]  # x, h, h, both moments, z, h, h, x̂; and z, h, h, x
    assert [len(row) for row in areas] == [7, 3]
    shapes = [text.split("\n")[1] for text in words(training) if "\n" in text]
    assert shapes == [
        *["(N, 784)", "(N, 400)", "(N, 200)", "(N, 20)", "(N, 20)"],
        *["(L, N, 20)", "(L·N, 200)", "(L·N, 400)", "(L·N, 784)"],
    ]
    shapes = [text.split("\n")[1] for text in words(generating) if "\n" in text]
    assert shapes == ["(n, 20)", "(n, 200)", "(n, 400)", "(n, 784)"]
    assert {"encoder", "decoder", "loss  =", "+"} <= set(words(training)) and "encoder" not in words(generating)
    colours = [{tuple(area.get_facecolor()) for area in row} for row in areas]
    assert len(colours[0]) == 2 and colours[1] < colours[0]  # the decoder is the same


@pytest.mark.parametrize("sizes", [(64, (), 2), (64, (64,), 64), (784, (500, 400, 300, 200, 100), 20)])
def test_no_text_of_a_diagram_lies_on_another(sizes: Any) -> None:
    figure = plots.variational_diagram(*sizes)
    figure.draw_without_rendering()
    for axes in figure.axes:
        boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:i]), axes.texts[i].get_text()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.variational_diagram(64, (1, 2, 3, 4, 5, 6), 2), "at most 5"),
        (lambda: plots.variational_diagram(64, (0,), 2), "0 is not a layer size"),
        (lambda: plots.variational_diagram(64, (32,), 2.5), "2.5 is not a layer size"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)
