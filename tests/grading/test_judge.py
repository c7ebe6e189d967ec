"""The verdict: points for right numbers only, the same tests for the same student, and no points for trivial answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grading.audit import examine, thoughtless
from grading.corpus import ALTERNATIVES, load
from grading.corpus.entry import right
from scratchae.exercises import EXERCISES, ORDINARY
from scratchae.grading.inspection.flags import BY_ENTRY, FEWER, NUMERICAL, OVERFLOW
from scratchae.grading.marking.judge import STATUS, judge
from scratchae.grading.records import Answer, TestResult
from scratchae.grading.sandbox.unsandboxed import SameProcessRunner
from scratchae.grading.testing.comparison import TOLERANCE, clearly, error, stress_error, worst_entry
from scratchae.grading.testing.plan import PROBE, Planned, plan

DENSE, ACTIVATIONS = ORDINARY[0], ORDINARY[1]


def results(function: Callable[..., Any], exercise: Any = DENSE, name: str = "dense") -> list[TestResult]:
    tests = plan(exercise, "ada", b"secret", only=name)
    runner = SameProcessRunner({name: function})
    return [judge(p, runner.run(p.calls)) for p in tests]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_the_reference_gets_every_point(exercise: Any) -> None:
    tests = plan(exercise, "ada", b"secret")
    assert sum(p.max_points for p in tests) == pytest.approx(exercise.points)
    runner = SameProcessRunner({task.name: task.reference for task in exercise.tasks})
    for planned in tests:
        result = judge(planned, runner.run(planned.calls))
        assert result.status == "passed", (result.id, result.detail)
        assert result.points == planned.max_points > 0
        assert result.id == planned.id and not result.flags and not result.message


@pytest.mark.parametrize("entry", ALTERNATIVES, ids=lambda e: e.id)
def test_right_solutions_that_are_written_differently_pass(entry: Any) -> None:
    judged = examine(entry, probes=False)
    assert judged.accepted, [r.message for r in judged.results]
    overflows = "overflow" in entry.name  # right, but not in the form that the task asks for: a remark
    assert {flag for r in judged.results for flag in r.flags} == ({OVERFLOW} if overflows else set())


@pytest.mark.slow
def test_answers_without_thought_earn_nothing() -> None:
    earned = list(thoughtless())
    assert len(earned) >= 4 * sum(len(e.tasks) for e in ORDINARY)
    assert [e for e in earned if e[2]] == []


def test_the_same_student_gets_the_same_tests_and_another_gets_others() -> None:
    def numbers(student: str, secret: bytes, visibility: str = "public") -> list[bytes]:
        tests = plan(DENSE, student, secret)
        return [p.calls[0].arguments["x"].tobytes() for p in tests if visibility in ("", p.visibility)]

    assert numbers("ada", b"s", "") == numbers("ada", b"s", "")
    assert not set(numbers("ada", b"s")) & (set(numbers("emil", b"s")) | set(numbers("ada", b"t")))
    assert numbers("ada", b"s", "hidden") == numbers("emil", b"s", "hidden")  # common to the class
    assert not set(numbers("ada", b"s", "hidden")) & set(numbers("ada", b"t", "hidden"))
    assert len(set(numbers("ada", b"s", ""))) == len(numbers("ada", b"s", ""))  # public and hidden tests differ, too


def test_names_cannot_be_glued_together() -> None:
    first, second = (plan(DENSE, student, b"s", assignment=a)[0] for student, a in (("ab", "c"), ("b", "ca")))
    assert first.calls[0].arguments["x"].tobytes() != second.calls[0].arguments["x"].tobytes()


def test_public_and_hidden_tests_look_alike() -> None:
    tests = plan(DENSE, "ada", b"s")
    for public, hidden in zip(tests[::2], tests[1::2], strict=True):
        assert (public.visibility, hidden.visibility) == ("public", "hidden")
        assert public.kind == hidden.kind and public.max_points == hidden.max_points
        shapes = [sorted(str(p.calls[i].outputs) for i in p.judged) for p in (public, hidden)]
        assert shapes[0] == shapes[1] or public.kind != "values"


def test_verdicts_need_no_probes() -> None:
    for with_probes, without in zip(plan(DENSE, "ada", b"s"), plan(DENSE, "ada", b"s", probes=False), strict=True):
        assert not any(role.startswith(PROBE) for role in without.roles)
        kept = [with_probes.calls[i] for i in with_probes.judged]
        assert [c.arguments["x"].tobytes() for c in kept] == [c.arguments["x"].tobytes() for c in without.calls]


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, W, b: np.full((len(x), len(b)), np.nan),
        lambda x, W, b: 0.0,
        lambda x, W, b: np.zeros((0, len(b))),
        lambda x, W, b: (x @ W + b).astype(np.float32),
        lambda x, W, b: (x @ W + b).astype(complex),
        lambda x, W, b: (x @ W + b).astype(object),
        lambda x, W, b: np.matrix(x @ W + b),
        lambda x, W, b: np.ma.masked_array(x @ W + b),
        lambda x, W, b: (x @ W + b).tolist(),
        lambda x, W, b: [x @ W + b],
        lambda x, W, b: x @ W + b + 1e-3,
        lambda x, W, b: "right",
    ],
)
def test_nothing_but_the_right_numbers_in_the_right_form_passes(answer: Any) -> None:
    assert sum(r.points for r in results(answer)) == 0


def test_fewer_digits_than_a_formula_gives_are_flagged() -> None:
    for added, flagged in ((1e-11, ()), (1e-7, (FEWER,))):
        got = results(lambda x, W, b, added=added: x @ W + b + added)
        assert all(r.status == "passed" and r.flags == flagged for r in got)


def test_outputs_are_listed_as_right_or_wrong() -> None:
    def dense_backward(dy: Any, x: Any, W: Any) -> Any:
        return dy @ W.T, (x.T @ dy).astype(np.float32), dy.sum(axis=0) / len(x)

    for result in results(dense_backward, DENSE, "dense_backward"):
        wrong = ["dW"] if result.kind == "one row" else ["dW", "db"]
        assert (result.detail["right"], result.detail["wrong"]) == ([n for n in ("dx", "db") if n not in wrong], wrong)
        assert (result.detail["errors"]["db"] < 1e-13) == (result.kind == "one row")  # measured beside a wrong form


@pytest.mark.parametrize(
    "distance, verdict",
    [(0.0, "right"), (1e-12, "right"), (1e-8, "unclear"), (TOLERANCE, "unclear"), (1e-3, "wrong"), (np.nan, "wrong")],
)
def test_errors_near_the_tolerance_are_unclear(distance: float, verdict: str) -> None:
    assert clearly(distance) == verdict


def test_a_single_example_is_worth_points_of_its_own() -> None:
    passed = {r.kind for r in results(lambda x, W, b: x @ W + b if len(x) == 1 else 0 * (x @ W)) if r.points}
    assert passed == {"one row"}


def test_overwritten_arguments_cost_the_manners_only() -> None:
    def dense(x: Any, W: Any, b: Any) -> Any:
        y = x @ W + b
        x *= 0
        return y

    got = results(dense)
    assert {r.kind for r in got if r.status != "passed"} == {"manners"}
    assert all(r.diagnosis is not None and r.diagnosis.rule == "overwritten" for r in got if r.status != "passed")


def test_another_answer_the_second_time_costs_points() -> None:
    kept: list[int] = []

    def dense(x: Any, W: Any, b: Any) -> Any:
        kept.append(1)
        return x @ W + b + (1e-11 if len(kept) % 3 == 0 else 0)  # too small a difference for a wrong value

    planned = next(p for p in plan(DENSE, "ada", b"s", only="dense", probes=False) if p.kind == "manners")
    result = judge(planned, SameProcessRunner({"dense": dense}).run(planned.calls))
    assert result.status == "failed" and result.points == 0


def test_an_output_that_changes_when_a_call_is_repeated_is_not_right() -> None:
    calls = iter(range(1, 1000))

    def dense_backward(dy: Any, x: Any, W: Any) -> Any:
        return dy @ W.T, x.T @ dy, dy.sum(axis=0) * (1 + 1e-9 * next(calls))

    planned = next(p for p in plan(DENSE, "ada", b"s", only="dense_backward", probes=False) if p.kind == "manners")
    result = judge(planned, SameProcessRunner({"dense_backward": dense_backward}).run(planned.calls), per_output=True)
    assert (result.detail["why"], result.detail["right"], result.detail["wrong"]) == ("again", ["dx", "dW"], ["db"])
    assert result.points == pytest.approx(2 / 3 * planned.max_points)


def test_a_gradient_by_differences_passes_and_is_flagged() -> None:
    def sigmoid_backward(dy: Any, y: Any) -> Any:
        x, h = np.log(y / (1 - y)), 1e-5
        return dy * (1 / (1 + np.exp(-x - h)) - 1 / (1 + np.exp(-x + h))) / (2 * h)

    got = results(sigmoid_backward, ACTIVATIONS, "sigmoid_backward")
    assert all(r.status == "passed" for r in got)
    assert all(NUMERICAL in r.flags for r in got)


def test_a_gradient_that_evaluates_for_each_entry_is_flagged() -> None:
    def by_steps(dy: Any, x: Any, W: Any) -> Any:
        def loss(
            x: Any, W: Any, b: Any
        ) -> Any:  # linear: finite differences of any step are exact, as complex steps are
            return np.sum(dy * (x @ W + b))

        arguments = [x.copy(), W.copy(), np.zeros(W.shape[1])]
        before, gradients = loss(*arguments), []
        for a in arguments:
            gradients.append(np.zeros_like(a))
            for index in np.ndindex(a.shape):
                a[index] += 1.0
                gradients[-1][index] = loss(*arguments) - before
                a[index] -= 1.0
        return tuple(gradients)

    def by_rows(dy: Any, x: Any, W: Any) -> Any:
        def of_a_row(d: Any) -> Any:
            return W @ d

        return np.array([of_a_row(d) for d in dy]), x.T @ dy, dy.sum(axis=0)

    assert all(r.status == "passed" for r in results(by_steps, DENSE, "dense_backward"))
    flags = {r.kind: r.flags for r in results(by_steps, DENSE, "dense_backward")}
    assert all(BY_ENTRY in each for each in flags.values())
    assert not any(BY_ENTRY in r.flags for r in results(by_rows, DENSE, "dense_backward"))


@pytest.mark.parametrize("outcome", [o for o in STATUS if o not in ("returned", "form")])
def test_every_way_of_not_answering_has_its_status_and_a_sentence(outcome: Any) -> None:
    planned = plan(DENSE, "ada", b"s")[0]
    result = judge(planned, [Answer(outcome)] * len(planned.calls))
    assert result.status == STATUS[outcome] and result.points == 0
    assert result.message.endswith(".")


def test_missing_answers_are_no_right_ones() -> None:
    planned = plan(DENSE, "ada", b"s")[0]
    assert judge(planned, []).points == 0
    good = SameProcessRunner({"dense": DENSE.tasks[0].reference}).run(planned.calls)
    assert judge(planned, good[:1]).points == 0
    assert judge(planned, good).points > 0


def test_a_hidden_test_says_nothing_of_its_numbers() -> None:
    got = results(lambda x, W, b: x @ W)
    for result in got:
        if result.visibility == "hidden":
            assert not any(ch.isdigit() for ch in result.message), result.message
        assert result.diagnosis is None or result.diagnosis.rule == "term" or result.kind != "values"


def test_a_diagnosis_that_fails_leaves_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("in a rule")

    monkeypatch.setattr("scratchae.grading.marking.judge.diagnose", broken)
    got = results(lambda x, W, b: x @ W)
    assert all(r.points == 0 and r.message and "ZeroDivisionError" in r.detail["diagnosis failed"] for r in got)


def test_points_add_up_where_a_kind_is_missing() -> None:
    for exercise in ORDINARY:
        for task in exercise.tasks:
            tests: tuple[Planned, ...] = plan(exercise, "ada", b"s", only=task.name, probes=False)
            assert sum(p.max_points for p in tests) == pytest.approx(task.points)
            assert ("extremes" in {p.kind for p in tests}) == bool(task.extremes)


def test_errors_know_nan_shapes_and_small_entries_beside_large_ones() -> None:
    assert error(np.array([1.0, np.nan]), np.array([1.0, 1.0])) == np.inf
    assert error(np.ones(3), np.ones((3, 1))) == error(None, np.ones(3)) == np.inf
    assert error(np.array([1e-8]), np.array([0.0])) > 1e-6 >= error(np.array([1e-13]), np.array([0.0]))
    large = np.array([1e21, 24.5])
    assert error(large + [0, 1], large) < 1e-6 < stress_error(large + [0, 1], large)
    assert worst_entry(np.array([[1.0, 2.0], [np.nan, 9.0]]), np.zeros((2, 2))) == (1, 0)


def test_an_entry_that_does_not_fit_says_so() -> None:
    entry = right("dense", "nothing", "")
    with pytest.raises(ValueError, match="give a fragment"):
        load(entry)
