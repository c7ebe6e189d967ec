"""The divergence from the prior: three forms with one value, the draws whose mean it is, and free bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae import ops

MU = np.array([[1.0, 0.0], [0.0, -2.0]])
VARIANCE = np.array([[1.0, np.e], [1 / np.e, 1.0]])
KL = [0.5 + (np.e - 2) / 2, 1 / (2 * np.e) + 2]  # (mu² + variance - log variance - 1) / 2 of each dimension


def test_three_forms_have_the_value_by_hand() -> None:
    covariance = np.array([np.diag(row) for row in VARIANCE])
    np.testing.assert_allclose(ops.gaussian_kl(MU, np.log(VARIANCE)), KL, rtol=1e-14)
    np.testing.assert_allclose(ops.gaussian_kl_sums(MU, VARIANCE), KL, rtol=1e-14)
    np.testing.assert_allclose(ops.gaussian_kl_trace(MU, covariance), KL, rtol=1e-14)
    np.testing.assert_allclose(ops.gaussian_kl_terms(MU, np.log(VARIANCE)).sum(axis=1), KL, rtol=1e-14)


@given(st.floats(0, 2 * np.pi))
def test_a_rotation_changes_nothing(angle: float) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = np.array([turn @ np.diag(row) @ turn.T for row in VARIANCE])
    np.testing.assert_allclose(ops.gaussian_kl_trace(MU @ turn.T, turned), KL, rtol=1e-12)


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_it_is_zero_at_the_prior_only(mu: float, logvar: float) -> None:
    kl = ops.gaussian_kl(np.array([[mu]]), np.array([[logvar]]))[0]
    assert kl >= -1e-15
    assert kl > 1e-9 or (abs(mu) < 1e-4 and abs(logvar) < 1e-4)
    assert ops.gaussian_kl(np.zeros((1, 1)), np.zeros((1, 1)))[0] == 0


def test_its_gradient_by_hand() -> None:
    dmu, dlogvar = ops.gaussian_kl_backward(np.array([1.0, 2.0]), MU, np.log(VARIANCE))
    assert dmu.tolist() == [[1.0, 0.0], [0.0, -4.0]]
    np.testing.assert_allclose(dlogvar, [[0, (np.e - 1) / 2], [1 / np.e - 1, 0]], atol=1e-15)


def test_the_mean_of_the_sampled_ones_is_the_analytic_one() -> None:
    logvar, eps = np.log(VARIANCE), np.random.default_rng(0).standard_normal((20_000, 2, 2))
    sampled = ops.sampled_kl(ops.reparameterize(MU, logvar, eps), logvar, eps)
    assert sampled.shape == (20_000, 2) and sampled.min() < 0
    assert (abs(sampled.mean(axis=0) - KL) < 4 * sampled.std(axis=0) / np.sqrt(20_000)).all()
    dz, dlogvar = ops.sampled_kl_backward(np.ones((3, 2)), eps[:3])
    assert dz.tolist() == eps[:3].tolist() and dlogvar.tolist() == [[-1.5, -1.5]] * 2  # summed over three draws


def test_free_bits_count_the_larger_of_mean_and_floor() -> None:
    terms = np.array([[0.1, 2.0, 0.5], [0.3, 4.0, 0.5]])  # means 0.2, 3 and 0.5
    assert ops.free_bits(terms, 0.5) == pytest.approx(0.5 + 3 + 0.5)
    assert ops.free_bits(terms, 0.0) == pytest.approx(3.7)
    gradient = ops.free_bits_backward(3.0, terms, 0.5)
    assert gradient.tolist() == [[0, 1.5, 0]] * 2  # a mean at the floor is free, too


def test_a_covariance_without_an_inverse_is_an_error() -> None:
    with pytest.raises(np.linalg.LinAlgError):
        ops.gaussian_kl_trace_backward(np.ones(1), np.zeros((1, 2)), np.zeros((1, 2, 2)))
