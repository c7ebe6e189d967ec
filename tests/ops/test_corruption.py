"""Corruptions: which entries are lost at which noise, and that the gradient passes where x was kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae import ops

x = np.array([[0.1, 0.2, 0.3, 0.4, 0.5]])
u = np.array([[0.0, 0.19, 0.2, 0.39, 0.4]])


def test_masking_sets_to_zero_below_the_level() -> None:
    assert ops.masking_noise(x, u, 0.2).tolist() == [[0, 0, 0.3, 0.4, 0.5]]
    assert ops.masking_noise_backward(np.ones_like(x), u, 0.2).tolist() == [[0, 0, 1, 1, 1]]


def test_salt_and_pepper_halves_the_level() -> None:
    assert ops.salt_and_pepper_noise(x, u, 0.4).tolist() == [[0, 0, 1, 1, 0.5]]
    assert ops.salt_and_pepper_noise_backward(np.full_like(x, 3), u, 0.4).tolist() == [[0, 0, 0, 0, 3]]


def test_gaussian_noise_is_added() -> None:
    np.testing.assert_allclose(ops.gaussian_noise(x, 10 * u, 0.5), [[0.1, 1.15, 1.3, 2.35, 2.5]])
    assert ops.gaussian_noise_backward(x).tolist() == x.tolist()


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 99))
def test_a_higher_level_loses_what_a_lower_one_loses(one: float, two: float, seed: int) -> None:
    low, high = sorted((one, two))
    rng = np.random.default_rng(seed)
    data, noise = 0.1 + 0.8 * rng.random((4, 3)), rng.random((4, 3))
    for op in (ops.masking_noise, ops.salt_and_pepper_noise):
        lost_low, lost_high = (op(data, noise, level) != data for level in (low, high))
        assert (lost_low <= lost_high).all()
        assert not (op(data, noise, 0.0) != data).any() and (op(data, noise, 1.0) != data).all()


@pytest.mark.parametrize("op", [ops.masking_noise, ops.salt_and_pepper_noise, ops.gaussian_noise])
def test_single_precision_stays_and_shapes_must_fit(op: object) -> None:
    assert op(x.astype(np.float32), u.astype(np.float32), 0.3).dtype == np.float32  # type: ignore[operator]
    with pytest.raises(ValueError, match="broadcast"):
        op(x, u[:, :4], 0.3)  # type: ignore[operator]
