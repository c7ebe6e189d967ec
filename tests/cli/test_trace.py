"""`scratchae trace`: the trace of a tiny example or of a saved model, printed and written, and one line for what it cannot do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.command_line import one_line

import scratchae as sae
from scratchae import tracing
from scratchae.cli.main import main
from scratchae.tracing import label_coverage
from scratchae.tracing.text import text

DIGITS = sae.load_digits()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with saved models and data."""
    folder = tmp_path_factory.mktemp("models")
    short = {"epochs": 1, "random_state": 0}
    with sae.use_backend("numpy"):
        sae.VariationalAutoencoder((), 1, **short).fit(DIGITS.x_train[:64]).save(folder / "vae.npz")
        sae.StackedClassifier((4,), **short).fit(DIGITS.x_train[:64], DIGITS.y_train[:64]).save(
            folder / "classifier.npz"
        )
    np.save(folder / "rows.npy", DIGITS.x_train[:5])
    return folder


@pytest.fixture(autouse=True)
def _there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["trace", *arguments]) == 0
    return capsys.readouterr().out


def test_a_tiny_example(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "variational", "--tiny")
    assert out == text(tracing.tiny("variational")) + "\n" and "loss 1.4496" in out and "[[0.6265], [1.3863]]" in out


def test_a_saved_model_on_the_first_test_rows(capsys: pytest.CaptureFixture[str]) -> None:
    model = sae.load("vae.npz")
    assert printed(capsys, "vae.npz", "--data", "digits") == text(tracing.trace(model, DIGITS.x_test[:3])) + "\n"
    out = printed(capsys, "vae.npz", "--data", "digits", "--rows", "2", "--seed", "4", "--depth", "0")
    assert out == text(tracing.trace(model, DIGITS.x_test[:2], seed=4), 0) + "\n" and "(reparameterize.2)" not in out
    out = printed(capsys, "vae.npz", "--data", "rows.npy", "--rows", "1")
    assert out == text(tracing.trace(model, DIGITS.x_train[:1])) + "\n"
    out = printed(capsys, "classifier.npz", "--data", "digits")
    assert out == text(tracing.trace(sae.load("classifier.npz"), DIGITS.x_test[:3], DIGITS.y_test[:3])) + "\n"


def test_files(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "dense", "--tiny", "--html", "trace.html", "--json", "trace.json", "--depth", "0")
    assert "saved     trace.html (" in out and "saved     trace.json (" in out
    found = tracing.tiny("dense")
    assert Path("trace.html").read_text("utf-8") == found.to_html()
    assert json.loads(Path("trace.json").read_text("utf-8")) == found.to_dict()


def test_names_and_coverage(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    out = printed(capsys, "--list")
    assert all(f"\n{name}" in out for name in tracing.tiny_names())
    out = printed(capsys, "--coverage")
    assert "\ndense.4 " in out and "labels have values" in out
    real = label_coverage.labels_of_the_code
    monkeypatch.setattr(label_coverage, "labels_of_the_code", lambda: real() | {"dense.99"})
    assert main(["trace", "--coverage"]) == 1
    assert "label dense.99; add one" in one_line(capsys)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing to trace"),
        (["variational"], "variational is the name of a tiny example; give --tiny"),
        (["vae.npz"], "--data is missing"),
        (["none.npz", "--data", "digits"], "none.npz: there is no such file"),
        (["varational", "--tiny"], "no tiny example 'varational' (did you mean 'variational'?)"),
        (["dense", "--tiny", "--data", "digits"], "--data is for a saved model"),
        (["dense", "--tiny", "--rows", "2"], "--rows is for a saved model"),
        (["dense", "--tiny", "--seed", "0"], "--seed is for a saved model"),
        (["dense", "--tiny", "--html", "page.txt"], "--html page.txt does not end in .html"),
        (["dense", "--tiny", "--json", "page.html"], "--json page.html does not end in .json"),
        (["dense", "--tiny", "--html", "none/page.html"], "the folder of --html none/page.html does not exist"),
        (["vae.npz", "--data", "digits", "--rows", "0"], "'0' is not allowed; give an integer of at least 1"),
        (["vae.npz", "--data", "digits", "--rows", "101"], "at most 100"),
        (["vae.npz", "--data", "strokes"], "features"),
        (["classifier.npz", "--data", "rows.npy"], "no labels, which classifier.npz needs"),
        (["page.json", "--data", "digits", "--json", "page.json"], "also an input file"),
        (["dense", "--list"], "stand alone"),
        (["--list", "--coverage"], "stand alone"),
        (["--tinny"], "did you mean '--tiny'?"),
    ],
)  # fmt: skip
def test_one_line_for_what_is_wrong(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", *arguments]) == 2
    assert words in one_line(capsys)
    assert not list(Path().glob("*.txt")) and not Path("page.html").exists() and not Path("page.json").exists()
