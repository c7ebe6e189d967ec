"""Loss curves: training, validation, floor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_basic import HISTORY, PICTURES, plots


def test_loss_curves_draw_training_validation_and_floor() -> None:
    (axes,) = PICTURES["loss_curves"]().axes
    train, held_out, floor = axes.lines
    np.testing.assert_array_equal(train.get_xydata(), [(1, 3.0), (2, 2.0), (3, 1.5)])
    np.testing.assert_array_equal(held_out.get_ydata(), HISTORY["val_loss"])
    assert set(floor.get_ydata()) == {1.2} and floor.get_linestyle() == "--"
    assert axes.get_ylabel() == "loss (nats per image)" and axes.get_xlabel() == "epoch"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["training", "validation", "floor: 1.2"]


def test_loss_curves_of_several_models_have_a_colour_each() -> None:
    (axes,) = plots.loss_curves({"a": HISTORY, "b": {"loss": list(range(40, 0, -1))}}, "pixels²").axes
    a, a_held_out, b = axes.lines
    assert a.get_color() == a_held_out.get_color() != b.get_color()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "a, training",
        "a, validation",
        "b, training",
    ]
    assert axes.get_xscale() == "log" and "logarithmic" in axes.get_xlabel()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.loss_curves({}, "nats"), "no history"),
        (lambda: plots.loss_curves({"loss": []}, "nats"), "empty or not finite"),
        (lambda: plots.loss_curves({"a": {"val_loss": [1.0]}}, "nats"), "of 'a' has no 'loss'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)
