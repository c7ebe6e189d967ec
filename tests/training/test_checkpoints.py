"""Checkpoints: killed at any instant and resumed, full disks, strangers' files."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.small_runs import SMALL, X, fit

import scratchae as sae
from scratchae import files
from scratchae.errors import ConvergenceWarning, muted

RUN = """
import sys, numpy as np, scratchae as sae
x = np.random.default_rng(0).random((400, 30), dtype=np.float32)
path, optimizer, resume = sys.argv[1], sys.argv[2], sys.argv[3] == "resume"
stop = sae.EarlyStopping(patience=1000)
optimizer = sae.LBFGS(restart=5) if optimizer == "lbfgs" else optimizer
model = sae.Autoencoder((20,), 4, batch_size=16, epochs=int(sys.argv[4]), random_state=0, optimizer=optimizer, learning_rate=0.01,
    learning_rate_decay=0.9)
import scratchae.training.loop as loop
loop.CHECKPOINT_SECONDS = 0.0
print("ready", flush=True)
model.fit(x, validation_data=x[:50], callbacks=[stop], checkpoint=path, resume=resume)
sys.stdout.write(model.parameters_.flat.tobytes().hex() + str(model.history_["loss"]) + str(stop.best_epoch))
"""


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
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
    with pytest.raises(FileNotFoundError, match="create it first"):
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
        for module, name in ((os, "fsync"), (os, "replace"), (os, "close"), (os, "open")):
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


@pytest.mark.slow
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
    ({"x": X[::-1]}, "was made with other data; use the same, or start again with resume=False"),
    ({"x": X.astype(float), "dtype": "float64"}, "has dtype='float32', but this run has 'float64'|other data"),
    ({"validation_data": X}, "was made with other data"),
    ({"learning_rate": 0.1}, "has learning_rate=0.001, but this run has 0.1; use the same, or start again with resume=False"),
    ({"optimizer": "sgd"}, "has optimizer='adam', but this run has 'sgd'"),
    ({"optimizer": sae.Adam(beta1=0.5)}, "has optimizer='adam', but this run has {"),
    ({"hidden_sizes": (8,)}, r"has hidden_sizes=\[7\], but this run has \[8\]"),
    ({"random_state": 1}, "has random_state=0, but this run has 1"),
    ({"tied_weights": True}, "has tied_weights=False, but this run has True"),
    ({"callbacks": [sae.EarlyStopping(monitor="loss")]}, "with 0 callbacks that keep a state, but this run has 1"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    path = tmp_path / "run.npz"
    fit(checkpoint=path)
    content = path.read_bytes()
    with pytest.raises(ValueError, match=message):
        fit(checkpoint=path, resume=True, **options)
    assert path.read_bytes() == content


def last_changed(array: np.ndarray) -> np.ndarray:
    """The same array but for its last number, which is that of the row before."""
    changed = array.copy()
    changed.flat[-1] = changed[-2].flat[-1]
    assert (changed != array).sum() == 1
    return changed


ROWS = np.random.default_rng(1).random((2500, 2), dtype=np.float32)
CLASSES = np.arange(2500) % 3


@pytest.mark.parametrize("name", ["StackedClassifier", "ConditionalVariationalAutoencoder"])
@pytest.mark.parametrize("which", range(4), ids=["rows", "labels", "validation rows", "validation labels"])
def test_the_last_number_of_long_data_counts(tmp_path: Path, name: str, which: int) -> None:
    arrays = [ROWS, CLASSES, ROWS[::-1].copy(), CLASSES]

    def run(x: np.ndarray, y: np.ndarray, *held_out: np.ndarray) -> None:
        model = getattr(sae, name)((2,), epochs=1, random_state=0)
        model.fit(x, y, validation_data=held_out, checkpoint=tmp_path / "run.npz", resume=True)

    run(*arrays)
    run(*[array.copy() for array in arrays])  # the same data, elsewhere in memory
    arrays[which] = last_changed(arrays[which])
    with pytest.raises(ValueError, match="was made with other data"):
        run(*arrays)


def test_the_last_number_of_copied_layers_counts(tmp_path: Path) -> None:
    stack = sae.StackedAutoencoder((120,), pretrain_epochs=1, random_state=0).pretrain(X)
    assert sum(value.size for name, value in stack.parameters_.items() if name.startswith("encoder.")) == 1200
    options: dict[str, Any] = {"epochs": 1, "random_state": 0}
    run: dict[str, Any] = {"checkpoint": tmp_path / "run.npz", "resume": True}
    y = np.arange(len(X)) % 3
    for _ in range(2):
        stack.to_classifier(**options).fit(X, y, **run)
    stack.parameters_["encoder.0.b"][-1] += 1
    with pytest.raises(ValueError, match="has copied layers="):
        stack.to_classifier(**options).fit(X, y, **run)


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
    begun = fit(random_state=None, epochs=2, checkpoint=path)
    seed = files.read(path, "checkpoint")[0]["entropy"]
    whole, other = fit(random_state=seed, epochs=5), fit(random_state=seed + 1, epochs=5)
    assert begun.history_["loss"] == whole.history_["loss"][:2] != other.history_["loss"][:2]
    resumed = fit(random_state=None, epochs=5, checkpoint=path, resume=True)
    assert np.array_equal(resumed.parameters_.flat, whole.parameters_.flat)
    assert resumed.history_["loss"] == whole.history_["loss"]
    assert files.read(path, "checkpoint")[0]["entropy"] == seed


def test_a_folder_that_vanishes_is_one_warning(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()

    def remove(model: sae.Autoencoder) -> None:
        shutil.rmtree(folder, ignore_errors=True)

    with (
        pytest.warns(UserWarning, match="The checkpoint could not be written .*does not exist") as warned,
        muted(ConvergenceWarning),
    ):
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
    with pytest.warns(UserWarning, match="training continues; free disk space") as warned, muted(ConvergenceWarning):
        model = fit(epochs=6, checkpoint=tmp_path / "run.npz")
    assert len(warned) == 1 and len(tries) > 4
    assert fit(epochs=6, checkpoint=tmp_path / "run.npz", resume=True).history_ == model.history_
