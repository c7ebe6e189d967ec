"""Training: the history, seeds, threads, memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.small_runs import X, fit

import scratchae as sae


@pytest.mark.parametrize("optimizer", ["adam", "momentum", "sgd", "lbfgs"])
@pytest.mark.parametrize("tied", [False, True])
def test_compiled_and_readable_training_agree(optimizer: str, tied: bool) -> None:
    runs = []
    for backend in ("numba", "numpy"):
        with sae.use_backend(backend):
            options: dict[str, Any] = {
                "tied_weights": tied,
                "weight_decay": 0.01,
                "dtype": "float64",
                "activation": "tanh",
            }
            runs.append(fit(optimizer=optimizer, epochs=4, validation_data=X[:10], **options))
    fast, slow = runs
    assert np.allclose(fast.parameters_.flat, slow.parameters_.flat, rtol=1e-8, atol=1e-10)
    for column in ("loss", "val_loss"):
        assert np.allclose(fast.history_[column], slow.history_[column], rtol=1e-10)
    assert fast.history_["loss"][-1] < fast.history_["loss"][0]


@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_learning_rate_falls_from_epoch_to_epoch(backend: str) -> None:
    whole: dict[str, Any] = {"optimizer": "sgd", "batch_size": len(X), "learning_rate": 0.3, "dtype": "float64"}
    with sae.use_backend(backend):
        for epochs in (1, 2, 3):
            before, after = (fit(epochs=n, learning_rate_decay=0.5, **whole) for n in (epochs, epochs + 1))
            _, gradients = before.loss_and_gradients(X.astype(np.float64))
            for name, theta in before.parameters_.items():
                assert np.allclose(after.parameters_[name], theta - 0.3 * 0.5**epochs * gradients[name], atol=1e-12)


def test_history_is_the_objective() -> None:
    # One batch of all rows: the loss of the second epoch is that at the parameters after the first.
    first, second = (fit(batch_size=100, epochs=epochs, weight_decay=0.1) for epochs in (1, 2))
    assert second.history_["loss"][1] == pytest.approx(first.loss_and_gradients(X)[0], rel=1e-6)
    watched = fit(validation_data=(X, None), weight_decay=0.1)
    assert watched.history_["val_loss"][-1] == pytest.approx(watched.loss_and_gradients(X)[0], rel=1e-6)


TRAIN = """
import sys, numba, numpy as np, scratchae as sae
numba.set_num_threads(int(sys.argv[1]))
for dtype, size, batch in (("float32", 300, 256), ("float64", 40, 16)):
    x = np.random.default_rng(0).random((600, size)).astype(dtype)
    for tied in (False, True):
        m = sae.Autoencoder((size // 2,), 10, batch_size=batch, epochs=2, random_state=1, dtype=dtype, tied_weights=tied).fit(x)
        sys.stdout.write(m.parameters_.flat.tobytes().hex() + m.reconstruct(x).tobytes().hex())
"""


@pytest.mark.slow
def test_same_bits_for_any_number_of_threads() -> None:
    environment = {**os.environ, "NUMBA_NUM_THREADS": "4"}
    outputs = [
        subprocess.run(
            [sys.executable, "-c", TRAIN, n], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for n in "124"
    ]
    assert outputs[0] and outputs[0] == outputs[1] == outputs[2]


def test_seeds() -> None:
    state = np.random.get_state()[1].copy()  # type: ignore[index,union-attr]
    assert np.array_equal(fit().parameters_.flat, fit().parameters_.flat)
    assert not np.array_equal(fit().parameters_.flat, fit(random_state=1).parameters_.flat)
    assert not np.array_equal(fit(random_state=None).parameters_.flat, fit(random_state=None).parameters_.flat)
    assert np.array_equal(
        fit(random_state=np.random.default_rng(3)).parameters_.flat,
        fit(random_state=np.random.default_rng(3)).parameters_.flat,
    )
    assert np.array_equal(state, np.random.get_state()[1])  # type: ignore[index]


def test_early_stopping_goes_back_to_the_best_epoch() -> None:
    stop = sae.EarlyStopping(patience=3)
    model = fit(epochs=2000, learning_rate=0.05, validation_data=X[:6][::-1] * 0.9, callbacks=[stop], batch_size=50)
    watched = model.history_["val_loss"]
    assert (
        len(watched) < 2000
        and len(watched) == stop.best_epoch + 3
        and min(watched) == watched[stop.best_epoch - 1] == stop.best
    )
    assert np.array_equal(
        model.parameters_.flat,
        fit(
            epochs=stop.best_epoch, learning_rate=0.05, validation_data=X[:6][::-1] * 0.9, batch_size=50
        ).parameters_.flat,
    )
    with pytest.raises(ValueError, match="validation_data"):
        fit(callbacks=[sae.EarlyStopping(validation_fraction=None)])


def test_a_callback_can_stop_the_training() -> None:
    assert len(fit(epochs=9, callbacks=[lambda model: len(model.history_["loss"]) == 2]).history_["loss"]) == 2
    assert (
        len(
            fit(epochs=9, optimizer="lbfgs", callbacks=[lambda model: len(model.history_["loss"]) == 2]).history_[
                "loss"
            ]
        )
        == 2
    )


def test_last_batch_may_be_small_and_batch_larger_than_the_data() -> None:
    for batch_size in (1, 7, 49, 50, 51, 1000):
        assert np.isfinite(fit(batch_size=batch_size).history_["loss"]).all()


def test_saved_model_is_the_same_model(tmp_path: Path) -> None:
    model = fit(optimizer=sae.Adam(beta1=0.8), tied_weights=True, dtype="float64")
    model.save(tmp_path / "model.npz")
    loaded = sae.load(tmp_path / "model.npz")
    assert np.array_equal(loaded.reconstruct(X), model.reconstruct(X))
    assert loaded.get_params() == model.get_params() and loaded.history_ == model.history_
    with np.load(tmp_path / "model.npz", allow_pickle=False) as content:
        assert set(content.files) == {"header", *model.parameters_}


@pytest.mark.slow
def test_fit_copies_no_data() -> None:
    code = """
import resource, numpy as np, scratchae as sae
sae.Autoencoder((4,), 2, epochs=1).fit(np.zeros((10, 1000), np.float32))
x = np.zeros((50_000, 1000), np.float32); x += 0.5
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sae.Autoencoder((4,), 2, epochs=1).fit(x)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / (x.nbytes / 1024))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(result.stdout) < 0.2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_progress_is_a_bar_in_a_terminal_and_lines_in_a_pipe() -> None:
    import fcntl
    import pty
    import struct
    import termios

    code = "import numpy as np, scratchae as s; s.Autoencoder((4,), 2, epochs=5, verbose=1).fit(np.ones((50, 6), np.float32))"
    piped = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert piped.stderr.count(b"\nepoch ") + piped.stderr.startswith(b"epoch ") == 5 and piped.stdout == b""
    assert b"\r" not in piped.stderr  # lines, no bar
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))  # a new one has no width
    subprocess.run([sys.executable, "-c", code], stderr=follower, check=True)
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 4096):
            shown += chunk
    except OSError:  # the other end is closed
        pass
    assert b"loss=" in shown and b"100%" in shown
