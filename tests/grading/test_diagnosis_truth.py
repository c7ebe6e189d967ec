"""What a diagnosis says is true of its task and does not depend on a student's numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest

from grading.audit import examine
from grading.corpus import MISTAKES
from grading.corpus.entry import Entry, wrong
from scratchae.exercises import ORDINARY, SHAPES, Task
from scratchae.grading.diagnosis.axes import AXES, axis
from scratchae.grading.diagnosis.evidence import alike
from scratchae.grading.diagnosis.mistakes.typical.of_task import typical_mistakes
from scratchae.grading.diagnosis.names import NAMES
from scratchae.grading.reports.wording import pair

TASKS = [task for exercise in ORDINARY for task in exercise.tasks]
EVERY = 37  # every so many entries of each round


def messages(entry: Entry, student: str = "audit") -> list[str]:
    """The public messages of an entry's failed tests."""
    results = examine(entry, student).results
    assert not any("diagnosis failed" in r.detail for r in results)
    return [r.message for r in results if r.visibility == "public" and r.status != "passed"]


def axes_of(task: Task) -> set[str]:
    """The plurals of the axes that a task's arrays have."""
    shapes = []
    for sizes in SHAPES[:2]:
        arguments = task.inputs(np.random.default_rng(0), sizes)
        arrays = (*arguments.values(), *task.answer(arguments))
        shapes.append((sizes, {n for a in arrays for n in np.shape(a)}))
    return {axis(task.name, f).plural for f in AXES if all(getattr(s, f) in there for s, there in shapes)}


@pytest.mark.parametrize("part", MISTAKES)
def test_sentences_speak_only_of_axes_and_outputs_that_the_task_has(part: str) -> None:
    plurals = {each.plural for task in TASKS for each in (axis(task.name, f) for f in AXES)}
    for entry in MISTAKES[part][::EVERY]:
        for diagnosis in examine(entry).diagnoses:
            assert diagnosis.rule in NAMES
            named = {each for each in plurals if re.search(rf"(the number of|\d) {each}\b", diagnosis.message)}
            assert named <= axes_of(entry.task), diagnosis.message
            assert "is not used" not in diagnosis.message  # numbers establish only that it has no effect


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)
def test_every_typical_mistake_is_one(task: Task) -> None:
    for mistake in typical_mistakes(task.name):
        assert mistake.rule in NAMES
        same = []
        for seed, sizes in enumerate((*SHAPES, *SHAPES, *SHAPES)):
            arguments = task.inputs(np.random.default_rng(seed), sizes)
            expected = task.answer(arguments)
            try:
                with np.errstate(all="ignore"):
                    value = mistake.function(**arguments)
            except (ValueError, IndexError):
                continue  # it is possible for some sizes only
            got = value if isinstance(value, tuple) else (value,)
            assert len(got) == len(expected)
            same.append(all(alike(np.asarray(a, np.float64), b) for a, b in zip(got, expected, strict=True)))
        assert not same or not all(same) or "above" in mistake.words, mistake.words  # few numbers are above 5 or 10


SMALL = {
    "in both logarithms": (
        "bernoulli_nll",
        "(logits, x):\n    p = 1 / (1 + np.exp(-logits))\n"
        "    return -(x * np.log(p + {0}) + (1 - x) * np.log(1 - p + {0})).sum(axis=1)\n",
    ),
    "of a variance": (
        "gaussian_kl_sums",
        "(mu, variance):\n    return (variance + mu**2 - 1 - np.log(variance + {0})).sum(axis=1) / 2\n",
    ),
    "of the right class": (
        "softmax_cross_entropy",
        "(logits, labels):\n    e = np.exp(logits - logits.max(axis=1, keepdims=True))\n"
        "    p = e / e.sum(axis=1, keepdims=True)\n    return -np.log(p[np.arange(len(p)), labels] + {0})\n",
    ),
    "in a denominator": (
        "bernoulli_log_likelihood_backward",
        "(dlog_likelihood, p, x):\n    return dlog_likelihood[:, None] * (x - p) / (p * (1 - p) + {0})\n",
    ),
}


@pytest.mark.parametrize("case", SMALL)
@pytest.mark.parametrize("small", ["1e-3", "1e-4"])
def test_a_small_number_is_named_for_every_student(case: str, small: str) -> None:
    function, code = SMALL[case]
    entry = wrong(function, case, "", f"def {function}{code.format(small)}")
    for student in range(4):
        told = messages(entry, f"student {student}")[0]
        assert "a small number" in told and re.search(r"about 0?\.?0*1e?", told), told


