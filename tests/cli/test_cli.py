"""The command line: what it prints, its exit statuses, and that every error is one line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.command_line import one_line

import scratchae as sae
from scratchae.cli.main import COMMANDS, main


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"scratchae {command}" in capsys.readouterr().out.split("examples:")[1]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["tuor"], 2, "did you mean 'tour'"),
        (["train", "--activation", "rleu"], 2, "did you mean 'relu'"),
        (["train", "--epohcs", "3"], 2, "did you mean '--epochs'"),
        (["train", "--epochs", "0"], 2, "at least 1"),
        (["train", "--data", "mnst"], 2, "did you mean 'mnist'"),
        (["train", "--data", "mnist", "--data-dir", "nowhere"], 2, "nowhere"),
        (["train", "--resume"], 2, "--checkpoint"),
        (["train", "--patience", "0"], 2, "at least 1"),
        (["train", "--out", "nowhere/m.npz"], 2, "does not exist"),
        (["check", "sigmoyd"], 2, "did you mean 'sigmoid'"),
        (["bench", "--rows", "99"], 2, "99"),
        (["tour", "--out", "FILE"], 2, "is a file"),
    ],
)
def test_errors(
    arguments: list[str],
    status: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").write_text("")
    assert main(arguments) == status
    assert words in one_line(capsys)


def test_version_and_help_need_nothing_heavy(run_python: Callable[..., str]) -> None:
    script = """
import sys
from scratchae.cli.main import main
assert main(["--version"]) == main([]) == main(["train", "--help"]) == 0
assert not {"numpy", "numba", "scipy", "matplotlib"} & set(sys.modules)
"""
    assert run_python(script).startswith(f"scratchae {sae.__version__}")


def test_output_that_cannot_be_written_is_one_line() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "scratchae", "data"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "No space left" in done.stderr


@pytest.mark.slow
def test_no_colour_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "relu"]) == 0
    assert "\033" not in capsys.readouterr().out


def test_misspelt_backend_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SCRATCHAE_BACKEND", "numpi")
    assert main(["tour", "--out", "never-made"]) == 2
    assert "did you mean 'numpy'" in one_line(capsys) and not Path("never-made").exists()


@pytest.mark.slow
def test_tour(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tour", "--out", str(tmp_path)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    ratio = {
        row[0]: float(row[-2])
        for row in rows
        if len(row) > 5 and row[0] in ("linear", "deep") and row[-1].replace(".", "").isdigit()
    }
    assert abs(ratio["linear"] - 1) < 1e-3 and ratio["deep"] < 0.7
    numbers = {row[0]: [float(word) for word in row if re.fullmatch(r"-?\d+\.\d+", word)] for row in rows if row}
    (bound, likely), (weighted, beside) = numbers["variational"], numbers["importance-weighted"]
    assert bound < likely == beside < weighted < 0
    assert numbers["conditional"][0] > 90
    assert len(list(tmp_path.glob("*.png"))) == 8


@pytest.mark.slow
def test_check_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "sigmoid"]) == 0
    heading, _, first, *_ = capsys.readouterr().out.splitlines()
    assert heading.split("  ")[0] == "claim" and heading.endswith("verdict") and first.endswith("ok")


def test_data_tells_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data"]) == 0
    out = capsys.readouterr().out
    assert "digits" in out and "mnist" in out and "CC BY 4.0" in out


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m scratchae check --list | head -n 1"
    result = subprocess.run(
        command, shell=True, capture_output=True, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert result.stderr == ""
