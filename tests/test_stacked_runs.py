"""Runs of the stacked autoencoder: killed and resumed in any layer, interrupted, kept in files, copied."""

from __future__ import annotations

import copy
import pickle
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import scratchae as sae
from scratchae.models.problem import ModelProblem
from scratchae.training import loop

X = np.random.default_rng(0).random((20, 6))
TOP = "all"  # the stage in which all layers are trained


@pytest.fixture(autouse=True)
def _a_checkpoint_after_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)


def new(**options: Any) -> sae.StackedAutoencoder:
    small = {"hidden_sizes": (5, 4, 3), "pretrain_epochs": 3, "epochs": 3, "batch_size": 8, "learning_rate": 0.01}
    return sae.StackedAutoencoder(**{**small, "dtype": "float64", "random_state": 0, **options})  # type: ignore[arg-type]


class KilledError(Exception):
    """The process is gone: nothing but the files is left."""


def stage(model: Any) -> Any:
    """Which layer is being trained, from 1 on, or TOP."""
    return TOP if isinstance(model, sae.StackedAutoencoder) else 6 - model.latent_dim


def at(where: Any, epoch: int, error: type[BaseException], seen: list[Any] | None = None) -> Callable[[Any], None]:
    """A callback that raises the error after that epoch of that stage, and remembers what it saw."""

    def callback(model: Any) -> None:
        now = (stage(model), len(model.history_["loss"]))
        if seen is not None:
            seen.append(now)
        if now == (where, epoch):
            raise error

    return callback


def watching(seen: list[Any]) -> Callable[[Any], None]:
    return at(None, 0, KilledError, seen)


def epochs(*stages: Any, first: int = 1) -> list[Any]:
    """(stage, epoch) of whole stages; the first of them may begin later."""
    return [(s, e) for s in stages for e in range(first if s == stages[0] else 1, 4)]


def same_bits(one: sae.StackedAutoencoder, two: sae.StackedAutoencoder) -> bool:
    """Also what is remembered of the way there."""

    def losses(stack: sae.StackedAutoencoder) -> list[Any]:
        histories = [*stack.pretraining_history_, stack.history_]
        return [{name: h[name] for name in h if name != "seconds"} for h in histories]

    layers = [
        np.array_equal(a.parameters_.flat, b.parameters_.flat) for a, b in zip(one.layers_, two.layers_, strict=True)
    ]
    return np.array_equal(one.parameters_.flat, two.parameters_.flat) and losses(one) == losses(two) and all(layers)


# KilledError and resumed.


@pytest.mark.parametrize(("base", "backend"), [("denoising", "numba"), ("denoising", "numpy"), ("basic", "numba")])
@pytest.mark.parametrize(("method", "where"), [("pretrain", 2), ("pretrain", 3), *(("fit", s) for s in (1, 2, 3, TOP))])
def test_killed_in_any_stage_and_resumed_gives_the_same_bits(
    method: str, where: Any, base: str, backend: str, tmp_path: Path
) -> None:
    stages = [1, 2, 3, TOP] if method == "fit" else [1, 2, 3]
    with sae.use_backend(backend):
        whole = getattr(new(base=base), method)(X, validation_data=X[:7])
        for epoch in (1, 2):
            path, seen = tmp_path / f"{epoch}.npz", []
            options: dict[str, Any] = {"validation_data": X[:7], "checkpoint": path}
            with pytest.raises(KilledError):
                getattr(new(base=base), method)(X, **options, callbacks=[at(where, epoch, KilledError)])
            stack = getattr(new(base=base), method)(X, **options, callbacks=[watching(seen)], resume=True)
            assert seen == epochs(*stages[stages.index(where) :], first=epoch)  # that epoch was not yet in a file
            assert same_bits(stack, whole)


def test_a_finished_run_is_not_trained_again_but_can_be_made_longer(tmp_path: Path) -> None:
    path, seen = tmp_path / "run.npz", []
    whole = new().fit(X, checkpoint=path)
    assert {file.name for file in tmp_path.iterdir()} == {"run.npz", *(f"run.layer{k}.npz" for k in (1, 2, 3))}
    again = new().fit(X, checkpoint=path, resume=True, callbacks=[watching(seen)])
    assert seen == [] and same_bits(again, whole)
    longer = new(epochs=5).fit(X, checkpoint=path, resume=True, callbacks=[watching(seen)])
    assert seen == [(TOP, 4), (TOP, 5)] and same_bits(longer, new(epochs=5).fit(X))


