"""Fitting: what a checkpoint belongs to, steps between two looks at Ctrl-C, and what is refused before training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.models.fitting import check_callbacks, check_checkpoint, steps_per_call, with_attributes


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


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        (print, "callbacks=.* is not allowed; give a list of callables"),
        ([print, 3], r"callbacks\[1\] is 3, which cannot be called"),
        (
            [sae.EarlyStopping],
            r"callbacks\[0\] is the class EarlyStopping, not an object of it; give EarlyStopping\(\)",
        ),
        (sae.EarlyStopping(), "callbacks=.* is not allowed; give a list of callables, such as"),
        (None, "callbacks=None is not allowed; give a list of callables"),
    ],
)
def test_callbacks_that_cannot_be_called_are_refused(callbacks: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        check_callbacks(callbacks)
    check_callbacks(())
    check_callbacks([print])


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
