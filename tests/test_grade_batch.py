"""A batch: the right scores, a row for everybody whatever happens, and no work done twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import grading_stand_in
import numpy as np
import pytest
from grading_class import assignment, graded, policy, write_class
from sandboxes import need

from scratchae.exercises.handout import solution
from scratchae.grading import batch
from scratchae.grading.budget import TIME_OUTS_PER_FUNCTION
from scratchae.grading.intake import Intake, SourceFile, Submission, take_in
from scratchae.grading.isolation import open_for_grading
from scratchae.grading.policy import read_policy
from scratchae.grading.records import Answer, Call, Isolation, Limits
from scratchae.grading.run import PROBE, Assignment, grade
from scratchae.grading.store import Rows, as_json, plain, result_of, row

DENSE, KL = policy().exercises
GOOD = {exercise.name: SourceFile(exercise.file, solution(exercise).encode()) for exercise in (DENSE, KL)}


def with_source(name: str, source: str) -> Submission:
    return Submission("ada", {**GOOD, name: SourceFile(f"{name}.py", source.encode())})


def one(submission: Submission) -> Any:
    return grade(submission, assignment(), grading_stand_in.open_stand_in)


@pytest.fixture(scope="module")
def class_of_eight(tmp_path_factory: pytest.TempPathFactory) -> tuple[Intake, Path, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("graded")
    intake = take_in(write_class(folder / "class"), policy().exercises)
    return intake, folder / "rows", graded(intake, folder / "rows", assignment(), jobs=2)


def test_the_class_gets_what_it_earned(class_of_eight: tuple[Intake, Path, list[dict[str, Any]]]) -> None:
    rows = {row["student"]: row for row in class_of_eight[2]}
    points = {name: row["points"] for name, row in rows.items()}
    full = policy().max_points
    assert points["right"] == points["numeric"] == full and points["stubs"] == points["nothing"] == 0
    assert DENSE.points < points["mean"] < full
    assert points["broken"] == pytest.approx(DENSE.points) and points["half"] == pytest.approx(1)
    assert all(len(row["tests"]) == len(policy().tests) and row["max_points"] == full for row in rows.values())
    assert all(not row["flags"] for name, row in rows.items() if name != "numeric")
    assert rows["numeric"]["flags"] == ["numerical gradient"]


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
    texts = [
        as_json(row(grade(wrong, assignment(seed), grading_stand_in.open_stand_in))) for seed in (b"7", b"7", b"8")
    ]
    assert texts[0] == texts[1] != texts[2]
    assert row(result_of(row(one(wrong)))) == row(one(wrong))


def test_what_is_printed_stands_at_the_same_tests_each_time() -> None:
    source = GOOD["dense"].source.decode() + "print('hello')\n_right = dense\ndef dense(x, W, b):\n    print(x.shape)\n"  # type: ignore[union-attr]
    source += "    return _right(x, W, b)\n"
    its = replace(assignment(), isolation=need(Isolation.LIMITS))
    texts = [as_json(row(grade(with_source("dense", source), its, open_for_grading))) for _ in range(3)]
    assert len(set(texts)) == 1 and b"hello" in texts[0]
    result = grade(with_source("dense", source), its, open_for_grading)
    (printed,) = (test.detail["printed"] for test in result.tests if test.detail["printed"])
    assert printed.startswith("hello\n(") and result.points == result.max_points


ODD = """
import numpy as np
def dense(x, W, b):
    print({"a", "b", "c", "d"}, dense, id(x))
    return x @ W + b
def dense_backward(dy, x, W):
    y = np.empty((7, 11))
    print(y.sum(), hash("text"))
    raise ValueError({"one", "two", "three"})