def test_early_stopping_begins_anew_in_each_layer_and_survives_a_kill(tmp_path: Path) -> None:
    def stop() -> sae.EarlyStopping:
        return sae.EarlyStopping(patience=2, monitor="loss", min_delta=1e3)  # nothing is enough after the first epoch

    options: dict[str, Any] = {"pretrain_epochs": 9, "epochs": 9}
    whole = new(**options).fit(X, callbacks=[stop()])
    assert [len(history["loss"]) for history in (*whole.pretraining_history_, whole.history_)] == 4 * [3]
    short = new(pretrain_epochs=1).pretrain(X)
    for layer, expected in zip(whole.layers_, short.layers_, strict=True):  # each is that of its first epoch
        assert np.array_equal(layer.parameters_.flat, expected.parameters_.flat)
    path = tmp_path / "run.npz"
    with pytest.raises(KilledError):
        new(**options).fit(X, callbacks=[stop(), at(2, 2, KilledError)], checkpoint=path)
    assert same_bits(new(**options).fit(X, callbacks=[stop()], checkpoint=path, resume=True), whole)


@pytest.mark.parametrize("where", [(2, 2), (TOP, 2)])
def test_seeds_that_were_drawn_are_kept(where: tuple[Any, int], tmp_path: Path) -> None:
    with pytest.raises(KilledError):
        new(random_state=None).fit(X, checkpoint=tmp_path / "run.npz", callbacks=[at(*where, KilledError)])
    shutil.copytree(tmp_path, tmp_path / "copy")
    one = new(random_state=None).fit(X, checkpoint=tmp_path / "run.npz", resume=True)
    two = new(random_state=None).fit(X, checkpoint=tmp_path / "copy" / "run.npz", resume=True)
    known = 3 if where[0] == TOP else 2
    for k in range(known):
        assert np.array_equal(two.layers_[k].parameters_.flat, one.layers_[k].parameters_.flat)
    assert same_bits(one, two) is (where[0] == TOP)  # what had not begun is drawn afresh


def test_a_generator_is_followed_in_a_resumed_run(tmp_path: Path) -> None:
    def seeded(**options: Any) -> sae.StackedAutoencoder:
        return new(random_state=np.random.default_rng(5)).fit(X, **options)

    for where in (2, TOP):
        with pytest.raises(KilledError):
            seeded(checkpoint=tmp_path / f"{where}.npz", callbacks=[at(where, 2, KilledError)])
        assert same_bits(seeded(checkpoint=tmp_path / f"{where}.npz", resume=True), seeded())


