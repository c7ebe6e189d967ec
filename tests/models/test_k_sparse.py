"""The k-sparse autoencoder: the k largest entries of each code, and nothing else, are kept and trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.sparse_runs import X, k_sparse, new

import scratchae as sae
from scratchae.verify.autoencoder import model_gradient_error


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("k", [1, 2, 4, 5])
def test_every_code_has_exactly_k_entries_and_they_are_the_largest(k: int, backend: str) -> None:
    with sae.use_backend(backend):
        model = k_sparse(k=k, hidden_sizes=(7,)).fit(X)
        many = np.tile(X, (300, 1))  # more rows than one block of inference
        many += 0.1 * np.random.default_rng(1).random(many.shape)
        codes = model.encode(many)
    assert (np.count_nonzero(codes, axis=1) == k).all()
    p = model.parameters_
    h = np.maximum(many @ p["encoder.0.W"] + p["encoder.0.b"], 0) @ p["encoder.1.W"] + p["encoder.1.b"]
    np.testing.assert_allclose(codes[codes != 0], h[codes != 0], atol=1e-12)
    smallest_kept = np.where(codes != 0, h, np.inf).min(axis=1)
    largest_lost = np.where(codes != 0, -np.inf, h).max(axis=1)
    assert (smallest_kept > largest_lost).all()


def test_the_whole_code_is_the_basic_autoencoder() -> None:
    options: dict[str, Any] = {"hidden_sizes": (7,), "activation": "tanh", "code_activation": "identity", "epochs": 5}
    for backend in ("numpy", "numba"):
        with sae.use_backend(backend):
            basic, model = new(sae.Autoencoder, **options).fit(X), k_sparse(k=5, **options).fit(X)
        if backend == "numpy":
            assert np.array_equal(model.parameters_.flat, basic.parameters_.flat)
        np.testing.assert_allclose(model.parameters_.flat, basic.parameters_.flat, atol=1e-10)
        np.testing.assert_allclose(model.encode(X), basic.encode(X), atol=1e-10)
    assert not np.allclose(k_sparse(k=4, **options).fit(X).parameters_.flat, basic.parameters_.flat, atol=1e-4)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_the_reconstruction_is_that_of_the_sparse_code(likelihood: str) -> None:
    model = k_sparse(likelihood=likelihood).fit(X)
    codes, p = model.encode(X), model.parameters_
    a = codes @ p["decoder.0.W"] + p["decoder.0.b"]
    expected = a if likelihood == "gaussian" else 1 / (1 + np.exp(-a))
    np.testing.assert_allclose(model.reconstruct(X), expected, atol=1e-12)
    assert np.array_equal(model.reconstruct(X), model.decode(codes))
    losses = (np.log1p(np.exp(a)) - X * a) if likelihood == "bernoulli" else (a - X) ** 2
    np.testing.assert_allclose(model.score_samples(X), -losses.sum(axis=1), rtol=1e-12)
    assert model.loss_and_gradients(X)[0] == pytest.approx(-model.score(X), rel=1e-12)


@pytest.mark.parametrize("tied", [False, True])
def test_gradient_of_every_parameter_of_the_k_sparse_one(tied: bool) -> None:
    options: dict[str, Any] = {"hidden_sizes": (7,), "activation": "tanh", "weight_decay": 0.1}
    model = k_sparse(k=3, tied_weights=tied, **options).fit(X)
    assert model_gradient_error(model, X[:9]) < 1e-7


def test_only_units_that_were_kept_are_trained() -> None:
    model = k_sparse(k=1, hidden_sizes=()).fit(X)
    model.parameters_["encoder.0.b"][...] = [0, 100, 0, 0, 0]  # the second unit is always the largest
    _, gradients = model.loss_and_gradients(X)
    for name, axis in (("encoder.0.W", 0), ("decoder.0.W", 1)):
        assert (np.abs(gradients[name]).max(axis=axis) > 0).tolist() == [False, True, False, False, False], name


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 6}, "k=6 is larger than latent_dim=5; give a smaller k"),
        *(({"k": bad}, "k=.* is not allowed; give an integer of at least 1") for bad in (0, -1, 2.0, True, None, "2")),
    ],
)
def test_bad_k_is_refused(options: dict[str, Any], message: str) -> None:
    fresh = k_sparse(**options)
    with pytest.raises(ValueError, match=message):
        fresh.fit(X)
    assert set(vars(fresh)) == set(fresh.get_params())


def test_k_of_a_fitted_model_cannot_be_changed() -> None:
    model = k_sparse().fit(X)
    codes = model.encode(X)
    model.set_params(k=3)
    for use in ("encode", "reconstruct", "score", "loss_and_gradients"):
        with pytest.raises(
            ValueError, match="k is 3, but this KSparseAutoencoder was fitted with 2; fit again or restore"
        ):
            getattr(model, use)(X)
    assert np.array_equal(model.set_params(k=2).encode(X), codes)
    assert (np.count_nonzero(model.set_params(k=np.int64(3)).fit(X).encode(X), axis=1) == 3).all()
