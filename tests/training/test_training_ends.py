"""The end of training: a loss that is not finite, callbacks, and the history."""

from __future__ import annotations

import os
import re
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from helpers.small_runs import SMALL, X, fit

import scratchae as sae
from scratchae.models.fitting import ModelProblem


@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_divergence_names_epoch_batch_and_array(backend: str) -> None:
    with sae.use_backend(backend), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        message = r"in epoch \d+, batch \d+; the first array that is not finite is .*(parameter|layer|loss).*lower learning_rate"
        with pytest.raises(sae.DivergenceError, match=message):
            fit(likelihood="gaussian", activation="identity", optimizer="sgd", learning_rate=1e6, epochs=50)


def test_a_nan_names_epoch_and_batch_and_keeps_the_epochs_before(monkeypatch: pytest.MonkeyPatch) -> None:
    take_steps = ModelProblem.take_steps

    def poisoned(self: ModelProblem, state: Any, order: np.ndarray, losses: np.ndarray) -> int:
        if state.epoch < 2:
            return take_steps(self, state, order, losses)
        take_steps(self, state, order[:32], losses[:4])
        state.parameters["decoder.0.W"][1, 2] = np.nan
        losses[4] = np.nan
        return 4

    expected = fit(epochs=2)
    monkeypatch.setattr(ModelProblem, "take_steps", poisoned)
    model = sae.Autoencoder(**SMALL, epochs=9)
    message = r"The loss became nan in epoch 3, batch 5; .* is the parameter 'decoder.0.W'; lower .* The model is that of epoch 2\."
    with pytest.raises(sae.DivergenceError, match=message):
        model.fit(X)
    assert np.array_equal(model.parameters_.flat, expected.parameters_.flat)
    assert len(model.history_["loss"]) == len(model.history_["seconds"]) == 2


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "lbfgs"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore:Feature ")
def test_the_array_at_fault_is_named(backend: str, optimizer: str) -> None:
    options: dict[str, Any] = {"likelihood": "gaussian", "activation": "identity", "optimizer": optimizer}
    huge = X.copy()
    huge[17, 3] = 1e25  # its square is too large, as is that of the mean, at which the output starts
    with sae.use_backend(backend):
        with pytest.raises(
            sae.DivergenceError, match=r"The loss became (inf|nan) in epoch 1, batch 1; .* the loss itself"
        ):
            fit(huge, **options)
        signs = np.where(X < 0.5, -3e38, 3e38)
        message = "epoch 1, batch 1; .* is the output of layer 'encoder.0'; .*scale the data"
        with pytest.raises(sae.DivergenceError, match=message):
            fit(
                signs, **{**options, "hidden_sizes": (), "batch_size": 50, "tied_weights": True}
            )  # weights in their own unit


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore:Feature ")
def test_an_update_that_no_later_loss_would_show(backend: str) -> None:
    # One batch and one epoch: the loss is fine, the parameters after it are not.
    model = sae.Autoencoder(
        **{**SMALL, "batch_size": 50, "epochs": 1, "optimizer": "sgd", "learning_rate": 1e300, "dtype": "float64"}
    )
    x = np.random.default_rng(0).standard_normal((50, 9))
    with (
        sae.use_backend(backend),
        pytest.raises(sae.DivergenceError, match="The update was too large in epoch 1, batch 1; .* is the parameter '"),
    ):
        model.set_params(likelihood="gaussian", learning_rate=1.7e308).fit(1e3 * x)
    assert not hasattr(model, "history_")


def test_every_callback_sees_every_epoch_and_a_finished_model() -> None:
    seen: list[tuple[str, int, float]] = []

    def look(name: str) -> Any:
        def callback(model: sae.Autoencoder) -> bool:
            seen.append((name, len(model.history_["loss"]), model.score(X)))
            return name == "first" and len(model.history_["loss"]) == 2

        return callback

    model = fit(epochs=9, callbacks=[look("first"), look("second")])
    assert [entry[:2] for entry in seen] == [("first", 1), ("second", 1), ("first", 2), ("second", 2)]
    assert seen[-1][2] == model.score(X) != seen[0][2]


def test_an_error_in_a_callback_is_the_users_and_keeps_the_epoch() -> None:
    model = sae.Autoencoder(**SMALL, epochs=3)
    with pytest.raises(ZeroDivisionError):
        model.fit(X, callbacks=[lambda model: 1 / 0])
    assert len(model.history_["loss"]) == 1 and np.isfinite(model.score(X))


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_history_columns(optimizer: str) -> None:
    for data, columns in (
        (None, ["loss", "seconds"]),
        (X[:5], ["loss", "seconds", "val_loss"]),
        ((X[:5], None), ["loss", "seconds", "val_loss"]),
    ):
        history = fit(validation_data=data, optimizer=optimizer, activation="tanh").history_
        assert sorted(history) == columns
        assert all(len(values) == 3 and all(type(v) is float for v in values) for values in history.values())
        assert (np.diff(history["seconds"]) > 0).all()
    alone, as_tuple = (fit(validation_data=d).history_["val_loss"] for d in (X[:5], (X[:5], None)))
    assert alone == as_tuple


@pytest.mark.parametrize("batch_size", [1, 7, 49, 50, 10**6])
def test_the_loss_of_an_epoch_weighs_every_row_alike(batch_size: int) -> None:
    # With a step too small to be seen, the epoch's loss is the objective on all rows, whatever the last batch's size.
    model = fit(
        batch_size=batch_size, epochs=1, optimizer="sgd", learning_rate=1e-300, weight_decay=0.2, dtype="float64"
    )
    assert model.history_["loss"][0] == pytest.approx(model.loss_and_gradients(X)[0], rel=1e-12)


def test_one_early_stopping_serves_several_fits() -> None:
    stop = sae.EarlyStopping(patience=2, monitor="loss", min_delta=1e3)  # nothing is ever enough after the first epoch
    for _ in range(2):
        model = fit(epochs=9, callbacks=[stop])
        assert len(model.history_["loss"]) == 3 and stop.best_epoch == 1
        assert np.array_equal(model.parameters_.flat, fit(epochs=1).parameters_.flat)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_the_bar_shows_the_time_left_and_only_when_asked(start_python: Any) -> None:
    import fcntl
    import pty
    import struct
    import termios

    script = """
import sys, warnings, numpy as np, scratchae as sae
sys.stderr = open(sys.argv[1], "w")
warnings.simplefilter("ignore", sae.ConvergenceWarning)
for verbose in (0, 1):
    print(f"[verbose={verbose}]", file=sys.stderr, flush=True)
    sae.Autoencoder((4,), 2, epochs=5, verbose=verbose).fit(np.ones((50, 6)), validation_data=np.ones((2, 6)))
"""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    process = start_python(script, os.ttyname(follower), SCRATCHAE_BACKEND="numpy")
    assert process.wait(60) == 0, process.stderr.read()
    os.close(follower)
    shown = os.read(leader, 1 << 16).decode()
    silent, bar = shown.split("[verbose=1]")
    assert silent.strip() == "[verbose=0]"
    assert "loss=" in bar and "val_loss=" in bar and "100%" in bar
    assert re.search(r"\[\d\d:\d\d<", bar)  # time spent and time left
