"""Ctrl-C in a run of the stacked autoencoder: in any layer, before any epoch, and in the fine-tuning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.stacked_runs import TOP, X, at, epochs, new, same_bits, watching

import scratchae as sae
from scratchae.models.fitting import ModelProblem
from scratchae.training import loop


@pytest.fixture(autouse=True)
def _a_checkpoint_after_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)


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
