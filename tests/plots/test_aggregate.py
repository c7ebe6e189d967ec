"""The aggregated posterior beside the prior."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures import words
from helpers.pictures_variational import PICTURES, Z, plots
from matplotlib.patches import Rectangle


def test_the_aggregated_posterior_is_a_density_beside_the_priors() -> None:
    figure = PICTURES["aggregate_posterior"]()
    panels = [axes for axes in figure.axes if axes.lines]
    assert len(panels) == 5
    for axes, column in zip(panels, Z.T, strict=True):
        bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
        assert sum(bar.get_height() * bar.get_width() for bar in bars) == pytest.approx(1)
        (density,) = axes.lines
        assert density.get_ydata().max() == pytest.approx(1 / np.sqrt(2 * np.pi), rel=1e-3)
        top = max(bar.get_height() for bar in bars)
        assert axes.get_ylim()[0] == 0 and axes.get_ylim()[1] > top
        assert any(f"std. dev. {column.std():.2f}" in text for text in words(axes))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.aggregate_posterior(Z[0]), "z has shape"),
        (lambda: plots.aggregate_posterior(Z * np.inf), "NaN or infinity"),
        (lambda: plots.aggregate_posterior(Z, names=["a"]), "1 names"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)
