"""Equal files get equal points, whoever hands them in; a mistake costs what the policy says: once, or per output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grading import stand_in
from grading.corpus import MISTAKES
from grading.corpus.entry import text
from grading.sandboxes import need
from scratchae.exercises import ORDINARY, Exercise
from scratchae.exercises.handout import solution
from scratchae.grading.inspection.flags import FLAGS, Flag
from scratchae.grading.marking import carried
from scratchae.grading.marking.grade import Assignment, grade
from scratchae.grading.marking.policy import Policy, all_tests
from scratchae.grading.marking.settle import deciding, settled
from scratchae.grading.records import Answer, Call, Isolation, SubmissionResult, TestResult
from scratchae.grading.sandbox.isolation import open_for_grading
from scratchae.grading.submissions.intake import SourceFile, Submission
from scratchae.grading.testing.plan import plan

BY_NAME = {exercise.name: exercise for exercise in ORDINARY}
COPIES = 48
# Habits whose error depends on the numbers; the constants are those for which some numbers pass and others fail.
HABITS = (
    (
        "log_likelihood",
        "def bernoulli_log_powers(p, x):\n    return np.log(p**x * (1 - p) ** (1 - x) + 2.5e-6).sum(axis=1)\n",
    ),
    (
        "log_likelihood",
        "def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):\n"
        "    return dlog_likelihood[:, None] * (x - p) / (p * (1 - p) + 1e-6)\n",
    ),
    (
        "losses",
        "def bernoulli_nll(logits, x):\n    p = 1 / (1 + np.exp(-logits))\n"
        "    return -(x * np.log(p + 2e-6) + (1 - x) * np.log(1 - p + 2e-6)).sum(axis=1)\n",
    ),
    ("activations", "def sigmoid(x):\n    return 1 / (1 + np.exp(-np.clip(x, -6, 6)))\n"),
    (
        "softmax",
        "def softmax_cross_entropy(logits, labels):\n    p = softmax(logits)[np.arange(len(labels)), labels]\n"
        "    return -np.log(p + 5e-7)\n",
    ),
    ("dense", "def dense_backward(dy, x, W):\n    return dy @ W.T, x.T @ dy, dy.sum(axis=0, keepdims=True)\n"),
    (
        "gaussian_kl",
        "def gaussian_kl(mu, logvar):\n    v = np.exp(logvar)\n    return (v + mu**2 - 1 - np.log(v + 1e-5)).sum(axis=1) / 2\n",
    ),
    (
        "sparsity",
        "def sparsity_kl(h, rho):\n    m = h.mean(axis=0)\n"
        "    return (rho * np.log(rho / (m + 1e-6)) + (1 - rho) * np.log((1 - rho) / (1 - m + 1e-6))).sum()\n",
    ),
    (
        "importance",
        "def importance_weights(log_w):\n    w = np.exp(log_w - log_w.max(axis=0))\n    return w / (w.sum(axis=0) + 1.2e-5)\n",
    ),
    ("reparameterize", "def reparameterize(mu, logvar, eps):\n    return mu + np.sqrt(np.exp(logvar) + 1e-5) * eps\n"),
    (
        "contraction",
        "def contractive_penalty_backward(dpenalty, h, W, activation):\n    return np.zeros_like(h), np.zeros_like(W)\n",
    ),
)


def wrong_files() -> list[tuple[Exercise, bytes]]:
    """Twenty or so files with a habit or a mistake, of all exercises."""
    files = [(BY_NAME[name], code) for name, code in HABITS]
    there = {exercise.name for exercise, _ in files}
    for exercise in ORDINARY:
        if exercise.name not in there:
            entry = next(e for e in MISTAKES["round 5, author E"] if e.exercise is exercise)
            files.append((exercise, text(entry)))
    return [(exercise, f"{solution(exercise)}\n\n{code}".encode()) for exercise, code in files]


def policy(*exercises: Exercise, **switches: bool) -> Policy:
    return Policy("Week 1", exercises, all_tests(exercises), **switches)


def marks(
    its: Policy, source: bytes, student: str, opener: Any = stand_in.open_stand_in, secret: bytes = b"class"
) -> SubmissionResult:
    """Grade one file; slow diagnoses are left out."""
    assignment = Assignment(its, secret, Isolation.LANDLOCK, patience=0.0)
    files = {exercise.name: SourceFile(exercise.file, source) for exercise in its.exercises}
    return grade(Submission(student, files), assignment, opener)


def points_of_copies(exercise: Exercise, source: bytes, copies: int) -> set[Any]:
    its = policy(exercise)
    results = [marks(its, source, f"student {i}") for i in range(copies)]
    return {tuple((t.id, t.status == "passed", t.points) for t in result.tests) for result in results}


@pytest.mark.parametrize("number", [0, 3, 4, 6, 8])
def test_copies_of_a_file_get_the_same_points(number: int) -> None:
    assert len(points_of_copies(*wrong_files()[number], 6)) == 1


@pytest.mark.deep
@pytest.mark.parametrize(("exercise", "source"), wrong_files(), ids=lambda value: getattr(value, "name", ""))
def test_many_copies_of_a_file_get_the_same_points(exercise: Exercise, source: bytes) -> None:
    (points,) = points_of_copies(exercise, source, COPIES)
    assert any(not passed for _, passed, _ in points)


def test_there_is_a_wrong_file_for_each_exercise() -> None:
    files = wrong_files()
    assert len(files) >= 20 and {exercise.name for exercise, _ in files} == set(BY_NAME)


@pytest.mark.sandbox
def test_copies_in_sandboxes_get_the_same_points() -> None:
    need(Isolation.LANDLOCK)
    exercise, source = wrong_files()[1]
    all_of_them = [marks(policy(exercise), source, name, open_for_grading) for name in ("ada", "김민준", "zoe")]
    assert len({tuple(t.points for t in result.tests) for result in all_of_them}) == 1


@pytest.mark.sandbox
def test_what_a_function_left_behind_does_not_depend_on_the_student() -> None:
    """A function that keeps numbers of earlier calls: what it returns depends on all of them."""
    need(Isolation.LANDLOCK)
    activations = BY_NAME["activations"]
    source = (
        f"{solution(activations)}\n\nseen, right = [], tanh\n\n\ndef tanh(x):\n    seen.append(x.flat[0])\n"
        "    return right(x) + (sum(seen) > 0) * 1e-3\n"
    ).encode()
    results = [marks(policy(activations), source, f"student {i}", open_for_grading) for i in range(5)]
    assert len({tuple(t.points for t in result.tests) for result in results}) == 1


def a_result(visibility: str, status: str, points: float = 0.0, **fields: Any) -> TestResult:
    return TestResult("dense", "dense", "values", visibility, status, points, 0.5, **fields)  # type: ignore[arg-type]


def test_a_public_test_that_only_its_own_numbers_pass_says_so() -> None:
    detail = {"why": "value", "errors": {"y": 3e-5}, "wrong": ["y"], "right": []}
    hidden = a_result("hidden", "failed", message="dense is wrong for arguments that are not shown.", detail=detail)
    got = settled(a_result("public", "passed", 0.5), hidden)
    assert (got.status, got.points) == ("failed", 0)
    assert "with others the error of y is 3e-5, more than the 1e-5 allowed" in got.message
    got = settled(a_result("public", "passed", 0.5), replace(hidden, detail={"why": "outcome", "errors": {"y": None}}))
    assert "passes with the numbers of this test, but not with others" in got.message


def test_a_public_test_that_only_its_own_numbers_fail_costs_nothing() -> None:
    right = a_result("hidden", "passed", 0.5)
    got = settled(a_result("public", "failed", message="y is wrong."), right)
    assert (got.status, got.points) == ("passed", 0.5) and "y is wrong." in got.message
    detail = {"why": "value", "errors": {"y": 1.4e-5}, "wrong": ["y"]}
    got = settled(a_result("public", "failed", message="A guess.", detail=detail), right)
    assert (
        "With the numbers of this test the error of y is 1e-5, more than" in got.message and "guess" not in got.message
    )


def test_hidden_tests_decide_where_there_are_any() -> None:
    tests = plan(BY_NAME["dense"], "ada", b"s", probes=False)
    results = {p.id: a_result(p.visibility, "failed") for p in tests}
    public = [p for p in tests if p.visibility == "public"]
    assert {p.id for p in deciding(tests, results)} == set(results) - {p.id for p in public}
    assert deciding(tests, {p.id: results[p.id] for p in public}) == public


def test_the_size_of_an_error_is_told_of_wrong_outputs_only() -> None:
    detail = {"why": "value", "errors": {"y": 3e-5, "z": 4e-16, "u": 2e-4}, "wrong": ["y", "u"], "right": ["z"]}
    got = settled(a_result("public", "passed", 0.5), a_result("hidden", "failed", detail=detail))
    assert "with others the error of y and u is 2e-4, more than" in got.message


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_flags_that_are_measured_come_from_the_numbers_that_decide(flag: Flag) -> None:
    with_it, without = ({"flags": (flag.name, "other")}, {"flags": ("other",)})
    measured = flag.seen == "answers"
    got = settled(a_result("public", "passed", 0.5, **with_it), a_result("hidden", "passed", 0.5))
    assert set(got.flags) == ({"other"} if measured else {flag.name, "other"})
    got = settled(a_result("public", "passed", 0.5, **without), a_result("hidden", "passed", 0.5, **with_it))
    assert set(got.flags) == ({flag.name, "other"} if measured else {"other"})


# A wrong softmax, and a right function that calls it
CARRIED = (
    "\n\ndef softmax(logits):\n    e = np.exp(logits - logits.max())\n    return e / e.sum()\n\n\n"
    "def softmax_cross_entropy_backward(dloss, logits, labels):\n    d = softmax(logits)\n"
    "    d[np.arange(len(labels)), labels] -= 1\n    return dloss[:, None] * d\n"
)
SOFTMAX = BY_NAME["softmax"]
BACKWARD = "softmax_cross_entropy_backward"


def of(result: SubmissionResult, function: str) -> list[TestResult]:
    return [t for t in result.tests if t.function == function]


def test_a_function_that_carries_on_a_mistake_is_told_from_one_that_makes_it() -> None:
    result = marks(policy(SOFTMAX), (solution(SOFTMAX) + CARRIED).encode(), "ada")
    told = [t.message for t in of(result, BACKWARD) if t.status != "passed"]
    assert told and set(told) == {f"{BACKWARD} is right where softmax is right: the mistake is in softmax."}
    assert not any("helpers" in t.detail for t in of(result, "softmax"))
    assert all(t.points == 0 for t in of(result, BACKWARD) if t.message)


def test_only_the_helper_that_matters_is_named() -> None:
    source = f"{solution(SOFTMAX)}{CARRIED}\n\ndef softmax_backward(dp, p):\n    return p * dp\n"
    result = marks(policy(SOFTMAX), source.encode(), "ada")
    told = {t.message for t in of(result, BACKWARD) if t.status != "passed"}
    assert told == {f"{BACKWARD} is right where softmax is right: the mistake is in softmax."}
    assert all("helpers" not in t.detail for t in of(result, "softmax_backward"))


def test_flags_of_the_run_with_right_helpers_are_kept() -> None:
    rough = CARRIED.replace("return dloss[:, None] * d", "return dloss[:, None] * d + 1e-8")
    result = marks(policy(SOFTMAX, charge_once=True), (solution(SOFTMAX) + rough).encode(), "ada")
    values = [t for t in of(result, BACKWARD) if t.kind == "values"]
    assert all(t.status == "passed" and {"numerical gradient", "fewer digits"} & {*t.flags} for t in values)


def test_no_run_with_right_helpers_follows_a_time_out() -> None:
    runs: list[str] = []

    class Late(stand_in.StandIn):
        def run(self, calls: Sequence[Call]) -> list[Answer]:
            if not any(call.given for call in calls):
                return super().run(calls)
            runs.append(calls[0].function)
            return [Answer("time")] * len(calls)

    source = "import numpy as np\n" + "".join(f"def {task.name}(*arguments):\n    return 0\n" for task in SOFTMAX.tasks)
    result = marks(policy(SOFTMAX), source.encode(), "ada", lambda source, *_: Late(source))
    assert len(runs) == 1 and not any("helpers" in t.detail for t in result.tests)


def test_a_mistake_is_charged_once_where_the_policy_says_so() -> None:
    result = marks(policy(SOFTMAX, charge_once=True), (solution(SOFTMAX) + CARRIED).encode(), "ada")
    assert all(t.status == "passed" and t.points == t.max_points for t in of(result, BACKWARD))
    assert any("costs points only there" in t.message for t in of(result, BACKWARD))
    assert sum(t.points for t in of(result, "softmax")) < 1


@pytest.mark.sandbox
@pytest.mark.parametrize("level", [Isolation.LIMITS, Isolation.LANDLOCK, Isolation.BUBBLEWRAP])
def test_a_helper_is_replaced_at_every_level(level: Isolation) -> None:
    need(level)
    its = Assignment(policy(SOFTMAX, charge_once=True), b"class", level, patience=0.0)
    files = {SOFTMAX.name: SourceFile(SOFTMAX.file, (solution(SOFTMAX) + CARRIED).encode())}
    result = grade(Submission("ada", files), its, open_for_grading)
    assert all(t.status == "passed" for t in of(result, BACKWARD))


def test_a_function_wrong_in_itself_stays_wrong() -> None:
    wrong = CARRIED.replace("return dloss[:, None] * d", "return 2 * dloss[:, None] * d")
    result = marks(policy(SOFTMAX, charge_once=True), (solution(SOFTMAX) + wrong).encode(), "ada")
    assert all(t.points == 0 for t in of(result, BACKWARD) if t.kind == "values")


def test_no_right_source_contains_the_function_that_is_tested() -> None:
    seen: list[Call] = []

    class Watching(stand_in.StandIn):
        def run(self, calls: Sequence[Call]) -> list[Answer]:
            seen.extend(call for call in calls if call.given)
            return super().run(calls)

    source = "import numpy as np\n" + "".join(f"def {task.name}(*arguments):\n    return 0\n" for task in SOFTMAX.tasks)
    marks(policy(SOFTMAX), source.encode(), "ada", lambda source, *_: Watching(source))
    assert seen
    for call in seen:
        assert not any(f"def {call.function}(" in given.source for given in call.given)


def test_a_helper_that_is_not_written_is_named_too() -> None:
    source = (
        solution(SOFTMAX) + CARRIED.split("def softmax(")[0] + "def softmax(logits):\n    raise NotImplementedError\n"
    )
    source += "\n\ndef softmax_cross_entropy_backward" + CARRIED.split("def softmax_cross_entropy_backward")[1]
    result = marks(policy(SOFTMAX), source.encode(), "ada")
    assert {t.message for t in of(result, BACKWARD)} == {
        f"{BACKWARD} is right where softmax is right: the mistake is in softmax."
    }


def test_nothing_of_a_run_with_right_helpers_gets_out() -> None:
    telling = CARRIED.replace("    d = softmax(logits)\n", "    print(softmax.__code__)\n    d = softmax(logits)\n")
    telling = telling.replace("return dloss[:, None] * d", "raise ValueError(softmax.__code__.co_filename)")
    result = marks(policy(SOFTMAX), (solution(SOFTMAX) + telling).encode(), "ada")
    assert "given.py" not in repr(result)


def test_points_per_output_where_the_policy_says_so() -> None:
    dense = BY_NAME["dense"]
    code = f"{solution(dense)}\n\n{dict(HABITS)['dense']}".encode()
    for switches, share in (({}, 0.0), ({"points_per_output": True}, 2 / 3)):
        its = of(marks(policy(dense, **switches), code, "ada"), "dense_backward")
        values = [t for t in its if t.kind == "values"]
        assert all(t.points == pytest.approx(share * t.max_points) for t in values)
        assert all((t.detail["right"], t.detail["wrong"]) == (["dx", "dW"], ["db"]) for t in values)
        assert all(t.status == "failed" for t in values)


def test_an_overwritten_argument_is_a_mistake_of_the_whole_function() -> None:
    dense = BY_NAME["dense"]
    code = "def dense_backward(dy, x, W):\n    got = dy @ W.T, x.T @ dy, dy.sum(axis=0)\n    dy *= 0\n    return got\n"
    result = marks(policy(dense, points_per_output=True), f"{solution(dense)}\n\n{code}".encode(), "ada")
    assert {t.kind: t.points > 0 for t in of(result, "dense_backward")} == {
        "values": True,
        "one row": True,
        "manners": False,
    }


def test_an_overflow_on_the_way_is_told_and_costs_what_the_policy_says() -> None:
    activations = BY_NAME["activations"]
    naive = f"{solution(activations)}\n\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n".encode()
    its = of(marks(policy(activations), naive, "ada"), "sigmoid")
    extremes = [t for t in its if t.kind == "extremes"]
    assert all(t.status == "passed" and t.flags == ("overflow",) for t in extremes)
    assert all("overflows on the way for entries of ±3,000" in t.message for t in extremes)
    assert not any(t.flags for t in its if t.kind != "extremes")
    charged = replace(policy(activations), kept={"overflow": 0.0})
    assert all(t.points == 0 for t in of(marks(charged, naive, "ada"), "sigmoid") if t.kind == "extremes")


def test_only_an_overflow_for_extreme_arguments_is_told() -> None:
    activations = BY_NAME["activations"]
    always = "\n\nright = sigmoid\n\n\ndef sigmoid(x):\n    np.exp(np.full(1, 1e4))\n    return right(x)\n"
    its = of(marks(policy(activations), (solution(activations) + always).encode(), "ada"), "sigmoid")
    assert {t.kind: t.flags for t in its if t.flags} == {"extremes": ("overflow",)}
    assert {t.message for t in its if t.flags} == {
        "sigmoid is right, but it overflows on the way for entries of ±3,000; the task asks for a form that does not."
    }


@pytest.mark.sandbox
def test_what_hidden_tests_left_behind_makes_no_public_test_pass() -> None:
    need(Isolation.LANDLOCK)
    activations = BY_NAME["activations"]
    warm = "\n\nseen, right = [], tanh\n\n\ndef tanh(x):\n    seen.append(0)\n    return right(x) + (len(seen) <= 4) * 1e-3\n"
    result = marks(policy(activations), (solution(activations) + warm).encode(), "ada", open_for_grading)
    values = [t for t in of(result, "tanh") if t.kind == "values"]
    assert all(t.status == "failed" and "numbers of this test" not in t.message for t in values)


@pytest.mark.sandbox
def test_an_overflow_is_noted_in_a_sandbox_and_reports_of_the_file_are_left_alone() -> None:
    need(Isolation.LANDLOCK)
    activations = BY_NAME["activations"]
    naive = f"{solution(activations)}\n\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"
    its = of(marks(policy(activations), naive.encode(), "ada", open_for_grading), "sigmoid")
    assert [t.flags for t in its if t.kind == "extremes"] == [("overflow",)] * 2
    careful = (
        f"{naive}\n\nnp.seterr(over='raise')\nnaive = sigmoid\n\n\ndef sigmoid(x):\n    try:\n        return naive(x)\n"
        "    except FloatingPointError:\n        return np.exp(-np.logaddexp(0, -x))\n"
    )
    its = of(marks(policy(activations), careful.encode(), "ada", open_for_grading), "sigmoid")
    assert all(t.status == "passed" and not t.flags for t in its)


def test_a_small_constant_fails_where_it_matters_and_passes_elsewhere() -> None:
    exercise = BY_NAME["log_likelihood"]
    for constant in (1e-8, 1e-10, 1e-12, np.finfo(float).eps, 1e-16):
        code = (
            "def bernoulli_log_likelihood(p, x):\n"
            f"    return (x * np.log(p + {constant}) + (1 - x) * np.log(1 - p + {constant})).sum(axis=1)\n"
        )
        result = marks(policy(exercise), f"{solution(exercise)}\n\n{code}".encode(), "ada")
        failed = {t.kind for t in of(result, "bernoulli_log_likelihood") if t.status != "passed"}
        assert failed == {"extremes"}, constant


def test_every_task_that_may_be_a_helper_has_a_source_that_runs() -> None:
    for exercise in ORDINARY:
        for task in exercise.tasks:
            space: dict[str, Any] = {}
            exec(carried._source(task), space)
            assert callable(space[task.name]) and carried._uses(task, task)
