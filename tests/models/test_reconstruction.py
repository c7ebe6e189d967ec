"""The surface of all autoencoders: codes, reconstructions, scores, and scikit-learn's names for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchae as sae

SMALL: dict[str, Any] = {"hidden_sizes": (6,), "latent_dim": 2, "epochs": 2, "random_state": 0}


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return np.random.default_rng(0).random((30, 7), dtype=np.float32)


@pytest.fixture(scope="module")
def model(x: np.ndarray) -> sae.Autoencoder:
    return sae.Autoencoder(**SMALL).fit(x)


def test_names_of_the_surface(x: np.ndarray, model: sae.Autoencoder) -> None:
    codes = model.encode(x)
    assert np.array_equal(codes, model.transform(x)) and np.array_equal(
        model.decode(codes), model.inverse_transform(codes)
    )
    assert np.array_equal(model.reconstruct(x), model.decode(codes))
    assert list(model.parameters_) == [
        f"{side}.{i}.{kind}" for side in ("encoder", "decoder") for i in (0, 1) for kind in "Wb"
    ]
    assert model.score(x) == pytest.approx(model.score_samples(x).mean())
    p = model.reconstruct(x).astype(float)
    assert np.allclose(model.score_samples(x), (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1), rtol=1e-5)
    assert set(model.history_) == {"loss", "seconds"} and len(model.history_["loss"]) == 2
    assert repr(model) == "Autoencoder(hidden_sizes=(6,), latent_dim=2, epochs=2, random_state=0)"


def test_scores_rank_anomalies(x: np.ndarray) -> None:
    digits = sae.load_digits()
    model = sae.Autoencoder(hidden_sizes=(32,), latent_dim=8, epochs=40, random_state=0).fit(digits.x_train)
    noise = np.random.default_rng(1).random((100, 64), dtype=np.float32)
    assert np.median(model.score_samples(digits.x_test)) > model.score_samples(noise).max()


def test_fit_transform_is_fit_then_transform(x: np.ndarray) -> None:
    model = sae.Autoencoder((5,), 3, epochs=2, random_state=0)
    codes = model.fit_transform(x, validation_data=x[:9])
    np.testing.assert_array_equal(codes, model.encode(x))
    assert "val_loss" in model.history_