def test_without_resume_the_files_of_an_earlier_run_are_gone(tmp_path: Path) -> None:
    path, options = tmp_path / "run.npz", {"random_state": None}
    (tmp_path / "other.layer1.npz").write_bytes(b"not ours")
    new(**options).fit(X, checkpoint=path)
    with pytest.raises(KilledError):
        new(**options).fit(X, checkpoint=path, callbacks=[at(2, 2, KilledError)])
    assert {file.name for file in tmp_path.iterdir()} == {"run.layer1.npz", "run.layer2.npz", "other.layer1.npz"}
    seen: list[Any] = []
    new(**options).fit(X, checkpoint=path, resume=True, callbacks=[watching(seen)])
    assert seen == epochs(2, 3, TOP, first=2)  # and no fine-tuning of the run before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"corruption_level": 0.5}, r"run.layer1.npz' has corruption_level=0\.3, this run 0\.5"),
        ({"random_state": 1}, "run.layer1.npz' has random_state="),
        ({"hidden_sizes": (5, 2, 3)}, "run.layer2.npz' has latent_dim=4, this run 2"),
        ({"base": "basic"}, "run.layer1.npz' has class='DenoisingAutoencoder', this run 'Autoencoder'"),
    ],
)
def test_checkpoints_of_another_run_are_refused(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    new().pretrain(X, checkpoint=path)
    with pytest.raises(ValueError, match=message):
        new(**options).pretrain(X, checkpoint=path, resume=True)
    with pytest.raises(ValueError, match="run.layer1.npz' was made with other data"):
        new().pretrain(X[:9], checkpoint=path, resume=True)


def test_a_checkpoint_that_cannot_be_kept_is_found_out_before_the_training(tmp_path: Path) -> None:
    for method in ("fit", "pretrain"):
        seen: list[Any] = []
        for path, resume, error, message in (
            (tmp_path, False, IsADirectoryError, "is a folder; give the name of a file in it, such as run.npz"),
            ("", False, IsADirectoryError, "is a folder"),
            (
                tmp_path / "none" / "run.npz",
                False,
                FileNotFoundError,
                "folder of checkpoint=.* does not exist; make it",
            ),
            (None, True, ValueError, "resume=True needs to know from where; pass checkpoint="),
        ):
            fresh = new()
            with pytest.raises(error, match=message):
                getattr(fresh, method)(X, checkpoint=path, resume=resume, callbacks=[watching(seen)])
            assert set(vars(fresh)) == set(fresh.get_params()) and seen == []


# Ctrl-C.


@pytest.mark.parametrize("method", ["pretrain", "fit"])
def test_ctrl_c_in_the_second_layer_keeps_what_there_is(method: str, tmp_path: Path) -> None:
    path, seen = tmp_path / "run.npz", []
    stack = new()
    with pytest.warns(UserWarning) as warned:
        getattr(stack, method)(X, checkpoint=path, callbacks=[at(2, 2, KeyboardInterrupt, seen)])
    assert [str(w.message) for w in warned] == [
        "Pre-training was interrupted in layer 2 of 3; layer 3 is still random."
    ]
    assert seen == [*epochs(1), (2, 1), (2, 2)]  # neither layer 3 nor fine-tuning
    whole = new().pretrain(X)
    p, q = stack.parameters_, whole.parameters_
    assert np.array_equal(p["encoder.0.W"], q["encoder.0.W"]) and np.array_equal(p["decoder.2.W"], q["decoder.2.W"])
    assert np.array_equal(p["encoder.1.W"], stack.layers_[1].parameters_["encoder.0.W"])
    assert [len(history["loss"]) for history in stack.pretraining_history_] == [3, 2] and len(stack.layers_) == 2
    assert stack.history_["loss"] == [] and stack.encode(X).shape == (20, 3)
    assert not p["encoder.2.b"].any() and p["encoder.2.W"].all()  # as it was initialised
    resumed = getattr(new(), method)(X, checkpoint=path, resume=True)
    assert same_bits(resumed, getattr(new(), method)(X))
    assert same_bits(getattr(stack, method)(X), resumed)  # nothing of the interruption stays behind


def interrupted_within(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Ctrl-C in the first epoch of the layer with that code."""
    take_steps = ModelProblem.take_steps

    def interrupted(self: Any, state: Any, order: np.ndarray, losses: np.ndarray) -> int:
        if getattr(self.model, "latent_dim", 0) == size:
            raise KeyboardInterrupt
        return take_steps(self, state, order, losses)

    monkeypatch.setattr(ModelProblem, "take_steps", interrupted)


@pytest.mark.parametrize("method", ["pretrain", "fit"])
def test_ctrl_c_before_the_first_epoch_of_the_second_layer(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, stack, seen = new().pretrain(X), new(), []
    interrupted_within(monkeypatch, 4)
    with pytest.warns(UserWarning, match="Pre-training was interrupted in layer 2 of 3") as warned:
        getattr(stack, method)(X, callbacks=[watching(seen)])
    assert len(warned) == 1 and seen == epochs(1) and len(stack.layers_) == 1
    assert np.array_equal(stack.layers_[0].parameters_.flat, whole.layers_[0].parameters_.flat)
    assert np.array_equal(stack.parameters_["encoder.0.W"], whole.parameters_["encoder.0.W"])
    assert np.isfinite(stack.reconstruct(X)).all()


@pytest.mark.parametrize("method", ["pretrain", "fit"])
def test_ctrl_c_before_any_epoch_leaves_all_as_it_was(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, fitted = new(), new().fit(X)
    before, layers = fitted.parameters_.flat.copy(), fitted.layers_
    interrupted_within(monkeypatch, 5)
    for stack in (fresh, fitted):
        with pytest.raises(KeyboardInterrupt):
            getattr(stack, method)(X)
    assert set(vars(fresh)) == set(fresh.get_params())
    with pytest.raises(sae.NotFittedError):
        fresh.encode(X)
    assert np.array_equal(fitted.parameters_.flat, before) and fitted.layers_ is layers


def test_ctrl_c_in_the_last_layer_and_in_the_fine_tuning() -> None:
    seen: list[Any] = []
    with pytest.warns(UserWarning, match="Pre-training was interrupted in layer 3 of 3"):
        new().fit(X, callbacks=[at(3, 1, KeyboardInterrupt, seen)])
    assert seen == [*epochs(1, 2), (3, 1)]
    with pytest.warns(UserWarning, match="Training was interrupted; the model is that of epoch 2 of 3"):
        stack = new().fit(X, callbacks=[at(TOP, 2, KeyboardInterrupt)])
    assert same_bits(stack, new(epochs=2).fit(X))


def test_a_loss_that_is_no_number_names_the_layer() -> None:
    stack = new(base="basic", activation="identity", likelihood="gaussian", pretrain_learning_rate=1e200)
    with pytest.raises(sae.DivergenceError, match="^layer 1 of 3: .* in epoch 1, batch"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        stack.fit(X)
    assert set(vars(stack)) == set(stack.get_params())


# Copies and files.


def test_a_saved_stack_is_the_same_stack(tmp_path: Path) -> None:
    stack = new(corruption_level=[0.1, 0.2, 0.3], optimizer=sae.Adam(beta1=0.8)).fit(X, validation_data=X[:7])
    stack.save(tmp_path / "stack.npz")
    loaded = sae.load(tmp_path / "stack.npz")
    assert type(loaded) is sae.StackedAutoencoder
    assert loaded.get_params() == {**stack.get_params(), "corruption_level": (0.1, 0.2, 0.3)}
    assert loaded.history_ == stack.history_ and loaded.pretraining_history_ == stack.pretraining_history_
    assert np.array_equal(loaded.reconstruct(X), stack.reconstruct(X)) and loaded.layers_ == []
    assert np.array_equal(loaded.to_classifier().encode(X), stack.encode(X))
    assert np.array_equal(loaded.fine_tune(X).parameters_.flat, stack.fine_tune(X).parameters_.flat)


def test_pickle_copy_and_clone() -> None:
    stack = new(activation="tanh", likelihood="gaussian").fit(X)
    for again in (pickle.loads(pickle.dumps(stack)), copy.deepcopy(stack)):
        assert np.array_equal(again.reconstruct(X), stack.reconstruct(X))
        codes = X
        for k, layer in enumerate(again.layers_):
            assert np.array_equal(layer.reconstruct(codes), stack.layers_[k].reconstruct(codes))
            codes = layer.encode(codes)
        again.parameters_.flat[:] = 0
        again.layers_[0].parameters_.flat[:] = 0
        assert stack.encode(X).any() and stack.layers_[0].encode(X).any()
    fresh = clone(stack)
    assert not hasattr(fresh, "history_") and not hasattr(fresh, "layers_")
    assert np.array_equal(fresh.fit(X).parameters_.flat, stack.parameters_.flat)


def test_layers_that_are_trained_longer_are_handed_on_anew(x: np.ndarray, tmp_path: Path) -> None:
    options: dict[str, Any] = {"hidden_sizes": (4, 3), "epochs": 2, "random_state": 0, "batch_size": 16}
    kept = {"checkpoint": tmp_path / "run.npz", "resume": True}
    sae.StackedAutoencoder(**options, pretrain_epochs=2).fit(x, **kept)
    longer = sae.StackedAutoencoder(**options, pretrain_epochs=4).fit(x, **kept)
    anew = sae.StackedAutoencoder(**options, pretrain_epochs=4).fit(x)
    assert np.array_equal(longer.parameters_.flat, anew.parameters_.flat)


def test_a_layer_that_was_stopped_early_is_not_trained_again(x: np.ndarray, tmp_path: Path) -> None:
    options: dict[str, Any] = {"hidden_sizes": (4, 3), "pretrain_epochs": 5, "epochs": 2, "random_state": 0}
    kept: dict[str, Any] = {
        "checkpoint": tmp_path / "run.npz",
        "callbacks": [lambda model: len(model.history_["loss"]) >= 2],
    }
    first = sae.StackedAutoencoder(**options).fit(x, **kept)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = sae.StackedAutoencoder(**options).fit(x, **kept, resume=True)
    assert len(before) == 3 and before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert np.array_equal(first.parameters_.flat, again.parameters_.flat)


def test_fine_tuning_of_other_layers_is_not_taken_up(x: np.ndarray, tmp_path: Path) -> None:
    options: dict[str, Any] = {"hidden_sizes": (4,), "pretrain_epochs": 1, "epochs": 2, "random_state": 0}
    kept = tmp_path / "run.npz"
    first = sae.StackedAutoencoder(**options).pretrain(x[:30])
    first.fine_tune(x, checkpoint=kept)
    with pytest.raises(ValueError, match="pre-trained layers"):
        sae.StackedAutoencoder(**options).pretrain(x[30:]).fine_tune(x, checkpoint=kept, resume=True)
    ended = first.parameters_.flat.copy()  # the same stack, tuned already, may go on
    assert np.array_equal(first.fine_tune(x, checkpoint=kept, resume=True).parameters_.flat, ended)


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_a_layer_is_a_model_that_can_be_saved_and_cloned(x: np.ndarray, activation: str, tmp_path: Path) -> None:
    stack = sae.StackedAutoencoder((5, 3), base="basic", activation=activation, pretrain_epochs=2, random_state=0)
    layer = stack.pretrain(x).layers_[1]
    codes = stack.layers_[0].encode(x)
    layer.save(tmp_path / "layer.npz")
    assert np.array_equal(sae.load(tmp_path / "layer.npz").reconstruct(codes), layer.reconstruct(codes))
    assert np.array_equal(clone(layer).fit(codes).reconstruct(codes), layer.reconstruct(codes))
