"""Estimators in scikit-learn's hands: clones, searches, pipelines and copies."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.validation import check_is_fitted

import scratchae as sae

SMALL: dict[str, Any] = {"hidden_sizes": (6,), "latent_dim": 2, "epochs": 2, "random_state": 0}
OPTIONS: dict[str, Any] = {**SMALL, "likelihood": "gaussian", "batch_size": 16}


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return np.random.default_rng(0).random((30, 7), dtype=np.float32)


@pytest.fixture(scope="module")
def model(x: np.ndarray) -> sae.Autoencoder:
    return sae.Autoencoder(**SMALL).fit(x)


@pytest.fixture
def fitted(x: np.ndarray) -> sae.Autoencoder:
    return sae.Autoencoder(**OPTIONS).fit(x)


def test_pipeline_grid_search_clone_pickle_copy(x: np.ndarray, model: sae.Autoencoder) -> None:
    pipeline = make_pipeline(MinMaxScaler(clip=True), sae.Autoencoder(**SMALL)).fit(x * 9 - 3)
    assert pipeline.transform(x).shape == (30, 2)
    search = GridSearchCV(sae.Autoencoder(**SMALL), {"latent_dim": [1, 3]}, cv=2).fit(x)
    assert search.best_params_["latent_dim"] in (1, 3)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert np.array_equal(other.encode(x), model.encode(x))
        other.parameters_.flat[:] = 0  # a copy's named arrays are windows on its own flat vector
        assert not other.encode(x).any() and model.encode(x).any()
    assert clone(model).get_params() == model.get_params()


def test_clone_has_the_options_and_nothing_learned(fitted: sae.Autoencoder) -> None:
    fitted.set_params(optimizer=sae.Momentum(0.5), random_state=np.random.default_rng(3))
    again = clone(fitted)
    assert not hasattr(again, "history_")
    assert again.optimizer == sae.Momentum(0.5)
    assert {k: v for k, v in again.get_params().items() if k != "random_state"} == {
        k: v for k, v in fitted.get_params().items() if k != "random_state"
    }


def test_scikit_learn_knows_what_is_fitted(fitted: sae.Autoencoder, x: np.ndarray) -> None:
    check_is_fitted(fitted)
    with pytest.raises(NotFittedError):
        check_is_fitted(clone(fitted))
    with pytest.raises(NotFittedError) as caught:  # scikit-learn's own class, and ours
        clone(fitted).encode(x)
    assert isinstance(caught.value, sae.NotFittedError)


@pytest.mark.parametrize("threads", [1, 2])
def test_grid_search_finds_the_larger_code(threads: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((90, 4)) @ rng.standard_normal((4, 8))
    options = {**OPTIONS, "hidden_sizes": (), "activation": "identity", "optimizer": "lbfgs", "epochs": 60}
    grid = {"latent_dim": [1, 4], "weight_decay": [0.0]}
    with joblib.parallel_config(backend="threading"):
        search = GridSearchCV(sae.Autoencoder(**options), grid, cv=2, n_jobs=threads).fit(x)
    assert search.best_params_["latent_dim"] == 4
    assert search.best_score_ > -1 > search.cv_results_["mean_test_score"][0]
    assert np.isfinite(cross_val_score(search.best_estimator_, x, cv=2)).all()


def test_pipeline(x: np.ndarray) -> None:
    pipeline = make_pipeline(StandardScaler(), sae.Autoencoder(**OPTIONS))
    codes = pipeline.fit_transform(x)
    np.testing.assert_array_equal(pipeline.transform(x), codes)
    assert pipeline.inverse_transform(codes).shape == x.shape
    assert isinstance(pipeline.score(x), float)
    pipeline.set_params(autoencoder__latent_dim=3)
    assert pipeline.fit(x, autoencoder__validation_data=x).transform(x).shape == (30, 3)
    assert "val_loss" in pipeline[-1].history_
    assert "latent_dim=3" in repr(pipeline)


COPIES = {"pickle": lambda model: pickle.loads(pickle.dumps(model)), "deepcopy": copy.deepcopy, "copy": copy.copy}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("tied", [False, True])
def test_copies_are_whole(x: np.ndarray, way: str, tied: bool) -> None:
    model = sae.Autoencoder(**OPTIONS, tied_weights=tied).fit(x)
    again = COPIES[way](model)
    np.testing.assert_array_equal(again.reconstruct(x), model.reconstruct(x))
    assert again.history_ == model.history_ and again.get_params() == model.get_params()
    for name, array in again.parameters_.items():  # names and flat vector are still the same memory
        assert np.shares_memory(array, again.parameters_.flat), name
    if way != "copy":
        again.parameters_["encoder.0.W"][...] = 0
        again.history_["loss"].clear()
        assert model.parameters_["encoder.0.W"].all() and model.history_["loss"]
    assert COPIES[way](sae.Autoencoder(**OPTIONS)).get_params() == sae.Autoencoder(**OPTIONS).get_params()


def test_a_copy_stays_as_it_is_while_the_model_is_fitted_again(fitted: sae.Autoencoder, x: np.ndarray) -> None:
    old, codes = copy.copy(fitted), fitted.encode(x)
    fitted.set_params(random_state=1).fit(x[:20])
    np.testing.assert_array_equal(old.encode(x), codes)
    assert not np.array_equal(fitted.encode(x), codes)


def test_the_constructor_stores_its_arguments_untouched() -> None:
    sizes, rate = [3, np.int64(2)], np.float32(0.1)
    model = sae.Autoencoder(sizes, learning_rate=rate, activation="no such thing")
    assert model.hidden_sizes is sizes and model.learning_rate is rate
    assert model.set_params() is model
    assert model.get_params(deep=False) == model.get_params()
