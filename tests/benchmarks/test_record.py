"""The record of a run: JSON and back, and files that are something else."""

from __future__ import annotations

import json
import os
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import scratchae as sae
from scratchae.benchmarks.record import BenchmarkRun, Contest, new_run, read_run
from scratchae.errors import FileFormatError


def a_run() -> BenchmarkRun:
    run = new_run(["JAX"], 0.15)
    contest = Contest("case µ", "steps/s", 1.5e6, 12, expected=[2.0, 1.0], steps=8, other_tasks=["MLP"])
    contest.excluded, contest.differences = {"JAX": "could not run: no device"}, {"scratchae": 1e-8}
    contest.add({"scratchae": 10.0, "MLP": 5.0}, {"BLAS": 100.0, "tile": 90.0, "memory": 20.0}, 0.25)
    contest.add({"scratchae": 11.0, "MLP": 6.0}, {"BLAS": 101.0, "tile": 91.0, "memory": 21.0}, None)
    run.contests.append(contest)
    return run


def test_rounds_are_added_to_each_contestant() -> None:
    (contest,) = a_run().contests
    assert contest.rates == {"scratchae": [10, 11], "MLP": [5, 6]} and contest.others == [0.25, None]
    assert contest.bounds["tile"] == [90, 91]


def test_there_and_back(tmp_path: Path) -> None:
    run = a_run()
    run.write(tmp_path / "bench.json")
    assert read_run(tmp_path / "bench.json") == run
    content = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    assert content["date"] and content["machine"]["processors"] >= 1 and content["machine"]["processor"]
    assert content["versions"]["scratchae"] == sae.__version__
    assert content["versions"]["numpy"] == metadata.version("numpy")


@pytest.mark.parametrize(
    "content",
    ["", "no JSON", "[]", "{}", '{"format": 1}', '{"format": 1, "contests": [{"name": "a"}]}', '{"format": "x"}'],
)
def test_another_file_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(content)
    with pytest.raises(FileFormatError, match=r"other.json' is not a record of this benchmark; give a file written by"):
        read_run(tmp_path / "other.json")


def changed(path: Path, change: Any) -> None:
    a_run().write(path)
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content))


def test_a_later_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    changed(path, lambda content: content.update(format=2))
    with pytest.raises(FileFormatError, match="has format 2, which this version cannot read; upgrade scratchae"):
        read_run(path)


def test_incomplete_rounds_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    changed(path, lambda content: content["contests"][0]["rates"]["MLP"].pop())
    with pytest.raises(FileFormatError, match="not a record"):
        read_run(path)


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_run(os.fspath(tmp_path / "none.json"))
