"""Initial weights: the range and the spread that keep signals as large as they were, and one seed for one draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scratchae.nets import glorot_uniform, he_normal


def test_glorot_is_uniform_up_to_its_limit() -> None:
    W = glorot_uniform(np.random.default_rng(0), 50, 100)  # the limit is sqrt(6 / 150) = 0.2
    assert W.shape == (50, 100) and W.dtype == np.float64
    assert 0.199 < W.max() <= 0.2 and -0.2 <= W.min() < -0.199
    assert W.std() == pytest.approx(0.2 / np.sqrt(3), rel=0.03) and abs(W.mean()) < 0.01


def test_he_is_normal_and_depends_on_the_inputs_only() -> None:
    W = he_normal(np.random.default_rng(0), 50, 100)
    assert W.shape == (50, 100) and W.std() == pytest.approx(0.2, rel=0.03)  # sqrt(2 / 50)
    assert (np.abs(W) < 0.2).mean() == pytest.approx(0.6827, abs=0.03)
    assert he_normal(np.random.default_rng(0), 50, 1000).std() == pytest.approx(0.2, rel=0.01)


@pytest.mark.parametrize("draw", [glorot_uniform, he_normal])
def test_the_generator_decides(draw: Callable[..., Any]) -> None:
    one, two = (draw(np.random.default_rng(seed), 4, 3) for seed in (1, 2))
    rng = np.random.default_rng(1)
    assert np.array_equal(draw(rng, 4, 3), one) and not np.array_equal(one, two)
    assert not np.array_equal(draw(rng, 4, 3), one)  # the generator has moved on


def test_a_deep_relu_network_keeps_the_size_of_its_signals() -> None:
    rng = np.random.default_rng(3)
    h = first = rng.standard_normal((200, 300))
    for _ in range(10):
        h = np.maximum(h @ he_normal(rng, 300, 300), 0)
    assert 0.5 < (h**2).mean() / (first**2).mean() < 2
