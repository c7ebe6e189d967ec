"""The command `scratchae grade`: its arguments, its errors, Ctrl-C; and `scratchae exercises check`."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import one_line, running

from grading.small_class import policy, write_class
from scratchae.cli import exercises_check
from scratchae.cli import grade as grade_command
from scratchae.cli.main import main
from scratchae.exercises.course import chosen
from scratchae.exercises.handout import solution, start
from scratchae.grading.inspection.flags import OF_TESTS
from scratchae.grading.marking import self_check
from scratchae.grading.records import Call, Limits
from scratchae.grading.sandbox.isolation import best_isolation
from scratchae.grading.sandbox.unsandboxed import START_SECONDS, SeparateProcessRunner

pytestmark = pytest.mark.sandbox

DENSE = policy().exercises[0]
GOOD = solution(DENSE)

needs_a_sandbox = pytest.mark.skipif(
    best_isolation() is None, reason="this machine has neither bubblewrap nor Landlock"
)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a folder or an archive"),
        (["{tmp}/none", "--out", "{tmp}/report"], "there is no such file or folder"),
        (["{tmp}", "--out", "{tmp}-report"], "contains no submission"),
        (["{tmp}", "--out", "{tmp}/report"], "--out REPORT is inside the folder of submissions"),
        (["{tmp}", "--out", ""], "--out REPORT is missing"),
        (["{tmp}"], "--out REPORT is missing"),
        (["{tmp}", "--out", "{tmp}/report", "--exercises", "dens"], "did you mean 'dense'"),
        (["{tmp}", "--out", "{tmp}/report", "--policy", "{tmp}/none.toml"], "there is no such file"),
        (["{tmp}", "--out", "{tmp}/report", "--isolation", "best-ever"], "use one of best"),
        (["{tmp}", "--out", "{tmp}/report", "--jobs", "0"], "'0' is not allowed"),
        (["{tmp}", "--gradescope", "{tmp}/a.zip", "--exercises", "dense"], "leave out SUBMISSIONS and --out"),
    ],
)
def test_bad_arguments_are_one_line(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["grade", *(text.replace("{tmp}", str(tmp_path)) for text in arguments)]) == 2
    assert said in one_line(capsys)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("seed", [" ", "caf\udce9"], ids=["empty", "no text"])
def test_a_seed_that_is_none(seed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_class(tmp_path / "class")
    arguments = [
        "grade",
        str(tmp_path / "class"),
        "--out",
        str(tmp_path / "report"),
        "--exercises",
        "dense",
        "--seed",
        seed,
    ]
    assert main([*arguments, "--isolation", "limits"]) == 2
    assert "--seed is empty" in capsys.readouterr().err and not (tmp_path / "report" / "seed.txt").exists()


@needs_a_sandbox
def test_one_good_student_is_status_0_and_the_seed_is_drawn_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / DENSE.file).write_text(GOOD)
    arguments = ["grade", str(tmp_path / "class"), "--out", str(tmp_path / "report"), "--exercises", "dense"]
    assert main(arguments) == 0
    seed = (tmp_path / "report" / "seed.txt").read_bytes()
    assert len(seed.strip()) == 32 and (tmp_path / "report" / "seed.txt").stat().st_mode & 0o077 == 0
    assert main(arguments) == 0 and (tmp_path / "report" / "seed.txt").read_bytes() == seed
    printed = capsys.readouterr()
    assert "[1/1]     4.00 of 4  ada" in printed.out and printed.err == ""


def test_bare_limits_are_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ada.py").write_text(GOOD)
    arguments = [
        "grade",
        str(tmp_path / "ada.py"),
        "--out",
        str(tmp_path / "report"),
        "--exercises",
        "dense",
        "--isolation",
        "limits",
    ]
    assert main(arguments) == 0
    assert "resource limits are not a security boundary" in capsys.readouterr().err
    assert "Graded without isolation" in (tmp_path / "report" / "report.html").read_text()


@needs_a_sandbox
def test_ctrl_c_keeps_finished_rows_and_leaves_no_process(tmp_path: Path) -> None:
    for i in range(12):
        (tmp_path / "class" / f"s{i:02}").mkdir(parents=True)
        (tmp_path / "class" / f"s{i:02}" / DENSE.file).write_text(GOOD)
    arguments = [
        "grade",
        str(tmp_path / "class"),
        "--out",
        str(tmp_path / "report"),
        "--exercises",
        "dense",
        "--jobs",
        "1",
    ]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with running("-m", "scratchae", *arguments, **pipes, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)  # to the whole group, as a terminal does
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert "run the same command to resume" in error and error.count("\n") == 1
    kept = len(list((tmp_path / "report" / "rows").glob("*.json")))
    assert 1 <= kept < 12 and not (tmp_path / "report" / "results.json").exists()
    deadline = time.monotonic() + 10
    while _members(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _members(process.pid)


def _members(group: int) -> list[int]:
    """Running processes of a session."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if entry.name.isdecimal() and int(session) == group and state != "Z":
            found.append(int(entry.name))
    return found


