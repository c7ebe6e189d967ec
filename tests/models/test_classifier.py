"""The classifier on top of a stack: what it begins with, what it learns, and how it is kept."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.utils import get_tags

import scratchae as sae
from scratchae.models import blocks
from scratchae.models.fitting import Data, ModelProblem
from scratchae.training import loop
from scratchae.verify.autoencoder import model_gradient_error

X = np.random.default_rng(0).random((24, 6))
Y = np.arange(24) % 3
SMALL: dict[str, Any] = {"epochs": 3, "batch_size": 8, "learning_rate": 0.01, "random_state": 0, "dtype": "float64"}


def new(**options: Any) -> sae.StackedClassifier:
    return sae.StackedClassifier(**{**SMALL, "hidden_sizes": (5, 4), **options})


@pytest.fixture(scope="module")
def stack() -> sae.StackedAutoencoder:
    return sae.StackedAutoencoder(**SMALL, hidden_sizes=(5, 4), pretrain_epochs=3).fit(X)


def encoder_of(parameters: Any) -> dict[str, np.ndarray]:
    return {name: value.copy() for name, value in parameters.items() if name.startswith("encoder.")}


def equal(one: dict[str, np.ndarray], two: dict[str, np.ndarray]) -> bool:
    return list(one) == list(two) and all(np.array_equal(one[name], two[name]) for name in one)


# From the stack to the classifier.


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_before_it_is_trained_it_encodes_as_the_stack(activation: str, backend: str) -> None:
    with sae.use_backend(backend):
        options = {**SMALL, "dtype": "float32", "activation": activation, "optimizer": "momentum"}
        stack = sae.StackedAutoencoder(hidden_sizes=(5, 4), pretrain_epochs=2, **options).fit(X)
        for classifier in (stack.to_classifier(), stack.to_classifier(3), stack.to_classifier(epochs=7)):
            assert np.array_equal(classifier.encode(X), stack.encode(X))
            taken = {name: getattr(classifier, name) for name in ("activation", "optimizer", "batch_size", "dtype")}
            assert taken == {name: options[name] for name in taken} and classifier.hidden_sizes == (5, 4)
        assert (stack.to_classifier(3).n_classes, classifier.epochs) == (3, 7)
        precise = stack.to_classifier(dtype="float64")
        assert precise.encode(X).dtype == np.float64
        np.testing.assert_allclose(precise.encode(X), stack.encode(X), atol=1e-5)
        with pytest.raises(ValueError, match="expecting 6 features"):
            precise.encode(X[:, :3])


def test_its_layers_are_a_copy(stack: sae.StackedAutoencoder) -> None:
    kept = stack.parameters_.flat.copy()
    classifier = stack.to_classifier(**SMALL)
    classifier.fit_softmax(X, Y).fit(X, Y)
    assert np.array_equal(stack.parameters_.flat, kept)
    other, changed = copy.deepcopy(stack), copy.deepcopy(stack)
    waiting = changed.to_classifier()
    changed.parameters_.flat[:] = 0
    assert np.array_equal(waiting.encode(X), other.encode(X))


@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_fit_softmax_trains_the_softmax_layer_only(stack: sae.StackedAutoencoder, backend: str) -> None:
    with sae.use_backend(backend):
        codes = stack.encode(X)
        classifier = stack.to_classifier(**SMALL).fit_softmax(X, Y, validation_data=(X[:7], Y[:7]))
        assert equal(encoder_of(classifier.parameters_), encoder_of(stack.parameters_))
        regression = new(hidden_sizes=()).fit(codes, Y, validation_data=(codes[:7], Y[:7]))
        for name, value in regression.parameters_.items():
            assert np.array_equal(classifier.parameters_[name], value)
        for column in ("loss", "val_loss", "val_error"):
            assert classifier.history_[column] == regression.history_[column]
        np.testing.assert_allclose(classifier.predict_proba(X), regression.predict_proba(codes), atol=1e-12)
        assert classifier.history_["loss"][-1] < classifier.history_["loss"][0]
        assert list(classifier.classes_) == [0, 1, 2] and np.array_equal(classifier.encode(X), codes)


def test_fit_begins_with_the_copied_layers_and_with_the_softmax_layer_if_it_was_trained(
    stack: sae.StackedAutoencoder,
) -> None:
    still: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 1e-300, "epochs": 1}
    copied = encoder_of(stack.parameters_)
    begun = stack.to_classifier(**{**SMALL, **still}).fit(X, Y)
    assert equal(encoder_of(begun.parameters_), copied)
    assert not equal(encoder_of(new(**still).fit(X, Y).parameters_), copied)
    softmax = stack.to_classifier(**SMALL).fit_softmax(X, Y)
    after = softmax.parameters_.flat.copy()
    assert np.array_equal(softmax.set_params(**still).fit(X, Y).parameters_.flat, after)
    assert not np.array_equal(begun.parameters_["softmax.0.W"], softmax.parameters_["softmax.0.W"])
    twice = [stack.to_classifier(**SMALL).fit(X, Y).fit(X, Y), stack.to_classifier(**SMALL).fit(X, Y)]
    assert np.array_equal(twice[0].parameters_.flat, twice[1].parameters_.flat)  # each fit begins there


def test_fit_moves_every_parameter(stack: sae.StackedAutoencoder) -> None:
    classifier = stack.to_classifier(**SMALL)
    before = classifier.fit_softmax(X, Y).parameters_.copied()
    for name, value in classifier.fit(X, Y).parameters_.items():
        assert (value != before[name]).all(), name
    with pytest.raises(ValueError, match="fit_softmax needs pre-trained layers"):
        new().fit_softmax(X, Y)


@pytest.mark.parametrize("sizes", [(), (5,), (4, 4), (5, 4, 3)])
def test_other_sizes_than_the_copied_ones_are_refused(stack: sae.StackedAutoencoder, sizes: tuple[int, ...]) -> None:
    classifier = stack.to_classifier(**SMALL)
    before = set(vars(classifier))
    classifier.set_params(hidden_sizes=sizes)
    message = "The copied layers have .*encoder.* need .*; restore hidden_sizes and n_classes, or make a new"
    for use in (classifier.fit, classifier.fit_softmax, lambda x, y: classifier.encode(x)):
        with pytest.raises(ValueError, match=message):
            use(X, Y)
    assert set(vars(classifier)) == before
    assert np.array_equal(classifier.set_params(hidden_sizes=(5, 4)).encode(X), stack.encode(X))


def test_a_clone_keeps_the_copied_layers(stack: sae.StackedAutoencoder) -> None:
    fitted = stack.to_classifier(**SMALL).fit(X, Y)
    for again in (clone(stack.to_classifier(**SMALL)), clone(fitted)):
        assert not hasattr(again, "classes_") and np.array_equal(again.encode(X), stack.encode(X))
        assert np.array_equal(again.fit(X, Y).parameters_.flat, fitted.parameters_.flat)
    search = GridSearchCV(stack.to_classifier(**SMALL), {"learning_rate": [1e-300, 0.1]}, cv=2).fit(X, Y)
    still = clone(search.estimator).set_params(learning_rate=1e-300).fit(X, Y)
    np.testing.assert_allclose(still.encode(X), stack.encode(X), atol=1e-10)
    assert clone(new())._start is None


# The objective.


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize(
    "options", [{"hidden_sizes": ()}, {}, {"activation": "tanh", "weight_decay": 0.2}, {"activation": "relu"}]
)
def test_the_objective_and_its_gradient(options: dict[str, Any], backend: str) -> None:
    with sae.use_backend(backend):
        classifier = new(**options).fit(X, Y)
        classifier.parameters_.flat[:] *= 2
        assert model_gradient_error(classifier, X[:7], Y[:7]) < 1e-7
        loss, gradients = classifier.loss_and_gradients(X, Y)
        p = classifier.parameters_
        right = classifier.predict_proba(X)[np.arange(24), Y]
        decay = classifier.weight_decay / 2 * sum((p[name] ** 2).sum() for name in p if name.endswith("W"))
        assert loss == pytest.approx(-np.log(right).mean() + decay, rel=1e-12)
        assert list(gradients) == list(p) and {n: g.shape for n, g in gradients.items()} == p.shapes
        p.flat[:] = 0
        assert classifier.loss_and_gradients(X, Y)[0] == pytest.approx(np.log(3), rel=1e-14)


def test_every_optimizer_agrees_on_both_backends() -> None:
    for optimizer in ("adam", "momentum", "sgd", "lbfgs"):
        models = []
        for backend in ("numba", "numpy"):
            with sae.use_backend(backend):
                classifier = new(optimizer=optimizer, activation="tanh", weight_decay=0.01)
                models.append(classifier.fit(X, Y, validation_data=(X[:9], Y[:9])))
        fast, slow = models
        np.testing.assert_allclose(fast.parameters_.flat, slow.parameters_.flat, atol=1e-8)
        np.testing.assert_allclose(fast.predict_proba(X), slow.predict_proba(X), atol=1e-8)
        np.testing.assert_allclose(fast.history_["val_loss"], slow.history_["val_loss"], rtol=1e-9)
        assert fast.history_["loss"][-1] < fast.history_["loss"][0]


def test_lbfgs_in_blocks_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 7)
    classifier = new(optimizer="lbfgs", weight_decay=0.1).fit(X, Y)
    expected, gradients = classifier.loss_and_gradients(X, Y)
    state = classifier._first_state(6, 0)
    state.parameters.flat[:] = classifier.parameters_.flat
    in_blocks = ModelProblem(classifier, Data(X, Y), None, sae.LBFGS(), None, {})
    loss, gradient = in_blocks.full_gradient(state, state.parameters.flat)
    assert loss == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient, np.concatenate([g.ravel() for g in gradients.values()]), atol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_without_hidden_layers_it_is_logistic_regression(n_classes: int) -> None:
    rng = np.random.default_rng(1)
    y = rng.integers(0, n_classes, 60)
    x = rng.standard_normal((60, 4)) + 0.5 * y[:, None]
    # Of two classes, scikit-learn has one vector of weights, the difference of ours: its square is twice the sum of our squares.
    decay = 1 / (2.0 * 60) * (2 if n_classes == 2 else 1)
    ours = new(hidden_sizes=(), optimizer="lbfgs", weight_decay=decay, epochs=500).fit(x, y)
    theirs = LogisticRegression(C=2.0, tol=1e-10, max_iter=10_000).fit(x, y)
    np.testing.assert_allclose(ours.predict_proba(x), theirs.predict_proba(x), atol=1e-4)
    assert np.array_equal(ours.predict(x), theirs.predict(x)) and ours.score(x, y) == theirs.score(x, y)
    free = new(hidden_sizes=(), optimizer="lbfgs", weight_decay=decay / 100, epochs=500).fit(x, y)
    assert np.abs(free.predict_proba(x) - theirs.predict_proba(x)).max() > 1e-2  # the regularisation matters


# Learning.


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("sizes", [(), (8,)])
def test_it_learns_classes_that_can_be_separated(sizes: tuple[int, ...], backend: str) -> None:
    rng = np.random.default_rng(2)
    y = np.arange(90) % 3
    x = np.array([[0, 0], [4, 0], [0, 4]])[y] + 0.5 * rng.standard_normal((90, 2))
    with sae.use_backend(backend):
        classifier = new(hidden_sizes=sizes, epochs=60, learning_rate=0.1).fit(x[:60], y[:60])
        assert classifier.score(x[60:], y[60:]) == 1.0
        assert classifier.predict_proba(x[60:])[np.arange(30), y[60:]].min() > 0.6


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_ten_examples_can_be_learned_by_heart(activation: str) -> None:
    rng = np.random.default_rng(3)
    x, y = rng.random((10, 8)), rng.integers(0, 4, 10)
    classifier = new(hidden_sizes=(30,), activation=activation, epochs=400, batch_size=10, learning_rate=0.05)
    classifier.fit(x, y)
    assert classifier.score(x, y) == 1.0 and classifier.history_["loss"][-1] < 0.05


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_predictions_probabilities_and_scores_agree(dtype: str, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sae.use_backend(backend)  # conftest goes back
    classifier = new(dtype=dtype, hidden_sizes=(5,), activation="identity").fit(X, Y)
    for factor in (1, 1e4):  # also where exp would overflow
        classifier.parameters_.flat[:] *= factor
        p = classifier.predict_proba(X)
        assert p.shape == (24, 3) and p.dtype == dtype and p.min() >= 0
        np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6 if dtype == "float32" else 1e-14)
        assert np.array_equal(classifier.predict(X), classifier.classes_[p.argmax(axis=1)])
        assert classifier.score(X, Y) == (classifier.predict(X) == Y).mean()
        monkeypatch.setattr(blocks, "BLOCK", 7)
        np.testing.assert_allclose(classifier.predict_proba(X), p, atol=1e-6)
        assert isinstance(classifier.score(X, Y), float)
    assert len(np.unique(classifier.predict(X))) > 1


def test_validation_data_add_loss_and_error_to_the_history() -> None:
    classifier = new(weight_decay=0.1).fit(X, Y)
    assert set(classifier.history_) == {"loss", "seconds", "cross_entropy", "weight_decay"}
    classifier.fit(X, Y, validation_data=(X[:9], Y[:9]))
    terms = {"cross_entropy", "weight_decay"}
    assert set(classifier.history_) == {"loss", "seconds", "val_loss", "val_error", *terms}
    assert {len(values) for values in classifier.history_.values()} == {3}
    assert classifier.history_["val_error"][-1] == pytest.approx(1 - classifier.score(X[:9], Y[:9]))
    assert classifier.history_["val_loss"][-1] == pytest.approx(classifier.loss_and_gradients(X[:9], Y[:9])[0])


def test_early_stopping_on_the_share_of_wrong_answers() -> None:
    stop = sae.EarlyStopping(patience=4, monitor="val_error")
    validation_data = (X[:9] + 0.1, Y[:9])
    classifier = new(epochs=300, learning_rate=0.05, activation="tanh", hidden_sizes=(8,))
    classifier.fit(X, Y, validation_data=validation_data, callbacks=[stop])
    errors = classifier.history_["val_error"]
    assert len(errors) == stop.best_epoch + 4 < 300 and stop.best == min(errors) < max(errors)
    assert classifier.score(*validation_data) == pytest.approx(1 - stop.best)
    assert np.array_equal(
        classifier.parameters_.flat, clone(classifier).set_params(epochs=stop.best_epoch).fit(X, Y).parameters_.flat
    )
    with pytest.raises(ValueError, match="'val_error', which is not in the history; pass validation_data"):
        new().fit(X, Y, callbacks=[sae.EarlyStopping(monitor="val_error", validation_fraction=None)])


def test_scikit_learn_takes_it_for_a_classifier() -> None:
    assert is_classifier(new()) and get_tags(new()).target_tags.required
    folds = cross_val_score(new(epochs=1), X, Y, cv=KFold(3))  # whose parts have every class
    assert folds.shape == (3,) and ((folds >= 0) & (folds <= 1)).all()


def test_seeds() -> None:
    one, two, other = (new(random_state=seed).fit(X, Y).parameters_.flat for seed in (1, 1, 2))
    assert np.array_equal(one, two) and not np.array_equal(one, other)


def test_a_softmax_layer_trained_for_other_classes_is_not_kept(x: np.ndarray) -> None:
    options: dict[str, Any] = {"epochs": 3, "random_state": 0}
    stack = sae.StackedAutoencoder((4,), pretrain_epochs=1, random_state=0).pretrain(x)
    y, other = np.arange(len(x)) % 3, np.arange(len(x)) % 3 + 7
    plain = stack.to_classifier(**options).fit(x, other)
    topped = stack.to_classifier(**options).fit_softmax(x, y).fit(x, other)
    assert np.array_equal(plain.parameters_.flat, topped.parameters_.flat)
    same = stack.to_classifier(**options).fit_softmax(x, y).fit(x, y)
    assert not np.array_equal(same.parameters_.flat, stack.to_classifier(**options).fit(x, y).parameters_.flat)
    assert stack.to_classifier(**options).fit_softmax(x, y).fit(x, y % 2).classes_.tolist() == [0, 1]


# Runs: kept in files, resumed, interrupted, ended by an error.


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


def test_copied_layers_are_used_with_valid_options_only(stack: sae.StackedAutoencoder) -> None:
    classifier = stack.to_classifier(**SMALL)
    codes = classifier.encode(X)
    with pytest.raises(ValueError, match="learning_rate=-1"):
        classifier.set_params(learning_rate=-1).encode(X)
    assert np.array_equal(classifier.set_params(learning_rate=1e-3).encode(X), codes)


def test_logarithms_of_probabilities_stay_finite() -> None:
    x = np.random.default_rng(0).random((30, 3))
    with sae.use_backend("numpy"):
        model = sae.StackedClassifier((), epochs=5, random_state=0, dtype="float64").fit(x, x[:, 0] > 0.5)
        np.testing.assert_allclose(model.predict_log_proba(x), np.log(model.predict_proba(x)), rtol=1e-12)
        far = model.predict_log_proba(x * 1e6)
    assert np.isfinite(far).all() and far.min() < -1000
