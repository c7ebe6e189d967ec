"""Normal distributions: draws by hand, several draws at once, and the density of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from scratchae import ops

mu, logvar = np.array([[1.0, -2.0]]), np.array([[np.log(4.0), np.log(0.25)]])  # deviations 2 and 1/2


def test_a_draw_by_hand() -> None:
    np.testing.assert_allclose(ops.reparameterize(mu, logvar, np.array([[1.5, -4.0]])), [[4.0, -4.0]], rtol=1e-15)
    dmu, dlogvar = ops.reparameterize_backward(np.array([[1.0, 3.0]]), logvar, np.array([[1.5, -4.0]]))
    assert dmu.tolist() == [[1.0, 3.0]]
    np.testing.assert_allclose(dlogvar, [[1.5, -3.0]], rtol=1e-15)  # dz eps σ / 2


def test_gradients_of_several_draws_are_summed() -> None:
    eps = np.array([[[1.0, 0.0]], [[-2.0, 1.0]], [[0.5, 2.0]]])
    z = ops.reparameterize(mu, logvar, eps)
    assert z.shape == (3, 1, 2) and z[1].tolist() == ops.reparameterize(mu, logvar, eps[1]).tolist()
    dz = np.arange(6.0).reshape(3, 1, 2)
    whole = ops.reparameterize_backward(dz, logvar, eps)
    each = [ops.reparameterize_backward(d, logvar, e) for d, e in zip(dz, eps, strict=True)]
    for total, parts in zip(whole, zip(*each, strict=True), strict=True):
        assert total.shape == (1, 2)
        np.testing.assert_allclose(total, sum(parts), rtol=1e-15)


def test_the_loss_is_the_negative_log_of_the_density() -> None:
    x = np.array([[0.0, -1.0]])
    expected = -norm.logpdf(x, mu, [[2.0, 0.5]]).sum(axis=1)
    np.testing.assert_allclose(ops.gaussian_nll(mu, logvar, x), expected, rtol=1e-14)
    narrow = ops.gaussian_nll(x, np.full((1, 2), -20.0), x)
    assert narrow[0] < 0  # a density above 1


def test_the_gradients_vanish_at_the_most_likely_moments() -> None:
    x = np.array([[3.0, 0.0], [-1.0, 1.0]])
    dx_hat, _ = ops.gaussian_nll_backward(np.ones(2), x, np.zeros((2, 2)), x)
    assert not dx_hat.any()
    error = np.array([[0.5, 2.0], [1.0, 3.0]])
    _, dlogvar = ops.gaussian_nll_backward(np.ones(2), x + error, np.log(error**2), x)
    np.testing.assert_allclose(dlogvar, 0, atol=1e-15)  # the variance is the squared error
    dx_hat, dlogvar = ops.gaussian_nll_backward(np.array([2.0, 0.0]), x + error, np.zeros((2, 2)), x)
    assert dx_hat.tolist() == [[1.0, 4.0], [0.0, 0.0]]
    np.testing.assert_allclose(dlogvar, [[0.75, -3.0], [0.0, 0.0]])


def test_noise_of_another_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        ops.reparameterize(mu, logvar, np.ones((1, 3)))
