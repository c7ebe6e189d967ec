"""Ctrl-C twice, and SIGTERM, in real processes: what ends, what is kept, and whose handlers are left alone."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.command_line import running
from helpers.small_runs import X, fit

import scratchae as sae
from scratchae.training import interruption

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@pytest.fixture(autouse=True)
def _no_signal_before_and_after() -> Any:
    interruption.forget()
    yield
    interruption.forget()
    interruption._Received.sigterm = False


def raising(*numbers: int, at: int = 2) -> Any:
    """A callback that sends this process the signals after some epochs."""

    def send(model: Any) -> None:
        if len(model.history_["loss"]) == at:
            for number in numbers:
                signal.raise_signal(number)

    return send


def test_the_second_ctrl_c_in_a_short_time_is_raised() -> None:
    with pytest.warns(UserWarning, match="epoch 2 of 9. Another Ctrl-C within 10 s is raised as KeyboardInterrupt"):
        fit(epochs=9, callbacks=raising(signal.SIGINT))
    model = sae.Autoencoder((4,), 2, epochs=9, random_state=0)
    stop = sae.EarlyStopping(monitor="loss")
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, callbacks=[stop, raising(signal.SIGINT, at=4)])
    assert len(model.history_["loss"]) == 4 and np.isfinite(model.score(X))  # it has its last epoch all the same
    with pytest.warns(UserWarning, match="Training was interrupted"):  # and the next Ctrl-C is a first one again
        fit(epochs=9, callbacks=raising(signal.SIGINT))


def test_after_some_time_the_next_ctrl_c_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "SECONDS", 0.05)
    for _ in range(3):
        with pytest.warns(UserWarning, match="Training was interrupted"):
            fit(epochs=9, callbacks=raising(signal.SIGINT))
        time.sleep(0.06)


def test_the_environment_can_ask_for_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRATCHAE_INTERRUPT", "raise")
    with pytest.raises(KeyboardInterrupt):
        fit(epochs=9, callbacks=raising(signal.SIGINT))
    monkeypatch.setenv("SCRATCHAE_INTERRUPT", "no")
    with pytest.raises(ValueError, match="SCRATCHAE_INTERRUPT='no' is unknown; use one of keep, raise"):
        fit()


def test_a_second_ctrl_c_ends_a_stack_and_what_follows() -> None:
    stack = sae.StackedAutoencoder((4, 3), pretrain_epochs=5, epochs=5, random_state=0, batch_size=8)
    with pytest.warns(UserWarning, match="Pre-training was interrupted in layer 1"):
        stack.fit(X, callbacks=raising(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        sae.StackedAutoencoder((4, 3), pretrain_epochs=5).fit(X, callbacks=raising(signal.SIGINT))


class Deaf(sae.Autoencoder):
    """A model in whose third step a signal arrives where Python only prints exceptions: in a callback of compiled code."""

    number, steps = signal.SIGINT, 0

    def objective(self, *arguments: Any, **options: Any) -> Any:
        self.steps += 1
        if self.steps == 3:
            ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(self.number))()
        return super().objective(*arguments, **options)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
@pytest.mark.parametrize(
    ("number", "what"), [(signal.SIGINT, "was interrupted"), (signal.SIGTERM, "was ended by SIGTERM")]
)
def test_a_signal_that_compiled_code_swallows_still_ends_the_training(
    monkeypatch: pytest.MonkeyPatch, number: int, what: str, optimizer: str
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    monkeypatch.setattr(Deaf, "number", number)
    model = Deaf((4,), 2, epochs=9, random_state=0, batch_size=len(X), optimizer=optimizer)
    with pytest.warns(UserWarning, match=f"Training {what}; the model is that of epoch"):
        model.fit(X)
    assert 1 <= len(model.history_["loss"]) <= 3


def test_a_callback_may_handle_ctrl_c_itself() -> None:
    def ask(model: Any) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    assert len(fit(epochs=4, callbacks=ask).history_["loss"]) == 4


def test_handlers_of_others_are_left_alone_and_ours_are_taken_back() -> None:
    seen: list[int] = []
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    fit(callbacks=lambda model: seen.append(signal.getsignal(signal.SIGTERM) is interruption._terminate))
    assert all(seen) and (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    received: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    try:
        own = signal.getsignal(signal.SIGTERM)
        assert len(fit(epochs=5, callbacks=raising(signal.SIGTERM)).history_["loss"]) == 5
        assert received == [signal.SIGTERM] and signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before[1])
    fit(callbacks=lambda model: signal.signal(signal.SIGTERM, signal.SIG_IGN))  # set in the middle of a training
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    signal.signal(signal.SIGTERM, before[1])


def test_a_thread_sets_no_handlers() -> None:
    seen: list[object] = []
    look = lambda model: seen.append(signal.getsignal(signal.SIGTERM))  # noqa: E731
    thread = threading.Thread(target=lambda: fit(callbacks=look))
    thread.start()
    thread.join()
    assert seen == [signal.SIG_DFL] * 3


def test_sigterm_ends_this_training_and_all_later_ones() -> None:
    with pytest.warns(UserWarning, match="Training was ended by SIGTERM; the model is that of epoch 2 of 9"):
        model = fit(epochs=9, callbacks=raising(signal.SIGTERM))
    assert np.array_equal(model.parameters_.flat, fit_before(2))
    for _ in range(2):
        with pytest.raises(interruption.Terminated) as ended:
            fit()
        assert ended.value.code == 143


def test_sigterm_in_the_pre_training_keeps_the_layers() -> None:
    stack = sae.StackedAutoencoder((4, 3), pretrain_epochs=5, epochs=5, random_state=0, batch_size=8)
    with pytest.warns(UserWarning, match="Pre-training was ended by SIGTERM in layer 1 of 2; layer 2 is still random."):
        stack.fit(X, callbacks=raising(signal.SIGTERM))
    assert [len(layer.history_["loss"]) for layer in stack.layers_] == [2] and np.isfinite(stack.score(X))


def fit_before(epochs: int) -> np.ndarray:
    """The parameters after some epochs, in a process that has not received SIGTERM."""
    interruption._Received.sigterm, before = False, interruption._Received.sigterm
    parameters: np.ndarray = fit(epochs=epochs).parameters_.flat
    interruption._Received.sigterm = before
    return parameters


def test_sigterm_in_a_training_within_a_training_ends_both() -> None:
    inner: list[Any] = []

    def train_another(model: Any) -> None:
        if len(model.history_["loss"]) == 3:
            inner.append(fit(epochs=9, callbacks=raising(signal.SIGTERM)))

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outer = fit(epochs=9, callbacks=train_another)
    assert [len(model.history_["loss"]) for model in (inner[0], outer)] == [2, 3]
    assert [str(w.message).count("SIGTERM") for w in caught] == [1, 1]


SEARCH = """
import sys, warnings, numpy as np, scratchae as sae
from sklearn.model_selection import cross_val_score

