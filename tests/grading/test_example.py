"""The example class, graded end to end by the command: each mistake is found, and no student affects another."""

from __future__ import annotations

import filecmp
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from scratchae.cli.main import main
from scratchae.exercises.course import chosen
from scratchae.grading.reports.write import page_name
from scratchae.grading.sandbox.isolation import best_isolation

HERE = Path(__file__).parent / "example_class"
SUBMISSIONS, POLICY = HERE / "submissions", HERE / "policy.toml"
sys.path.insert(0, str(HERE))

import make  # noqa: E402

pytestmark = pytest.mark.sandbox

NAMES = ("dense", "activations", "losses", "gaussian_kl", "reparameterize")
FUNCTIONS = {exercise.file: {task.name for task in exercise.tasks} for exercise in chosen(NAMES)}
# Functions that fail a test; for whole files, all their functions.
WRONG: dict[str, set[str]] = {
    "Ada": set(),
    "Blaise": set(),
    "Chen": {"dense_backward"},
    "Cleo": set(),
    "Dina": set(),
    "Dora": {"bernoulli_nll_backward"},
    "Emil": {"reparameterize", "gaussian_kl"},
    "Fatima": {"softplus"},
    "Igor": {"sigmoid"},
    "Goran": {"dense_backward", "squared_error_backward"},
    "Hana": {"reparameterize"},
    "Ines": {"squared_error_backward"} | FUNCTIONS[make.KL] | FUNCTIONS[make.DRAW],
    "Jun": set(),
    "Kofi": FUNCTIONS[make.ACTIVATIONS],
    "Lena": FUNCTIONS[make.DENSE] | {"squared_error"},
    "Milo": set().union(*FUNCTIONS.values()),
    "Nina": {"dense"},
    "Oleg": FUNCTIONS[make.KL],
    "Pia": FUNCTIONS[make.DRAW],
    "Quentin": FUNCTIONS[make.DENSE],
    "Rosa": FUNCTIONS[make.LOSSES],
    "Sami": set(),
    "Theo": FUNCTIONS[make.LOSSES],
    "Tove": set().union(*FUNCTIONS.values()),
    "Uma": set(),
    "Vera": set(),
    "Willa": set(),
    "Wim": set(),
    "Xenia": set(),
    "Yara": set(),
    "Zeno": set(),
}
# What needs a look: nobody else does.
LOOKS = {
    "Blaise": ["same code as Cleo's 13_gaussian_kl.py"],
    "Cleo": ["same code as Blaise's 13_gaussian_kl.py"],
    "Dina": ["equals the package's solution"],
    "Jun": ["numerical gradient"],
    "Quentin": ["file tried", "other library tried"],
}
NAMED = {
    ("Chen", "dense_backward"): "mean for sum",
    ("Dora", "bernoulli_nll_backward"): "upstream",
    ("Emil", "gaussian_kl"): "factor",
    ("Emil", "reparameterize"): "power",
    ("Fatima", "softplus"): "unstable",
    ("Goran", "squared_error_backward"): "factor",
}
NOTED = {"Ines", "Kofi", "Lena", "Milo", "Oleg", "Pia", "Rosa", "Theo", "Tove", "Uma", "Vera", "Zeno"}

needs_a_sandbox = pytest.mark.skipif(
    best_isolation() is None, reason="this machine has neither bubblewrap nor Landlock"
)


