"""The command `scratchae bench`: medians, ratios within each round, and contestants that cannot run."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from scratchae.benchmarks import command
from scratchae.benchmarks.cases import CASES
from scratchae.benchmarks.products import PRODUCTS
from scratchae.cli.main import main


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing else runs."""
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0), raising=False)


def measured(figures: dict[str, list[float]], failures: dict[str, str]) -> Callable[..., Any]:
    def measure(kind: str, names: list[str], index: int, rounds: int) -> Any:
        return {name: figures[name] for name in names if name in figures}, failures

    return measure


STEPS = {"scratchae": [10.0, 20.0, 40.0], "scratchae, NumPy": [5.0, 5.0, 5.0], "matrix products alone": [40.0] * 3}


def test_medians_and_ratios_by_round(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    figures = {**STEPS, "PyTorch eager": [10.0, 10.0, 10.0]}
    monkeypatch.setattr(command, "PEERS", {"PyTorch eager": None, "JAX loop": None})
    monkeypatch.setattr(command, "measure", measured(figures, {"JAX loop": "no device"}))
    assert main(["bench", "--rows", "1", "--rounds", "3"]) == 0
    out = capsys.readouterr().out
    rows = {line[:26].strip(): line[26:].split() for line in out.splitlines() if line.startswith("  ")}
    assert rows["scratchae"] == ["20", "10", "40", "1.00"]
    assert rows["scratchae, NumPy"] == ["5", "5", "5", "4.00"]  # the median of 2, 4 and 8
    assert rows["matrix products alone"][-1] == "0.50"
    assert CASES[0].name in out and CASES[1].name not in out
    assert "JAX loop could not run and is skipped: no device" in out
    assert "best peer: PyTorch eager; here / best peer = 2.00" in out


def test_absent_peers_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "PEERS", {})
    monkeypatch.setattr(command, "measure", measured(STEPS, {}))
    assert main(["bench", "--rows", "2"]) == 0
    out = capsys.readouterr().out
    assert "Not installed, so not measured: JAX, PyTorch." in out and "best peer" not in out


def test_scratchae_itself_has_to_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "measure", measured({}, {"scratchae": "no compiler"}))
    assert main(["bench", "--rows", "1"]) == 1
    assert "scratchae could not run (no compiler); the benchmark needs it" in capsys.readouterr().err


def test_products_have_a_line_each(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "measure", measured({"here": [30.0, 10.0], "BLAS": [40.0, 40.0]}, {}))
    assert main(["bench", "--products", "--rounds", "2"]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert "medians of 2" in heading and len(lines) == len(PRODUCTS)
    assert all(line.split()[-3:] == ["20.0", "40.0", "0.50"] for line in lines)


@pytest.mark.parametrize(
    ("arguments", "words"), [(["--rounds", "0"], "--rounds 0 is not allowed"), (["--rows", "0"], "0")]
)
def test_what_cannot_be_measured_is_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


@pytest.mark.parametrize(("load", "busy"), [(0.2, False), (7.9, True)])
def test_a_busy_machine_is_reported(load: float, busy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert bool(command.load_warning()) == busy
    if busy:
        assert "This machine is busy: on average 7.9 programs" in command.load_warning()


def test_a_machine_without_a_load_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "getloadavg", raising=False)
    assert command.load_warning() == ""