warnings.simplefilter("ignore")
x = np.random.default_rng(0).random((400, 30), dtype=np.float32)


class Reporting(sae.Autoencoder):
    def fit(self, *arguments, **options):
        ready = lambda model: print("epoch", flush=True) if len(model.history_["loss"]) == 1 else None
        try:
            return super().fit(*arguments, callbacks=ready, **options)
        finally:
            print("ended", flush=True)


scores = cross_val_score(Reporting((20,), 4, epochs=10**6, random_state=0, batch_size=16), x, cv=3)
print("all", len(scores), flush=True)
"""


def lines_until(process: subprocess.Popen[str], wanted: str) -> None:
    assert process.stdout is not None
    while (line := process.stdout.readline().strip()) != wanted:
        assert line, "the process has ended"


@pytest.mark.slow
def test_two_ctrl_c_end_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn", reason="a search of scikit-learn")
    with running("-c", SEARCH, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        for _ in range(2):  # one in each of two folds
            lines_until(process, "epoch")
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert "KeyboardInterrupt" in err and "all" not in out and out.count("epoch") == 0
        assert process.returncode in (130, -signal.SIGINT)


@pytest.mark.slow
def test_one_ctrl_c_ends_one_fold_or_by_choice_all(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn", reason="a search of scikit-learn")
    with running("-c", SEARCH, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        lines_until(process, "epoch")
        process.send_signal(signal.SIGINT)
        lines_until(process, "epoch")  # the next fold has begun
    monkeypatch.setenv("SCRATCHAE_INTERRUPT", "raise")
    with running("-c", SEARCH, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        lines_until(process, "epoch")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert "KeyboardInterrupt" in err and out.split() == ["ended"]


SCRIPT = """
import sys, time, warnings, numpy as np, scratchae as sae
warnings.simplefilter("ignore")
x = np.random.default_rng(0).random((400, 30), dtype=np.float32)
at = int(sys.argv[2])


