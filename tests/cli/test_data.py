"""The command `scratchae data`: a row for each data set, and its exit status when one is damaged."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers.mnist_folders import own_cache, put, tiny_data_sets

from scratchae.cli import data
from scratchae.cli.main import main


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return own_cache(monkeypatch, tmp_path)


def test_what_is_missing_is_said_and_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data"]) == 0
    out, err = capsys.readouterr()
    states = {line.split()[0]: line for line in out.splitlines() if line}
    assert " present " in states["digits"] and " missing " in states["mnist"] and not err
    assert "set SCRATCHAE_DATA to their folder" in out


def test_damage_is_found_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = tiny_data_sets(monkeypatch)
    for name in tiny:
        put(tmp_path / "data" / name, tiny[name])
    monkeypatch.setenv("SCRATCHAE_DATA", str(tmp_path / "data"))
    assert main(["data", "--verify"]) == 0
    assert capsys.readouterr().out.count("verified") == 3
    put(tmp_path / "data" / "mnist", dict.fromkeys(list(tiny["mnist"])[:1], b"rubbish"))
    assert main(["data"]) == 0  # not read
    capsys.readouterr()
    assert main(["data", "--verify"]) == 1
    out, err = capsys.readouterr()
    assert "DAMAGED" in out and err.startswith("scratchae: error: mnist in ") and err.count("\n") == 1


def test_a_row_by_hand() -> None:
    info: Any = SimpleNamespace(
        name="n", rows=7000, n_train=6000, n_test=1000, size_on_disk=1_250_000, present=True, verified=None,
        licence="MIT", location="here",
    )  # fmt: skip
    assert data._row(info) == ["n", "7,000", "6,000", "1,000", "1.2 MB", "present", "MIT", "here"]
    info.size_on_disk, info.present = 0, False
    assert data._row(info)[4:6] == ["-", "missing"]
