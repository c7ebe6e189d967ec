"""The large class, whose grading is timed, is what it says."""

from __future__ import annotations

import ast
from pathlib import Path

from large_class import write_class

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
