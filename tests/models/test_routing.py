"""Metadata routing: weights reach a model through pipelines, searches and scorers, exactly where they were requested."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import AdaBoostClassifier
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

import scratchae as sae
from scratchae.models.routing import arguments_of
from scratchae.registry import REGISTRY

X = np.random.default_rng(0).normal(size=(40, 4))
Y = np.arange(40) % 2
W = np.random.default_rng(1).exponential(size=40)


@pytest.fixture
def routing() -> Iterator[None]:
    with config_context(enable_metadata_routing=True):
        yield


def autoencoder(**options: Any) -> Any:
    return sae.Autoencoder((4,), 2, likelihood="gaussian", epochs=2, random_state=0, **options)


def classifier(**options: Any) -> Any:
    return sae.StackedClassifier((4,), epochs=2, random_state=0, **options)


def test_weights_reach_the_model_in_a_pipeline(routing: None) -> None:
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    pipeline = make_pipeline(
        scaler, autoencoder().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    )
    pipeline.fit(X, sample_weight=W)
    scaled = StandardScaler().fit_transform(X)
    expected = autoencoder().fit(scaled, sample_weight=W)
    np.testing.assert_array_equal(pipeline[-1].parameters_.flat, expected.parameters_.flat)
    assert pipeline.score(X, sample_weight=W) == expected.score(scaled, sample_weight=W)
    inside = make_pipeline(
        autoencoder().set_fit_request(sample_weight=True), classifier().set_fit_request(sample_weight=True)
    )
    inside.fit(X, Y, sample_weight=W)
    codes = autoencoder().fit(X, sample_weight=W).transform(X)
    again = classifier().fit(codes, Y, sample_weight=W)
    np.testing.assert_array_equal(inside[-1].parameters_.flat, again.parameters_.flat)


def test_requests_that_are_not_made_are_errors_or_ignored(routing: None) -> None:
    with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
        make_pipeline(autoencoder()).fit(X, sample_weight=W)
    ignoring = make_pipeline(
        StandardScaler().set_fit_request(sample_weight=True), autoencoder().set_fit_request(sample_weight=False)
    )
    ignoring.fit(X, sample_weight=W)
    scaled = StandardScaler().fit(X, sample_weight=W).transform(X)
    np.testing.assert_array_equal(ignoring[-1].parameters_.flat, autoencoder().fit(scaled).parameters_.flat)


def test_other_names_and_other_arguments(routing: None) -> None:
    model = autoencoder().set_fit_request(sample_weight="importance", validation_data="held_out")
    pipeline = make_pipeline(model).fit(X, importance=W, held_out=X)
    expected = autoencoder().fit(X, sample_weight=W, validation_data=X)
    np.testing.assert_array_equal(pipeline[-1].parameters_.flat, expected.parameters_.flat)
    assert pipeline[-1].history_["val_loss"] == expected.history_["val_loss"]


def test_weights_in_a_search(routing: None) -> None:
    model = classifier().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    search = GridSearchCV(model, {"learning_rate": [1e-3, 1e-1]}, cv=2).fit(X, Y, sample_weight=W)
    best = classifier(**search.best_params_).fit(X, Y, sample_weight=W)
    np.testing.assert_array_equal(search.best_estimator_.parameters_.flat, best.parameters_.flat)
    results = cross_validate(model, X, Y, params={"sample_weight": W}, cv=2, return_estimator=True, return_indices=True)
    for fitted, train, test, score in zip(
        results["estimator"],
        results["indices"]["train"],
        results["indices"]["test"],
        results["test_score"],
        strict=True,
    ):
        again = classifier().fit(X[train], Y[train], sample_weight=W[train])
        np.testing.assert_array_equal(fitted.parameters_.flat, again.parameters_.flat)
        assert score == again.score(X[test], Y[test], sample_weight=W[test])


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_requests_of_every_model(name: str, routing: None) -> None:
    kind = getattr(sae, name)
    model = kind().set_fit_request(sample_weight=True, validation_data="held_out").set_fit_request(validation_data=None)
    assert get_routing_for_object(model).fit.requests["sample_weight"] is True  # requests of one method add up
    model = kind().set_fit_request(sample_weight=True).set_score_request(sample_weight=False)
    assert {"sample_weight", "validation_data", "callbacks", "checkpoint", "resume"} == set(arguments_of(kind, "fit"))
    found = get_routing_for_object(model)
    assert found.fit.requests["sample_weight"] is True and found.score.requests == {"sample_weight": False}
    assert found.fit.requests["validation_data"] is None and found.predict.requests == {}
    partial = {"sample_weight": None, **({"classes": None} if kind.needs_labels else {})}
    assert found.partial_fit.requests == partial
    model.set_partial_fit_request(sample_weight=True)
    assert get_routing_for_object(model).partial_fit.requests["sample_weight"] is True


def test_copies_keep_their_requests_to_themselves() -> None:
    model = autoencoder().set_fit_request(sample_weight=True)
    for other in (clone(model), copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other.get_metadata_routing().fit.requests["sample_weight"] is True
        other.set_fit_request(sample_weight=None)
        assert model.get_metadata_routing().fit.requests["sample_weight"] is True
    start = sae.StackedAutoencoder((3,), likelihood="gaussian", pretrain_epochs=1).pretrain(X).to_classifier()
    again = clone(start.set_fit_request(sample_weight=True))
    assert again.get_metadata_routing().fit.requests["sample_weight"] is True and again._start is not None


@pytest.mark.parametrize(
    ("method", "request_", "error", "message"),
    [
        ("fit", {"sample_weigth": True}, TypeError, "no argument 'sample_weigth' .did you mean 'sample_weight'"),
        ("fit", {"X": True}, TypeError, "no argument 'X'"),
        ("score", {"validation_data": True}, TypeError, "it has sample_weight"),
        ("fit", {"sample_weight": 1.5}, ValueError, "1.5.* is not allowed"),
        ("fit", {"sample_weight": "two words"}, ValueError, "'two words'.* is not allowed"),
    ],
)
def test_bad_requests_are_refused(method: str, request_: Any, error: type[Exception], message: str) -> None:
    model = autoencoder()
    with pytest.raises(error, match=message):
        getattr(model, f"set_{method}_request")(**request_)
    assert vars(model) == vars(autoencoder())


# What scikit-learn's other estimators see.


def test_weights_are_seen_after_they_are_requested() -> None:
    assert not has_fit_parameter(classifier(), "sample_weight")
    requesting = classifier(dtype="float64").set_fit_request(
        sample_weight=True
    )  # (scikit-learn 1.6 calibrates float64 only)
    assert has_fit_parameter(requesting, "sample_weight")
    with pytest.raises(ValueError, match="doesn't support sample_weight"):
        AdaBoostClassifier(classifier(), n_estimators=2).fit(X, Y)
    boosted = AdaBoostClassifier(requesting, n_estimators=2, random_state=0).fit(X, Y)
    assert boosted.predict(X).shape == (40,)
    calibrated = CalibratedClassifierCV(requesting, cv=2, ensemble=False).fit(X, Y, sample_weight=W)
    again = classifier(dtype="float64").fit(X, Y, sample_weight=W)
    np.testing.assert_array_equal(
        calibrated.calibrated_classifiers_[0].estimator.parameters_.flat, again.parameters_.flat
    )
