"""Column names of data frames: remembered, compared, saved."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas
import pytest

import scratchae as sae
from scratchae.registry import BY_NAME

SMALL: dict[str, Any] = {"hidden_sizes": (6,), "latent_dim": 2, "epochs": 2, "random_state": 0}


OPTIONS: dict[str, Any] = {**SMALL, "likelihood": "gaussian", "batch_size": 16}


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return np.random.default_rng(0).random((30, 7), dtype=np.float32)


@pytest.fixture(scope="module")
def model(x: np.ndarray) -> sae.Autoencoder:
    return sae.Autoencoder(**SMALL).fit(x)


@pytest.fixture
def frame(x: np.ndarray) -> Any:
    return pandas.DataFrame(x, columns=[f"pixel {i}" for i in range(7)])


def test_column_names_are_remembered_and_compared(frame: Any, x: np.ndarray) -> None:
    model = sae.Autoencoder(**OPTIONS).fit(frame)
    assert list(model.feature_names_in_) == list(frame.columns)
    np.testing.assert_array_equal(model.encode(frame), sae.Autoencoder(**OPTIONS).fit(x).encode(x))
    for method in ("encode", "transform", "reconstruct", "score", "score_samples", "loss_and_gradients"):
        with pytest.warns(
            UserWarning, match="X does not have valid feature names, but Autoencoder was fitted with feature names"
        ):
            getattr(model, method)(x)
        with pytest.raises(ValueError, match="must be in the same order as they were in fit"):
            getattr(model, method)(frame[frame.columns[::-1]])
        with pytest.raises(
            ValueError,
            match="unseen at fit time:\n- other\nFeature names seen at fit time, yet now missing:\n- pixel 3",
        ):
            getattr(model, method)(frame.rename(columns={"pixel 3": "other"}))
    with pytest.warns(UserWarning, match="X has feature names, but Autoencoder was fitted without"):
        sae.Autoencoder(**OPTIONS).fit(x).encode(frame)


def test_column_names_are_saved(frame: Any, tmp_path: Any) -> None:
    model = sae.Autoencoder(**OPTIONS).fit(frame)
    model.save(tmp_path / "m.npz")
    again = sae.load(tmp_path / "m.npz")
    assert list(again.feature_names_in_) == list(frame.columns)
    assert again.feature_names_in_.dtype == object
    np.testing.assert_array_equal(again.encode(frame), model.encode(frame))


def test_column_names_of_the_last_fit_count(frame: Any, x: np.ndarray) -> None:
    model = sae.Autoencoder(**OPTIONS).fit(frame)
    with pytest.raises(ValueError, match="NaN"):
        model.fit(x * np.nan)
    model.set_params(learning_rate=1e30)
    with pytest.raises(sae.DivergenceError):
        model.fit(x)
    assert list(model.feature_names_in_) == list(frame.columns)  # the former fit still stands
    model.set_params(learning_rate=1e-3).fit(x)
    assert not hasattr(model, "feature_names_in_")
    model.fit(frame.rename(columns=dict(zip(frame.columns, range(7), strict=True))))
    assert not hasattr(model, "feature_names_in_")  # numbers are no names
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.encode(x)


WAYS = [
    (n, way)
    for n in BY_NAME
    for way in ("fit", "pretrain", "fine_tune", "fit_softmax")
    if hasattr(getattr(sae, n), way)
]


@pytest.mark.parametrize(("name", "fit"), WAYS)
def test_validation_data_with_other_columns_are_refused(name: str, fit: str) -> None:
    x = pandas.DataFrame(np.random.default_rng(0).random((20, 3), dtype=np.float32), columns=["s", "l", "w"])
    y = np.arange(20) % 2
    kind = getattr(sae, name)
    model = kind(epochs=1, random_state=0)
    with sae.use_backend("numpy"):
        if fit == "fine_tune":
            model.pretrain(x)
        if fit == "fit_softmax":
            model = (
                sae.StackedAutoencoder((4,), pretrain_epochs=1, epochs=1, random_state=0)
                .pretrain(x)
                .to_classifier(epochs=1)
            )
        labels = (y,) if kind.needs_labels else ()
        for other, words in (
            (x[["w", "l", "s"]], "must be in the same order as they were in fit"),
            (
                x.rename(columns={"s": "t"}),
                "unseen at fit time:\n- t\nFeature names seen at fit time, yet now missing:\n- s",
            ),
        ):
            given: Any = (other, *labels) if labels else [other, (other,)]
            for held_out in given if isinstance(given, list) else [given]:
                with pytest.raises(ValueError, match=f"validation_data does not match X(.|\n)*{words}"):
                    getattr(model, fit)(x, *labels, validation_data=held_out)
        assert hasattr(model, "history_") == (fit == "fine_tune")  # nothing was learned
        with pytest.warns(
            UserWarning, match="X has feature names, but validation_data does not have valid feature names"
        ):
            getattr(model, fit)(x, *labels, validation_data=(x.to_numpy(), *labels))


def test_names_are_stored_only_if_all_are_text(x: np.ndarray) -> None:
    for columns in (range(7), ["a", "b", "c", "d", "e", "f", 7]):
        assert not hasattr(sae.Autoencoder(**SMALL).fit(pandas.DataFrame(x, columns=columns)), "feature_names_in_")


def test_at_most_five_names_of_each_kind_are_listed(frame: Any) -> None:
    model = sae.Autoencoder(**OPTIONS).fit(frame)
    with pytest.raises(ValueError) as caught:
        model.encode(frame.rename(columns=lambda name: name.replace("pixel", "dot")))
    assert str(caught.value).count("- dot") == str(caught.value).count("- pixel") == 5