def ready(model):
    if len(model.history_["loss"]) == at:
        print("ready", flush=True)


class Slow(sae.Autoencoder):
    def objective(self, *arguments, **options):
        if at == 0:
            print("ready", flush=True)
            time.sleep(60)
        return super().objective(*arguments, **options)


model = (Slow if at == 0 else sae.Autoencoder)((20,), 4, epochs=10**6, random_state=0, batch_size=16)
try:
    model.fit(x, callbacks=ready)
    model.save(sys.argv[1])
    print("saved", flush=True)
    sae.Autoencoder().fit(x)
    print("another", flush=True)
finally:
    print("cleaned up", flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("at", "printed"), [(2, ["saved", "cleaned", "up"]), (0, ["cleaned", "up"])])
def test_a_script_saves_its_model_on_sigterm(tmp_path: Path, at: int, printed: list[str]) -> None:
    path = tmp_path / "m.npz"
    with running("-c", SCRIPT, str(path), str(at), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        lines_until(process, "ready")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 143 and out.replace("ready", "").split() == printed and "Traceback" not in err
    if at:
        assert len(sae.load(path).history_["loss"]) >= 2


@pytest.mark.slow
def test_the_command_saves_the_last_epoch_on_sigterm(tmp_path: Path) -> None:
    out = tmp_path / "m.npz"
    arguments = [
        "-m",
        "scratchae",
        "train",
        "--epochs",
        "1000000",
        "--out",
        str(out),
    ]  # it is quiet in its first seconds
    with running(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        while "epoch" not in (line := process.stderr.readline()) or "loss" not in line:
            assert line, "the process has ended"
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 143
    last = err.strip().splitlines()[-1]
    assert last.startswith("scratchae: error: ended by SIGTERM; the last finished epoch is ")
    assert last.endswith(f"; the model is saved as {out}") and "Traceback" not in err
    epochs = int(last.split("epoch is ")[1].split(" of")[0].replace(",", ""))
    assert len(sae.load(out).history_["loss"]) == epochs >= 1


@pytest.mark.slow
def test_workers_of_a_pool_are_ended_by_sigterm_at_once(run_python: Any) -> None:
    pytest.importorskip("joblib", reason="a pool of joblib")
    script = """
import signal, joblib, numpy as np, scratchae as sae

def look(kind):
    seen = []
    sae.Autoencoder((3,), 2, epochs=1).fit(np.ones((9, 4)), callbacks=lambda model: seen.append(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL))
    return seen

for backend in ("loky", "multiprocessing"):
    print(joblib.Parallel(2, backend=backend)(joblib.delayed(look)(backend) for _ in range(2)))
print(look(""))
"""
    assert run_python(script, SCRATCHAE_BACKEND="numpy").splitlines() == ["[[True], [True]]"] * 2 + ["[False]"]