def test_the_committed_class_is_what_the_script_makes(tmp_path: Path) -> None:
    make.make(tmp_path / "class")

    def same(comparison: filecmp.dircmp[str]) -> bool:
        match = not (comparison.left_only or comparison.right_only or comparison.diff_files or comparison.funny_files)
        return match and all(same(below) for below in comparison.subdirs.values())

    assert same(filecmp.dircmp(tmp_path / "class", SUBMISSIONS)), (
        "python tests/grading/example_class/make.py makes it anew"
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "report"
    assert main(["grade", str(SUBMISSIONS), "--policy", str(POLICY), "--out", str(folder), "--seed", "example"]) == 1
    return folder


@pytest.fixture(scope="module")
def rows(report: Path) -> dict[str, dict[str, Any]]:
    results = json.loads((report / "results.json").read_bytes())
    return {row["student"]: row for row in results["submissions"]}


@needs_a_sandbox
def test_what_each_student_did_is_found_out(rows: dict[str, dict[str, Any]]) -> None:
    wrong = {name: {t["function"] for t in row["tests"] if t["status"] != "passed"} for name, row in rows.items()}
    assert wrong == WRONG
    assert {name for name, row in rows.items() if row["notes"]} == NOTED


@needs_a_sandbox
def test_scores_follow_from_tests_policy_and_flags(rows: dict[str, dict[str, Any]]) -> None:
    for name, row in rows.items():
        assert row["max_points"] == 60 and len(row["tests"]) == len(rows["Ada"]["tests"])
        for test in row["tests"]:
            share = 0 if test["status"] != "passed" else 0.5 if "numerical gradient" in test["flags"] else 1
            assert test["points"] == pytest.approx(share * test["max_points"], abs=1e-8), (name, test["id"])
    carried = [t for t in rows["Igor"]["tests"] if t["function"] == "softplus_backward" and t["detail"].get("helpers")]
    assert carried and all(t["detail"]["helpers"] == ["sigmoid"] and t["points"] == t["max_points"] for t in carried)
    assert {name for name, row in rows.items() if row["points"] == 60} == {
        name for name in WRONG if not WRONG[name]
    } - {"Jun"}
    assert 50 < rows["Jun"]["points"] < 60


@needs_a_sandbox
def test_few_need_a_look_and_these_do(rows: dict[str, dict[str, Any]]) -> None:
    flags = {name: row["flags"] for name, row in rows.items() if row["flags"]}
    tried = [
        flags.pop(name, None) for name in ("Pia", "Vera")
    ]  # what they tried is seen if the level of isolation refuses it
    assert flags == LOOKS
    assert all(its in (None, ["process tried"], ["file tried"]) for its in tried)
    assert "imports pandas" in rows["Theo"]["remarks"] and "imports scipy" not in rows["Wim"]["remarks"]
    assert rows["Jun"]["remarks"][:2] == ["evaluated entry by entry", "finite differences"]


@needs_a_sandbox
def test_mistakes_are_named(rows: dict[str, dict[str, Any]]) -> None:
    for (student, function), rule in NAMED.items():
        tests = [t for t in rows[student]["tests"] if t["function"] == function and t["status"] != "passed"]
        rules = {t["diagnosis"]["rule"] for t in tests if t["diagnosis"]}
        assert rule in rules, (student, function, rules)


@needs_a_sandbox
def test_outcomes_that_are_not_wrong_numbers(rows: dict[str, dict[str, Any]]) -> None:
    def statuses(student: str, *functions: str) -> set[str]:
        return {t["status"] for t in rows[student]["tests"] if t["function"] in functions}

    assert statuses("Nina", "dense") == {"time"} and statuses("Nina", "dense_backward") == {"passed"}
    assert statuses("Oleg", "gaussian_kl") <= {"memory", "time"} and statuses("Oleg", "dense") == {"passed"}
    assert statuses("Milo", "dense") == {"missing"} and statuses("Kofi", "tanh") == {"error"}
    assert "line 3: SyntaxError" in rows["Kofi"]["notes"][0]
    assert "squared_error" in " ".join(rows["Lena"]["notes"])
    assert "line 1: ModuleNotFoundError: pandas is not available" in rows["Theo"]["notes"][0]
    assert "line 12: AssertionError" in rows["Zeno"]["notes"][0]
    printed = {test["detail"]["printed"][:6] for test in rows["Yara"]["tests"] if test["detail"].get("printed")}
    assert printed == {"shapes"}
    assert rows["Quentin"]["tests"][0]["message"] == "y of dense is of type Right; it should be an array."
    (note,) = rows["Uma"]["notes"]
    assert note.startswith("01_dense.ipynb") and note.endswith("`%matplotlib inline` (cell 1, line 1), and 1 more")


@needs_a_sandbox
def test_grading_again_gives_the_same_bytes(
    report: Path, rows: dict[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in report.rglob("*") if path.is_file()}
    # Two students are graded again, the others are loaded from their rows.
    kept = sorted((report / "rows").iterdir())
    for path in kept:
        if json.loads(path.read_bytes())["student"] in ("Chen", "Jun"):
            path.unlink()
    assert main(["grade", str(SUBMISSIONS), "--policy", str(POLICY), "--out", str(report)]) == 1
    assert {path: path.read_bytes() for path in report.rglob("*") if path.is_file()} == before
    printed = capsys.readouterr()
    assert "unchanged, not run again: 29" in printed.out
    assert (
        "[31/31]" in printed.out and "Kofi: 02_activations.py, line 3" in printed.err and "Traceback" not in printed.err
    )


@needs_a_sandbox
def test_pages_are_there_for_everybody(report: Path, rows: dict[str, dict[str, Any]]) -> None:
    overview = (report / "report.html").read_text(encoding="utf-8")
    for name in rows:
        assert f'href="teacher/{page_name(name)}"' in overview
        assert (report / "feedback" / page_name(name)).is_file() and (report / "teacher" / page_name(name)).is_file()
    assert "Graded without isolation" not in overview
