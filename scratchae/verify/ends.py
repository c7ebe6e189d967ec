"""Claims about the end of a training: callbacks that stop it, Ctrl-C, and a loss or an update that is not finite."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from scratchae.errors import DivergenceError
from scratchae.models.fitting import ModelProblem
from scratchae.verify.autoencoder import on_backend
from scratchae.verify.claims import Subject, claim, lowered

ROOMS = ("numpy", "numba")
OPTIONS: dict[str, Any] = {"hidden_sizes": (4,), "latent_dim": 2, "random_state": 3, "batch_size": 4, "epochs": 6}


@claim(
    "a run stops when any callback says so, and each callback sees every epoch",
    op="callbacks",
    level="meaning",
    method="three callbacks of which each in turn stops at the second epoch, counted; both backends",
    tolerance=0,
)
def _callbacks(subject: Subject, rng: np.random.Generator) -> float:
    x, wrong = rng.random((9, 5)), 0
    for room in ROOMS:
        for stops in range(3):
            seen: list[list[int]] = [[], [], []]

            def callback(i: int, seen: list[list[int]] = seen, stops: int = stops) -> Any:
                def look(fitted: Any) -> bool:
                    seen[i].append(len(fitted.history_["loss"]))
                    return i == stops and len(seen[i]) == 2

                return look

            with on_backend(room):
                model = subject.models.Autoencoder(**OPTIONS).fit(x, callbacks=[callback(i) for i in range(3)])
            wrong += sum(epochs != [1, 2] for epochs in seen) + (len(model.history_["loss"]) != 2)
    return float(wrong)


@claim(
    "an update that goes too far is an error, in whichever batch, and the epochs before it stay",
    op="divergence",
    level="meaning",
    method="a learning rate that overflows in the first step, the last of an epoch or a later epoch; both backends",
    tolerance=0,
)
def _divergence(subject: Subject, rng: np.random.Generator) -> float:
    x, wrong = 10 * rng.random((8, 5)), 0
    options = {**OPTIONS, "likelihood": "gaussian", "activation": "identity", "optimizer": "sgd"}
    for room in ROOMS:
        for batch_size, epochs in ((8, 1), (4, 1), (3, 2)):
            model = subject.models.Autoencoder(**{**options, "batch_size": batch_size, "epochs": epochs})
            model.set_params(learning_rate=1e38)
            wrong += _fits(model, x, room) or hasattr(model, "history_")
        # Stable for one epoch, then a callback raises the learning rate.
        model = subject.models.Autoencoder(**{**options, "batch_size": 8, "learning_rate": 1e-4})
        kept: list[Any] = []

        def raise_rate(fitted: Any, kept: list[Any] = kept) -> None:
            kept.append(fitted.parameters_.flat.copy())
            fitted.learning_rate = 1e38

        wrong += _fits(model, x, room, callbacks=[raise_rate])
        wrong += len(kept) != 1 or len(model.history_["loss"]) != 1
        wrong += not np.array_equal(model.set_params(learning_rate=1e-4).parameters_.flat, kept[0])
    return float(wrong)


def _fits(model: Any, x: Any, room: str, **options: Any) -> bool:
    """Return whether the training finishes."""
    try:
        with on_backend(room), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            model.fit(x.astype(np.float32), **options)
    except DivergenceError:
        return False
    return True


@claim(
    "a run that is interrupted keeps the epochs that had ended, their parameters and their history",
    op="interruption",
    level="meaning",
    method="Ctrl-C between the record of an epoch and its parameters; both backends",
    tolerance=0,
)
def _interruption(subject: Subject, rng: np.random.Generator) -> float:
    x, wrong, publish = rng.random((9, 5)), 0, ModelProblem.set_fitted_state
    for room in ROOMS:

        def interrupted(problem: Any, state: Any) -> Any:
            if state.epoch == 3:
                raise KeyboardInterrupt
            return publish(problem, state)

        with on_backend(room), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Training was interrupted; the model is that of epoch 2 of 6")
            whole = subject.models.Autoencoder(**{**OPTIONS, "epochs": 2}).fit(x, validation_data=x[:3])
            with lowered(ModelProblem, set_fitted_state=interrupted):
                model = subject.models.Autoencoder(**OPTIONS).fit(x, validation_data=x[:3])
        wrong += not np.array_equal(model.parameters_.flat, whole.parameters_.flat)
        wrong += sum(model.history_[name] != whole.history_[name] for name in ("loss", "val_loss"))
        wrong += len(model.history_["seconds"]) != 2
    return float(wrong)
