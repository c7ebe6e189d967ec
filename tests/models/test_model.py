"""Common to all models: parameters that can be changed in place, and errors before they are fitted."""

from __future__ import annotations

import copy
import inspect
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


def test_parameters_changed_in_place_take_effect(x: np.ndarray, model: sae.Autoencoder) -> None:
    changed = copy.deepcopy(model)
    changed.parameters_["decoder.1.b"][...] += 1
    assert not np.allclose(changed.reconstruct(x), model.reconstruct(x))
    changed.parameters_["decoder.1.b"] = model.parameters_["decoder.1.b"]
    assert np.array_equal(changed.reconstruct(x), model.reconstruct(x))


def test_use_before_fit_and_with_other_features(x: np.ndarray, model: sae.Autoencoder) -> None:
    for use in ("encode", "decode", "reconstruct", "score_samples", "score", "loss_and_gradients"):
        with pytest.raises(sae.NotFittedError, match="call fit first"):
            getattr(sae.Autoencoder(), use)(x)
    with pytest.raises(sae.NotFittedError):
        sae.Autoencoder().save("model.npz")
    with pytest.raises(ValueError, match="expecting 7 features"):
        model.encode(x[:, :3])
    with pytest.raises(ValueError, match="Z has 7 features"):
        model.decode(x)


# What an estimator does before it is fitted: the rest needs parameters.
DEFINED = {
    "networks",
    "objective",
    "draw_noise",
    "metrics",
    "needs_labels",
    "has_prior",
}  # by each model, for its training


BEFORE_FIT = {*DEFINED, "fit", "fit_transform", "get_params", "set_params", "pretrain", "corrupt", "fit_softmax"}


NOT_THERE = {
    "ImportanceWeightedAutoencoder": {"beta", "warm_up", "free_bits", "kl"},  # fixed, and no options
    "ConditionalVariationalAutoencoder": {"transform", "inverse_transform", "score_samples"},
}


WITH_LABELS = {"StackedClassifier", "ConditionalVariationalAutoencoder"}


ALL = [name for name in sae.__all__ if isinstance(getattr(sae, name), type) and hasattr(getattr(sae, name), "fit")]


@pytest.mark.parametrize("name", ALL)
def test_whatever_needs_parameters_says_that_there_are_none_before_fit(name: str, x: np.ndarray) -> None:
    estimator, labels, used = getattr(sae, name)(), np.arange(30) % 2, 0
    arguments = {"Z": x[:, :2], "X": x, "y": labels, "path": "model.npz", "n": 3, "a": x[0], "b": x[1]}
    for method in dir(type(estimator)):
        if method.startswith("_") or method in BEFORE_FIT | NOT_THERE.get(name, set()):
            continue
        with pytest.raises(sae.NotFittedError, match=f"This {name} .* yet; call (fit|pretrain) first"):
            use = getattr(estimator, method)  # some are properties
            required = [p for p in inspect.signature(use).parameters.values() if p.default is p.empty]
            given = {p.name: arguments[p.name] for p in required if p.kind is p.POSITIONAL_OR_KEYWORD}
            if name in WITH_LABELS and "y" in inspect.signature(use).parameters:
                given["y"] = labels[:3] if "n" in given else labels
            use(**given)
        used += 1
    assert used > 5
