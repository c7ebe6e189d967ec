"""Likelihoods: the loss of an output, its gradient, and the mean of x."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.basic_runs import fitted

import scratchae as sae
from scratchae.models.likelihoods import LIKELIHOODS


def test_bernoulli_reconstructions_are_probabilities(x: np.ndarray) -> None:
    model = fitted(x, epochs=30, learning_rate=0.1)
    p = model.reconstruct(x)
    assert p.min() >= 0 and p.max() <= 1
    assert (model.decode(np.full((3, 3), 1e6)) <= 1).all()
    assert np.isfinite(model.score(np.round(x)))


@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_values_by_hand(backend: str) -> None:
    output, x = np.array([[0.0, np.log(3)], [2.0, -1.0]]), np.array([[1.0, 0.0], [2.0, 1.0]])
    with sae.use_backend(backend):
        bernoulli, gaussian = LIKELIHOODS["bernoulli"], LIKELIHOODS["gaussian"]
        # p = 1/2 for a white pixel and 3/4 for a black one: -log(1/2) - log(1/4).
        assert bernoulli.loss(output, x)[0] == pytest.approx(np.log(8))
        np.testing.assert_allclose(bernoulli.mean(output)[0], [0.5, 0.75])
        np.testing.assert_allclose(gaussian.loss(output, x), [1 + np.log(3) ** 2, 4])
        np.testing.assert_array_equal(gaussian.mean(output), output)


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("name", LIKELIHOODS)
def test_the_gradient_vanishes_where_the_mean_is_the_data(name: str, backend: str) -> None:
    output = np.random.default_rng(0).standard_normal((3, 4))
    with sae.use_backend(backend):
        likelihood = LIKELIHOODS[name]
        at_the_mean = likelihood.loss_backward(np.ones(3), output, likelihood.mean(output))
        np.testing.assert_allclose(at_the_mean, 0, atol=1e-15)
        low = likelihood.loss(output, likelihood.mean(output))
        assert (likelihood.loss(output + 0.1, likelihood.mean(output)) > low).all()  # it is the minimum
        away = likelihood.loss_backward(np.array([1.0, 2.0, 0.0]), output + 1, likelihood.mean(output))
        assert (away[:2] > 0).all() and not away[2].any()  # dloss weights each row


def test_units_are_named() -> None:
    assert {name: likelihood.unit for name, likelihood in LIKELIHOODS.items()} == {
        "bernoulli": "nats",
        "gaussian": "pixels²",
    }
