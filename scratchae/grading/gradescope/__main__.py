"""The program that runs on Gradescope: grade one submission and write `results/results.json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from scratchae import files
from scratchae.grading.gradescope.results import gradescope_results
from scratchae.grading.inspection.copies import copies_in
from scratchae.grading.marking import store
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.policy import read_policy
from scratchae.grading.sandbox.isolation import isolation_of, open_for_grading
from scratchae.grading.submissions.intake import take_in_one


def main(root: Path) -> int:
    """Grade what is in `root`/submission.

    Parameters
    ----------
    root : pathlib.Path
        On Gradescope: /autograder.
    """
    given = root / "source" / "assignment"
    settings = json.loads((given / "settings.json").read_bytes())
    policy_file = given / "policy.toml"
    policy = read_policy(policy_file if policy_file.exists() else None, settings["exercises"])
    isolation = isolation_of(settings["isolation"])
    assignment = Assignment(policy, (given / "seed.txt").read_bytes().strip(), isolation)
    submission = take_in_one(root / "submission", student_of(root / "submission_metadata.json"), policy.exercises)
    graded = store.row(grade(submission, assignment, open_for_grading))
    whole = store.results([graded], assignment, (), copies_in([submission], policy.exercises))
    row = whole["submissions"][0]
    results = gradescope_results(row, whole, policy.release)
    files.write_bytes(root / "results" / "results.json", store.as_json(results), "results.json")
    _tell_teacher(row)
    return 0


def student_of(metadata: Path) -> str:
    """The name of the row: the IDs of all users, so that a group has one name, whichever member submits."""
    try:
        users: Any = json.loads(metadata.read_bytes())["users"]
        return " ".join(sorted(str(user["id"]) for user in users)) or "student"
    except (OSError, ValueError, KeyError, TypeError):
        return "student"


def _tell_teacher(row: dict[str, Any]) -> None:
    """Print the output that Gradescope shows to teachers only: flags, and diagnoses of hidden tests."""
    for name, flags in (("needs a look", row["flags"]), ("remarks", row["remarks"])):
        if flags:
            print(f"{name}: {', '.join(flags)}")
    for test in row["tests"]:
        found = test["diagnosis"]["rule"] if test["diagnosis"] else ""
        if test["flags"] or (found and test["visibility"] == "hidden"):
            print(f"{test['id']}: {', '.join(filter(None, [*test['flags'], found]))}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "/autograder")))
