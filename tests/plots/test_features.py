"""Histograms of the features of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scratchae import plots

X = np.random.default_rng(0).normal(size=(400, 3))


def test_each_feature_has_its_histogram() -> None:
    figure = plots.feature_histograms({"samples": X}, ["a", "b", "c"])
    assert [axes.get_title() for axes in figure.axes] == ["a", "b", "c"]
    for j, axes in enumerate(figure.axes):
        (polygon,) = axes.patches
        corners = polygon.get_xy()
        assert corners[:, 0].min() == pytest.approx(X[:, j].min()) and corners[:, 0].max() == pytest.approx(
            X[:, j].max()
        )
        counts, _ = np.histogram(X[:, j], 20)
        assert corners[:, 1].max() == pytest.approx(counts.max() / 400)


def test_groups_share_the_bins_and_have_a_legend() -> None:
    figure = plots.feature_histograms({"data": X, "samples": X[:50] + 9})
    first = figure.axes[0]
    assert len(first.patches) == 2 and [t.get_text() for t in first.get_legend().get_texts()] == ["data", "samples"]
    assert first.get_title() == "x[0]"


def test_many_features_and_constant_ones() -> None:
    figure = plots.feature_histograms({"rows": np.ones((5, 30))}, title="T", note="N")
    assert len(figure.axes) == 24 and figure._suptitle.get_text() == "T\nN; the first 24 of 30 features"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.feature_histograms({}), "There are 0 groups"),
        (lambda: plots.feature_histograms({"a": X, "b": X[:, :2]}), "'b' has shape"),
        (lambda: plots.feature_histograms({"a": X * np.nan}), "NaN or infinity"),
        (lambda: plots.feature_histograms({"a": X}, ["a"]), "1 names for 3 features"),
        (lambda: plots.feature_histograms({"a": X[:0]}), "'a' has shape"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
