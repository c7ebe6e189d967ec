"""Softmax: rows that sum to 1, impossible classes, and the loss of the correct class."""

from __future__ import annotations

import numpy as np


def test_a_class_that_is_impossible_has_probability_zero() -> None:
    from scratchae import kernels, ops

    logits = np.array([[-np.inf, 0.0, 1.0], [0.0, -np.inf, 1.0]])
    np.testing.assert_allclose(kernels.softmax(logits), ops.softmax(logits), rtol=1e-12, atol=1e-300)
    assert np.isnan(kernels.softmax(np.array([[0.0, np.nan]]))).all()
