"""A small class on two exercises, for tests of batches and reports: right, wrong, broken and unusual submissions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grading import stand_in
from scratchae.exercises.handout import solution, start
from scratchae.grading.marking.batch import grade_all
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.policy import Policy, read_policy
from scratchae.grading.marking.store import Rows, results
from scratchae.grading.records import Isolation, SubmissionResult
from scratchae.grading.submissions.intake import Intake, SourceFile, Submission, take_in

NAMES = ("dense", "gaussian_kl")
HOSTILE = "=cmd|'<b onload=x>&\x1b[31m"


def policy() -> Policy:
    return read_policy(None, NAMES)


def write_class(folder: Path) -> Path:
    """Write one folder for each student."""
    good = {exercise.file: solution(exercise) for exercise in policy().exercises}
    dense, kl = good
    wrong = good[dense].replace("x.T @ dy", "x.T @ dy / len(x)")
    assert wrong != good[dense]
    students = {
        "right": good,
        "stubs": {exercise.file: start(exercise) for exercise in policy().exercises},
        "mean": {**good, dense: wrong},
        "broken": {**good, kl: "import numpy as np\n\ndef gaussian_kl(mu, logvar:\n    return 1\n"},
        "half": {dense: good[dense].split("def dense_backward")[0]},
        "numeric": {**good, dense: good[dense].replace("x.T @ dy", "x.T @ dy * (1 + 1e-9)")},
        "nothing": {},
        HOSTILE: {
            **good,
            dense: "import numpy as np\ndef dense(x, W, b):\n    raise ValueError('<script>alert(1)</script>\\x00')\n",
        },
    }
    for student, files in students.items():
        (folder / student).mkdir(parents=True)
        for name, text in files.items():
            (folder / student / name).write_text(text, encoding="utf-8")
    return folder


def assignment(secret: bytes = b"7", its: Policy | None = None) -> Assignment:
    return Assignment(its or policy(), secret, Isolation.LANDLOCK)


def graded(intake: Intake, rows_in: Path, its: Assignment, jobs: int = 1) -> list[dict[str, Any]]:
    """Grade submissions; return the rows in the order of the submissions."""
    found: list[Any] = [None] * len(intake.submissions)
    for i, row in grade_all(intake.submissions, its, Rows(rows_in, its), jobs, stand_in.opener):
        found[i] = row
    return found


def results_of(folder: Path, names: Sequence[str] = ()) -> dict[str, Any]:
    """The results of the class, or of some students."""
    its, intake = assignment(), take_in(write_class(folder / "class"), policy().exercises)
    kept = tuple(s for s in intake.submissions if not names or s.student in names)
    rows = graded(Intake(kept, intake.notes), folder / "rows", its)
    return results(rows, its, intake.notes)


DENSE, KL = policy().exercises
GOOD = {exercise.name: SourceFile(exercise.file, solution(exercise).encode()) for exercise in (DENSE, KL)}


def with_source(name: str, source: str) -> Submission:
    """One student with right solutions, except for this file."""
    return Submission("ada", {**GOOD, name: SourceFile(f"{name}.py", source.encode())})


def one(submission: Submission) -> SubmissionResult:
    """Grade a submission without a sandbox."""
    return grade(submission, assignment(), stand_in.open_stand_in)
