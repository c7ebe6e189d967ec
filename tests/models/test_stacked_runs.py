"""Runs of the stacked autoencoder: killed and resumed in any layer, diverged, kept in files, copied."""

from __future__ import annotations

import copy
import pickle
import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.stacked_runs import TOP, KilledError, X, at, epochs, new, same_bits, watching
from sklearn.base import clone

import scratchae as sae
from scratchae.training import loop


@pytest.fixture(autouse=True)
def _a_checkpoint_after_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)


# Killed and resumed.


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
        ({"corruption_level": 0.5}, r"run.layer1.npz' has corruption_level=0\.3, but this run has 0\.5"),
        ({"random_state": 1}, "run.layer1.npz' has random_state="),
        ({"hidden_sizes": (5, 2, 3)}, "run.layer2.npz' has latent_dim=4, but this run has 2"),
        ({"base": "basic"}, "run.layer1.npz' has class='DenoisingAutoencoder', but this run has 'Autoencoder'"),
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
            (tmp_path, False, IsADirectoryError, "is a folder; give a file in it, such as run.npz"),
            ("", False, IsADirectoryError, "is a folder"),
            (
                tmp_path / "none" / "run.npz",
                False,
                FileNotFoundError,
                "folder of checkpoint=.* does not exist; create it",
            ),
            (None, True, ValueError, "resume=True needs a checkpoint file; pass checkpoint="),
        ):
            fresh = new()
            with pytest.raises(error, match=message):
                getattr(fresh, method)(X, checkpoint=path, resume=resume, callbacks=[watching(seen)])
            assert set(vars(fresh)) == set(fresh.get_params()) and seen == []


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
