"""The diagnosis of mistakes: true for the corpus, with an example by finite differences, and never the correct line."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from grading import audit
from grading.audit import Score, examine, examine_often, score
from grading.corpus import ALTERNATIVES, MISTAKES, load
from grading.corpus.entry import Entry, described, edit, wrong
from scratchae.exercises import EXERCISES, ORDINARY, SHAPES, FindTheBug
from scratchae.exercises.handout import with_bug
from scratchae.grading.diagnosis.names import NAMES
from scratchae.grading.marking.judge import judge
from scratchae.grading.sandbox.unsandboxed import SameProcessRunner
from scratchae.grading.testing.plan import plan

FIRST = MISTAKES["round 1, author A"]
EVERY = 7  # every so many entries of the first round; tests/grading/audit.py uses all


def said(function: str, code: str) -> tuple[str, ...]:
    """Rules that apply to a solution's values."""
    judged = examine(wrong(function, "in a test", "", code))
    return tuple(
        dict.fromkeys(r.diagnosis.rule for r in judged.results if r.diagnosis is not None and r.kind == "values")
    )


@pytest.mark.parametrize("entry", FIRST[::EVERY], ids=lambda e: e.id)
def test_mistakes_are_rejected_and_only_truth_is_said(entry: Entry) -> None:
    judged = examine(entry)
    assert judged.rejected
    assert {d.rule for d in judged.diagnoses} <= set(entry.expects)
    assert not any("diagnosis failed" in r.detail for r in judged.results)


def test_the_corpus_covers_every_function_and_is_large_enough() -> None:
    functions = {task.name for exercise in ORDINARY for task in exercise.tasks}
    assert {entry.function for entry in FIRST} == functions
    assert {entry.function for entry in ALTERNATIVES} == functions
    assert len(FIRST) >= 150
    for part in MISTAKES.values():
        assert len({entry.id for entry in part}) == len(part)


@pytest.mark.parametrize("part", MISTAKES)
def test_every_entry_can_be_made_and_expects_rules_that_exist(part: str) -> None:
    for entry in MISTAKES[part]:
        assert callable(load(entry))
        assert set(entry.expects) <= set(NAMES), entry.id


@pytest.mark.slow
def test_what_is_said_is_never_the_line_to_write() -> None:
    for entry in FIRST[:: 2 * EVERY]:
        source = inspect.getsource(entry.task.reference)
        lines = {line.split("#")[0].strip() for line in source.splitlines()}
        formulas = {
            line.split(" = ")[-1].removeprefix("return ") for line in lines if len(line) > 8 and '"' not in line
        }
        for diagnosis in examine(entry).diagnoses:
            assert not [f for f in formulas if len(f) > 8 and f in diagnosis.message]


def test_sizes_of_the_shapes_tell_every_factor_apart() -> None:
    for letters in ("ND", "NH", "NJ", "NL", "NC", "DH", "DJ", "DC", "HJ"):
        a, b = letters
        assert not all(getattr(s, a) == getattr(s, b) for s in SHAPES)
        assert all(np.gcd(getattr(s, a), getattr(s, b)) == 1 for s in SHAPES)


FACTORS = {
    "x.T @ dy * 2": "twice",
    "-(x.T @ dy)": "minus",
    "x.T @ dy / len(x)": "1/N times",
    "x.T @ dy * len(x)": "N times",
    "x.T @ dy / x.shape[1]": "1/D times",
    "x.T @ dy / x.size": "1/(N D) times",
    "x.T @ dy / 2 / len(x)": "1/(2 N) times",
}


@pytest.mark.parametrize("formula", FACTORS)
def test_a_factor_is_named(formula: str) -> None:
    judged = examine(edit("dense_backward", formula, "", "x.T @ dy", formula))
    for result in (r for r in judged.results if r.kind == "values" and r.visibility == "public"):
        assert result.diagnosis is not None
        assert result.diagnosis.message.startswith(f"dW of dense_backward is {FACTORS[formula]}")


