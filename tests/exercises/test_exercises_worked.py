"""Each worked function of the exercises is the model of the same name, to rounding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.exercises import worked
from scratchae.models.generation import path_between

RNG = np.random.default_rng(5)
X = RNG.random((11, 7))
TOLERANCE = 1e-13
OPTIONS: dict[str, Any] = {"epochs": 2, "batch_size": 4, "learning_rate": 0.1, "dtype": "float64", "random_state": 1}


@pytest.fixture(autouse=True)
def readable() -> Iterator[None]:
    before = sae.backend_name()
    sae.use_backend("numpy")
    yield
    sae.use_backend(before)


def close(got: Any, expected: Any) -> bool:
    got, expected = np.asarray(got), np.asarray(expected)
    return got.shape == expected.shape and bool(
        np.abs(got - expected).max() <= TOLERANCE * max(1, np.abs(expected).max())
    )


def assert_same(model: Any, loss: Any, gradients: Any, names: list[str], expected: tuple[float, Any]) -> None:
    assert close(loss, expected[0])
    assert set(expected[1]) == set(names)
    for name, gradient in zip(names, gradients, strict=True):
        assert close(gradient, expected[1][name]), name


def test_autoencoder() -> None:
    model = sae.Autoencoder((), 3, activation="sigmoid", **OPTIONS).fit(X)
    names = list(model.parameters_)
    theta = list(model.parameters_.values())
    loss, gradients = worked.autoencoder_loss(X, *theta), worked.autoencoder_gradients(X, *theta)
    assert_same(model, loss, gradients, names, model.loss_and_gradients(X))


def test_tied() -> None:
    model = sae.Autoencoder((), 3, activation="tanh", likelihood="gaussian", tied_weights=True, **OPTIONS).fit(X)
    theta = list(model.parameters_.values())
    loss, gradients = worked.tied_loss(X, *theta), worked.tied_gradients(X, *theta)
    assert_same(model, loss, gradients, list(model.parameters_), model.loss_and_gradients(X))


def test_denoising() -> None:
    model = sae.DenoisingAutoencoder("masking", 0.4, hidden_sizes=(), latent_dim=3, activation="sigmoid", **OPTIONS)
    model.fit(X)
    noise = np.random.default_rng(9).random(X.shape)
    theta = (X, noise, 0.4, *model.parameters_.values())
    loss, gradients = worked.denoising_loss(*theta), worked.denoising_gradients(*theta)
    assert_same(model, loss, gradients, list(model.parameters_), model.loss_and_gradients(X, seed=9))


@pytest.fixture(scope="module")
def stack() -> Any:
    before = sae.backend_name()
    sae.use_backend("numpy")
    stack = sae.StackedAutoencoder((5, 3), base="basic", pretrain_epochs=2, **OPTIONS).pretrain(X)
    sae.use_backend(before)
    return stack


def test_stack(stack: Any) -> None:
    first, second = (list(layer.parameters_.values()) for layer in stack.layers_)
    h1, h2 = worked.stacked_codes(X, *first[:2], *second[:2])
    assert close(h1, stack.layers_[0].encode(X))
    assert close(h2, stack.encode(X))
    unrolled = worked.unroll(*first, *second)
    for got, (name, expected) in zip(unrolled, stack.parameters_.items(), strict=True):
        assert close(got, expected), name
    assert close(worked.reconstruct(X, *first, *second), stack.reconstruct(X))


def test_unroll_copies() -> None:
    parts = [RNG.standard_normal((2, 2)) for _ in range(8)]
    for part in worked.unroll(*parts):
        assert not any(np.shares_memory(part, other) for other in parts)


def test_second_layer(stack: Any) -> None:
    first, second = stack.layers_
    gradients = worked.second_layer_gradients(X, *list(first.parameters_.values())[:2], *second.parameters_.values())
    _, expected = second.loss_and_gradients(first.encode(X))
    for got, (name, gradient) in zip(gradients, expected.items(), strict=True):
        assert close(got, gradient), name


def test_classifier(stack: Any) -> None:
    labels = np.arange(11) % 4
    model = stack.to_classifier(epochs=2, learning_rate=0.1, random_state=1).fit(X, labels)
    theta = (X, labels, *model.parameters_.values())
    loss, gradients = worked.classifier_loss(*theta), worked.classifier_gradients(*theta)
    assert_same(model, loss, gradients, list(model.parameters_), model.loss_and_gradients(X, labels))


def test_elbo() -> None:
    model = sae.VariationalAutoencoder((), 2, **OPTIONS).fit(X)
    mu, logvar = model.posterior(X)
    eps = np.random.default_rng(9).standard_normal((5, 11, 2))
    W, b = model.parameters_["decoder.0.W"], model.parameters_["decoder.0.b"]
    expected = model.elbo(X, 5, seed=9)
    for got, value in zip(worked.elbo(X, mu, logvar, eps, W, b), expected, strict=True):
        assert close(got, value)


@pytest.mark.parametrize(("n_samples", "beta"), [(1, 1.0), (3, 2.5)])
def test_variational(n_samples: int, beta: float) -> None:
    model = sae.VariationalAutoencoder((5,), 2, activation="tanh", n_samples=n_samples, beta=beta, **OPTIONS).fit(X)
    eps = np.random.default_rng(9).standard_normal((n_samples, 11, 2))
    theta = (X, eps, beta, *model.parameters_.values())
    loss, gradients = worked.variational_loss(*theta), worked.variational_gradients(*theta)
    assert_same(model, loss, gradients, list(model.parameters_), model.loss_and_gradients(X, seed=9))


@pytest.mark.parametrize("method", ["linear", "spherical"])
def test_paths(method: str) -> None:
    a, b = RNG.standard_normal((2, 4))
    path = worked.linear_path if method == "linear" else worked.spherical_path
    assert close(path(a, b, 7), path_between(a, b, 7, method))
    assert close(path(a, 2 * a, 7), path_between(a, 2 * a, 7, "linear"))


def test_spherical_path_turns_evenly() -> None:
    path = worked.spherical_path(np.array([2.0, 0.0]), np.array([0.0, 4.0]), 3)
    assert close(path[1], 3 / np.sqrt(2) * np.ones(2))


def test_attributes() -> None:
    codes = np.array([[0.0, 1.0], [4.0, 3.0], [2.0, 1.0], [6.0, 5.0]])
    assert close(worked.attribute_vector(codes, np.array([0, 1, 0, 1])), [4.0, 3.0])
    moved = worked.change_attribute(np.array([1.0, 1.0]), np.array([4.0, 3.0]), np.array([0.0, -0.5]))
    assert close(moved, [[1.0, 1.0], [-1.0, -0.5]])
