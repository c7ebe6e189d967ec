"""Runs of the classifier: kept in files, resumed, interrupted, and ended by an error."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import scratchae as sae
from scratchae.models.fitting import ModelProblem
from scratchae.training import loop

X = np.random.default_rng(0).random((24, 6))
Y = np.arange(24) % 3
SMALL: dict[str, Any] = {"epochs": 3, "batch_size": 8, "learning_rate": 0.01, "random_state": 0, "dtype": "float64"}


def new(**options: Any) -> sae.StackedClassifier:
    return sae.StackedClassifier(**{**SMALL, "hidden_sizes": (5, 4), **options})


@pytest.fixture(scope="module")
def stack() -> sae.StackedAutoencoder:
    return sae.StackedAutoencoder(**SMALL, hidden_sizes=(5, 4), pretrain_epochs=3).fit(X)


@pytest.mark.parametrize("labels", [np.array(["one", "two", "three"]), np.array([True, False]), np.array([-3, 7, 12])])
def test_a_saved_classifier_is_the_same_classifier(labels: np.ndarray, tmp_path: Path) -> None:
    y = labels[np.arange(24) % len(labels)]
    classifier = new(optimizer=sae.Adam(beta1=0.8)).fit(X, y, validation_data=(X[:9], y[:9]))
    classifier.save(tmp_path / "classifier.npz")
    for again in (
        sae.load(tmp_path / "classifier.npz"),
        pickle.loads(pickle.dumps(classifier)),
        copy.deepcopy(classifier),
    ):
        assert type(again) is sae.StackedClassifier and again.get_params() == classifier.get_params()
        assert again.history_ == classifier.history_
        assert np.array_equal(again.classes_, np.unique(labels)) and again.classes_.dtype == classifier.classes_.dtype
        assert np.array_equal(again.predict_proba(X), classifier.predict_proba(X))
        assert np.array_equal(again.predict(X), classifier.predict(X)) and again.predict(X).dtype == labels.dtype
        assert again.score(X, y) == classifier.score(X, y)
        again.parameters_.flat[:] = 0
        assert classifier.parameters_.flat.any()


def test_resumed_gives_the_same_bits(
    stack: sae.StackedAutoencoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)
    names = np.array(["a", "b", "c"])[Y]
    for method in ("fit", "fit_softmax"):
        path, validation = tmp_path / f"{method}.npz", {"validation_data": (X[:9], names[:9])}
        begun = getattr(stack.to_classifier(**SMALL), method)(X, names, checkpoint=path, **validation)
        longer = stack.to_classifier(**{**SMALL, "epochs": 6})
        resumed = getattr(clone(longer), method)(X, names, checkpoint=path, resume=True, **validation)
        whole = getattr(clone(longer), method)(X, names, **validation)
        assert np.array_equal(resumed.parameters_.flat, whole.parameters_.flat)
        assert resumed.history_["val_error"] == whole.history_["val_error"]
        assert not np.array_equal(begun.parameters_.flat, whole.parameters_.flat)
        with pytest.raises(ValueError, match="was made with other data"):
            getattr(clone(longer), method)(X, names[::-1], checkpoint=path, resume=True, **validation)


def test_a_checkpoint_of_a_run_with_other_copied_layers_is_refused(
    stack: sae.StackedAutoencoder, tmp_path: Path
) -> None:
    stack.to_classifier(**SMALL).fit(X, Y, checkpoint=tmp_path / "run.npz")
    other = copy.deepcopy(stack).fine_tune(X).to_classifier(**SMALL)
    for classifier in (new(), other):
        with pytest.raises(
            ValueError, match="has copied layers='.*', but this run has .*; use the same, or start again"
        ):
            classifier.fit(X, Y, checkpoint=tmp_path / "run.npz", resume=True)
        with pytest.raises(sae.NotFittedError):
            classifier.predict(X)


# Interrupted, and ended by an error.


def interrupted(monkeypatch: pytest.MonkeyPatch, epoch: int) -> None:
    """Ctrl-C in the middle of that epoch."""
    take_steps = ModelProblem.take_steps

    def steps(self: Any, state: Any, order: np.ndarray, losses: np.ndarray) -> int:
        if state.epoch + 1 == epoch:
            raise KeyboardInterrupt
        return take_steps(self, state, order, losses)

    monkeypatch.setattr(ModelProblem, "take_steps", steps)


@pytest.mark.parametrize("method", ["fit", "fit_softmax"])
def test_ctrl_c_keeps_the_last_finished_epoch(
    stack: sae.StackedAutoencoder, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = getattr(stack.to_classifier(**{**SMALL, "epochs": 2}), method)(X, Y)
    interrupted(monkeypatch, 3)
    with pytest.warns(UserWarning, match="Training was interrupted; the model is that of epoch 2 of 3") as warned:
        classifier = getattr(stack.to_classifier(**SMALL), method)(X, Y)
    assert len(warned) == 1 and len(classifier.history_["loss"]) == 2
    assert np.array_equal(classifier.parameters_.flat, expected.parameters_.flat)
    assert np.array_equal(classifier.predict(X), expected.predict(X))


@pytest.mark.parametrize("method", ["fit", "fit_softmax"])
def test_a_run_without_a_finished_epoch_leaves_all_as_it_was(
    stack: sae.StackedAutoencoder, method: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fresh, fitted = stack.to_classifier(**SMALL), stack.to_classifier(**SMALL).fit(X, Y)
    before, kept, answer = set(vars(fresh)), copy.copy(vars(fitted)), fitted.predict_proba(X)
    two = Y > 0  # another number of classes than before
    for error, arguments in (
        (KeyboardInterrupt, {}),
        (FileNotFoundError, {"checkpoint": tmp_path / "none" / "run.npz"}),
        (ValueError, {"resume": True}),
    ):
        with monkeypatch.context() as context:
            if error is KeyboardInterrupt:
                interrupted(context, 1)
            for classifier in (fresh, fitted):
                with pytest.raises(error):
                    getattr(classifier, method)(X, two, **arguments)
        assert set(vars(fresh)) == before and fresh._start is not None
        assert vars(fitted).keys() == kept.keys()
        assert [name for name, value in vars(fitted).items() if value is not kept[name]] == []
        assert np.array_equal(fitted.predict_proba(X), answer) and np.array_equal(fresh.encode(X), stack.encode(X))
    assert fresh.fit(X, two).predict_proba(X).shape == (24, 2)


def test_an_error_in_a_callback_keeps_the_epoch_and_its_classes() -> None:
    classifier = new().fit(X, Y)
    with pytest.raises(ZeroDivisionError):
        classifier.fit(X, Y > 0, callbacks=[lambda model: 1 / 0])
    assert classifier.predict_proba(X).shape == (24, 2) and list(classifier.classes_) == [False, True]
    assert classifier._network(6).layers[-1].d_out == 2
    assert len(classifier.history_["loss"]) == 1 and classifier.fit(X, Y > 0).predict(X).dtype == bool


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_loss_that_is_no_number_is_an_error() -> None:
    classifier = new(activation="identity", optimizer="sgd", learning_rate=1e200)
    with pytest.raises(sae.DivergenceError, match="in epoch 1, batch .* the first array that is not finite is .*lower"):
        classifier.fit(X, Y)
    assert set(vars(classifier)) == set(classifier.get_params())


def test_use_before_fit(stack: sae.StackedAutoencoder) -> None:
    for classifier in (new(), stack.to_classifier(3)):
        for use in ("predict", "predict_proba", "score", "loss_and_gradients"):
            with pytest.raises(sae.NotFittedError, match="This StackedClassifier is not fitted yet; call fit first"):
                getattr(classifier, use)(X, *([Y] if use in ("score", "loss_and_gradients") else []))
        with pytest.raises(sae.NotFittedError):
            classifier.save("classifier.npz")
    with pytest.raises(sae.NotFittedError):
        new().encode(X)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden_sizes": 5}, "hidden_sizes=5 is not a sequence"),
        ({"hidden_sizes": (5, 0)}, r"hidden_sizes\[1\]=0 is not allowed"),
        ({"activation": "rleu"}, "did you mean 'relu'"),
        ({"n_classes": 1}, "n_classes=1 is not allowed; give an integer of at least 2"),
        ({"n_classes": 3.0}, "n_classes=3.0 is not allowed"),
        ({"learning_rate": 0}, "learning_rate=0 is not allowed"),
        ({"dtype": "float16"}, "float32, float64"),
    ],
)
def test_bad_options_are_refused_and_nothing_changes(options: dict[str, Any], message: str) -> None:
    fresh = new(**options)
    with pytest.raises(ValueError, match=message):
        fresh.fit(X, Y)
    assert set(vars(fresh)) == set(fresh.get_params())


def test_options_that_shape_the_network_cannot_be_changed_afterwards() -> None:
    classifier = new().fit(X, Y)
    for options in ({"hidden_sizes": (5, 3)}, {"activation": "tanh"}):
        kept = classifier.get_params()
        with pytest.raises(
            ValueError, match="but this StackedClassifier was fitted with .*; fit again or restore the option"
        ):
            classifier.set_params(**options).predict(X)
        classifier.set_params(**kept)
    assert classifier.predict(X).shape == (24,)
