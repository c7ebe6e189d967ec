"""The archive for Gradescope: its content, and its output compared with the specification."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grading.small_class import NAMES, policy, results_of
from scratchae.cli.main import main
from scratchae.exercises.handout import solution
from scratchae.grading.gradescope.results import gradescope_results
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.policy import read_policy
from scratchae.grading.records import Isolation
from scratchae.grading.sandbox.isolation import best_isolation, open_for_grading
from scratchae.grading.submissions.intake import take_in_one

pytestmark = pytest.mark.sandbox

TOP = {
    "score",
    "output",
    "output_format",
    "test_output_format",
    "test_name_format",
    "visibility",
    "stdout_visibility",
    "extra_data",
    "tests",
}
TEST = {"score", "max_score", "status", "name", "number", "output", "tags", "visibility", "extra_data"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBILITIES = {"visible", "hidden", "after_due_date", "after_published"}


def hold_against_the_specification(results: dict[str, Any]) -> None:
    assert set(results) <= TOP | {"execution_time", "leaderboard"} and isinstance(results["score"], (int, float))
    assert {results[key] for key in ("output_format", "test_output_format", "test_name_format")} <= FORMATS
    assert {results[key] for key in ("visibility", "stdout_visibility")} <= VISIBILITIES
    assert isinstance(results["extra_data"], dict) and isinstance(results["output"], str)
    for test in results["tests"]:
        assert set(test) <= TEST and test["visibility"] in VISIBILITIES and test["status"] in ("passed", "failed")
        assert 0 <= test["score"] <= test["max_score"]
        assert all(isinstance(test[key], str) for key in ("name", "number", "output"))
        assert all(isinstance(tag, str) for tag in test["tags"])
    assert sum(test["score"] for test in results["tests"]) == pytest.approx(results["score"])
    json.dumps(results, allow_nan=False)


def test_rows_become_what_gradescope_reads(tmp_path: Path) -> None:
    results = results_of(tmp_path, ["mean", "nothing"])
    mean, nothing = results["submissions"]
    for row in (mean, nothing):
        written = gradescope_results(row, results, "after_published")
        hold_against_the_specification(written)
        assert written["score"] == row["points"]
        assert {test["visibility"] for test in written["tests"]} == {"visible", "after_published"}
        shown = "".join(test["output"] for test in written["tests"] if test["visibility"] == "after_published")
        assert "With these arguments" not in shown
    assert "With these arguments" in json.dumps(gradescope_results(mean, results, "hidden"))
    assert "the folder is empty" in gradescope_results(nothing, results, "hidden")["output"]
    numbers = [test["number"] for test in gradescope_results(mean, results, "hidden")["tests"]]
    assert len(set(numbers)) == len(numbers) and numbers[0] == "1.1" and numbers[-1].startswith("2.")
    names = {test["name"] for test in gradescope_results(mean, results, "hidden")["tests"]}
    assert {"dense: no side effects", "dense: no side effects (hidden)", "dense: a single example"} <= names


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """The folder /autograder in Gradescope's layout, with one submission."""
    policy_file = tmp_path / "week.toml"
    policy_file.write_text('title = "Week 1"\n[points]\ndense = 10\n')
    archive = tmp_path / "autograder.zip"
    arguments = [
        "grade",
        "--gradescope",
        str(archive),
        "--policy",
        str(policy_file),
        "--seed",
        "7",
        "--exercises",
        *NAMES,
    ]
    assert main(arguments) == 0
    again = tmp_path / "again.zip"
    arguments[2] = str(again)
    assert main(arguments) == 0 and archive.read_bytes() == again.read_bytes()
    root = tmp_path / "autograder"
    with zipfile.ZipFile(archive) as file:
        names = set(file.namelist())
        assert {"setup.sh", "run_autograder"} <= names
        assert all((file.getinfo(name).external_attr >> 16) & 0o111 for name in ("setup.sh", "run_autograder"))
        assert not any(name.startswith(("scratchae/models", "scratchae/kernels", "scratchae/cli")) for name in names)
        file.extractall(root / "source")
    for name in ("setup.sh", "run_autograder"):
        text = (root / "source" / name).read_bytes()
        assert text.startswith(b"#!") and b"\r" not in text
    (root / "submission").mkdir()
    for exercise in policy().exercises[:1]:
        (root / "submission" / exercise.file).write_text(solution(exercise))
    metadata = {"users": [{"id": 23, "email": "a@b.c", "name": "A"}, {"id": 17, "email": "d@e.f", "name": "D"}]}
    (root / "submission_metadata.json").write_text(json.dumps(metadata))
    return root


def run_autograder(root: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    return subprocess.run(
        ["bash", str(root / "source" / "run_autograder"), str(root)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_modules_that_the_policy_allows_are_installed(tmp_path: Path) -> None:
    (tmp_path / "week.toml").write_text('allow = ["scipy", "PIL"]\n')
    archive = tmp_path / "autograder.zip"
    assert main(["grade", "--gradescope", str(archive), "--policy", str(tmp_path / "week.toml")]) == 0
    with zipfile.ZipFile(archive) as file:
        last = file.read("setup.sh").decode().splitlines()[-1]
    assert "pip install" in last and "'numpy>" in last and last.endswith(" scipy pillow")  # the package of PIL


@pytest.mark.skipif(best_isolation() is None, reason="this machine has neither bubblewrap nor Landlock")
def test_the_archive_runs_and_gives_the_same_scores(unpacked: Path) -> None:
    process = run_autograder(unpacked)
    assert process.returncode == 0, process.stderr
    written = json.loads((unpacked / "results" / "results.json").read_bytes())
    hold_against_the_specification(written)
    assert written["score"] == 10 and written["extra_data"]["max_points"] > 10
    assert "13_gaussian_kl.py is missing" in written["output"]
    its = read_policy(unpacked / "source" / "assignment" / "policy.toml", NAMES)
    isolation = Isolation[written["extra_data"]["isolation"].upper()]
    submission = take_in_one(unpacked / "submission", "17 23", its.exercises)
    here = grade(submission, Assignment(its, b"7", isolation), open_for_grading)
    assert [test["score"] for test in written["tests"]] == [test.points for test in here.tests]
    assert written["extra_data"]["sha256"] == here.sha256


def test_a_breakdown_leaves_a_valid_file_without_points(unpacked: Path) -> None:
    (unpacked / "source" / "assignment" / "settings.json").write_text("broken")
    assert run_autograder(unpacked).returncode != 0
    written = json.loads((unpacked / "results" / "results.json").read_bytes())
    assert written["score"] == 0 and "stopped before finishing" in written["output"]


def test_what_runs_there_needs_numpy_only(run_python: Callable[..., str]) -> None:
    script = "import sys, scratchae.grading.gradescope.__main__\nprint({'jinja2', 'numba', 'scipy', 'matplotlib'} & set(sys.modules))"
    assert run_python(script).strip() == "set()"
