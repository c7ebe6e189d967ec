"""Estimators in scikit-learn's hands: clones, searches, pipelines and copies."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
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
from scratchae.registry import REGISTRY

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


# Copies of a model in every state from which fitting goes on: each goes on to the same bits.

Y, OTHER_Y = np.arange(30) % 3, np.arange(30) % 3 + 7
WAYS: dict[str, Callable[[Any], Any]] = {
    "clone": clone,
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
}
SEEDS: dict[str, Callable[[], Any]] = {
    "a number": lambda: 0,
    "a Generator": lambda: np.random.default_rng(5),
    "a RandomState": lambda: np.random.RandomState(5),
}


def new(name: str, **options: Any) -> Any:
    kind = getattr(sae, name)
    small, usual = {**SMALL, "pretrain_epochs": 1, "k": 1, "batch_size": 16, **options}, kind().get_params()
    # A model that has no hidden layers by default may not allow any.
    return kind(**{option: value for option, value in small.items() if usual.get(option, ()) != ()})


def on_top(random_state: Any) -> Any:
    """A classifier with copied layers, which another seed trained."""
    stack = new("StackedAutoencoder", random_state=1).pretrain(np.random.default_rng(2).random((30, 7)))
    return stack.to_classifier(epochs=2, random_state=random_state)


def same_bits(one: Any, two: Any) -> bool:
    """Return True if two fitted models agree in parameters, history (except for the times) and classes."""
    histories = [{**model.history_, "seconds": None} for model in (one, two)]
    classes = [getattr(model, "classes_", np.array([])).tolist() for model in (one, two)]
    equal = np.array_equal(one.parameters_.flat, two.parameters_.flat)
    return equal and histories[0] == histories[1] and classes[0] == classes[1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_copies_of_every_model_are_fitted_to_the_same_bits(name: str, seed: str, way: str, x: np.ndarray) -> None:
    model = new(name, random_state=SEEDS[seed]())
    for y in (Y, OTHER_Y):  # the first copy is of a model that was never fitted, the second of a fitted one
        other = WAYS[way](model)
        assert same_bits(other.fit(x, y), model.fit(x, y))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("after", ["fit", "fit_softmax"])
@pytest.mark.parametrize("before", ["nothing", "fit", "fit_softmax"])
def test_copies_of_a_classifier_begin_with_its_copied_layers(
    before: str, after: str, seed: str, way: str, x: np.ndarray
) -> None:
    for y in (Y, OTHER_Y, Y % 2):  # the classes for which the softmax layer was trained; others; fewer
        model = on_top(SEEDS[seed]())
        if before != "nothing":
            getattr(model, before)(x, Y)
        other = WAYS[way](model)
        assert same_bits(getattr(other, after)(x, y), getattr(model, after)(x, y))


@pytest.mark.parametrize("way", ["deepcopy", "pickle"])  # a clone has nothing learned, and so no layers
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("before", ["pretrain", "fit"])
def test_copies_of_a_stack_are_fine_tuned_to_the_same_bits(before: str, seed: str, way: str, x: np.ndarray) -> None:
    stack = getattr(new("StackedAutoencoder", random_state=SEEDS[seed]()), before)(x)
    other = WAYS[way](stack)
    assert same_bits(other.fine_tune(x), stack.fine_tune(x))