@pytest.mark.parametrize("case", SMALL)
def test_an_error_near_the_tolerance_is_never_said_to_depend_on_sizes(case: str) -> None:
    function, code = SMALL[case]
    for small in ("1e-5", "1e-6", "1e-7", "1e-8"):
        entry = wrong(function, case, "", f"def {function}{code.format(small)}")
        for told in messages(entry):
            assert " only." not in told and "single one" not in told, told


TABLE = {
    "the constant": (
        "gaussian_kl_trace",
        "(mu, covariance):\n    t = np.trace(covariance, axis1=1, axis2=2) + (mu**2).sum(axis=1)\n"
        "    return (t - len(mu) - np.linalg.slogdet(covariance)[1]) / 2\n",
        "the constant were N, the number of examples, instead of J",
    ),
    "the identity": (
        "gaussian_kl_trace_backward",
        "(dkl, mu, covariance):\n    return dkl[:, None] * mu, -dkl[:, None, None] * np.linalg.inv(covariance) / 2\n",
        "the identity matrix were left out",
    ),
    "brackets": (
        "reparameterize",
        "(mu, logvar, eps):\n    return (mu + np.exp(logvar / 2)) * eps\n",
        "mu is multiplied by eps too",
    ),
    "the size": (
        "k_sparse",
        "(h, k):\n    t = np.sort(np.abs(h), axis=1)[:, -k][:, None]\n    return np.where(np.abs(h) >= t, h, 0)\n",
        "largest in absolute value",
    ),
    "one probability twice": (
        "softmax_backward",
        "(dp, p):\n    return p * (dp - p * dp.sum(axis=1, keepdims=True))\n",
        "twice instead of the product of both classes' probabilities",
    ),
    "the denominator": (
        "softmax_cross_entropy_backward",
        "(dloss, logits, labels):\n    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)\n"
        "    y = np.eye(p.shape[1])[labels]\n    return -dloss[:, None] * y * (1 - p)\n",
        "the sum over the classes in the denominator's gradient were missing",
    ),
    "the kink": (
        "relu_backward",
        "(dy, y):\n    return dy * (y >= 0)\n",
        "y is never negative",
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_a_sentence_names_the_mistake_itself(case: str) -> None:
    function, code, words = TABLE[case]
    for student in ("a", "b", "c"):
        assert words in messages(wrong(function, case, "", f"def {function}{code}"), student)[0]


def test_all_outputs_are_listed_right_and_wrong() -> None:
    one = wrong(
        "dense_backward", "mean", "", "def dense_backward(dy, x, W):\n    return dy @ W.T, x.T @ dy, dy.mean(0)\n"
    )
    assert all("db of" in told and told.endswith("dx and dW are right.") for told in messages(one)[:1])
    two = wrong(
        "dense_backward",
        "two",
        "",
        "def dense_backward(dy, x, W):\n    return np.sin(dy @ W.T), x.T @ dy, np.cos(dy.sum(0))\n",
    )
    assert messages(two)[0] == "dx and db of dense_backward are wrong. dW is right."
    hidden = next(r for r in examine(one).results if r.visibility == "hidden" and r.status != "passed")
    assert hidden.message.startswith("db of dense_backward is wrong") and hidden.message.endswith(
        "dx and dW are right."
    )


@pytest.mark.parametrize(("got", "expected"), [(2.00866, 2.0086600001), (1.0, 1.0 + 2**-52), (0.1, 0.2), (0.0, 1e-9)])
def test_two_numbers_never_print_alike(got: float, expected: float) -> None:
    one, other = pair(got, expected)
    assert one != other.split(" ")[0]
    assert ("digit" in other) == (0 < abs(got - expected) < 1e-5 * abs(expected))


@pytest.mark.parametrize("got", ["nan", "inf", "-inf"])
def test_numbers_that_are_not_finite_are_read_back(got: str) -> None:
    assert pair(got, 1.0) == (got, "1")


@pytest.mark.slow
@pytest.mark.parametrize("part", MISTAKES)
def test_students_are_told_the_same(part: str) -> None:
    for entry in MISTAKES[part][:: 2 * EVERY]:
        said = {tuple(_plain(entry, f"student {s}")) for s in range(5)}
        assert len(said) == 1, said


def _plain(entry: Entry, student: str) -> list[str]:
    """The diagnosis of the public values, without its numbers."""
    results = [r for r in examine(entry, student).results if r.visibility == "public" and r.kind == "values"]
    return [re.sub(r"\d\S*", "#", r.diagnosis.message) for r in results if r.diagnosis is not None]
