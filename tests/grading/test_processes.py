"""Processes of tests, their time limits, and reproducibility."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grading import stand_in
from grading.sandboxes import need
from grading.small_class import GOOD, KL, assignment, one, policy, with_source
from scratchae.exercises.handout import solution
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.policy import read_policy
from scratchae.grading.marking.store import as_json, row
from scratchae.grading.marking.time_budget import TESTS_IN_TIME, TIME_OUTS_PER_FUNCTION, TimeBudget
from scratchae.grading.records import Answer, Isolation, Limits
from scratchae.grading.sandbox.isolation import open_for_grading
from scratchae.grading.submissions.intake import SourceFile, Submission

pytestmark = pytest.mark.sandbox


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

    class Hanging(stand_in.StandIn):
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


def test_after_two_time_outs_a_function_costs_no_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []

    class Counting(stand_in.StandIn):
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


def test_processor_time_counts_and_not_the_clock() -> None:
    class Busy:
        spent = 0.01

        def run(self, calls: Any) -> list[Answer]:
            return [Answer("returned", spent=self.spent)]

    budget, its = TimeBudget(Limits()), Busy()
    for _ in range(1000):
        budget.run_together([], its)  # type: ignore[arg-type]
    assert budget.seconds == pytest.approx(10) and not budget.is_spent
    its.spent = Limits().cpu_seconds
    for _ in range(TESTS_IN_TIME):
        budget.run_together([], its)  # type: ignore[arg-type]
    assert budget.is_spent


def test_tests_that_take_long_together_cost_nothing() -> None:
    class Slow(stand_in.StandIn):
        def run(self, calls: Any) -> list[Answer]:
            if len({call.function for call in calls}) > 1:
                return [Answer("time")] * len(calls)
            answers = super().run(calls)
            return [Answer("time") if i >= 5 else answer for i, answer in enumerate(answers)]  # probes, mostly

    result = grade(Submission("ada", GOOD), assignment(), lambda source, *_: Slow(source))
    values = [test.status for test in result.tests if test.kind in ("values", "one row", "manners")]
    assert set(values) == {"passed"}


class Fresh(stand_in.StandIn):
    """A stand-in that starts each run afresh, as in a separate process."""

    def run(self, calls: Any) -> list[Answer]:
        """Run the calls in a new stand-in."""
        return stand_in.StandIn(self.source).run(calls)


def test_what_one_test_breaks_the_next_does_not_see() -> None:
    source = GOOD["dense"].source.decode() + "calls = []\ndef dense(x, W, b):\n    calls.append(1)\n"  # type: ignore[union-attr]
    source += "    return x @ W + b if len(calls) < 7 else x @ W\n"
    result = grade(with_source("dense", source), assignment(), lambda source, *_: Fresh(source))
    statuses = {test.kind: test.status for test in result.tests if test.function == "dense"}
    assert statuses == {
        "values": "passed",
        "one row": "passed",
        "manners": "passed",
    }  # although the shared run did not pass


@pytest.mark.parametrize("apart", [False, True])
def test_no_two_tests_share_a_process_if_the_policy_says_so(apart: bool) -> None:
    runs: list[int] = []

    class Counting(stand_in.StandIn):
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
    assert len(runs) <= 2  # a file that cannot be imported is not tried repeatedly


def test_points_of_a_function_do_not_depend_on_another() -> None:
    leaning = "import numpy\ndef dense(x, W, b):\n    global np\n    np = numpy\n    return x @ W + b\n"
    leaning += "def dense_backward(dy, x, W):\n    return np.matmul(dy, W.T), x.T @ dy, dy.sum(axis=0)\n"
    result = grade(with_source("dense", leaning), assignment(), lambda source, *_: Fresh(source))
    statuses = {
        function: {t.status for t in result.tests if t.function == function} for function in ("dense", "dense_backward")
    }
    assert statuses == {"dense": {"passed"}, "dense_backward": {"error"}}
