"""Grading variants of the exercises: the policy, recognition, points, messages with the variant's names, and reports."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import one_line

from grading import stand_in
from scratchae.cli.main import main
from scratchae.exercises import EXERCISES, Exercise
from scratchae.exercises.handout import solution, start
from scratchae.exercises.variants import varied
from scratchae.grading.diagnosis.names import NAMES
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.judge import judge
from scratchae.grading.marking.policy import Policy, read_policy
from scratchae.grading.marking.store import results, row
from scratchae.grading.records import Isolation, SubmissionResult
from scratchae.grading.sandbox.isolation import best_isolation
from scratchae.grading.sandbox.unsandboxed import SameProcessRunner
from scratchae.grading.submissions.intake import SourceFile, Submission, take_in
from scratchae.grading.testing.plan import plan

pytestmark = pytest.mark.sandbox

TEXT = "autumn 2026"
NAMES_OF_WEEK = ("dense", "losses", "gaussian_kl", "bug_batch")
every = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)


def policy_of(folder: Path, text: str = TEXT, more: str = "") -> Policy:
    path = folder / "policy.toml"
    path.write_text(f"variant = {json.dumps(text)}\nexercises = {list(NAMES_OF_WEEK)}\n{more}", encoding="utf-8")
    return read_policy(path)


def graded(its: Policy, files: dict[str, str]) -> SubmissionResult:
    sources = {name: SourceFile(f"{name}.py", text.encode()) for name, text in files.items()}
    return grade(Submission("ada", sources), Assignment(its, b"7", Isolation.LIMITS), stand_in.open_stand_in)


@cache
def points(exercise: Exercise, source: str) -> float:
    """Points of a file, without a sandbox."""
    space: dict[str, Any] = {"__name__": "submission"}
    exec(compile(source, "submission.py", "exec"), space)
    runner = SameProcessRunner({task.name: space[task.name] for task in exercise.tasks if task.name in space})
    tests = plan(exercise, "ada", b"7", probes=False)
    return sum(judge(p, runner.run(p.calls), named=False).points for p in tests)


@every
@pytest.mark.parametrize("text", [TEXT, "spring"])
def test_full_points_for_the_solution_and_none_for_the_stub(exercise: Exercise, text: str) -> None:
    (made,) = varied([exercise], text)
    assert points(made, solution(made)) == pytest.approx(exercise.points)
    assert points(made, solution(exercise)) == 0
    handed_out = points(made, start(made))
    assert handed_out < exercise.points if exercise.name.startswith("bug_") else handed_out == 0


@every
def test_the_ordinary_solution_with_the_names_of_the_variant_loses_points(exercise: Exercise) -> None:
    (made,) = varied([exercise], TEXT)
    source = solution(exercise)
    for before, task in zip(exercise.tasks, made.tasks, strict=True):
        source = re.sub(rf"\b{before.name}\b(?=\()", task.name, source)
    assert points(made, source) < exercise.points


def test_a_policy_grades_its_variant(tmp_path: Path) -> None:
    its = policy_of(tmp_path)
    right = graded(its, {e.name: solution(e) for e in its.exercises})
    assert right.points == right.max_points == its.max_points and not right.notes and not right.flags
    ordinary = graded(its, {e.name: solution(e) for e in EXERCISES if e.name in NAMES_OF_WEEK})
    assert ordinary.points == 0
    assert "dense.py defines dense of the ordinary exercise, and the variant deae is graded" in ordinary.notes
    (other,) = varied([its.exercises[0]], "")
    assert other is its.exercises[0]
    foreign = graded(its, {"dense": solution(varied(EXERCISES[:1], "spring")[0])})
    assert any("and the variant deae is graded" in note for note in foreign.notes)
    plain = graded(read_policy(None, ["dense"]), {"dense": solution(its.exercises[0])})
    assert plain.points == 0 and "dense.py is of the variant deae, and the ordinary exercise is graded" in plain.notes


def test_a_helper_with_the_name_of_an_ordinary_function_is_allowed(tmp_path: Path) -> None:
    its = policy_of(tmp_path)
    helped = solution(its.exercises[0]) + "\n\ndef dense(x, W, b):\n    return 1\n"
    assert not graded(its, {"dense": helped}).notes


def test_points_are_given_by_the_names_of_the_variant(tmp_path: Path) -> None:
    function = policy_of(tmp_path).exercises[0].tasks[0].name
    its = policy_of(tmp_path, more=f'[points]\n"dense/{function}" = 7\n')
    assert sum(test.max_points for test in its.tests if test.function == function) == pytest.approx(7)
    with pytest.raises(ValueError, match="there is no such exercise, function or test"):
        policy_of(tmp_path, more='[points]\n"dense/dense" = 7\n')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('variant = ""', "variant = '' is not allowed; give a text in quotes"),
        ('variant = "a\\nb"', "variant = 'a\\nb' is not allowed; give a text in quotes"),
        ("variant = 3", "variant = 3 is not allowed; give a text in quotes"),
        ('varaint = "a"', "did you mean 'variant'?"),
    ],
)
def test_mistakes_in_a_policy(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(text)
    with pytest.raises(ValueError, match="policy.toml") as told:
        read_policy(tmp_path / "policy.toml")
    assert said in str(told.value)


def test_a_policy_goes_to_another_process_with_its_variant(tmp_path: Path) -> None:
    its = policy_of(tmp_path)
    program = (
        "import pickle, sys\np = pickle.load(sys.stdin.buffer)\n"
        "print(p.digest, p.exercises[0].tasks[0].name, p.exercises[0].variant)"
    )
    there = subprocess.run([sys.executable, "-c", program], input=pickle.dumps(its), capture_output=True, check=True)
    first = its.exercises[0]
    assert there.stdout.decode().split() == [its.digest, first.tasks[0].name, first.variant]
    assert pickle.loads(pickle.dumps(its)).exercises == its.exercises
    assert replace(its, variant="another").digest != its.digest  # constants may differ where names agree
    assert len({its.digest, policy_of(tmp_path, "spring").digest, read_policy(None, NAMES_OF_WEEK).digest}) == 3


def test_results_carry_the_fingerprint_and_not_the_text(tmp_path: Path) -> None:
    its = policy_of(tmp_path)
    assignment = Assignment(its, b"7", Isolation.LIMITS)
    whole = results([row(graded(its, {"dense": solution(its.exercises[0])}))], assignment, ())
    assert whole["assignment"]["variant"] == "deae" and TEXT not in json.dumps(whole)
    plain = Assignment(read_policy(None, ["dense"]), b"7", Isolation.LIMITS)
    assert results([], plain, ())["assignment"]["variant"] is None


def test_files_are_recognised_by_their_functions(tmp_path: Path) -> None:
    exercises = varied(EXERCISES, TEXT)
    by_name = {exercise.name: exercise for exercise in exercises}
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "zed.py").write_text(start(by_name["variational"]), encoding="utf-8")  # others are given in it
    (folder / "ann.py").write_text(solution(by_name["dense"]).partition('"""\n')[2], encoding="utf-8")
    found = {s.student: set(s.files) for s in take_in(folder, exercises).submissions}
    assert found == {"zed": {"variational"}, "ann": {"dense"}}


