"""The scripts that measure published numbers: they run, print their table, and say by their exit status whether all was met."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

import scratchae as sae

FOLDER = Path(__file__).parents[2] / "reproductions"
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if not path.name.startswith("_"))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred small digits in place of MNIST."""
    d = sae.load_digits()
    small = type(d)(d.x_train[:100], d.y_train[:100], d.x_test[:50], d.y_test[:50], d.image_shape, "few")
    monkeypatch.setattr(sae, "load_mnist", lambda folder=None: small)
    monkeypatch.syspath_prepend(str(FOLDER))


def run(script: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", [str(script), *arguments])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(script), run_name="__main__")
    return int(end.value.code or 0)


def test_there_is_one_for_each_row() -> None:
    assert len(SCRIPTS) >= 5 and all(f"{path.stem}" in (FOLDER / "README.md").read_text() for path in SCRIPTS)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_help(script: Path, few: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(script, monkeypatch, "--help") == 0
    assert "--checkpoint" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["softmax_regression", "denoising_against_basic", "stacked_sparse"])
def test_a_script_runs_and_goes_on(
    name: str, few: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script, arguments = FOLDER / f"{name}.py", ("--checkpoint", str(tmp_path / "run.npz"))
    first = run(script, monkeypatch, *arguments)
    table = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    assert any(row[0].startswith("quantity") for row in table)
    assert first == int(any("MISSED" in row for row in table))
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    run(script, monkeypatch, *arguments)
    assert kept and kept == {path.name: path.read_bytes() for path in tmp_path.iterdir()}  # nothing is trained again
    out = capsys.readouterr().out
    assert "minutes" not in out or "resumed" in out  # whose seconds would be those of the last part only


def test_a_number_that_is_missed_is_said(
    few: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sae.StackedClassifier, "score", lambda self, x, y: 0.5)
    assert run(FOLDER / "softmax_regression.py", monkeypatch) == 1
    assert "MISSED" in capsys.readouterr().out
