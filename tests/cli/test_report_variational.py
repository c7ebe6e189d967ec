"""The estimate of the log-likelihood that is reported, and its standard error."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scratchae.cli.report_variational import log_likelihood


def test_errors_of_independent_rows_add_in_squares() -> None:
    asked: list[Any] = []

    def estimate(*rows: Any, n_samples: int, seed: int) -> Any:
        asked.append((rows, n_samples, seed))
        return SimpleNamespace(log_likelihood=np.array([-1.0, -3.0]), standard_error=np.array([0.3, 0.4]))

    value, error = log_likelihood(SimpleNamespace(log_likelihood=estimate), ("x", "y"), 50, 7)
    assert value == -2 and error == pytest.approx(0.25)  # the root of 0.3² + 0.4², over 2 rows
    assert asked == [(("x", "y"), 50, 7)]
