"""Progress: lines without a terminal, a bar in a notebook, log records; nothing unless it is asked for."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import types
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from helpers.small_runs import X, fit

import scratchae as sae
from scratchae.training import progress

VAE: dict[str, Any] = {"hidden_sizes": (5,), "latent_dim": 2, "random_state": 0, "batch_size": 8}


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def printed(clock: Clock, capsys: Any, epochs: int, seconds: float, calls: int = 1, **options: Any) -> list[str]:
    """The lines of a run of so many epochs, each with so many seconds and calls of a kernel."""
    lines = progress.Lines(100, epochs, **options)
    history: dict[str, list[float]] = {"loss": [], "seconds": [], "kl": [], "val_kl": []}
    for epoch in range(epochs):
        for _ in range(calls):
            clock.now += seconds / calls
            lines.advance(100 // calls)
        for values in history.values():
            values.append(epoch + 1.0)
        lines.epoch_ended(history, ["kl"])
    lines.close()
    result: list[str] = capsys.readouterr().err.splitlines()
    return result


@pytest.mark.parametrize("epochs", [12, 20, 37, 300, 10_000])
@pytest.mark.parametrize("hours", [0.001, 0.02, 1, 30])
def test_ten_to_twenty_lines_in_a_run_of_any_length(clock: Clock, capsys: Any, epochs: int, hours: float) -> None:
    lines = printed(clock, capsys, epochs, 3600 * hours / epochs, calls=10)
    assert 10 <= len(lines) <= 22
    assert f"epoch {epochs} of {epochs}: loss {epochs:.5g}" in lines[-1] and "left" not in lines[-1]


def test_lines_say_epoch_loss_and_time(clock: Clock, capsys: Any) -> None:
    lines = printed(clock, capsys, 4, 30.0, title="layer 1 of 2")
    assert lines == [
        "layer 1 of 2: epoch 1 of 4: loss 1 (30 s, about 1.5 min left)",
        "layer 1 of 2: epoch 2 of 4: loss 2 (60 s, about 60 s left)",
        "layer 1 of 2: epoch 3 of 4: loss 3 (1.5 min, about 30 s left)",
        "layer 1 of 2: epoch 4 of 4: loss 4 (2.0 min)",
    ]


def test_with_verbose_2_each_epoch_has_a_line_with_the_terms(clock: Clock, capsys: Any) -> None:
    lines = printed(clock, capsys, 200, 0.1, every_epoch=True)
    assert len(lines) == 200 and lines[6].startswith("epoch 7 of 200: loss 7, kl 7, val_kl 7 (")


def test_a_long_epoch_has_lines_of_its_own(clock: Clock, capsys: Any) -> None:
    lines = printed(clock, capsys, 2, 3600.0, calls=100)
    assert lines[0] == "1 % of epoch 1 of 2 (36 s, about 2.0 h left)"
    assert 5 <= sum("% of epoch 1" in line for line in lines) <= 10


def test_the_time_of_compilation_is_not_taken_for_that_of_an_epoch(clock: Clock, capsys: Any) -> None:
    lines = progress.Lines(100, 100)
    lines.say("compiling")
    history = {"loss": [1.0], "seconds": [60.0]}
    for clock.now in (60.0, 61.0):
        lines.epoch_ended(history, [])
        history["loss"].append(2.0)
    lines.epoch_ended({"loss": [1.0] * 10, "seconds": []}, [])
    shown = capsys.readouterr().err.splitlines()
    assert shown[1] == "epoch 1 of 100: loss 1 (60 s)"
    assert "about 10 s left" in shown[-1]  # 1 s for the nine epochs since the first


def test_a_resumed_run_counts_from_where_it_was(clock: Clock, capsys: Any) -> None:
    lines = progress.Lines(100, 10, done=5)
    clock.now = 8.0
    lines.epoch_ended({"loss": [1.0] * 6, "seconds": []}, [])
    assert capsys.readouterr().err == "epoch 6 of 10: loss 1 (8 s, about 32 s left)\n"
    lines = progress.Lines(100, 1000, done=5)
    clock.now = 9.0
    lines.epoch_ended(
        {"loss": [1.0] * 6, "seconds": []}, []
    )  # its first epoch has a line, although no tenth of the run has passed
    lines.epoch_ended({"loss": [1.0] * 7, "seconds": []}, [])
    assert [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()] == ["epoch 6 of 1000"]
    bar = progress.Bar(100, 10, done=5)
    assert (bar._bar.n, bar._bar.total) == (500, 1000)
    bar.close()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (0.04, "0.04 s"), (7.4, "7 s"), (89, "89 s"), (91, "1.5 min"), (6000, "1.7 h")]
)
def test_durations(seconds: float, words: str) -> None:
    assert progress.duration(seconds) == words


def test_a_short_run_of_a_command_has_no_lines(clock: Clock, capsys: Any) -> None:
    with progress.quiet_for(5.0):
        assert printed(clock, capsys, 20, 0.2) == []
        lines = progress.Lines(100, 20)
        lines.say("compiling")
        assert capsys.readouterr().err == ""
        clock.now += 6
        lines.epoch_ended({"loss": [1.0]}, [])
        assert capsys.readouterr().err.splitlines() == ["compiling", "epoch 1 of 20: loss 1 (6 s)"]
        assert len(printed(clock, capsys, 20, 1.0)) > 6
    assert len(printed(clock, capsys, 20, 0.2)) > 9


def test_lines_of_a_fit_are_on_stderr_and_only_if_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    fit(epochs=5)
    assert capsys.readouterr() == ("", "")
    fit(epochs=5, verbose=1)
    out, err = capsys.readouterr()
    assert out == "" and len(re.findall(r"^epoch \d of 5: loss ", err, re.MULTILINE)) == 5
    sae.VariationalAutoencoder(**VAE, epochs=30, verbose=2).fit(X, validation_data=X)
    err = capsys.readouterr().err
    line = r"^epoch \d+ of 30: loss [\d.]+, reconstruction -[\d.]+, kl [\d.e-]+, val_loss "
    assert len(re.findall(line, err, re.MULTILINE)) == 30 and "is trained by" in err


def test_a_run_that_is_stopped_has_its_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    fit(epochs=300, verbose=1, callbacks=lambda model: len(model.history_["loss"]) == 37)
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("epoch 37 of 300: loss ") and "left" not in last


def test_a_closed_or_missing_stderr_does_not_end_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()

    class Closed(io.StringIO):
        def isatty(self) -> bool:
            return False

        def write(self, text: str) -> int:
            raise BrokenPipeError

    for stream in (None, closed, Closed()):
        monkeypatch.setattr(sys, "stderr", stream)
        assert len(fit(epochs=3, verbose=2).history_["loss"]) == 3


def test_stages_of_a_stack_have_titles(capsys: pytest.CaptureFixture[str]) -> None:
    stack = sae.StackedAutoencoder((5, 3), pretrain_epochs=2, epochs=2, verbose=1, random_state=0).fit(X)
    y = np.arange(len(X)) % 2
    stack.to_classifier(epochs=2).fit_softmax(X, y)
    err = capsys.readouterr().err
    for title in ("layer 1 of 2", "layer 2 of 2", "all layers", "softmax layer"):
        assert f"{title}: epoch 1 of 2: loss " in err


def test_each_epoch_has_a_log_record_with_its_numbers(caplog: pytest.LogCaptureFixture) -> None:
    fit()  # nobody listens
    assert not caplog.records
    with caplog.at_level(logging.INFO, "scratchae"):
        model = sae.VariationalAutoencoder(**VAE, epochs=3).fit(X, validation_data=X)
    records: list[Any] = [record for record in caplog.records if hasattr(record, "epoch")]
    assert [record.epoch for record in records] == [1, 2, 3] and {record.epochs for record in records} == {3}
    assert {record.name for record in records} == {"scratchae"} and {record.levelname for record in records} == {"INFO"}
    for i, record in enumerate(records):
        assert record.loss == model.history_["loss"][i] and record.seconds == model.history_["seconds"][i]
        assert record.terms == {name: model.history_[name][i] for name in ("reconstruction", "kl")}
        assert record.validation == {n: model.history_[f"val_{n}"][i] for n in ("loss", "reconstruction", "kl")}
        assert record.getMessage().startswith(f"epoch {i + 1} of 3: loss {record.loss:.5g}, reconstruction ")


def test_nothing_is_logged_to_the_screen_without_a_handler(run_python: Any) -> None:
    script = """
