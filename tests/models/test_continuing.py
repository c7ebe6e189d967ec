"""`partial_fit` and `warm_start`: the same bits as one longer training, and a sentence where the two do not fit together."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

import scratchae as sae
from scratchae.models.continuing import continues
from scratchae.registry import REGISTRY

SMALL: dict[str, Any] = {"hidden_sizes": (6,), "latent_dim": 2, "k": 1, "pretrain_epochs": 1, "batch_size": 8}
X = np.random.default_rng(0).random((30, 7))
Y = np.arange(30) % 3
NAMES = [entry.name for entry in REGISTRY]
ONE_PASS = [name for name in NAMES if name != "StackedAutoencoder"]


def new(name: str, **options: Any) -> Any:
    kind = getattr(sae, name)
    usual = kind().get_params()
    given = {option: value for option, value in SMALL.items() if usual.get(option, ()) != ()}
    return kind(**{**given, "random_state": 0, "epochs": 2, **options})


def once(model: Any, x: Any = X, y: Any = Y, **options: Any) -> Any:
    """One call of `partial_fit`, with the classes if the model needs them."""
    first = model.needs_labels and not hasattr(model, "history_")
    return model.partial_fit(x, y, **({"classes": [0, 1, 2]} if first else {}), **options)


def same(one: Any, two: Any) -> bool:
    histories = [{**model.history_, "seconds": None} for model in (one, two)]
    return np.array_equal(one.parameters_.flat, two.parameters_.flat) and histories[0] == histories[1]


# The same bits.


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("name", ONE_PASS)
def test_passes_over_all_rows_are_epochs(name: str, backend: str) -> None:
    with sae.use_backend(backend):
        model = new(name)
        for _ in range(3):
            assert once(model) is model
        assert same(model, new(name, epochs=3).fit(X, Y))


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", sae.Adam(beta1=0.5)])
@pytest.mark.parametrize("name", NAMES)
def test_a_warm_start_continues_to_the_same_bits(name: str, optimizer: Any) -> None:
    options: dict[str, Any] = {"optimizer": optimizer, "learning_rate_decay": 0.9}
    model = new(name, warm_start=True, epochs=3, **options).fit(X, Y)
    model.set_params(epochs=1).fit(X, Y).set_params(epochs=2).fit(X, Y)
    assert same(model, new(name, epochs=6, **options).fit(X, Y))
    assert len(model.history_["seconds"]) == 6 and model.history_["seconds"] == sorted(model.history_["seconds"])


@pytest.mark.parametrize("seed", [None, np.random.default_rng(3), np.random.RandomState(3)])
def test_a_generator_is_used_once(seed: Any) -> None:
    whole = new("DenoisingAutoencoder", random_state=copy.deepcopy(seed), epochs=4).fit(X)
    model = new("DenoisingAutoencoder", random_state=copy.deepcopy(seed), warm_start=True).fit(X).fit(X)
    assert same(model, whole) == (seed is not None)


def test_options_that_change_with_the_epoch_go_on() -> None:
    model = new("VariationalAutoencoder", warm_up=4, epochs=1, warm_start=True)
    for _ in range(5):
        model.fit(X)
    assert same(model, new("VariationalAutoencoder", warm_up=4, epochs=5).fit(X))


@pytest.mark.parametrize("way", [copy.deepcopy, copy.copy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_continue_to_the_same_bits_and_leave_the_others_alone(way: Any) -> None:
    model = once(new("Autoencoder"))
    other = way(model)
    once(once(other))
    assert same(other, new("Autoencoder", epochs=3).fit(X))
    assert same(once(model), new("Autoencoder", epochs=2).fit(X))


def test_partial_fit_after_fit_and_fit_after_partial_fit() -> None:
    assert same(once(new("Autoencoder").fit(X)), new("Autoencoder", epochs=3).fit(X))
    assert same(once(new("Autoencoder")).fit(X), new("Autoencoder").fit(X))  # without warm_start, fit begins anew
    assert same(once(new("Autoencoder", warm_start=True)).fit(X), new("Autoencoder", epochs=3).fit(X))


def test_batches_of_rows_one_after_another() -> None:
    rng = np.random.default_rng(1)
    x = rng.random((4000, 2)) @ rng.random((2, 7))
    model = new("Autoencoder", likelihood="gaussian", learning_rate=0.01)
    before = None
    for part in np.array_split(x, 9):
        model.partial_fit(part)
        before = before or model.score(x)
    assert model.score(x) > 0.8 * before and len(model.history_["loss"]) == 9
    assert model.partial_fit(x[:1]).n_features_in_ == 7


def test_weights_are_those_of_each_pass() -> None:
    w = np.arange(30.0)
    model = new("Autoencoder")
    for _ in range(2):
        model.partial_fit(X, sample_weight=w)
    assert same(model, new("Autoencoder").fit(X, sample_weight=w))


def test_lbfgs_continues_with_warm_start() -> None:
    model = new("Autoencoder", optimizer="lbfgs", epochs=5, warm_start=True).fit(X)
    before = model.history_["loss"][-1]
    assert model.fit(X).history_["loss"][-1] < before and len(model.history_["loss"]) == 10


def test_another_optimizer_starts_with_a_new_memory() -> None:
    model = new("Autoencoder", optimizer="adam", warm_start=True).fit(X)
    expected = copy.deepcopy(model)
    expected._memory = None
    for each in (model, expected):
        each.set_params(optimizer="momentum").fit(X)
    np.testing.assert_array_equal(model.parameters_.flat, expected.parameters_.flat)


def test_a_loaded_model_continues_from_its_parameters(tmp_path: Any) -> None:
    model = new("Autoencoder", warm_start=True).fit(X)
    model.save(tmp_path / "model.npz")
    loaded = sae.load(tmp_path / "model.npz")
    assert loaded.warm_start is True
    before = loaded.history_["loss"][-1]
    loaded.fit(X)
    assert loaded.history_["loss"][:2] == model.history_["loss"] and len(loaded.history_["loss"]) == 4
    assert loaded.history_["loss"][-1] < before
    assert not same(loaded, model.fit(X))  # whose optimiser continued as well


# Histories.


def test_columns_have_one_entry_for_each_epoch() -> None:
    model = new("Autoencoder", warm_start=True, epochs=1)
    for held_out in (None, X[:5], X[:5], None):
        model.fit(X, validation_data=held_out)
    assert [np.isnan(value) for value in model.history_["val_loss"]] == [True, False, False, True]
    assert len(model.history_["loss"]) == 4


def test_early_stopping_in_each_part() -> None:
    model = new("Autoencoder", warm_start=True, epochs=6)
    for _ in range(2):
        model.fit(X, validation_data=1 - X[:5], callbacks=[sae.EarlyStopping(patience=1)])
    assert len(model.history_["val_loss"]) == len(model.history_["loss"])


# Classes and stacks.


def test_a_classifier_needs_all_classes_at_the_first_call() -> None:
    model = new("StackedClassifier")
    with pytest.raises(ValueError, match=r"classes must be passed on the first call to partial_fit.*np.unique\(y\)"):
        model.partial_fit(X, Y)
    model.partial_fit(X[:1], Y[:1], classes=[2, 0, 1, 1])
    assert model.classes_.tolist() == [0, 1, 2] and model.predict_proba(X).shape == (30, 3)
    model.partial_fit(X[1:2], Y[1:2]).partial_fit(X, Y, classes=np.array([0, 1, 2]))
    with pytest.raises(ValueError, match="classes has the classes 0, 1, but the training to be continued had 0, 1, 2"):
        model.partial_fit(X, Y, classes=[0, 1])
    with pytest.raises(ValueError, match="the class 3 at row 0, which is not a class"):
        model.partial_fit(X, Y + 3)
    for classes, message in (([0], "one class only"), ([[0, 1]], "1d array"), ([0, np.nan], "no label at row 1")):
        with pytest.raises(ValueError, match=message):
            new("StackedClassifier").partial_fit(X, Y, classes=classes)
    with pytest.raises(ValueError, match="n_classes=2"):
        new("StackedClassifier", n_classes=2).partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match='"balanced" is not available for partial_fit'):
        new("StackedClassifier", class_weight="balanced").partial_fit(X, Y, classes=[0, 1, 2])
    np.testing.assert_array_equal(
        new("StackedClassifier", class_weight={0: 3}).partial_fit(X, Y, [0, 1, 2]).parameters_.flat,
        new("StackedClassifier", class_weight={0: 3}, epochs=1).fit(X, Y).parameters_.flat,
    )


def test_a_conditional_model_takes_the_classes_of_the_first_call() -> None:
    model = new("ConditionalVariationalAutoencoder").partial_fit(X, Y)
    assert model.classes_.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="the class 5 at row 0"):
        model.partial_fit(X, Y + 5)
    with pytest.raises(ValueError, match="classes has the classes 0, 1, but"):
        model.partial_fit(X, Y, classes=[0, 1])
    with pytest.raises(ValueError, match="the target y is None"):
        model.partial_fit(X)


def test_copied_layers_are_the_start() -> None:
    stack = new("StackedAutoencoder").pretrain(X)
    options: dict[str, Any] = {"epochs": 2, "random_state": 1}
    model = stack.to_classifier(**options)
    for _ in range(2):
        once(model)
    assert same(model, stack.to_classifier(**options).fit(X, Y))
    softmax = stack.to_classifier(**options, warm_start=True).fit_softmax(X, Y)
    assert len(softmax.fit(X, Y).history_["loss"]) == 4


def test_a_stack_is_fine_tuned_further() -> None:
    stack = new("StackedAutoencoder", warm_start=True).fit(X)
    layers = [layer.parameters_.flat.copy() for layer in stack.layers_]
    stack.fine_tune(X).fit(X)
    assert same(stack, new("StackedAutoencoder", epochs=6).fit(X))
    for layer, before in zip(stack.layers_, layers, strict=True):
        np.testing.assert_array_equal(layer.parameters_.flat, before)  # not trained again
    assert len(stack.pretrain(X).history_["loss"]) == 0


# What does not fit together.


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"latent_dim": 3}, "latent_dim is 3, but the training to be continued had 2; restore the option"),
        ({"hidden_sizes": (7,)}, r"hidden_sizes is \[7\], but the training"),
        ({"dtype": "float64"}, "dtype is 'float64', but"),
        ({"likelihood": "gaussian"}, "likelihood is 'gaussian', but"),
        ({"tied_weights": True}, "tied_weights is True, but"),
        ({"epochs": 0}, "epochs=0"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_other_options_are_refused_and_nothing_changes(method: str, options: Any, message: str) -> None:
    model = new("Autoencoder", warm_start=True).fit(X)
    before = copy.deepcopy(model)
    with pytest.raises(ValueError, match=message):
        getattr(model.set_params(**options), method)(X)
    model.set_params(**before.get_params())
    assert same(model, before) and same(model.fit(X), before.fit(X))


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("name", ONE_PASS)
def test_other_data_are_refused_and_nothing_changes(name: str, method: str) -> None:
    frame = pd.DataFrame(X, columns=list("abcdefg"))
    model = new(name, warm_start=True).fit(frame, Y)
    before = copy.deepcopy(model)
    for data, message in (
        (frame[list("gfedcba")], "must be in the same order"),
        (frame[list("abc")], "yet now missing"),
        (frame.rename(columns={"a": "z"}), "unseen at fit time"),
    ):
        with pytest.raises(ValueError, match=message):
            getattr(model, method)(data, Y)
    nameless = new(name, warm_start=True).fit(X, Y)
    with pytest.raises(
        ValueError,
        match="X has 3 features, but .* is expecting 7 features as input; pass X with the columns seen before",
    ):
        getattr(nameless, method)(X[:, :3], Y)
    assert same(model, before)
    getattr(model, method)(frame, Y)
    assert model.feature_names_in_.tolist() == list("abcdefg")


def test_names_are_kept_when_rows_without_names_follow() -> None:
    model = new("Autoencoder").fit(pd.DataFrame(X, columns=list("abcdefg")))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.partial_fit(X)
    assert model.feature_names_in_.tolist() == list("abcdefg")


@pytest.mark.parametrize("name", ["StackedClassifier", "ConditionalVariationalAutoencoder"])
def test_other_classes_are_refused(name: str) -> None:
    model = new(name, warm_start=True).fit(X, Y)
    before = copy.deepcopy(model)
    for y in (Y + 1, Y % 2, Y.astype(str)):
        with pytest.raises(ValueError, match="but the training to be continued had 0, 1, 2; give the same classes"):
            model.fit(X, y)
    assert same(model, before)
    assert new(name).fit(X, Y).fit(X, Y % 2).classes_.tolist() == [0, 1]  # without warm_start


def test_a_checkpoint_and_a_warm_start_exclude_each_other(tmp_path: Any) -> None:
    model = new("Autoencoder", warm_start=True)
    model.fit(X, checkpoint=tmp_path / "run.npz")  # the first fit has nothing to continue
    for options in ({"checkpoint": tmp_path / "run.npz"}, {"checkpoint": tmp_path / "run.npz", "resume": True}):
        with pytest.raises(ValueError, match="leave checkpoint and resume out, or set warm_start=False"):
            model.fit(X, **options)
    resumed = new("Autoencoder", epochs=3).fit(X, checkpoint=tmp_path / "run.npz", resume=True)
    assert same(resumed, new("Autoencoder", epochs=3).fit(X))


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_warm_start_is_true_or_false(value: Any) -> None:
    with pytest.raises(ValueError, match="warm_start=.* is not allowed; give True or False"):
        new("Autoencoder", warm_start=value).fit(X)


# Interruptions.


def test_a_divergence_leaves_the_model_as_it_was_before_the_pass() -> None:
    model = new("Autoencoder", likelihood="gaussian", optimizer="sgd", learning_rate=1e-3).fit(X)
    before = model.parameters_.flat.copy()
    with np.errstate(all="ignore"), pytest.raises(sae.DivergenceError):
        model.set_params(learning_rate=1e30).partial_fit(1e3 * X)
    np.testing.assert_array_equal(model.parameters_.flat, before)
    assert np.isfinite(model.set_params(learning_rate=1e-3).partial_fit(X).parameters_.flat).all()


def test_ctrl_c_keeps_the_finished_epochs() -> None:
    def interrupt(model: Any) -> None:
        if len(model.history_["loss"]) == 3:
            raise KeyboardInterrupt

    model = new("Autoencoder", warm_start=True, epochs=2).fit(X)
    with pytest.warns(UserWarning, match="Training was interrupted; the model is that of epoch 3 of 4"):
        model.fit(X, callbacks=[interrupt])
    assert len(model.history_["loss"]) == 3
    assert len(copy.deepcopy(model).fit(X).history_["loss"]) == 5


def test_after_ctrl_c_within_an_epoch_the_optimiser_starts_anew(tmp_path: Any) -> None:
    seen = []

    def objective(self: Any, *arguments: Any, **options: Any) -> Any:
        seen.append(0)
        if len(seen) == 6:  # of 4 in each epoch
            raise KeyboardInterrupt
        return sae.Autoencoder.objective(self, *arguments, **options)

    model = new("Autoencoder", warm_start=True)
    with sae.use_backend("numpy"), pytest.warns(UserWarning, match="the model is that of epoch 1 of 2"):
        model.objective = objective.__get__(model)
        model.fit(X)
    del model.objective
    model.save(tmp_path / "model.npz")  # parameters without the state of the optimiser
    loaded = sae.load(tmp_path / "model.npz")
    assert same(model.fit(X), loaded.fit(X))


def test_a_model_without_a_finished_epoch_is_not_continued() -> None:
    stack = new("StackedAutoencoder", warm_start=True).fit(X)
    assert continues(stack)
    stack.history_["loss"].clear()  # as after Ctrl-C in the first epoch of fine-tuning
    assert not continues(stack) and not continues(new("Autoencoder", warm_start=True))


def test_what_belongs_to_the_data_ends_with_another_fit() -> None:
    model = sae.Autoencoder((4,), 2, epochs=1, random_state=0).fit(X)
    model.image_shape_ = (7, 1)
    assert model.partial_fit(X).image_shape_ == (7, 1)
    assert model.set_params(warm_start=True).fit(X).image_shape_ == (7, 1)
    assert not hasattr(model.set_params(warm_start=False).fit(X), "image_shape_")