# Messages.

EDITS = (
    (".sum(axis=0)", ".mean(axis=0)"),
    (".sum(axis=1)", ".mean(axis=1)"),
    (" / 2", ""),
    (" - ", " + "),
    (" * ", " / "),
    (".T @ ", " @ "),
)
ORDINARY_NAMES = {"x", "W", "b", "mu", "logvar", "eps", "u", "rho", "covariance", "log_w", "x_hat", "dx", "dW", "db"}


def mistakes(exercise: Exercise) -> list[tuple[str, str]]:
    """Functions and files with a mistake in each."""
    source, found = solution(exercise), []
    for task in exercise.tasks:
        at = source.index(f"def {task.name}(")
        at = source.index('"""', source.index('"""', at) + 3) + 3
        end = source.find("\n\n\n", at) if "\n\n\n" in source[at:] else len(source)
        for old, new in EDITS:
            if old in source[at:end]:
                found.append((task.name, source[:at] + source[at:end].replace(old, new, 1) + source[end:]))
    return found


def test_messages_use_the_names_of_the_variant() -> None:
    count = named = 0
    for name, text in (
        ("dense", TEXT),
        ("losses", "spring"),
        ("gaussian_kl", "4"),
        ("contraction", TEXT),
        ("elbo", "4"),
    ):
        (exercise,) = varied([e for e in EXERCISES if e.name == name], text)
        for function, source in mistakes(exercise):
            space: dict[str, Any] = {"__name__": "submission"}
            exec(source, space)
            tests = plan(exercise, "ada", b"7", only=function)
            (test,) = (p for p in tests if (p.kind, p.visibility) == ("values", "public"))
            result = judge(test, SameProcessRunner({function: space[function]}).run(test.calls))
            words = set(re.findall(r"\w+", result.message))
            assert result.status != "passed" and "diagnosis failed" not in result.detail
            assert function in words and not words & ORDINARY_NAMES
            count, named = count + 1, named + (result.diagnosis is not None and result.diagnosis.rule in NAMES)
            if result.example is not None:
                assert list(result.example.arguments) == list(test.calls[0].arguments)
    assert count >= 20 and named >= 0.8 * count