import sys, numpy as np, scratchae as sae, logging, warnings
sys.stderr = sys.stdout
warnings.simplefilter("ignore", sae.ConvergenceWarning)
sae.Autoencoder((3,), 2, epochs=2).fit(np.ones((9, 4)))
logging.getLogger().setLevel(logging.INFO)
sae.Autoencoder((3,), 2, epochs=2).fit(np.ones((9, 4)))
logging.basicConfig(stream=sys.stdout, format="%(name)s %(message)s")
print("begin")
sae.Autoencoder((3,), 2, epochs=2).fit(np.ones((9, 4)))
"""
    lines = run_python(script, SCRATCHAE_BACKEND="numpy").splitlines()
    assert lines[0] == "begin" and [line.split(":")[0] for line in lines[1:]] == [
        f"scratchae epoch {i} of 2" for i in (1, 2)
    ]


def test_work_that_takes_long_shows_how_much_is_done(clock: Clock, capsys: Any) -> None:
    def work(seconds: float, verbose: int) -> list[str]:
        for _ in progress.watched(range(1000), "log-likelihood", verbose):
            clock.now += seconds / 1000
        lines: list[str] = capsys.readouterr().err.splitlines()
        return lines

    assert work(5.0, 1) == [] and work(5000.0, 0) == []
    lines = work(5000.0, 1)
    assert 5 <= len(lines) <= 12 and lines[0].startswith("log-likelihood: 0 % (15 s, about 83.1 min left)")


def test_the_log_likelihood_is_watched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    model = sae.VariationalAutoencoder(**VAE, epochs=2).fit(X)
    expected = model.log_likelihood(X, n_samples=500)
    monkeypatch.setattr(progress, "FIRST_LINE", 0.0)
    assert np.array_equal(model.log_likelihood(X, n_samples=500).log_likelihood, expected.log_likelihood)
    assert capsys.readouterr().err == ""
    model.verbose = 1
    watched = model.log_likelihood(X, n_samples=500)
    assert np.array_equal(watched.log_likelihood, expected.log_likelihood)
    assert "log-likelihood: " in capsys.readouterr().err


KERNEL = """
import json, sys, nbclient, nbformat