def check(path: Path, *arguments: str) -> int:
    return main(["exercises", "check", str(path), *arguments])


@pytest.mark.slow
def test_explaining_takes_all_the_time_that_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, patience = tmp_path / "01_dense.py", []
    path.write_text(GOOD)

    def noted(*arguments: Any, **options: Any) -> Any:
        patience.append(options["patience"])
        return checked(*arguments, **options)

    checked = self_check.check
    monkeypatch.setattr(self_check, "check", noted)
    for options in ([], ["--explain"]):
        assert main(["exercises", "check", str(path), *options]) == 0
    assert patience == [self_check.PATIENCE, math.inf]


def test_checking_ones_own_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / DENSE.file
    path.write_text(GOOD)
    assert check(path) == 0 and "2 of 2 functions right" in capsys.readouterr().out
    path.write_text(start(DENSE))
    assert check(path) == 1 and capsys.readouterr().out.count("to do") == 2
    path.write_text(GOOD.replace("x.T @ dy", "x.T @ dy / len(x)"))
    assert check(path) == 1
    first = capsys.readouterr().out
    assert "WRONG   dense_backward  (values)\n" in first and "1/N times" in first and "came out as" in first
    assert check(path, "--seed", "2") == 1 and "1/N times" in (second := capsys.readouterr().out)
    assert _arguments(first) != _arguments(second)
    path.write_text("import numpy as np\n\ndef dense(x, W, b:\n    pass\n")
    assert check(path) == 1
    printed = capsys.readouterr().out
    assert "01_dense.py, line 3: SyntaxError" in printed and "0 of 2 functions right" in printed


def _arguments(printed: str) -> str:
    return printed.split("With these arguments")[1].split("came out")[0]


@pytest.mark.slow
def test_a_loop_without_end_is_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / DENSE.file
    path.write_text(GOOD.replace("return x @ W + b", "while True: pass"))
    assert check(path) == 1
    printed = capsys.readouterr().out
    assert "dense took longer" in printed and "right   dense_backward" in printed


def test_files_and_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.py").write_text(GOOD)
    assert check(tmp_path / "mine.py") == 0  # by its functions
    assert check(tmp_path / "mine.py", "--exercise", "1") == 0
    (tmp_path / DENSE.file).write_text(GOOD)
    assert check(tmp_path) == 0  # a folder
    capsys.readouterr()
    (tmp_path / "other.py").write_text("x = 1\n")
    assert check(tmp_path / "other.py") == 2 and "--exercise NAME" in one_line(capsys)
    assert check(tmp_path / "none.py") == 2 and "there is no such file" in one_line(capsys)
    (tmp_path / DENSE.file).write_bytes("# größe".encode("latin-1"))
    assert check(tmp_path / DENSE.file) == 2 and "is not UTF-8" in one_line(capsys)
    (tmp_path / "empty").mkdir()
    assert check(tmp_path / "empty") == 2 and "contains no exercise" in one_line(capsys)


