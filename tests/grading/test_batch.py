"""A batch: right scores, always a row for every student, and no work done twice."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.command_line import running

from grading import stand_in
from grading.sandboxes import need
from grading.small_class import DENSE, GOOD, assignment, graded, one, policy, with_source, write_class
from scratchae.grading.marking import batch, store
from scratchae.grading.marking.grade import PROBE, grade
from scratchae.grading.marking.store import Rows, as_json, plain, result_of, row
from scratchae.grading.records import Answer, Call, Diagnosis, Example, Isolation, Limits, SubmissionResult, TestResult
from scratchae.grading.sandbox.isolation import open_for_grading
from scratchae.grading.submissions.intake import Intake, Submission, take_in

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def class_of_eight(tmp_path_factory: pytest.TempPathFactory) -> tuple[Intake, Path, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("graded")
    intake = take_in(write_class(folder / "class"), policy().exercises)
    return intake, folder / "rows", graded(intake, folder / "rows", assignment(), jobs=2)


@pytest.mark.slow
def test_the_class_gets_what_it_earned(class_of_eight: tuple[Intake, Path, list[dict[str, Any]]]) -> None:
    rows = {row["student"]: row for row in class_of_eight[2]}
    points = {name: row["points"] for name, row in rows.items()}
    full = policy().max_points
    assert points["right"] == points["numeric"] == full and points["stubs"] == points["nothing"] == 0
    assert DENSE.points < points["mean"] < full
    assert points["broken"] == pytest.approx(DENSE.points) and points["half"] == pytest.approx(1)
    assert all(len(row["tests"]) == len(policy().tests) and row["max_points"] == full for row in rows.values())
    assert all(not row["flags"] for row in rows.values())
    assert {name: row["remarks"] for name, row in rows.items() if row["remarks"]} == {"numeric": ["numerical gradient"]}


def test_notes_name_file_line_and_function(class_of_eight: tuple[Intake, Path, list[dict[str, Any]]]) -> None:
    notes = {row["student"]: " | ".join(row["notes"]) for row in class_of_eight[2]}
    assert notes["right"] == notes["mean"] == notes["stubs"] == ""
    assert notes["broken"].startswith("13_gaussian_kl.py, line 3: SyntaxError") and "logvar:" in notes["broken"]
    assert "13_gaussian_kl.py is missing" in notes["half"] and "there is no dense_backward" in notes["half"]
    assert notes["nothing"] == "nothing was handed in: the folder is empty"


def test_finished_rows_are_not_made_again(
    class_of_eight: tuple[Intake, Path, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake, folder, rows = class_of_eight

    def never(*_: object) -> Any:
        raise AssertionError("a worker was started")

    monkeypatch.setattr(batch, "_start", never)
    assert as_json(graded(intake, folder, assignment())) == as_json(rows)
    changed = replace(intake.submissions[0], files=GOOD)
    for other in (assignment(b"8"), replace(assignment(), isolation=Isolation.BUBBLEWRAP)):
        assert Rows(folder, other).load(intake.submissions[0]) is None
    assert Rows(folder, assignment()).load(changed) is None
    for other in ({"notes": ("late",)}, {"student": "someone else"}):
        assert Rows(folder, assignment()).load(replace(intake.submissions[0], **other)) is None  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="a worker was started"):
        graded(Intake((changed,)), folder, assignment())


def test_a_damaged_row_is_made_again(tmp_path: Path) -> None:
    intake = Intake((Submission("ada", GOOD),))
    first = graded(intake, tmp_path, assignment())
    (kept,) = tmp_path.glob("*.json")
    kept.write_bytes(kept.read_bytes()[:100])
    assert graded(intake, tmp_path, assignment()) == first and Rows(tmp_path, assignment()).load(intake.submissions[0])


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    wrong = with_source("dense", GOOD["dense"].source.decode().replace("x.T @ dy", "2 * x.T @ dy"))  # type: ignore[union-attr]
    texts = [as_json(row(grade(wrong, assignment(seed), stand_in.open_stand_in))) for seed in (b"7", b"7", b"8")]
    assert texts[0] == texts[1] != texts[2]
    assert row(result_of(row(one(wrong)))) == row(one(wrong))


def test_a_right_function_that_prints_with_each_call_keeps_its_points() -> None:
    source = GOOD["dense"].source.decode() + "_right = dense\ndef dense(x, W, b):\n    print('x' * 1500)\n"  # type: ignore[union-attr]
    source += "    return _right(x, W, b)\n"
    result = grade(
        with_source("dense", source), replace(assignment(), isolation=need(Isolation.LIMITS)), open_for_grading
    )
    assert result.points == result.max_points


def test_a_worker_that_dies_costs_nobody_else(tmp_path: Path) -> None:
    intake = Intake(
        (Submission("ada", GOOD), replace(with_source("dense", "DIES"), student="dead"), Submission("zoe", GOOD))
    )
    rows = graded(intake, tmp_path, assignment(), jobs=1)
    assert [row["points"] == policy().max_points for row in rows] == [True, False, True]
    assert rows[1]["points"] == 0 and "the process that graded it ended" in rows[1]["notes"][0]
    assert Rows(tmp_path, assignment()).load(intake.submissions[1]) is None  # graded again next time


def test_what_the_clock_ended_is_graded_once_more_after_the_others(tmp_path: Path) -> None:
    its = replace(assignment(), policy=policy())
    waits = with_source("dense", f"# WAITS {tmp_path / 'mark'} \nimport time\n" + GOOD["dense"].source.decode())  # type: ignore[union-attr]
    submissions = [replace(waits, student="late"), Submission("ada", GOOD), Submission("bob", GOOD)]
    rows = list(batch.grade_all(submissions, its, Rows(tmp_path, its), 2, stand_in.opener))
    assert rows[-1][0] == 0 and {row["points"] for _, row in rows} == {policy().max_points}
    assert not any(test["detail"].get("clock") for test in rows[-1][1]["tests"])


def late_class(folder: Path) -> list[Submission]:
    """Three submissions that the clock ends once, and one that it does not."""
    source = GOOD["dense"].source.decode()  # type: ignore[union-attr]
    waiting = [with_source("dense", f"# WAITS {folder / name} \n{source}") for name in ("a", "b", "c")]
    return [Submission("ada", GOOD), *(replace(each, student=f"late {i}") for i, each in enumerate(waiting))]


def test_the_second_try_is_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    busy: list[tuple[int, int]] = []  # how many were begun so far, and how many are under way
    hand_out, finished = batch._hand_out, batch._finished

    def noted(worker: Any, left: list[int], submissions: Any) -> None:
        begun.append(left[0])
        hand_out(worker, left, submissions)

    def watched(workers: Any, *others: Any) -> Any:
        busy.append((len(begun), sum(worker.at is not None for worker in workers)))
        return finished(workers, *others)

    monkeypatch.setattr(batch, "_hand_out", noted)
    monkeypatch.setattr(batch, "_finished", watched)
    its, submissions = replace(assignment(), policy=policy()), late_class(tmp_path)
    rows = list(batch.grade_all(submissions, its, Rows(tmp_path, its), 2, stand_in.opener))
    assert sorted(i for i, _ in rows) == [0, 1, 2, 3] and {row["points"] for _, row in rows} == {policy().max_points}
    assert sorted(begun[:4]) == [0, 1, 2, 3] and sorted(begun[4:]) == [1, 2, 3]
    assert max(count for _, count in busy) == 2 and all(count <= 1 for so_far, count in busy if so_far > 4)


def test_there_is_an_end_of_second_tries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "AGAIN_SECONDS", -1.0)
    its, submissions = replace(assignment(), policy=policy()), late_class(tmp_path)
    rows = dict(batch.grade_all(submissions, its, Rows(tmp_path, its), 2, stand_in.opener))
    assert set(rows) == {0, 1, 2, 3} and rows[0]["points"] == policy().max_points
    assert all(any(test["detail"].get("clock") for test in rows[i]["tests"]) for i in (1, 2, 3))


def test_a_worker_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "PATIENCE", 0.5)
    monkeypatch.setattr(batch, "longest", lambda limits: 0.0)
    rows = graded(Intake((with_source("dense", "HANGS"),)), tmp_path, assignment())
    assert rows[0]["points"] == 0 and "it was not finished after" in rows[0]["notes"][0]


@pytest.mark.slow
def test_a_worker_that_computes_without_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "OWN_SECONDS", 2.0)
    intake = Intake((replace(with_source("dense", "SPINS"), student="spins"), Submission("zoe", GOOD)))
    rows = graded(intake, tmp_path, assignment())
    assert rows[0]["points"] == 0 and "more than 2 seconds of processor time" in rows[0]["notes"][0]
    assert rows[1]["points"] == policy().max_points


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the system does not list processes")
@pytest.mark.parametrize(
    "level", [Isolation.LIMITS, Isolation.LANDLOCK, Isolation.BUBBLEWRAP], ids=lambda each: each.name.lower()
)
def test_nothing_runs_on_when_the_grader_is_killed(level: Isolation, tmp_path: Path) -> None:
    need(level)
    (tmp_path / "class").mkdir()
    for name in ("ada", "zoe"):
        (tmp_path / "class" / f"{name}.py").write_text("def dense(x, W, b):\n    while True: pass\n")
    (tmp_path / "policy.toml").write_text("exercises = ['dense']\n[limits]\nseconds = 300\ncpu_seconds = 300\n")
    arguments = [str(tmp_path / "class"), "--out", str(tmp_path / "report"), "--policy", str(tmp_path / "policy.toml")]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    options = ["--jobs", "2", "--isolation", level.name.lower()]
    with running("-m", "scratchae", "grade", *arguments, *options, **pipes) as grader:
        # The processes of tests, which compute without end, are the deepest.
        computing = until(lambda: len([p for p in below(grader.pid) if not below(p) and seconds_of(p) > 0.5]) >= 2, 90)
        assert computing, "no submission was run"
        family = {process: started(process) for process in below(grader.pid)}
        assert len(family) >= 6  # two workers, each with a sandbox and the process of a test
        grader.kill()
        grader.wait()
        gone = until(lambda: not [p for p, start in family.items() if start and started(p) == start], 10)
        assert gone, [p for p in family if started(p)]


def until(ready: Callable[[], Any], seconds: float) -> Any:
    """The first true value of `ready`, or its last."""
    deadline = time.monotonic() + seconds
    while not (found := ready()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def below(process: int) -> list[int]:
    """The processes that descend from one."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found += [each for child in task.read_text().split() for each in (int(child), *below(int(child)))]
    return found