"""


@pytest.mark.parametrize("level", [Isolation.LANDLOCK, Isolation.BUBBLEWRAP], ids=lambda level: level.name.lower())
def test_what_memory_and_hashes_show_is_the_same_again(level: Isolation) -> None:
    its = replace(assignment(), isolation=need(level))
    texts = [as_json(row(grade(with_source("dense", ODD), its, open_for_grading))) for _ in range(2)]
    assert texts[0] == texts[1] and b"function dense at 0x" in texts[0]


def test_functions_that_hang_cost_the_others_nothing() -> None:
    its = read_policy(None, ("dense", "activations", "losses", "bug_batch"))
    files = {exercise.name: SourceFile(exercise.file, solution(exercise).encode()) for exercise in its.exercises}

    hang = {files["dense"].source: "dense_backward", files["activations"].source: "sigmoid"}

    class Hanging(grading_stand_in.StandIn):
        def run(self, calls: Any) -> list[Answer]:
            runs = [i for i, call in enumerate(calls) if call.function.startswith(hang.get(self.source, "no such"))]
            cut = runs[0] if runs else len(calls)
            return super().run(calls[:cut]) + [Answer("time")] * (len(calls) - cut)

    result = grade(
        Submission("ada", files), Assignment(its, b"7", Isolation.LIMITS), lambda source, *_: Hanging(source)
    )
    late = {(t.exercise, t.function) for t in result.tests if t.status == "time"}
    assert late == {("dense", "dense_backward"), ("activations", "sigmoid"), ("activations", "sigmoid_backward")}
    assert all(t.status == "passed" for t in result.tests if (t.exercise, t.function) not in late)


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
    assert Rows(tmp_path, assignment()).load(intake.submissions[1]) is None  # it is tried again next time


def test_a_worker_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "PATIENCE", 0.5)
    monkeypatch.setattr(batch, "most_seconds", lambda limits: 0.0)
    rows = graded(Intake((with_source("dense", "HANGS"),)), tmp_path, assignment())
    assert rows[0]["points"] == 0 and "it was not finished after" in rows[0]["notes"][0]


def test_closing_the_batch_leaves_no_process(tmp_path: Path) -> None:
    its = assignment()
    submissions = [Submission(f"s{i}", GOOD) for i in range(4)]
    grading = batch.grade_all(submissions, its, Rows(tmp_path, its), 2, grading_stand_in.opener)
    next(grading)
    import multiprocessing

    running = multiprocessing.active_children()
    assert running
    grading.close()
    assert not any(process.is_alive() for process in running)
    assert len(list(tmp_path.glob("*.json"))) == 1  # what was finished is kept


def test_time_outs_are_tried_again_once_and_then_cost_no_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []

    class Counting(grading_stand_in.StandIn):
        def run(self, calls: Any) -> list[Answer]:
            runs.append(calls[0].function)
            return super().run(calls)

    slow = with_source("dense", "#TIME_OUT\ndef dense(x, W, b): ...\ndef dense_backward(dy, x, W): ...\n")
    result = grade(slow, assignment(), lambda source, *_: Counting(source))
    statuses = {test.function: [t.status for t in result.tests if t.function == test.function] for test in result.tests}
    assert set(statuses["dense"]) == set(statuses["dense_backward"]) == {"time"}
    assert runs.count("dense") == TIME_OUTS_PER_FUNCTION
    assert runs.count("dense_backward") == 1 + TIME_OUTS_PER_FUNCTION  # once with all tests of the file
    assert result.points == KL.points  # the other file is untouched
    assert any("was not run again" in test.message for test in result.tests)


def test_points_of_a_function_do_not_depend_on_another() -> None:
    leaning = "import numpy\ndef dense(x, W, b):\n    global np\n    np = numpy\n    return x @ W + b\n"
    leaning += "def dense_backward(dy, x, W):\n    return np.matmul(dy, W.T), x.T @ dy, dy.sum(axis=0)\n"
    result = grade(with_source("dense", leaning), assignment(), lambda source, *_: Fresh(source))
    statuses = {
        function: {t.status for t in result.tests if t.function == function} for function in ("dense", "dense_backward")
    }
    assert statuses == {"dense": {"passed"}, "dense_backward": {"error"}}


def test_tests_that_take_long_together_cost_nothing() -> None:
    class Slow(grading_stand_in.StandIn):
        def run(self, calls: Any) -> list[Answer]:
            if len({call.function for call in calls}) > 1:
                return [Answer("time")] * len(calls)
            answers = super().run(calls)
            return [Answer("time") if i >= 5 else answer for i, answer in enumerate(answers)]  # probes, mostly

    result = grade(Submission("ada", GOOD), assignment(), lambda source, *_: Slow(source))
    values = [test.status for test in result.tests if test.kind in ("values", "one row", "manners")]
    assert set(values) == {"passed"}


def test_a_time_out_that_was_an_accident_costs_nothing() -> None:
    class OnceSlow(grading_stand_in.StandIn):
        slow = True

        def run(self, calls: Any) -> list[Answer]:
            if calls[0].function == "dense" and OnceSlow.slow:
                OnceSlow.slow = False
                return [Answer("time")] * len(calls)
            return super().run(calls)

    assert (
        grade(Submission("ada", GOOD), assignment(), lambda source, *_: OnceSlow(source)).points == policy().max_points
    )


class Fresh(grading_stand_in.StandIn):
    """Each run begins anew, as in a process of its own."""

    def run(self, calls: Any) -> list[Answer]:
        """By another one."""
        return grading_stand_in.StandIn(self.source).run(calls)


def test_what_one_test_breaks_the_next_does_not_see() -> None:
    source = GOOD["dense"].source.decode() + "calls = []\ndef dense(x, W, b):\n    calls.append(1)\n"  # type: ignore[union-attr]
    source += "    return x @ W + b if len(calls) < 7 else x @ W\n"
    result = grade(with_source("dense", source), assignment(), lambda source, *_: Fresh(source))
    statuses = {test.kind: test.status for test in result.tests if test.function == "dense"}
    assert statuses == {"values": "passed", "one row": "passed", "manners": "passed"}  # though all at once did not pass


@pytest.mark.parametrize("outcome", ["time", "memory", "output", "crashed", "refused"])
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
    class Breaking(grading_stand_in.StandIn):
        def run(self, calls: Any) -> list[Answer]:
            if any(call.function == "dense_backward" for call in calls):
                raise OSError("out of disk")
            return super().run(calls)

    result = grade(Submission("ada", GOOD), assignment(), lambda source, *_: Breaking(source))
    passed = {test.function for test in result.tests if test.status == "passed"}
    assert "dense" in passed and "gaussian_kl" in passed and "dense_backward" not in passed


def test_the_complex_step_is_flagged_where_gradients_pass() -> None:
    hidden = GOOD["dense"].source.decode().replace("dx = dy @ W.T", "dx = (dy + 1j * 0).real @ W.T")  # type: ignore[union-attr]
    result = one(with_source("dense", hidden))
    flagged = {test.function for test in result.tests if "complex step" in test.flags}
    assert flagged == {"dense_backward"} and result.flags == ("complex step",)


def test_json_has_no_numbers_that_are_not_json() -> None:
    value = plain({"a": np.array([[1.5, np.nan]]), "b": np.inf, "c": (np.int64(3), None, True), 4: -np.inf})
    assert value == {"a": [[1.5, "nan"]], "b": "inf", "c": [3, None, True], "4": "-inf"}
    assert as_json(value)


def test_the_probe_is_a_name_that_no_task_has() -> None:
    assert grading_stand_in.StandIn(b"").run([Call(PROBE.function, {}, ())])[0].outcome == "missing"


@pytest.mark.parametrize("apart", [False, True])
def test_no_two_tests_share_a_process_if_the_policy_says_so(apart: bool) -> None:
    runs: list[int] = []

    class Counting(grading_stand_in.StandIn):
        def run(self, calls: Any) -> list[Answer]:
            runs.append(len({call.function for call in calls}))
            return super().run(calls)

    its = replace(assignment(), policy=replace(policy(), process_for_each_test=apart))
    wrong = GOOD["dense"].source.decode().replace("x.T @ dy", "2 * x.T @ dy")  # type: ignore[union-attr]
    result = grade(with_source("dense", wrong), its, lambda source, *_: Counting(source))
    same = one(with_source("dense", wrong))
    assert [(t.id, t.points, t.message) for t in result.tests] == [(t.id, t.points, t.message) for t in same.tests]
    failed = sum(test.status != "passed" for test in result.tests)
    assert len(runs) == failed + (len(result.tests) if apart else 2) and (max(runs) == 1) is apart
    runs.clear()
    grade(
        replace(with_source("dense", "def f(:"), files={"dense": SourceFile("dense.py", b"def f(:")}),
        its,
        lambda s, *_: Counting(s),
    )
    assert len(runs) <= 2  # a file that cannot be imported is not tried again and again