def test_the_exercise_is_known_by_its_head_and_by_what_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (later,) = chosen(["autoencoder"])  # contains dense and others as given functions
    path = tmp_path / "ex4.py"
    path.write_text(start(later))
    assert check(path) == 1
    printed = capsys.readouterr().out
    assert later.title in printed and "to be handed in as 04_autoencoder.py" in printed and "0 of 2" in printed
    (tmp_path / "both.py").write_text(GOOD + "\n\n" + start(later))
    assert check(tmp_path / "both.py") == 1 and "2 of 4 functions right" in capsys.readouterr().out
    assert check(tmp_path / "ex5.py") == 2 and "did you mean 'ex4.py'?" in one_line(capsys)


def test_what_else_a_check_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / DENSE.file
    path.write_text(GOOD.replace("return x @ W + b", "x @ W + b"))
    assert check(path) == 1 and "dense returns None" in capsys.readouterr().out
    path.write_text(GOOD.replace("x.T @ dy", "x.T @ dy / len(x) + 0 * (print('size', x.shape) or 0)"))
    assert check(path) == 1
    printed = capsys.readouterr().out
    assert "It printed:\n            size (" in printed and printed.count("1/N times") == 1
    path.write_text(GOOD.replace("x.T @ dy", "x.T @ dy * (1 + 1e-9)"))
    assert check(path) == 0 and "fewer digits than a formula gives" in capsys.readouterr().out
    path.write_text(GOOD.replace("return x @ W + b", "x += 1\n    return (x - 1) @ W + b"))
    assert check(path) == 1 and "WRONG   dense  (no side effects)" in capsys.readouterr().out


def test_where_there_is_no_sandbox_an_ordinary_process_does() -> None:
    import numpy as np

    calls = [Call("double", {"x": np.arange(3.0)}, [("y", (3,), "float64")])]
    runner = SeparateProcessRunner(b"def double(x):\n    return 2 * x\n", Limits())
    (answer,) = runner.run(calls)
    assert answer.outcome == "returned" and answer.outputs[0] is not None
    np.testing.assert_array_equal(answer.outputs[0], [0, 2, 4])
    runner.close()
    broken = SeparateProcessRunner(b"x = 1\ny = (\n", Limits())
    (answer,) = broken.run(calls)
    broken.close()
    assert answer.outcome == "source" and answer.error is not None and answer.error.line == 2
    endless = SeparateProcessRunner(b"def double(x):\n    while True: pass\n", Limits(seconds=0.3))
    begun = time.monotonic()
    assert [a.outcome for a in endless.run(calls)] == ["clock"]
    assert [a.outcome for a in endless.run(calls)] == ["clock"]  # a new process
    assert time.monotonic() - begun < START_SECONDS  # its start does not count as time of the test
    beyond = b"from numpy.lib.stride_tricks import as_strided\ndef double(x):\n    return as_strided(x, (1 << 40,), (8,)).sum()\n"
    ended = SeparateProcessRunner(beyond, Limits())
    assert [a.outcome for a in ended.run(calls)] == ["crashed"]
    endless.close()


def test_of_two_graders_at_once_one_draws_the_seed(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for i in range(20):
            (place := tmp_path / str(i)).mkdir()
            seeds = set(pool.map(lambda _, out=place: grade_command._seed(None, out), range(8)))
            assert seeds == {(place / "seed.txt").read_bytes().strip()}
            assert [path.name for path in place.iterdir()] == ["seed.txt"]
    assert grade_command._seed("mine", place) == grade_command._seed(None, place) == b"mine"


def test_the_check_explains_each_flag_for_which_points_may_be_deducted() -> None:
    assert {*exercises_check.FLAGS} == {*OF_TESTS}


def test_a_note_that_many_share_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, Any]] = [{"student": name, "notes": ["02_activations.py is missing"]} for name in "abcde"]
    rows[1]["notes"] = ["nothing was handed in", *rows[1]["notes"]]
    assert grade_command._notes(rows, ["week1.pdf belongs to no student"]) == 1
    told = [line.partition("note: ")[2] for line in capsys.readouterr().err.splitlines()]
    assert told == [
        "week1.pdf belongs to no student",
        "a, b, c and 2 more: 02_activations.py is missing",
        "b: nothing was handed in",
    ]
    assert grade_command._notes([{"student": "a", "notes": []}], []) == 0 and not capsys.readouterr().err
