"""The benchmark of grading: the class that it makes is what it says."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from scratchae.benchmarks.grading import measure, write_class
from scratchae.exercises import EXERCISES
from scratchae.exercises.handout import solution


def test_the_large_class_is_right_wrong_and_hostile(tmp_path: Path) -> None:
    right = write_class(tmp_path, 12, 0)
    solutions = {exercise.file: solution(exercise) for exercise in EXERCISES}
    students = sorted(path.name for path in tmp_path.iterdir())
    assert len(students) == 12 and not set(right) & set(students[:3]) and 0 < len(right) < 9
    for student in students:
        files = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / student).iterdir()}
        assert all(ast.parse(text) for text in files.values()) and files.keys() == solutions.keys()
        assert (files == solutions) is (student in right)


def test_without_the_hostile_files_it_says_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["grading", "--attacks", str(tmp_path / "none")])
    with pytest.raises(SystemExit) as end:
        measure()
    assert end.value.code == 2 and "tests/attacks" in capsys.readouterr().err
