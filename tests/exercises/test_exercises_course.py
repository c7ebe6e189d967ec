"""`scratchae exercises`: folders for students and teachers, and the checks that students can run without us."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.command_line import one_line

from scratchae.cli.exercises import ACTIONS
from scratchae.cli.main import main
from scratchae.exercises import EXERCISES, ORDINARY, public_checks
from scratchae.exercises.course import allowed_beside, chosen, gifts, in_course, write_course, write_solutions
from scratchae.exercises.examples import examples, rounded

FUNCTIONS = sum(len(exercise.tasks) for exercise in EXERCISES)
DENSE = EXERCISES[:1]


def checks(folder: Path, *files: str) -> tuple[int, str]:
    """Run the public checks of a folder in a Python in which scratchae cannot be imported."""
    program = "import sys, runpy; sys.modules['scratchae'] = None; runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    command = [sys.executable, "-c", program, str(folder / "public_checks.py"), *files]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert not ended.stderr
    return ended.returncode, ended.stdout


def test_a_course_as_it_is_handed_out(tmp_path: Path) -> None:
    written = write_course(tmp_path / "new" / "course")
    assert {path.name for path in written} == {e.file for e in EXERCISES} | {"README.md", "public_checks.py"}
    readme = (tmp_path / "new" / "course" / "README.md").read_text()
    assert all(f"({exercise.file})" in readme for exercise in EXERCISES) and "one mistake" in readme
    status, out = checks(tmp_path / "new" / "course")
    assert status == 1 and f"0 of {FUNCTIONS} functions" in out
    assert out.count("not written yet") == sum(len(exercise.tasks) for exercise in ORDINARY)


def test_solutions_pass_the_public_checks(tmp_path: Path) -> None:
    write_solutions(tmp_path)
    (checks_file,) = (path for path in write_course(tmp_path / "c") if path.name == "public_checks.py")
    checks_file.rename(tmp_path / "public_checks.py")
    status, out = checks(tmp_path)
    assert status == 0 and f"{FUNCTIONS} of {FUNCTIONS} functions" in out


def test_work_is_not_overwritten(tmp_path: Path) -> None:
    write_course(tmp_path, DENSE)
    write_course(tmp_path, DENSE)  # nothing would be lost
    work = tmp_path / "01_dense.py"
    work.write_text("# mine\n")
    for write in (write_course, write_solutions):
        with pytest.raises(FileExistsError, match=r"01_dense\.py would be overwritten; .* --force"):
            write(tmp_path, EXERCISES[:2])
    assert work.read_text() == "# mine\n" and not (tmp_path / "02_activations.py").exists()
    write_course(tmp_path, EXERCISES[1:2])  # another one, beside it
    assert work.read_text() == "# mine\n"
    assert all(e.file in (tmp_path / "README.md").read_text() for e in EXERCISES[:2])
    write_course(tmp_path, DENSE, force=True)
    assert "NotImplementedError" in work.read_text()


@pytest.mark.parametrize("name", ["README.md", "public_checks.py"])
def test_a_file_of_somebody_else_is_not_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("# My project\n")
    with pytest.raises(FileExistsError, match="would be overwritten"):
        write_course(tmp_path, DENSE)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_windows_line_ends_are_no_work(tmp_path: Path) -> None:
    write_course(tmp_path, DENSE)
    path = tmp_path / "01_dense.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    write_course(tmp_path, DENSE)


# What is given away.


def test_solutions_in_other_files_are_named() -> None:
    assert gifts(chosen(["dense", "activations", "corruption"])) == []
    assert gifts(chosen(["activations", "losses"])) == [
        "03_losses.py contains sigmoid, relu and softplus of 02_activations.py, solved"
    ]
    assert gifts(chosen(["losses"])) == []
    assert gifts(chosen(["dense", "bug_batch"])) == [
        "20_bug_batch.py contains dense_backward of 01_dense.py, solved but for one mistake"
    ]
    assert gifts(chosen(["bug_batch", "bug_shapes"])) == []
    (sentence,) = gifts(chosen(["activations", "losses"], "spring"))
    assert sentence.startswith("03_losses.py contains ") and "relu" not in sentence


def test_the_command_warns_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    week = str(tmp_path / "week")
    assert main(["exercises", "new", week, "--exercises", "activations"]) == 0
    assert capsys.readouterr().err == ""
    assert main(["exercises", "new", week, "--exercises", "losses"]) == 0  # beside the first
    first, last = capsys.readouterr().err.splitlines()
    assert first == "scratchae: warning: 03_losses.py contains sigmoid, relu and softplus of 02_activations.py, solved"
    assert last.endswith("hand the exercises out one after the other")
    assert main(["exercises", "new", str(tmp_path / "all")]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 5 and " more)" in lines[-1]


# Variants.


def test_a_folder_holds_one_variant(tmp_path: Path) -> None:
    week = chosen(["dense", "activations"], "spring")
    write_course(tmp_path, week[:1], variant="spring")
    assert in_course(tmp_path, week[1:], "spring", [week[1].file]) == {exercise.file: exercise for exercise in week}
    write_course(tmp_path, week[1:], variant="spring")
    readme = (tmp_path / "README.md").read_text()
    assert all(task.name in readme for exercise in week for task in exercise.tasks)
    for others, variant, said in (
        (chosen(["losses"]), "", "is of the variant .*, and these exercises are ordinary"),
        (chosen(["losses"], "autumn"), "autumn", "is of the variant .*, and these exercises are of the variant"),
    ):
        with pytest.raises(FileExistsError, match=said):
            write_course(tmp_path, others, variant=variant)
    write_course(tmp_path / "plain", DENSE)
    with pytest.raises(FileExistsError, match="is an ordinary exercise, and these exercises are of the variant"):
        write_course(tmp_path / "plain", week[1:], variant="spring")
    assert not (tmp_path / "03_losses.py").exists()


def test_public_checks_of_a_variant(tmp_path: Path) -> None:
    exercises = chosen(["dense", "sparsity", "bug_draws"], "spring")
    write_course(tmp_path, exercises, variant="spring")
    assert checks(tmp_path)[0] == 1
    write_solutions(tmp_path, exercises, force=True)
    assert checks(tmp_path)[0] == 0
    write_solutions(tmp_path, chosen(["dense", "sparsity", "bug_draws"]), force=True)
    assert checks(tmp_path)[0] == 1


def test_list_of_a_variant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercises", "list", "--functions", "--variant", "spring"]) == 0
    out = capsys.readouterr().out
    assert all(task.name in out for task in chosen(["dense"], "spring")[0].tasks)


# What the public checks say.

RIGHT = """\
import numpy as np
def dense(x, W, b): return x @ W + b
"""


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (RIGHT + "def dense_backward(dy, x, W): return dy @ W.T, x.T @ dy, dy.sum(0)", "ok"),
        (RIGHT + "def dense_backward(dy, x, W): return dy @ W.T, x.T @ dy, dy.mean(0)", "db[0] is "),
        (
            RIGHT + "def dense_backward(dy, x, W): return dy @ W.T, dy.T @ x, dy.sum(0)",
            "dW has the shape (2, 3); (3, 2)",
        ),
        (RIGHT + "def dense_backward(dy, x, W): return dy @ W.T, x.T @ dy * np.nan, dy.sum(0)", "dW[0, 0] is nan"),
        (RIGHT + "def dense_backward(dy, x, W): return dy @ W.T, x.T @ dy, dy.sum(0) + 0j", "dtype complex128"),
        (RIGHT + "def dense_backward(dy, x, W): return dy @ W.T, x.T @ dy", "returns 2 array(s); 3 are expected"),
        (RIGHT + "def dense_backward(dy, x, W): pass", "returns None"),
        (RIGHT + "def dense_backward(dy, x, W):\n    return dy @ W", "ValueError: matmul"),
        (RIGHT + "def dense_backward(dy, x, W):\n    return dy @ W", ", line 4"),
        (RIGHT + "def dense_backward(dy, x): return dy", "TypeError"),
        (RIGHT + "def dense_backward(x, W, dy): return dy @ W.T, x.T @ dy, dy.sum(0)", "ok"),
        (RIGHT + "def dense_backward(d, a, V): return d @ V.T, a.T @ d, d.sum(0)", "ok"),
        (RIGHT + "def dense_backward(dy, x, W): return dy @ W.T, x.T @ dy, [[1, 2], [3]]", "db is of type list"),
        (
            RIGHT + "def dense_backward(dy, x, W):\n    x += 1\n    return dy @ W.T, (x - 1).T @ dy, dy.sum(0)",
            "its argument x is",
        ),
        (RIGHT + "def dense_backwards(dy, x, W): return 1", "but dense_backwards"),
        (RIGHT + "dense_backward = 3", "missing: there is no function"),
        (RIGHT + "def dense_backward(", "the file cannot be read: "),
        (RIGHT + "x = '\0'", "the file contains a NUL byte"),
        (RIGHT + "def dense_backward(dy, x, W):\n    assert False", "  AssertionError, line 4"),
        (RIGHT + "import os\nos._exit(0)", "it ended early: SystemExit: os._exit(0), line 4"),
        (
            RIGHT + "raise SystemExit('bye')",
            "missing: there is no function of this name in the file; it ended early: SystemExit: bye, line 3",
        ),
    ],
)
def test_what_the_checks_say(tmp_path: Path, source: str, said: str) -> None:
    write_course(tmp_path, DENSE)
    (tmp_path / "01_dense.py").write_text(source)
    status, out = checks(tmp_path, "01_dense.py")
    (line,) = (line for line in out.splitlines() if line.startswith("  dense_backward"))
    assert said in line
    assert status == (0 if said == "ok" else 1)


def test_files_that_are_missing_or_unknown(tmp_path: Path) -> None:
    write_course(tmp_path, DENSE)
    (tmp_path / "01_dense.py").unlink()
    assert checks(tmp_path)[0] == 1 and "no such file" in checks(tmp_path)[1]
    assert checks(tmp_path, "dense.py")[0] == 2


def test_a_file_elsewhere_is_the_one_that_is_checked(tmp_path: Path) -> None:
    write_course(tmp_path / "course", DENSE)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "01_dense.py").write_text(
        RIGHT + "def dense_backward(dy, x, W): return dy @ W.T, x.T @ dy, dy.sum(0)\n"
    )
    assert checks(tmp_path / "course", str(tmp_path / "mine" / "01_dense.py"))[0] == 0


def test_the_public_checks_allow_the_error_that_grading_allows() -> None:
    expected = {"y": [[1.0, 1e4], [2.0, -3.0]], "n": [3.0]}
    y, n = (np.array(value) for value in expected.values())
    slight, large = (np.array([[0.0, 0.0], [each, 0.0]]) for each in (0.5e-5, 3e-5))
    for extreme, scale in ((False, 1e4), (True, 2.0)):  # relative to the largest entry, or to each entry
        assert public_checks.compared((y + slight * scale, n), expected, extreme) == ""
        assert public_checks.compared((y + large * scale, n), expected, extreme).startswith("y[1, 0] is ")
    assert public_checks.compared((y, n + 1e-4), expected).startswith("n[0] is 3.0001; 3 is expected")
    assert public_checks.compared((y * np.nan, n), expected).startswith("y[0, 0] is nan")


@pytest.mark.parametrize(
    ("what", "verdict"), [("", "ok"), (" (with large x)", "y[0] is 1.001; 1 is expected (with large x)")]
)
def test_the_public_checks_look_at_each_entry_of_extremes(what: str, verdict: str) -> None:
    case = {"what": what, "arguments": {"x": [1.0, 1e4]}, "outputs": {"y": [1.0, 1e4]}}
    functions = {"f": lambda x: x + np.array([1e-3, 0.0])}
    assert public_checks.checked(functions, "f", [case], Path("f.py")) == verdict


def test_the_template_itself_checks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert public_checks.EXAMPLES == {} and public_checks.main() == 0
    assert "0 of 0" in capsys.readouterr().out


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_examples_are_small_and_finite(exercise: object) -> None:
    for task in exercise.tasks:  # type: ignore[attr-defined]
        cases = examples(exercise, task)  # type: ignore[arg-type]
        assert len(cases) == 2 + len(task.extremes)
        for case in cases:
            assert all(np.isfinite(value).all() and np.size(value) <= 12 for value in case["outputs"].values())


def test_rounding_keeps_types() -> None:
    short = rounded(
        {"x": np.array([[1.23456, -2000.9]]), "k": 3, "rho": 0.123456, "labels": np.array([7]), "f": "tanh"}
    )
    assert short["x"].tolist() == [[1.23, -2000.0]] and short["rho"] == 0.123
    assert short["k"] == 3 and short["labels"].dtype == np.int64 and short["f"] == "tanh"


# The command.


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_has_a_help_with_examples(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercises", action, "--help"]) == 0
    assert f"  scratchae exercises {action}" in capsys.readouterr().out


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercises", "list"]) == 0
    out = capsys.readouterr().out
    assert all(f" {exercise.name} " in out for exercise in EXERCISES) and f"{len(EXERCISES)} exercises" in out
    assert main(["exercises", "list", "--functions"]) == 0
    assert "softmax_cross_entropy_backward" in capsys.readouterr().out


def test_new_and_solution(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course, solutions = str(tmp_path / "course"), str(tmp_path / "solutions")
    assert main(["exercises", "new", course, "--exercises", "dense", "2"]) == 0
    assert "wrote 2 exercises" in capsys.readouterr().out
    assert main(["exercises", "solution", solutions, "--exercises", "dense"]) == 0
    assert "wrote 1 solution to" in capsys.readouterr().out
    assert main(["exercises", "solution", course]) == 1
    assert "would be overwritten" in one_line(capsys)
    assert main(["exercises", "solution", course, "--force"]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name an action"),
        (["lst"], "did you mean 'list'?"),
        (["new"], "DIR"),
        (["new", ""], "is not the name of a folder"),
        (["new", "a\0b"], "is not the name of a folder"),
        (["new", "FILE"], "is a file; give a folder"),
        (["new", "x", "--exercises", "dens"], "did you mean 'dense'?"),
        (["new", "x", "--exercise", "dense"], "did you mean '--exercises'?"),
        (["list", "more"], "unknown argument 'more'"),
        (["new", "x", "--variant", " "], "is empty or not printable"),
        (["solution", "x", "--variant", "a\0b"], "is empty or not printable"),
    ],
)
def test_mistakes_on_the_command_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").write_text("")
    assert main(["exercises", *arguments]) == 2
    assert said in one_line(capsys)
    assert [path.name for path in tmp_path.iterdir()] == ["FILE"]


def test_what_students_may_use_is_written_where_the_check_finds_it(tmp_path: Path) -> None:
    write_course(tmp_path, DENSE, allow=["scipy"])
    write_course(tmp_path, EXERCISES[1:2])  # as before
    assert allowed_beside(tmp_path / "01_dense.py") == ["scipy"] and not allowed_beside(tmp_path / "no" / "x.py")
    assert "Use only NumPy, scipy and Python's" in (tmp_path / "README.md").read_text()
    path = tmp_path / "public_checks.py"
    path.write_text(path.read_text().replace('["scipy"]', "[scipy, ]"))
    assert allowed_beside(path) == []