def test_a_factor_without_a_meaning_is_not_named() -> None:
    code = "def tanh_backward(dy, y):\n    return 1.2345 * dy * (1 - y * y)\n"
    assert said("tanh_backward", code) == ()


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_what_is_no_number_is_not_said_to_change(value: str) -> None:
    assert "noise redrawn" not in said(
        "dense", f"def dense(x, W, b):\n    return np.full((len(x), len(b)), np.{value})\n"
    )


def test_no_rule_no_guess() -> None:
    code = "def dense(x, W, b):\n    return np.sin(np.cumsum(x @ W, axis=0) + np.sqrt(np.abs(b)))\n"
    judged = examine(wrong("dense", "nonsense", "", code))
    assert judged.rejected and not judged.named
    assert all(
        r.message == "y of dense is wrong." for r in judged.results if r.kind == "values" and r.visibility == "public"
    )


def test_what_is_rounded_is_said_to_be_rounded_not_to_depend_on_nothing() -> None:
    code = """
    def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
        for W, b in ((W1, b1), (W2, b2), (V2, c2), (V1, c1)):
            x = 1 / (1 + np.exp(-(x @ W + b)))
        return np.round(x)
    """
    assert said("reconstruct", code) == ("transformed",)


def test_outputs_in_each_others_places() -> None:
    code = "def reparameterize_backward(dz, logvar, eps):\n    d = dz.reshape(-1, *logvar.shape)\n"
    code += "    e = eps.reshape(d.shape)\n    return (d * e).sum(0) * np.exp(logvar / 2) / 2, d.sum(0)\n"
    assert said("reparameterize_backward", code) == ("swapped",)


def test_an_example_is_small_and_its_number_comes_from_differences() -> None:
    judged = examine(edit("dense_backward", "twice", "", "dy @ W.T", "2 * dy @ W.T"))
    result = next(r for r in judged.results if r.kind == "values")
    example = result.example
    assert example is not None and example.output == "dx"
    assert sum(np.size(v) for v in example.arguments.values()) <= 40
    dy, W = example.arguments["dy"], example.arguments["W"]
    i, j = example.index
    assert example.got == pytest.approx(2 * dy[i] @ W[j])
    assert example.expected == pytest.approx(dy[i] @ W[j], rel=1e-6)
    assert example.expected != dy[i] @ W[j]  # by finite differences, not by the formula


@pytest.mark.parametrize(
    "function", ["sigmoid_backward", "softmax_backward", "gaussian_kl_backward", "squared_error_backward"]
)
def test_examples_agree_with_the_reference(function: str) -> None:
    entry = next(e for e in FIRST if e.function == function and e.expects == ("factor",) or e.id == f"{function}: plus")
    for result in examine(entry).results:
        if result.kind == "values" and result.example is not None:
            k = entry.task.outputs.index(result.example.output)
            exact = entry.task.answer(dict(result.example.arguments))[k][result.example.index]
            assert result.example.expected == pytest.approx(exact, rel=1e-4, abs=1e-4)


def test_the_audit_counts() -> None:
    assert Score(10, 10, 8, 6).precision == 0.75 and Score(10, 10, 8, 6).recall == 0.6
    good, bad = (
        examine(FIRST[0]),
        examine(wrong("dense", "as it should be", "", "def dense(x, W, b):\n    return x @ W + b\n")),
    )
    assert score([good, bad]) == Score(2, 1, 1, 1)
    assert examine_often(ALTERNATIVES[:1], 3) == []
    assert len(examine_often(FIRST[:1], 3)) == 3


