"""Submissions to two exercises, as folders and archives."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from scratchae.exercises.course import chosen
from scratchae.exercises.handout import solution
from scratchae.grading.submissions.intake import Intake

EXERCISES = chosen(["dense", "activations"])
GOOD = {exercise.file: solution(exercise).encode() for exercise in EXERCISES}


def put(folder: Path, **students: dict[str, bytes]) -> Path:
    for student, its in students.items():
        (folder / student).mkdir(parents=True)
        for name, content in its.items():
            (folder / student / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / student / name).write_bytes(content)
    return folder


def zipped(path: Path, files: dict[str, bytes], **changes: zipfile.ZipInfo) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(changes.get(name, name), content)
    return path


def rows(intake: Intake) -> dict[str, tuple[list[str], str]]:
    """Names of the gradable files, and the notes as one text."""
    return {
        s.student: (sorted(name for name, file in s.files.items() if file.source is not None), " | ".join(s.notes))
        for s in intake.submissions
    }


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files by their paths."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
