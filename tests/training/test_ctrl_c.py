"""Ctrl-C, wherever in the training it falls: the last finished epoch is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.command_line import running
from helpers.small_runs import SMALL, X, fit

import scratchae as sae
from scratchae import files
from scratchae.models.fitting import ModelProblem


def test_ctrl_c_keeps_the_last_finished_epoch() -> None:
    def interrupt(model: sae.Autoencoder) -> None:
        if len(model.history_["loss"]) == 3:
            raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="epoch 3 of 9"):
        model = fit(epochs=9, callbacks=[interrupt])
    assert np.array_equal(model.parameters_.flat, fit(epochs=3).parameters_.flat)
    assert {len(column) for column in model.history_.values()} == {3}


def test_ctrl_c_before_the_first_epoch_ends_leaves_the_model_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> int:
        raise KeyboardInterrupt

    fitted = fit()
    before = fitted.parameters_.flat.copy()
    monkeypatch.setattr(ModelProblem, "take_steps", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fitted.fit(X)
    assert np.array_equal(fitted.parameters_.flat, before)


@pytest.mark.slow
def test_a_real_sigint_ends_training_soon() -> None:
    code = """
import numpy as np, warnings, scratchae as sae
x = np.random.default_rng(0).random((2000, 200), dtype=np.float32)
warnings.simplefilter("ignore")
ready = lambda model: print("ready", flush=True) if len(model.history_["loss"]) == 1 else None
model = sae.Autoencoder((100,), 5, epochs=10**6).fit(x, callbacks=[ready])
print(model.encode(x).shape)
"""
    with running("-c", code, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.5)  # an epoch has ended; before that, Ctrl-C ends the process
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
        assert out == "(2000, 5)\n" and process.returncode == 0


def interrupting(monkeypatch: pytest.MonkeyPatch, epoch: int) -> None:
    """Ctrl-C in the middle of that epoch, when its parameters have already moved."""
    take_steps = ModelProblem.take_steps

    def half(self: ModelProblem, state: Any, order: np.ndarray, losses: np.ndarray) -> int:
        if state.epoch + 1 < epoch:
            return take_steps(self, state, order, losses)
        take_steps(self, state, order[:16], losses[:2])
        raise KeyboardInterrupt

    monkeypatch.setattr(ModelProblem, "take_steps", half)


def test_ctrl_c_within_an_epoch_keeps_the_one_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    expected = fit(epochs=3, validation_data=X[:5])
    with monkeypatch.context() as context:
        interrupting(context, 4)
        with pytest.warns(UserWarning, match="Training was interrupted; the model is that of epoch 3 of 9"):
            model = fit(epochs=9, validation_data=X[:5], checkpoint=tmp_path / "run.npz")
    assert np.array_equal(model.parameters_.flat, expected.parameters_.flat)
    assert model.history_["val_loss"] == expected.history_["val_loss"]
    assert {len(column) for column in model.history_.values()} == {3}
    whole, resumed = (
        fit(epochs=9, validation_data=X[:5], **o) for o in ({}, {"checkpoint": tmp_path / "run.npz", "resume": True})
    )
    assert np.array_equal(resumed.parameters_.flat, whole.parameters_.flat)


def test_ctrl_c_between_the_record_of_an_epoch_and_its_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    validation_metrics = ModelProblem.validation_metrics

    def interrupt(self: ModelProblem, state: Any) -> dict[str, float]:
        if state.epoch == 4:  # its loss is in the history already
            raise KeyboardInterrupt
        return validation_metrics(self, state)

    monkeypatch.setattr(ModelProblem, "validation_metrics", interrupt)
    with pytest.warns(UserWarning, match="the model is that of epoch 3 of 9"):
        model = fit(epochs=9, validation_data=X[:5])
    assert {len(column) for column in model.history_.values()} == {3}
    assert np.array_equal(model.parameters_.flat, fit(epochs=3).parameters_.flat)


def test_ctrl_c_in_the_first_epoch_leaves_all_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, fitted = sae.Autoencoder(**SMALL, epochs=3), fit()
    before, learned = fitted.reconstruct(X), set(vars(fitted))
    interrupting(monkeypatch, 1)
    for model in (fresh, fitted):
        with pytest.raises(KeyboardInterrupt):
            model.fit(X[:, :4])
    with pytest.raises(sae.NotFittedError):
        fresh.encode(X)
    assert np.array_equal(fitted.reconstruct(X), before) and set(vars(fitted)) == learned


def test_ctrl_c_of_a_resumed_run_keeps_what_was_resumed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = fit(checkpoint=tmp_path / "run.npz")
    interrupting(monkeypatch, 4)
    with pytest.warns(UserWarning, match="epoch 3 of 9"):
        model = fit(epochs=9, checkpoint=tmp_path / "run.npz", resume=True)
    assert np.array_equal(model.parameters_.flat, first.parameters_.flat)


@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_ctrl_c_in_lbfgs_and_while_writing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, backend: str) -> None:
    def interrupt(model: sae.Autoencoder) -> None:
        if len(model.history_["loss"]) == 4:
            raise KeyboardInterrupt

    options: dict[str, Any] = {"optimizer": "lbfgs", "activation": "tanh", "callbacks": [interrupt]}
    with sae.use_backend(backend):
        with pytest.warns(UserWarning, match="epoch 4 of 9"):
            model = fit(epochs=9, **options)
        expected = fit(epochs=4, optimizer="lbfgs", activation="tanh")
        assert np.array_equal(model.parameters_.flat, expected.parameters_.flat)

        def interrupted(handle: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(files.os, "fsync", interrupted)
        with pytest.warns(UserWarning, match="epoch 1 of 3"):
            assert len(fit(checkpoint=tmp_path / "run.npz").history_["loss"]) == 1
    assert os.listdir(tmp_path) == []


def test_early_stopping_has_the_last_word_also_after_ctrl_c() -> None:
    def interrupt(model: sae.Autoencoder) -> None:
        if len(model.history_["loss"]) == stop.best_epoch + 2:
            raise KeyboardInterrupt

    stop = sae.EarlyStopping(patience=50)
    options: dict[str, Any] = {"learning_rate": 0.05, "validation_data": X[:6][::-1] * 0.9, "batch_size": 50}
    with pytest.warns(UserWarning, match="interrupted"):
        model = fit(epochs=2000, callbacks=[stop, interrupt], **options)
    assert np.array_equal(model.parameters_.flat, fit(epochs=stop.best_epoch, **options).parameters_.flat)