def status_of(process: int) -> list[str]:
    """Fields of a process from its state on; nothing if it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
    return [] if fields[0] in "ZX" else fields


def started(process: int) -> str:
    """The time when a process was started, which tells it from a later one of the same number."""
    return "".join(status_of(process)[19:20])


def seconds_of(process: int) -> float:
    """The processor time of a process."""
    fields = status_of(process)
    return int(fields[11]) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def test_closing_the_batch_leaves_no_process(tmp_path: Path) -> None:
    its = assignment()
    submissions = [Submission(f"s{i}", GOOD) for i in range(4)]
    others = set(
        multiprocessing.active_children()
    )  # the process pool of an earlier test, for example, which joblib keeps
    grading = batch.grade_all(submissions, its, Rows(tmp_path, its), 2, stand_in.opener)
    next(grading)
    running = set(multiprocessing.active_children()) - others
    assert running
    grading.close()
    assert not any(process.is_alive() for process in running)
    assert len(list(tmp_path.glob("*.json"))) == 1  # finished rows are kept


@pytest.mark.parametrize("outcome", ["time", "clock", "memory", "crashed", "refused"])
def test_a_file_that_cannot_be_imported_is_run_twice_only(outcome: str) -> None:
    class Broken:
        isolation, runs = Isolation.LIMITS, 0

        def run(self, calls: Any) -> list[Answer]:
            Broken.runs += 1
            return [Answer(outcome)] * len(calls)  # type: ignore[arg-type]

        def close(self) -> None: ...

    result = grade(Submission("ada", GOOD), assignment(), lambda *_: Broken())  # type: ignore[arg-type, return-value]
    assert Broken.runs == 4 and result.points == 0 and len(result.notes) == 2
    assert all(test.status != "passed" and test.message for test in result.tests)


def test_a_sandbox_that_cannot_be_made_is_not_the_students_fault() -> None:
    def refuse(source: bytes, isolation: Isolation, limits: Limits) -> Any:
        raise RuntimeError("no namespaces here")

    result = grade(Submission("ada", GOOD), assignment(), refuse)
    assert {test.status for test in result.tests} == {"skipped"} and "no namespaces here" in result.notes[0]


def test_a_runner_that_breaks_halfway_keeps_what_it_gave() -> None:
    class Breaking(stand_in.StandIn):
        def run(self, calls: Any) -> list[Answer]:
            if any(call.function == "dense_backward" for call in calls):
                raise OSError("out of disk")
            return super().run(calls)

    result = grade(Submission("ada", GOOD), assignment(), lambda source, *_: Breaking(source))
    passed = {test.function for test in result.tests if test.status == "passed"}
    assert "dense" in passed and "gaussian_kl" in passed and "dense_backward" not in passed


def test_the_complex_step_is_flagged_where_gradients_pass() -> None:
    hidden = GOOD["dense"].source.decode().replace("dx = dy @ W.T", "dx = (dy + 1j * 0).real @ W.T")  # type: ignore[union-attr]
    result = one(with_source("dense", f"{hidden}\n\nimport os\nos.path.exists('a')\n"))
    flags = {test.function: test.flags for test in result.tests if test.flags}
    assert flags == {"dense_backward": ("complex step",)} and result.remarks == ("asks for files", "complex step")


def test_rows_depend_on_all_code_and_words_of_the_grader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "__file__", str(tmp_path / "grading" / "marking" / "store.py"))
    files = ("exercises/a.py", "grading/marking/a.py", "grading/reports/templates/a.jinja", "ops/a.py")
    seen = {store.versions.__wrapped__()["code"]}
    for content in ("one", "two"):
        for name in files:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content)
            seen.add(store.versions.__wrapped__()["code"])
    (tmp_path / files[0]).rename(tmp_path / "exercises" / "b.py")
    seen.add(store.versions.__wrapped__()["code"])
    assert len(seen) == 2 + 2 * len(files)


def test_a_row_holds_the_whole_result() -> None:
    detail = {"why": "value", "errors": {"y": 1e-3}}
    whole = TestResult(
        *("dense", "dense", "one row", "hidden", "failed", 0.25, 0.5, "A message.", Diagnosis("factor", "Twice.")),
        *(Example({"x": [[1.0, 2.0]], "k": 3}, "y", (0, 1), 2.0, 1.0), ("overflow",), detail),
    )  # type: ignore[arg-type]
    result = SubmissionResult("ada", "ab12", Isolation.LIMITS, (whole,), ("a note",), ("a flag",), ("a remark",))
    assert result_of(json.loads(as_json(row(result)))) == result


def test_json_has_no_numbers_that_are_not_json() -> None:
    value = plain({"a": np.array([[1.5, np.nan]]), "b": np.inf, "c": (np.int64(3), None, True), 4: -np.inf})
    assert value == {"a": [[1.5, "nan"]], "b": "inf", "c": [3, None, True], "4": "-inf"}
    assert as_json(value)


def test_the_probe_is_a_name_that_no_task_has() -> None:
    assert stand_in.StandIn(b"").run([Call(PROBE.function, {}, ())])[0].outcome == "missing"


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("# coding: latin-1\n", "latin-1"),
        ("\ufeff#!/usr/bin/python\r\n# vim: set fileencoding=cp1252 :\r\n", "cp1252"),
        ("\r# -*- coding: utf-7 -*-\r", "utf-7"),
        ("# -*- coding: UTF_8 -*-\n", ""),
        ("# coding: utf-8-unix\n", ""),
        ("x = 1\n# coding: latin-1\n", ""),
        ("\n\n# coding: latin-1\n", ""),
    ],
)
def test_another_encoding_than_utf8_is_told_and_does_not_count(head: str, said: str) -> None:
    right = (GOOD["dense"].source or b"").decode()
    text = with_source("dense", head + right)  # the stand-in reads it as Python does
    result = grade(text, assignment(), lambda source, *_: stand_in.StandIn(source.removeprefix(head.encode())))
    note = f"dense.py declares the encoding {said}; it is read as UTF-8"
    assert result.points == result.max_points and result.notes == ((note,) if said else ())
