"""Both terms of the bound, epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers.pictures_variational import HISTORY, PICTURES, plots

from scratchae.plots.figure import LINES


def test_the_bound_is_the_sum_of_its_terms() -> None:
    both, alone = PICTURES["bound_terms"]().axes
    total, log_p = both.lines
    np.testing.assert_allclose(total.get_xydata(), [(1, 9.0), (2, 7.5), (3, 7.5)])
    assert set(log_p.get_ydata()) == {7.0} and "7" in log_p.get_label()
    np.testing.assert_allclose(alone.lines[0].get_ydata(), HISTORY["val_kl"])
    lower, upper = (band.get_paths()[0].vertices for band in both.collections)
    assert lower[:, 1].min() == 0 and upper[:, 1].max() == 9.0 and lower[:, 1].max() == 9.0
    assert both.get_ylim()[0] == 0 == alone.get_ylim()[0]


def test_the_colours_are_those_of_the_house() -> None:
    both, _ = PICTURES["bound_terms"]().axes
    from matplotlib.colors import to_hex

    assert [to_hex(band.get_facecolor()[0]).upper() for band in both.collections] == list(LINES[:2])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.bound_terms({"loss": [1.0]}), "of a fitted variational autoencoder"),
        (lambda: plots.bound_terms({**HISTORY, "val_kl": []}), "'val_kl' is empty"),
        (lambda: plots.bound_terms({**HISTORY, "val_kl": [1.0, np.nan, 1.0]}), "not finite"),
        (lambda: plots.bound_terms({**HISTORY, "val_kl": [1.0]}), "3 and 1 epochs"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught, np.errstate(invalid="ignore"):
        make()
    assert message in str(caught.value)
