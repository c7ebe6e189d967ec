"""Comparison with a baseline: errors in blocks, entropies by hand, code sizes, and what counts as linear."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.baselines import (
    PrincipalComponents,
    angle_to_pca,
    code_size,
    cross_entropy_floor,
    is_linear,
    squared_error,
    with_labels,
)
from scratchae.models import blocks

X = np.random.default_rng(0).random((20, 6))
Y = np.arange(20) % 2
SMALL: dict[str, Any] = {"hidden_sizes": (), "latent_dim": 2, "epochs": 1, "dtype": "float64", "random_state": 0}


@pytest.fixture(scope="module")
def linear() -> sae.Autoencoder:
    with sae.use_backend("numpy"):
        return sae.Autoencoder(**SMALL, likelihood="gaussian", code_activation="identity").fit(X)


@pytest.fixture(scope="module")
def conditional() -> sae.ConditionalVariationalAutoencoder:
    with sae.use_backend("numpy"):
        return sae.ConditionalVariationalAutoencoder(**SMALL).fit(X, Y)


def test_the_error_is_summed_over_features_and_averaged_over_rows(
    linear: sae.Autoencoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    x_hat = linear.reconstruct(X)
    whole = squared_error(linear, X)
    assert whole == pytest.approx(((x_hat - X) ** 2).sum() / 20)
    assert squared_error(linear, X, X + 1) == pytest.approx(((x_hat - X - 1) ** 2).sum() / 20)
    monkeypatch.setattr(blocks, "BLOCK", 7)
    assert squared_error(linear, X) == pytest.approx(whole)


def test_a_conditional_model_gets_its_labels(conditional: Any, linear: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert with_labels(conditional, X, Y) == (X, Y) and with_labels(linear, X, Y) == (X,)
    monkeypatch.setattr(blocks, "BLOCK", 7)
    expected = ((conditional.reconstruct(X, Y) - X) ** 2).sum() / 20
    assert squared_error(conditional, X, y=Y) == pytest.approx(expected)
    assert squared_error(conditional, X, y=1 - Y) != pytest.approx(expected)


def test_the_floor_is_the_entropy(monkeypatch: pytest.MonkeyPatch) -> None:
    # One bit for each pixel of 1/2; none for black and white.
    x = np.array([[0.5, 0.5, 0.0], [1.0, 0.5, 0.0]])
    assert cross_entropy_floor(x) == pytest.approx(1.5 * np.log(2))
    assert cross_entropy_floor(np.array([[0.25]])) == pytest.approx(0.25 * np.log(4) + 0.75 * np.log(4 / 3))
    whole = cross_entropy_floor(X)
    monkeypatch.setattr(blocks, "BLOCK", 7)
    assert cross_entropy_floor(X) == pytest.approx(whole)


def test_code_sizes_of_encoders_with_one_output_and_two(linear: Any, conditional: Any) -> None:
    assert code_size(linear) == code_size(conditional) == 2


def test_linear_is_what_pca_is_best_for(linear: Any, conditional: Any) -> None:
    def fitted(kind: Any, **options: Any) -> Any:
        with sae.use_backend("numpy"):
            return kind(**{**SMALL, "likelihood": "gaussian", **options}).fit(X)

    assert is_linear(linear) and not is_linear(conditional)
    assert not is_linear(fitted(sae.Autoencoder, code_activation="tanh"))
    assert not is_linear(fitted(sae.Autoencoder, likelihood="bernoulli", code_activation="identity"))
    assert is_linear(fitted(sae.Autoencoder, hidden_sizes=(4,), activation="identity"))
    assert not is_linear(fitted(sae.KSparseAutoencoder, k=1, code_activation="identity"))


def test_the_angle_is_that_of_the_decoders_range(linear: Any) -> None:
    W = linear.parameters_["decoder.0.W"]
    same = PrincipalComponents(np.zeros(6), np.linalg.qr(W.T)[0].T)
    assert angle_to_pca(linear, same) == pytest.approx(0, abs=1e-7)
    aside = np.linalg.svd(W)[2][2:4]  # directions that the decoder does not reach
    assert angle_to_pca(linear, PrincipalComponents(np.zeros(6), aside)) == pytest.approx(np.pi / 2)
