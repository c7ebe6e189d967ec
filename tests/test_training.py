"""Training: gradients by name, determinism, checkpoints that survive a kill, Ctrl-C, divergence, early stopping, memory."""

from __future__ import annotations

import errno
import os
import re
import shutil
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
from scratchae.models.problem import ModelProblem
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


# More about checkpoints, interruptions and ends. The readable backend starts at once, and the loop is the same.

KILLED_AT_EACH_CALL = """
import os, signal, sys, tempfile
import numpy as np
import scratchae as sae
import scratchae.training.loop as loop

loop.CHECKPOINT_SECONDS = 0
x = np.random.default_rng(0).random((30, 6))
folder, case, epochs = sys.argv[1], sys.argv[2], int(sys.argv[3])
options = {
    "momentum": {"optimizer": "momentum", "dtype": "float64"},
    "sgd, tied": {"optimizer": "sgd", "tied_weights": True, "weight_decay": 0.1},
    "early": {"learning_rate": 0.5},
    "lbfgs": {"optimizer": sae.LBFGS(restart=2), "activation": "tanh"},
}[case]


def run(path):
    early = sae.EarlyStopping(patience=2)
    options_of_fit = {"validation_data": x[:7] ** 2, "callbacks": [early]} if case == "early" else {}
    model = sae.Autoencoder(**{"hidden_sizes": (4,), "latent_dim": 2, "batch_size": 8, "epochs": epochs, "random_state": 3, **options})
    model.fit(x, checkpoint=path, resume=True, **options_of_fit)
    losses = [model.history_[name] for name in model.history_ if name != "seconds"]
    return repr((model.parameters_.flat.tobytes(), losses, early.best_epoch)).encode()


def killing(call, countdown):
    def counted(*arguments, **named):
        countdown[0] -= 1
        if countdown[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **named)
    return counted


class HalfWritten:
    def __init__(self, file, countdown): self.file, self.countdown = file, countdown
    def __enter__(self): return self
    def __exit__(self, *error): self.file.close()
    def __getattr__(self, name): return getattr(self.file, name)
    def write(self, content):
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        self.countdown[0] -= 1
        if self.countdown[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.file.write(content[len(content) // 2 :])


def child(path, kill_at):
    'The result of a run that is killed at that call of the system while it writes; None if it was.'
    receive, send = os.pipe()
    if os.fork() == 0:
        countdown = [kill_at]
        for module, name in ((os, "fsync"), (os, "replace"), (os, "chmod"), (os, "close"), (tempfile, "mkstemp")):
            setattr(module, name, killing(getattr(module, name), countdown))
        fdopen = os.fdopen
        os.fdopen = lambda *arguments: HalfWritten(fdopen(*arguments), countdown)
        result = run(path)
        with open(send, "wb") as file: file.write(result)
        os._exit(0)
    os.close(send)
    with open(receive, "rb") as file: result = file.read()
    status = os.wait()[1]
    assert os.waitstatus_to_exitcode(status) in ((0,) if result else (-signal.SIGKILL,)), status
    return result or None


expected, kills = run(os.path.join(folder, "whole")), 0  # here, so that the children find everything imported
while True:
    kills += 1
    path = os.path.join(folder, f"run {kills}")
    if child(path, kills) is not None:
        break
    assert child(path, 0) == expected, kills
path, limit = os.path.join(folder, "often"), 1  # one run that is killed again and again
while (result := child(path, limit)) is None:
    limit += 1
assert result == expected
print(kills - 1)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(
    ("case", "epochs", "written"),
    [("momentum", 3, 3), ("sgd, tied", 3, 3), ("early", 9, 3), ("lbfgs", 6, 3)],
)
def test_killed_at_each_call_of_the_system_while_a_checkpoint_is_written(
    tmp_path: Path, case: str, epochs: int, written: int, run_python: Any
) -> None:
    kills = int(
        run_python(KILLED_AT_EACH_CALL, tmp_path, case, epochs, SCRATCHAE_BACKEND="numpy", OPENBLAS_NUM_THREADS="1")
    )
    assert kills >= 6 * written


def test_a_finished_run_is_only_read(tmp_path: Path) -> None:
    first = fit(checkpoint=tmp_path / "run.npz", validation_data=X[:9])
    content = (tmp_path / "run.npz").read_bytes()
    again = fit(checkpoint=tmp_path / "run.npz", validation_data=X[:9], resume=True, verbose=1)
    assert np.array_equal(again.parameters_.flat, first.parameters_.flat) and again.history_ == first.history_
    assert (tmp_path / "run.npz").read_bytes() == content
    assert sae.Autoencoder(**SMALL, epochs=3).fit(X).history_.keys() == {"loss", "seconds"}


def test_early_stopping_remembers_its_best_epoch_when_resumed(tmp_path: Path) -> None:
    options: dict[str, Any] = {"learning_rate": 0.05, "validation_data": X[:6][::-1] * 0.9, "batch_size": 50}
    whole, path = sae.EarlyStopping(patience=4), tmp_path / "run.npz"
    expected = fit(epochs=400, callbacks=[whole], **options)
    assert 5 < len(expected.history_["loss"]) < 400
    # Interrupted in the epochs in which it waits: the best one lies behind, and only the checkpoint knows it.
    fit(epochs=whole.best_epoch + 2, callbacks=[sae.EarlyStopping(patience=4)], checkpoint=path, **options)
    stop = sae.EarlyStopping(patience=4)
    for _ in range(2):  # the second time it has nothing left to do
        resumed = fit(epochs=400, callbacks=[stop], checkpoint=path, resume=True, **options)
        assert np.array_equal(resumed.parameters_.flat, expected.parameters_.flat)
        assert resumed.history_["val_loss"] == expected.history_["val_loss"]
        assert (stop.best, stop.best_epoch) == (whole.best, whole.best_epoch)


def test_seconds_go_on_when_a_run_is_resumed(tmp_path: Path) -> None:
    fit(checkpoint=tmp_path / "run.npz", callbacks=[lambda model: time.sleep(0.02)])
    seconds = fit(checkpoint=tmp_path / "run.npz", resume=True, epochs=6).history_["seconds"]
    assert len(seconds) == 6 and (np.diff(seconds) > 0).all() and 0.04 < seconds[-1] < 60


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"x": X[::-1]}, "was made with other data; use the same, or begin anew with resume=False"),
    ({"x": X.astype(float), "dtype": "float64"}, "has dtype='float32', this run 'float64'|other data"),
    ({"validation_data": X}, "was made with other data"),
    ({"learning_rate": 0.1}, "has learning_rate=0.001, this run 0.1; use the same, or begin anew with resume=False"),
    ({"optimizer": "sgd"}, "has optimizer='adam', this run 'sgd'"),
    ({"optimizer": sae.Adam(beta1=0.5)}, "has optimizer='adam', this run {"),
    ({"hidden_sizes": (8,)}, r"has hidden_sizes=\[7\], this run \[8\]"),
    ({"random_state": 1}, "has random_state=0, this run 1"),
    ({"tied_weights": True}, "has tied_weights=False, this run True"),
    ({"callbacks": [sae.EarlyStopping(monitor="loss")]}, "with 0 callbacks that keep a memory, this run has 1"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    path = tmp_path / "run.npz"
    fit(checkpoint=path)
    content = path.read_bytes()
    with pytest.raises(ValueError, match=message):
        fit(checkpoint=path, resume=True, **options)
    assert path.read_bytes() == content


def test_a_damaged_checkpoint_is_refused_and_the_model_stays(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    model = fit(checkpoint=path)
    before = model.parameters_.flat.copy()
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    for content in (damaged, damaged[:-1], b""):
        path.write_bytes(content)
        with pytest.raises(sae.FileFormatError, match="use another copy|is not a scratchae file"):
            model.fit(X, checkpoint=path, resume=True)
        assert path.read_bytes() == content
    with pytest.raises(sae.FileFormatError, match="is a folder"):
        model.fit(X, checkpoint=tmp_path, resume=True)
    assert np.array_equal(model.parameters_.flat, before)
    model.fit(X, checkpoint=path)  # without resume it is replaced
    assert fit(checkpoint=path, resume=True).history_ == model.history_


def test_a_seed_that_was_drawn_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    seen: list[np.ndarray] = []
    fit(random_state=None, epochs=5, callbacks=[lambda model: seen.append(model.parameters_.flat.copy())])
    fit(random_state=None, epochs=2, checkpoint=path)
    resumed = [fit(random_state=None, epochs=5, checkpoint=path, resume=True) for _ in range(2)]
    assert np.array_equal(resumed[0].parameters_.flat, resumed[1].parameters_.flat)


def test_a_folder_that_vanishes_is_one_warning(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()

    def remove(model: sae.Autoencoder) -> None:
        shutil.rmtree(folder, ignore_errors=True)

    with pytest.warns(UserWarning, match="The checkpoint could not be written .*does not exist") as warned:
        model = fit(epochs=5, checkpoint=folder / "run.npz", callbacks=[remove])
    assert len(warned) == 1 and len(model.history_["loss"]) == 5


def test_every_retry_after_a_full_disk_is_silent_and_may_succeed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scratchae.training import loop

    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)
    real, tries = os.fsync, []

    def full_at_first(handle: int) -> None:
        tries.append(handle)
        if len(tries) < 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(files.os, "fsync", full_at_first)
    with pytest.warns(UserWarning, match="training goes on, free some space") as warned:
        model = fit(epochs=6, checkpoint=tmp_path / "run.npz")
    assert len(warned) == 1 and len(tries) > 4
    assert fit(epochs=6, checkpoint=tmp_path / "run.npz", resume=True).history_ == model.history_


# Ctrl-C.


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


# A loss that is no number.


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
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_array_at_fault_is_named(backend: str, optimizer: str) -> None:
    options: dict[str, Any] = {"likelihood": "gaussian", "activation": "identity", "optimizer": optimizer}
    huge = X.copy()
    huge[17, 3] = 1e25  # its square is too large
    with sae.use_backend(backend):
        first = fit(epochs=1, **options)._fresh_state(9, 0).generator(1, 0).permutation(50)
        batch = 1 if optimizer == "lbfgs" else 1 + int(np.flatnonzero(first == 17)[0]) // 8
        with pytest.raises(
            sae.DivergenceError, match=rf"The loss became (inf|nan) in epoch 1, batch {batch}; .* the loss itself"
        ):
            fit(huge, **options)
        signs = np.where(X < 0.5, -3e38, 3e38)
        message = "epoch 1, batch 1; .* is the output of layer 'encoder.0'; .*scale the data"
        with pytest.raises(sae.DivergenceError, match=message):
            fit(signs, **{**options, "hidden_sizes": (), "batch_size": 50})


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_update_that_no_later_loss_would_show(backend: str) -> None:
    # One batch and one epoch: the loss is fine, the parameters after it are not.
    model = sae.Autoencoder(
        **{**SMALL, "batch_size": 50, "epochs": 1, "optimizer": "sgd", "learning_rate": 1e300, "dtype": "float64"}
    )
    x = np.full((50, 9), 1.0)
    with (
        sae.use_backend(backend),
        pytest.raises(sae.DivergenceError, match="The update was too large in epoch 1, batch 1; .* is the parameter '"),
    ):
        model.set_params(likelihood="gaussian", learning_rate=1.7e308).fit(1e3 * x)
    assert not hasattr(model, "history_")


# Callbacks and history.


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
import sys, numpy as np, scratchae as sae
sys.stderr = open(sys.argv[1], "w")
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
