"""Fitting: batch size and epochs by the number of rows, the run of a checkpoint, steps per call, and errors before training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.models.fitting import (
    Data,
    ModelProblem,
    check_checkpoint,
    schedule,
    steps_per_call,
    with_attributes,
)
from scratchae.registry import REGISTRY
from scratchae.training import as_optimizer


def test_a_checkpoint_belongs_to_its_generator(x: np.ndarray, tmp_path: Path) -> None:
    run = tmp_path / "run.npz"
    options = {"hidden_sizes": (8,), "latent_dim": 2}
    sae.Autoencoder(**options, epochs=1, random_state=np.random.default_rng(5)).fit(x, checkpoint=run)
    with pytest.raises(ValueError, match="seed="):
        again = sae.Autoencoder(**options, epochs=2, random_state=np.random.default_rng(77))
        again.fit(x, checkpoint=run, resume=True)
    model = sae.Autoencoder(**options, epochs=2, random_state=np.random.default_rng(5))
    model.set_params(optimizer=sae.Adam()).fit(x, checkpoint=run, resume=True)  # the same as "adam"
    straight = sae.Autoencoder(**options, epochs=2, random_state=np.random.default_rng(5)).fit(x)
    assert np.array_equal(model.parameters_.flat, straight.parameters_.flat)


def test_many_draws_make_for_few_steps_between_two_looks_at_ctrl_c() -> None:
    few, many = (sae.ImportanceWeightedAutoencoder((16,), 4, n_samples=k) for k in (5, 5000))
    size = few._first_state(8, 2).parameters.flat.size
    assert steps_per_call(few, size, 128, 8) > 50 * steps_per_call(many, size, 128, 8)
    assert steps_per_call(many, size, 128, 8) * 128 * 5000 * 4 <= 4_000_000


def test_attributes_are_set_on_a_copy() -> None:
    model = sae.Autoencoder(latent_dim=3)
    other = with_attributes(model, {"classes_": [0, 1]})
    assert other.classes_ == [0, 1] and other.latent_dim == 3 and not hasattr(model, "classes_")
    assert with_attributes(model, {}) is model


def test_a_checkpoint_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="resume=True needs a checkpoint file"):
        check_checkpoint(None, True)
    with pytest.raises(FileNotFoundError, match="create it first"):
        check_checkpoint(tmp_path / "nowhere" / "run.npz", False)
    with pytest.raises(IsADirectoryError, match="is a folder; give a file in it"):
        check_checkpoint(tmp_path, False)
    check_checkpoint(tmp_path / "run.npz", True)
    assert not list(tmp_path.iterdir())  # only looked at


def test_an_objective_that_returns_something_else_is_named(x: np.ndarray) -> None:
    class LossOnly(sae.Autoencoder):
        def objective(self, *arguments: Any, **options: Any) -> Any:
            return super().objective(*arguments, **options)[0]

    with pytest.raises(TypeError, match="objective returned float; it must return the loss and the gradients"):
        LossOnly((4,), 2, epochs=1).fit(x)


# Batch size and epochs by the number of rows.


@pytest.mark.parametrize(
    ("rows", "batch", "epochs"),
    [
        (1, 1, 5000), (31, 31, 5000), (32, 32, 5000), (33, 32, 2500), (120, 32, 1250), (1437, 32, 112), (2047, 32, 79),
        (2048, 64, 157), (4095, 64, 79), (4096, 128, 157), (31_871, 128, 21), (32_000, 128, 20), (60_000, 128, 20), (10**7, 128, 20),
    ],
)  # fmt: skip
def test_auto_follows_the_number_of_rows(rows: int, batch: int, epochs: int) -> None:
    plan = schedule(sae.Autoencoder(), rows)
    assert plan == (batch, epochs)
    assert plan.epochs * -(-rows // plan.batch_size) >= 5000


def test_numbers_are_used_unchanged_each_on_its_own() -> None:
    assert schedule(sae.Autoencoder(batch_size=8), 120) == (8, 334)
    assert schedule(sae.Autoencoder(epochs=3), 120) == (32, 3)
    assert schedule(sae.Autoencoder(batch_size=500, epochs=3), 120) == (120, 3)
    assert schedule(sae.Autoencoder(optimizer="lbfgs"), 120).epochs == 500
    assert schedule(sae.Autoencoder(optimizer=sae.LBFGS(memory=5), epochs=7), 120).epochs == 7


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_every_model_has_these_defaults(name: str) -> None:
    model = getattr(sae, name)()
    assert (model.batch_size, model.epochs) == ("auto", "auto")


@pytest.mark.parametrize("value", [0, -1, 2.0, "many", None, True])
@pytest.mark.parametrize("option", ["batch_size", "epochs", "pretrain_epochs"])
def test_other_values_are_refused_in_a_sentence_that_names_auto(option: str, value: object) -> None:
    with pytest.raises(ValueError, match=f'{option}=.* is not allowed; give an integer of at least 1, or "auto"'):
        sae.StackedAutoencoder(**{option: value}).fit(np.zeros((4, 3)))  # type: ignore[arg-type]


def test_n_iter_is_the_number_of_epochs_made_also_of_a_loaded_model(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((40, 5))
    with pytest.raises(sae.NotFittedError):
        _ = sae.Autoencoder().n_iter_
    model = sae.Autoencoder(hidden_sizes=(), latent_dim=2, random_state=0).fit(x)
    assert model.n_iter_ == len(model.history_["loss"]) == 2500
    model.save(tmp_path / "model.npz")
    again = sae.load(tmp_path / "model.npz")
    assert (again.n_iter_, again.epochs, again.batch_size) == (2500, "auto", "auto")
    stopped = sae.Autoencoder(hidden_sizes=(), latent_dim=2, random_state=0)
    stopped.fit(x, callbacks=[lambda model: model.n_iter_ == 3])
    assert stopped.n_iter_ == 3


def test_each_layer_of_a_stack_follows_the_rule() -> None:
    x = np.random.default_rng(0).random((300, 4))
    stack = sae.StackedAutoencoder(hidden_sizes=(3, 2), random_state=0).fit(x)
    assert [layer.n_iter_ for layer in stack.layers_] == [500, 500] == [stack.n_iter_] * 2
    brief = sae.StackedAutoencoder(hidden_sizes=(3, 2), epochs=4, random_state=0).fit(x)
    assert [layer.n_iter_ for layer in brief.layers_] == [4, 4]


def test_a_checkpoint_of_auto_is_continued_with_the_same_numbers(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((40, 5))
    whole = sae.Autoencoder(hidden_sizes=(), latent_dim=2, epochs=6, random_state=0).fit(x)
    path = tmp_path / "run.npz"
    sae.Autoencoder(hidden_sizes=(), latent_dim=2, epochs=2, random_state=0).fit(x, checkpoint=path)
    rest = sae.Autoencoder(hidden_sizes=(), latent_dim=2, epochs=6, batch_size=32, random_state=0)
    rest.fit(x, checkpoint=path, resume=True)
    assert np.array_equal(whole.parameters_.flat, rest.parameters_.flat)
    other = sae.Autoencoder(hidden_sizes=(), latent_dim=2, epochs=6, batch_size=20, random_state=0)
    with pytest.raises(ValueError, match="batch_size=32, but this run has 20"):
        other.fit(x, checkpoint=path, resume=True)


def test_a_stack_resumed_in_its_first_layer_ends_as_one_that_ran_through(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((2100, 4))
    options: dict[str, Any] = {"hidden_sizes": (3, 2), "base": "basic", "random_state": 0, "batch_size": 2100}
    whole = sae.StackedAutoencoder(**options, epochs=1, pretrain_epochs=4).fit(x)
    path = tmp_path / "run.npz"
    sae.StackedAutoencoder(**options, epochs=1, pretrain_epochs=2).fit(x, checkpoint=path)
    again = sae.StackedAutoencoder(**options, epochs=1, pretrain_epochs=4).fit(x, checkpoint=path, resume=True)
    assert np.array_equal(whole.parameters_.flat, again.parameters_.flat)


def test_progress_counts_the_epochs_of_the_rule() -> None:
    problem = ModelProblem(sae.Autoencoder(), Data(np.zeros((120, 3), np.float32)), None, as_optimizer("adam"))
    assert (problem.batch_size, problem.schedule.epochs) == (32, 1250)