def test_the_audit_prints_numbers_and_fails_when_the_grader_does(capsys: Any) -> None:
    def audited(mistakes: Any, right_ones: Any, jobs: int = 1) -> int:
        return audit.audit(mistakes, right_ones, runs=2, listed=True, exercises=ORDINARY[:1], jobs=jobs)

    few = {"the first": FIRST[:2], "another": FIRST[2:3]}
    assert audited(few, ALTERNATIVES[:2]) == 0
    out = capsys.readouterr().out
    assert audited(few, ALTERNATIVES[:2], jobs=2) == 0
    assert capsys.readouterr().out == out
    assert "wrong solutions rejected: 3 of 3" in out and "right solutions rejected: 0 of 4 runs" in out
    assert "another" in out and "1.000" in out
    assert audited(few, FIRST[:1]) != 0
    assert audited({"the first": ALTERNATIVES[:1]}, ALTERNATIVES[:1]) != 0


def test_the_audit_lists_mistakes_that_nobody_has_judged(capsys: Any) -> None:
    entry = described("dense", "no bias", "The bias is missing.", "def dense(x, W, b):\n    return x @ W\n")
    assert audit.audit({"new": [entry]}, ALTERNATIVES[:1], runs=1, listed=True, exercises=ORDINARY[:1]) == 0
    out = capsys.readouterr().out
    assert "true: The bias is missing." in out and "0.000" not in out


def test_every_mistake_of_the_last_round_is_described() -> None:
    for entry in list(MISTAKES.values())[-1]:
        assert entry.truth.endswith("."), entry.id


def test_the_audit_is_a_script() -> None:
    def script(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, audit.__file__, *options], capture_output=True, text=True, timeout=120)

    assert "--runs" in script("--help").stdout
    wrong_options = script("--runs", "0")
    assert wrong_options.returncode == 2 and "give an integer of at least 1" in wrong_options.stderr


def verdict(function: str, code: str) -> tuple[bool, set[str]]:
    """True if a solution is rejected, and the kinds of tests that it fails."""
    judged = examine(wrong(function, "in a test", "", code))
    return judged.rejected, {r.kind for r in judged.results if r.status != "passed"}


@pytest.mark.parametrize(
    ("function", "code", "kind"),
    [
        (
            "softmax",
            "def softmax(logits):\n    e = np.exp(logits - logits.max())\n    return e / e.sum(axis=1, keepdims=True)\n",
            "extremes",
        ),
        (
            "importance_weights",
            "def importance_weights(log_w):\n    e = np.exp(log_w - log_w.max())\n    return e / e.sum(axis=0)\n",
            "extremes",
        ),
        (
            "spherical_path",
            """
            def spherical_path(a, b, n):
                t = np.linspace(0, 1, n)[:, None]
                if np.allclose(a, b):
                    return (1 - t) * a + t * b
                r, s = np.linalg.norm(a), np.linalg.norm(b)
                angle = np.arccos(np.clip(a @ b / r / s, -1, 1))
                turned = (np.sin((1 - t) * angle) * a / r + np.sin(t * angle) * b / s) / np.sin(angle)
                return ((1 - t) * r + t * s) * turned
            """,
            "extremes",
        ),
        (
            "unroll",
            "def unroll(W1, b1, V1, c1, W2, b2, V2, c2):\n    return W1, b1, W2, b2, V2, c2, V1, c1\n",
            "manners",
        ),
    ],
    ids=["softmax", "importance_weights", "spherical_path", "unroll"],
)
def test_what_only_one_kind_of_test_can_find(function: str, code: str, kind: str) -> None:
    assert verdict(function, code) == (True, {kind})


def test_no_points_for_a_bug_that_was_handed_out() -> None:
    for exercise in EXERCISES:
        if isinstance(exercise, FindTheBug):
            names: dict[str, Any] = {}
            exec(with_bug(exercise), names)
            runner = SameProcessRunner({task.name: names[task.name] for task in exercise.tasks})
            tests = plan(exercise, "bea", b"bugs", probes=False)
            assert not sum(judge(p, runner.run(p.calls), named=False).points for p in tests), exercise.name