# Commands.


@pytest.mark.skipif(best_isolation() is None, reason="this machine has neither bubblewrap nor Landlock")
def test_hand_out_solve_and_grade(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    week, text = ["--exercises", "dense", "corruption"], ["--variant", TEXT]
    assert main(["exercises", "new", str(tmp_path / "week"), *week, *text]) == 0
    assert "2 exercises of the variant deae" in capsys.readouterr().out
    assert "scratchae exercises check" not in (tmp_path / "week" / "README.md").read_text()
    assert main(["exercises", "solution", str(tmp_path / "class" / "ada"), *week, *text]) == 0
    assert main(["exercises", "solution", str(tmp_path / "class" / "emil"), *week]) == 0
    policy = tmp_path / "policy.toml"
    policy.write_text(f'variant = "{TEXT}"\nexercises = ["dense", "corruption"]\n')
    out = tmp_path / "report"
    assert main(["grade", str(tmp_path / "class"), "--out", str(out), "--policy", str(policy), "--seed", "7"]) == 1
    told = json.loads((out / "results.json").read_bytes())
    shares = {each["student"]: each["points"] / each["max_points"] for each in told["submissions"]}
    assert shares == {"ada": 1.0, "emil": 0.0} and told["assignment"]["variant"] == "deae"
    capsys.readouterr()
    mine = str(tmp_path / "class" / "ada" / "01_dense.py")
    assert main(["exercises", "check", mine]) == 2
    assert "of the variant deae, whose text your teacher has: run `python public_checks.py 01_dense.py`" in one_line(
        capsys
    )
    assert main(["exercises", "check", mine, "--variant", "spring"]) == 2
    assert "give the text that was used to hand it out" in one_line(capsys)
    assert main(["exercises", "check", mine, *text]) == 0
    assert main(["exercises", "check", str(tmp_path / "class" / "emil" / "01_dense.py"), *text]) == 2
    assert "leave --variant out" in capsys.readouterr().err


@pytest.mark.skipif(best_isolation() is None, reason="this machine has neither bubblewrap nor Landlock")
def test_the_archive_for_gradescope_carries_it(tmp_path: Path) -> None:
    its = policy_of(tmp_path)
    archive, root = tmp_path / "autograder.zip", tmp_path / "autograder"
    given = ["--policy", str(tmp_path / "policy.toml"), "--seed", "7"]
    assert main(["grade", "--gradescope", str(archive), *given]) == 0
    with zipfile.ZipFile(archive) as file:
        file.extractall(root / "source")
    (root / "submission").mkdir()
    for exercise in its.exercises:
        (root / "submission" / exercise.file).write_text(solution(exercise), encoding="utf-8")
    done = subprocess.run(
        ["bash", str(root / "source" / "run_autograder"), str(root)],
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    written = json.loads((root / "results" / "results.json").read_bytes())
    assert written["score"] == pytest.approx(its.max_points) and written["extra_data"]["variant"] == "deae"
