"""The command `scratchae bench`: its tables and files, Ctrl-C, and options that are refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.bench_records import contest, record

from scratchae.benchmarks import command
from scratchae.benchmarks.cases import CASES
from scratchae.benchmarks.products import PRODUCTS
from scratchae.benchmarks.record import read_run
from scratchae.cli.main import main


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing else runs."""
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0), raising=False)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, float]]:
    """Contests with made-up rounds in place of measured ones; returns case, rounds and seconds of each."""
    calls: list[tuple[int, int, float]] = []

    def hold(index: int, rounds: int, seconds: float, announce: Callable[[Any], object]) -> None:
        calls.append((index, rounds, seconds))
        announce(contest(CASES[index].name))

    monkeypatch.setattr(command, "hold_contest", hold)
    return calls


def test_chosen_cases_are_measured(held: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--rows", "1", "3", "--rounds", "7", "--seconds", "0.5"]) == 0
    assert held == [(0, 7, 0.5), (2, 7, 0.5)]
    out = capsys.readouterr().out
    assert out.index(f"\n{CASES[0].name}: ") < out.index("best peer: ") < out.index(f"\n{CASES[2].name}: ")
    assert CASES[1].name not in out


def test_by_default_all_cases_take_thirty_rounds(held: list[Any]) -> None:
    assert main(["bench"]) == 0
    assert held == [(index, 30, 0.15) for index in range(len(CASES))]


def test_missing_libraries_are_named(
    held: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "missing_libraries", lambda: ["PyTorch", "JAX"])
    assert main(["bench", "--rows", "2"]) == 0
    assert "Not installed, so not measured: PyTorch, JAX." in capsys.readouterr().out


def test_record_and_figure_are_written_and_shown_again(
    held: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, drawn, again = (str(tmp_path / name) for name in ("bench.json", "bench.png", "again.png"))
    assert main(["bench", "--rows", "1", "2", "--json", kept, "--figure", drawn]) == 0
    out = capsys.readouterr().out
    assert [each.name for each in read_run(kept).contests] == [CASES[0].name, CASES[1].name]
    assert main(["bench", "--from", kept, "--figure", again]) == 0
    assert capsys.readouterr().out == out and len(held) == 2
    assert Path(drawn).read_bytes() == Path(again).read_bytes() and Path(drawn).read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt(), 130), (RuntimeError("JAX: out of memory."), 1)])
def test_complete_rounds_are_printed_and_kept_after_an_error(
    error: BaseException,
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def hold(index: int, rounds: int, seconds: float, announce: Callable[[Any], object]) -> None:
        announce(contest(CASES[index].name))
        raise error

    monkeypatch.setattr(command, "hold_contest", hold)
    files = [str(tmp_path / name) for name in ("bench.json", "bench.png")]
    assert main(["bench", "--json", files[0], "--figure", files[1]]) == status
    out, err = capsys.readouterr()
    assert "best peer: PyTorch fused" in out and CASES[1].name not in out and err.count("\n") == 1
    assert len(read_run(files[0]).contests) == 1 and Path(files[1]).is_file()


def test_products_have_a_line_each(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Started:
        """Two contestants."""

        def __init__(self, commands: Any) -> None:
            assert list(commands) == ["here", "BLAS"]

        def __enter__(self) -> Any:
            return {"here": None, "BLAS": None}, {}

        def __exit__(self, *_: Any) -> None: ...

    monkeypatch.setattr(command, "started", Started)
    rounds = [{"here": 30.0, "BLAS": 40.0}, {"here": 10.0, "BLAS": 40.0}]
    monkeypatch.setattr(command, "take_turns", lambda workers, number: rounds[:number])
    assert main(["bench", "--products", "--rounds", "2"]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert "medians of 2" in heading and len(lines) == len(PRODUCTS)
    assert all(line.split()[-6:] == ["20.0", "40.0", "0.50", "0.38", "to", "0.62"] for line in lines)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--rounds", "0"], "--rounds 0 is not allowed; give an integer of at least 1"),
        (["--rows", "0"], "0"),
        (["--seconds", "0"], "--seconds 0 is not allowed"),
        (["--seconds", "nan"], "--seconds nan is not allowed"),
        (["--from", "a.json", "--json", "b.json"], "--from cannot be combined with --json; leave one of them out"),
        (["--from", "a.json", "--rows", "1"], "--from cannot be combined with --rows"),
        (["--products", "--figure", "a.png"], "--products cannot be combined with --figure"),
        (["--json", "none/such/a.json"], "the folder of --json none/such/a.json does not exist; create it first"),
        (["--figure", "a.bmp"], "--figure a.bmp has no known extension; use .png, .pdf or .svg"),
        (["--from", __file__], "is not a record of this benchmark; give a file written by"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    arguments: list[str], words: str, held: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1 and not held


def test_a_missing_record_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--from", str(tmp_path / "none.json")]) in (1, 2)
    assert "none.json" in capsys.readouterr().err


def test_a_busy_machine_is_reported_before(
    held: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "load_warning", lambda: "This machine is busy.")
    assert main(["bench", "--rows", "1"]) == 0
    assert capsys.readouterr().out.startswith("This machine is busy.\n")


def test_an_empty_record_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record().write(tmp_path / "empty.json")
    assert main(["bench", "--from", str(tmp_path / "empty.json")]) == 0
    assert main(["bench", "--from", str(tmp_path / "empty.json"), "--figure", str(tmp_path / "a.png")]) == 2
    assert "No round was completed" in capsys.readouterr().err
