"""Training: gradients by name, determinism, checkpoints that survive a kill, Ctrl-C, divergence, early stopping, memory."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae import files
from scratchae.verify.autoencoder import model_gradient_error

X = np.random.default_rng(0).random((50, 9), dtype=np.float32)
SMALL: dict[str, Any] = {"hidden_sizes": (7,), "latent_dim": 3, "batch_size": 8, "random_state": 0}


def fit(x: np.ndarray = X, **options: Any) -> sae.Autoencoder:
    """A small model; options of `fit` and of the constructor together."""
    training = {
        name: options.pop(name) for name in ("validation_data", "callbacks", "checkpoint", "resume") if name in options
    }
    return sae.Autoencoder(**{**SMALL, "epochs": 3, **options}).fit(x, **training)


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "identity"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
@pytest.mark.parametrize("tied", [False, True])
def test_gradient_of_every_parameter(backend: str, activation: str, likelihood: str, tied: bool) -> None:
    with sae.use_backend(backend):
        for hidden in ((), (5,), (6, 4)):
            model = fit(
                hidden_sizes=hidden,
                activation=activation,
                likelihood=likelihood,
                tied_weights=tied,
                weight_decay=0.01,
                dtype="float64",
            )
            model.parameters_.flat[:] *= (
                3  # deep sigmoid layers begin with gradients as small as the rounding of the loss
            )
            assert model_gradient_error(model, X[:5].astype(np.float64)) < 1e-7


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


RUN = """
import sys, numpy as np, scratchae as sae
x = np.random.default_rng(0).random((400, 30), dtype=np.float32)
path, optimizer, resume = sys.argv[1], sys.argv[2], sys.argv[3] == "resume"
stop = sae.EarlyStopping(patience=1000)
optimizer = sae.LBFGS(restart=5) if optimizer == "lbfgs" else optimizer
model = sae.Autoencoder((20,), 4, batch_size=16, epochs=int(sys.argv[4]), random_state=0, optimizer=optimizer, learning_rate=0.01)
import scratchae.training.loop as loop
loop.CHECKPOINT_SECONDS = 0.0
print("ready", flush=True)
model.fit(x, validation_data=x[:50], callbacks=[stop], checkpoint=path, resume=resume)
sys.stdout.write(model.parameters_.flat.tobytes().hex() + str(model.history_["loss"]) + str(stop.best_epoch))
"""


@pytest.mark.parametrize("optimizer", ["adam", "momentum", "lbfgs"])
def test_killed_at_any_instant_and_resumed_gives_the_same_bits(tmp_path: Path, optimizer: str) -> None:
    epochs = "60" if optimizer == "lbfgs" else "150"

    def start(path: Path, how: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", RUN, str(path), optimizer, how, epochs], stdout=subprocess.PIPE, text=True
        )

    whole, _ = start(tmp_path / "whole.npz", "begin").communicate()
    path, delays, kills = tmp_path / "killed.npz", np.random.default_rng(1).uniform(0.02, 0.6, 4), 0
    for delay in delays:
        process = start(path, "resume")
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        kills += process.poll() is None
        process.kill()
        process.wait()
    assert kills >= 2
    resumed, _ = start(path, "resume").communicate()
    assert resumed == whole and len(whole) > 1000
    assert not list(tmp_path.glob(".*.part")) or kills  # a kill may leave a temporary file; it is never read


def test_resume_continues_extends_and_refuses_strangers(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    fit(checkpoint=path, epochs=2)
    assert np.array_equal(fit(checkpoint=path, resume=True, epochs=5).parameters_.flat, fit(epochs=5).parameters_.flat)
    with pytest.raises(ValueError, match="other data"):
        fit(X[:20], checkpoint=path, resume=True)
    with pytest.raises(ValueError, match="latent_dim"):
        fit(checkpoint=path, resume=True, latent_dim=2)
    with pytest.raises(ValueError, match="checkpoint="):
        fit(resume=True)
    with pytest.raises(FileNotFoundError, match="make it first"):
        fit(checkpoint=tmp_path / "nowhere" / "run.npz")
    with sae.use_backend("numpy"), pytest.raises(ValueError, match="backend"):
        fit(checkpoint=path, resume=True, epochs=9)
    with pytest.raises(sae.FileFormatError, match="is a checkpoint, not a model"):
        sae.load(path)


def test_full_disk_loses_no_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.warns(UserWarning, match="could not be written .*No space left"):
        model = fit(checkpoint=tmp_path / "run.npz", epochs=4)
    assert np.array_equal(model.parameters_.flat, fit(epochs=4).parameters_.flat)
    (tmp_path / "model.npz").write_bytes(b"old")
    with pytest.raises(OSError, match="No space left"):
        model.save(tmp_path / "model.npz")
    assert [p.name for p in tmp_path.iterdir()] == ["model.npz"] and (tmp_path / "model.npz").read_bytes() == b"old"


def test_ctrl_c_keeps_the_last_finished_epoch() -> None:
    def interrupt(model: sae.Autoencoder) -> None:
        if len(model.history_["loss"]) == 3:
            raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="epoch 3 of 9"):
        model = fit(epochs=9, callbacks=[interrupt])
    assert np.array_equal(model.parameters_.flat, fit(epochs=3).parameters_.flat)
    assert {len(column) for column in model.history_.values()} == {3}


def test_ctrl_c_before_the_first_epoch_ends_leaves_the_model_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    from scratchae.models.problem import ModelProblem

    def interrupt(*_: Any) -> int:
        raise KeyboardInterrupt

    fitted = fit()
    before = fitted.parameters_.flat.copy()
    monkeypatch.setattr(ModelProblem, "take_steps", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fitted.fit(X)
    assert np.array_equal(fitted.parameters_.flat, before)


def test_a_real_sigint_ends_training_soon() -> None:
    code = """
import numpy as np, warnings, scratchae as sae
x = np.random.default_rng(0).random((2000, 200), dtype=np.float32)
sae.Autoencoder((100,), 5, epochs=1).fit(x)
print("ready", flush=True)
warnings.simplefilter("ignore")
model = sae.Autoencoder((100,), 5, epochs=10**6).fit(x)
print(model.encode(x).shape)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert out == "(2000, 5)\n" and process.returncode == 0


@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_divergence_names_epoch_batch_and_array(backend: str) -> None:
    with sae.use_backend(backend), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        message = r"in epoch \d+, batch \d+; the first array that is not finite is .*(parameter|layer|loss).*lower learning_rate"
        with pytest.raises(sae.DivergenceError, match=message):
            fit(likelihood="gaussian", activation="identity", optimizer="sgd", learning_rate=1e6, epochs=50)


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
        fit(callbacks=[sae.EarlyStopping()])


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


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_progress_bar_in_a_terminal_only() -> None:
    import fcntl
    import pty
    import struct
    import termios

    code = "import numpy as np, scratchae as s; s.Autoencoder((4,), 2, epochs=5, verbose=1).fit(np.ones((50, 6), np.float32))"
    piped = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert piped.stderr == b"" and piped.stdout == b""
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
