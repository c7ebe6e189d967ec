"""Codes of one layer after another, on their principal components."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures import words
from helpers.pictures_classic import LAYERS, PICTURES, Y, plots


def test_codes_by_layer_are_seen_on_their_principal_components() -> None:
    figure = PICTURES["codes_by_layer"]()
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(LAYERS) and "97 %" in words(figure)
    for axes, codes in zip(figure.axes, LAYERS.values(), strict=True):
        dots = np.concatenate([cloud.get_offsets() for cloud in axes.collections])
        assert len(dots) == len(codes)
        spread = np.linalg.svd(codes - codes.mean(axis=0), compute_uv=False)[:2]
        np.testing.assert_allclose(np.linalg.norm(dots - dots.mean(axis=0), axis=0)[: len(spread)], spread)
    assert np.ptp(np.concatenate([cloud.get_offsets() for cloud in figure.axes[2].collections])[:, 1]) == 0


def test_codes_by_layer_need_no_labels() -> None:
    figure = plots.codes_by_layer(LAYERS)
    assert not figure.legends and all(len(axes.collections) == 1 for axes in figure.axes)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.codes_by_layer({}), "no layers"),
        (lambda: plots.codes_by_layer({"a": np.ones(3)}), "'a' have shape"),
        (lambda: plots.codes_by_layer({"a": np.full((3, 2), np.inf)}), "NaN or infinity"),
        (lambda: plots.codes_by_layer(LAYERS, Y[:5]), "one label for each row"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert message in str(caught.value)
