"""Results as JSON: one file per row, so that a batch can be resumed, and `results.json` with all rows."""

from __future__ import annotations

import functools
import hashlib
import json
import math
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scratchae import __version__, files
from scratchae.exercises.variants import fingerprint as fingerprint_of_variant
from scratchae.grading.inspection.copies import Copies
from scratchae.grading.inspection.flags import by_weight
from scratchae.grading.marking.grade import Assignment
from scratchae.grading.records import Diagnosis, Example, Isolation, SubmissionResult, TestResult
from scratchae.grading.sandbox.isolation import drawback
from scratchae.grading.submissions.intake import Submission

FORMAT = 1
SOURCE = (".py", ".jinja")  # endings of files that influence grading and messages


@functools.cache
def versions() -> dict[str, str]:
    """Versions of the grader, and the SHA-256 of the source of exercises, ops and grader."""
    code = hashlib.sha256()
    root = Path(__file__).parents[2]
    for path in sorted(
        p for room in ("exercises", "grading", "ops") for p in (root / room).rglob("*.*") if p.suffix in SOURCE
    ):
        code.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return {
        "scratchae": __version__,
        "code": code.hexdigest()[:16],
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def fingerprint(secret: bytes) -> str:
    """A fingerprint of the seed for reports: it identifies the seed without revealing it."""
    return hashlib.sha256(b"scratchae seed " + secret).hexdigest()[:16]


def plain(value: Any) -> Any:
    """Convert a value to JSON types: arrays to lists, non-finite numbers to "nan", "inf" or "-inf"."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def row(result: SubmissionResult) -> dict[str, Any]:
    """One student's row, as documented in docs/teachers.md."""
    return {
        "student": result.student,
        "sha256": result.sha256,
        "isolation": result.isolation.name.lower(),
        "points": result.points,
        "max_points": result.max_points,
        "notes": list(result.notes),
        "flags": list(result.flags),
        "remarks": list(result.remarks),
        "tests": [_test(test) for test in result.tests],
    }


def _test(test: TestResult) -> dict[str, Any]:
    diagnosis, example = test.diagnosis, test.example
    return {
        "id": test.id,
        "exercise": test.exercise,
        "function": test.function,
        "kind": test.kind,
        "visibility": test.visibility,
        "status": test.status,
        "points": test.points,
        "max_points": test.max_points,
        "message": test.message,
        "diagnosis": None if diagnosis is None else {"rule": diagnosis.rule, "message": diagnosis.message},
        "example": None if example is None else example_row(example),
        "flags": list(test.flags),
        "detail": plain(dict(test.detail)),
    }


def example_row(example: Example) -> dict[str, Any]:
    """An example, as in `results.json`."""
    return {
        "arguments": plain(dict(example.arguments)),
        "output": example.output,
        "index": list(example.index),
        "got": plain(float(example.got)),
        "expected": plain(float(example.expected)),
    }


def result_of(row: dict[str, Any]) -> SubmissionResult:
    """The result of a row; arrays remain lists."""
    tests = []
    for test in row["tests"]:
        diagnosis, example = test["diagnosis"], test["example"]
        found = None if diagnosis is None else Diagnosis(**diagnosis)
        shown = None if example is None else Example(**{**example, "index": tuple(example["index"])})
        fields = {name: test[name] for name in ("exercise", "function", "kind", "visibility", "status", "message")}
        numbers = {"points": test["points"], "max_points": test["max_points"], "detail": test["detail"]}
        tests.append(TestResult(**fields, **numbers, diagnosis=found, example=shown, flags=tuple(test["flags"])))
    isolation = Isolation[row["isolation"].upper()]
    hints = (tuple(row[name]) for name in ("notes", "flags", "remarks"))
    return SubmissionResult(row["student"], row["sha256"], isolation, tuple(tests), *hints)


def results(
    rows: Sequence[dict[str, Any]], assignment: Assignment, notes: Sequence[str], copies: Copies | None = None
) -> dict[str, Any]:
    """The results of a class, as documented in docs/teachers.md.

    Parameters
    ----------
    rows : sequence of dict
        Without the flags of copies, which change when another submission is added.
    assignment : Assignment
    notes : sequence of str
    copies : Copies, optional
    """
    policy, found = assignment.policy, copies or Copies()
    return {
        "format": FORMAT,
        "versions": versions(),
        "assignment": {
            "title": policy.title,
            "seed": fingerprint(assignment.secret),
            "policy": policy.digest,
            "variant": fingerprint_of_variant(policy.variant) if policy.variant else None,
            "isolation": assignment.isolation.name.lower(),
            "drawback": drawback(assignment.isolation),
            "max_points": policy.max_points,
            "exercises": [{"name": e.name, "file": e.file, "title": e.title} for e in policy.exercises],
        },
        "notes": list(notes),
        "alike": list(found.rows),
        "submissions": [_with(row, found.flags.get(i, ()), assignment) for i, row in enumerate(rows)],
    }


def _with(row: dict[str, Any], flags: Sequence[str], assignment: Assignment) -> dict[str, Any]:
    """A row with further flags."""
    every = [*row["flags"], *row["remarks"], *flags]
    heavy, light = by_weight(every, assignment.policy.kept, assignment.isolation)
    return {**row, "flags": list(heavy), "remarks": list(light)}


def as_json(value: Any) -> bytes:
    """Serialise a value to JSON, always in the same format."""
    return (json.dumps(value, indent=1, ensure_ascii=True, allow_nan=False) + "\n").encode()


class Rows:
    """The finished rows of a batch, in a folder under a name that identifies everything they depend on.

    Parameters
    ----------
    folder : pathlib.Path
    assignment : Assignment
    """

    def __init__(self, folder: Path, assignment: Assignment) -> None:
        self.folder = folder
        self.loaded = 0  # rows of earlier runs
        folder.mkdir(parents=True, exist_ok=True)
        parts = [versions(), fingerprint(assignment.secret), assignment.policy.digest, assignment.isolation.name]
        self._key = json.dumps([FORMAT, *parts])

    def _path(self, submission: Submission) -> Path:
        key = json.dumps([self._key, submission.student, submission.sha256, submission.notes])
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def load(self, submission: Submission) -> dict[str, Any] | None:
        """Load the row of a submission, if it is finished and complete."""
        try:
            kept: dict[str, Any] = json.loads(self._path(submission).read_bytes())
            result_of(kept)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if kept["student"] != submission.student:
            return None
        self.loaded += 1
        return kept

    def save(self, submission: Submission, finished: dict[str, Any]) -> None:
        """Save a row."""
        files.write_bytes(self._path(submission), as_json(finished), "row.json")