cells = json.loads(sys.argv[1])
book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
client = nbclient.NotebookClient(book, timeout=100, kernel_name="python3", resources={"metadata": {"path": "."}})
client.execute()
print(json.dumps([dict(output) for output in book.cells[-1].outputs]))
"""
FIT = """
import warnings
warnings.simplefilter("default")
warnings.simplefilter("ignore", sae.ConvergenceWarning)
model = sae.VariationalAutoencoder((5,), 2, epochs=30, verbose={verbose}, random_state=0).fit(np.random.default_rng(0).random((40, 6)))
"""


@pytest.mark.parametrize(("shell", "notebook"), [(None, False), ({}, False), ({"IPKernelApp": {}}, True), (0, False)])
def test_a_notebook_is_a_shell_with_a_kernel(shell: Any, notebook: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Shell:
        config = shell

    module = types.ModuleType("IPython")
    if shell != 0:  # else IPython is in the middle of its import
        module.get_ipython = lambda: None if shell is None else Shell()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", module)
    assert progress.in_notebook() is notebook
    monkeypatch.delitem(sys.modules, "IPython")
    assert not progress.in_notebook()


def in_a_notebook(run_python: Any, hide_widgets: bool, verbose: int) -> list[dict[str, Any]]:
    """The outputs of a cell that fits a model in a real kernel."""
    hide = "import sys; sys.modules['ipywidgets'] = None" if hide_widgets else "import ipywidgets"
    cells = [f"{hide}\nimport numpy as np, scratchae as sae", FIT.format(verbose=verbose)]
    outputs: list[dict[str, Any]] = json.loads(run_python(KERNEL, json.dumps(cells), SCRATCHAE_BACKEND="numpy"))
    return outputs


needs_a_kernel = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("nbclient", "ipykernel")),
    reason="runs a kernel; needs nbclient and ipykernel",
)


@pytest.mark.slow
@needs_a_kernel
def test_a_notebook_without_ipywidgets_shows_a_bar_and_no_warning(run_python: Any) -> None:
    outputs = in_a_notebook(run_python, hide_widgets=True, verbose=1)
    text = "".join(output.get("text", "") for output in outputs)
    assert {output["output_type"] for output in outputs} == {"stream"}
    assert "100%" in text and "loss=" in text and "IProgress" not in text and "Warning" not in text
    text = "".join(output.get("text", "") for output in in_a_notebook(run_python, hide_widgets=True, verbose=2))
    assert len(re.findall(r"epoch \d+ of 30: loss [\d.]+, reconstruction ", text)) == 30


@pytest.mark.slow
@needs_a_kernel
@pytest.mark.skipif(find_spec("ipywidgets") is None, reason="needs ipywidgets")
def test_a_notebook_with_ipywidgets_shows_a_widget(run_python: Any) -> None:
    outputs = in_a_notebook(run_python, hide_widgets=False, verbose=1)
    shown = [output for output in outputs if "application/vnd.jupyter.widget-view+json" in output.get("data", {})]
    assert len(shown) == 1 and not [output for output in outputs if output["output_type"] == "stream"]
