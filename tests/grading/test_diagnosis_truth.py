"""Sentences of a diagnosis are true of their task and do not depend on a student's numbers."""

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


OF_A_SIZE = {
    "nearly right": (
        "dense",
        f"(x, W, b):\n    return (x @ W + b) * (1 if len(x) == {SHAPES[0].N} else 1 + 2e-5)\n",
    ),
    "of classes": (
        "softmax",
        "(logits):\n    e = np.exp(logits - logits.max(axis=1, keepdims=True))\n"
        f"    return e / e.sum(axis=1, keepdims=True) * (1 if logits.shape[1] == {SHAPES[0].C} else 2 + logits)\n",
    ),
}


@pytest.mark.parametrize("case", OF_A_SIZE)
def test_what_has_another_cause_is_not_said_to_depend_on_the_number_of_examples(case: str) -> None:
    """Neither an error near the tolerance nor an axis that has another length in all tests with a single example."""
    function, code = OF_A_SIZE[case]
    results = examine(wrong(function, case, "", f"def {function}{code}")).results
    said = [r.diagnosis.message for r in results if r.diagnosis is not None]
    assert any(r.status != "passed" for r in results)
    assert not any(" examples only." in told or "single" in told for told in said), said


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
    "several terms": (
        "gaussian_kl",
        "(mu, logvar):\n    return (np.exp(logvar) + mu**2 - logvar / 2 - 0.5).sum(axis=1)\n",
        "several of its terms (among them the one with mu) are doubled",
    ),
    "a factor beside another with the same argument": (
        "sigmoid_backward",
        "(dy, y):\n    return dy * (1 - y)\n",
        "one of its factors (one with y) is left out",
    ),
    "white pixels": (
        "bernoulli_log_product",
        "(p, x):\n    return np.log(np.prod(p**x, axis=1))\n",
        "only the white pixels counted",
    ),
    "a bound": (
        "softmax_cross_entropy",
        "(logits, labels):\n    e = np.exp(logits - logits.max(axis=1, keepdims=True))\n    p = e / e.sum(axis=1, keepdims=True)\n"
        "    return -np.log(np.maximum(p[np.arange(len(p)), labels], 1e-12))\n",
        "about 1e-12, is added to a probability, or is a bound there",
    ),
    "large numbers": ("sigmoid", "(x):\n    return np.exp(x) / (1 + np.exp(x))\n", "not finite for entries of 3,000."),
    "small numbers": ("softplus", "(x):\n    return x + np.log1p(np.exp(-x))\n", "not finite for entries of -3,000."),
    "both signs": (
        "tanh",
        "(x):\n    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))\n",
        "not finite for entries of ±3,000.",
    ),
    "rows that are far apart": (
        "softmax",
        "(logits):\n    e = np.exp(logits - logits.max())\n    return e / e.sum(axis=1, keepdims=True)\n",
        "not finite for arguments with rows of logits around ±3,000.",
    ),
    "the second term": (
        "sparsity_kl_backward",
        "(dpenalty, h, rho):\n    m = h.mean(axis=0)\n    return 0 * h - dpenalty * (rho / m + (1 - rho) / (1 - m)) / len(h)\n",
        "the second term, of the inactive share, had the opposite sign",
    ),
    "a part of the bound": (
        "elbo",
        "(x, mu, logvar, eps, W, b):\n    a = (mu + np.exp(logvar / 2) * eps) @ W + b\n"
        "    loss, kl = (np.logaddexp(0, a) - x * a).sum(axis=2).mean(axis=0), gaussian_kl(mu, logvar)\n    return loss - kl, loss, kl\n",
        "its sign is wrong, in itself and as a part of the bound",
    ),
    "dropped pixels": (
        "denoising_loss",
        "(x, u, level, W, b, V, c):\n    m = u < level\n    a = sigmoid((x * ~m) @ W + b) @ V + c\n"
        "    return (m * (np.logaddexp(0, a) - x * a)).sum(axis=1).mean()\n",
        "only the dropped entries counted in the loss",
    ),
    "no sigmoid between two layers": (
        "stacked_codes",
        "(x, W1, b1, W2, b2):\n    a = x @ W1 + b1\n    return sigmoid(a), sigmoid(a @ W2 + b2)\n",
        "the second layer got the first layer's input to its sigmoid",
    ),
    "the class of the label as a number": (
        "softmax_cross_entropy_backward",
        "(dloss, logits, labels):\n    return dloss[:, None] * (softmax(logits) - labels[:, None])\n",
        "the number of the right class were subtracted from all probabilities",
    ),
    "a numerator alone": (
        "softmax",
        "(logits):\n    top = logits.max(axis=1, keepdims=True)\n    return np.exp(logits - top) / np.exp(logits).sum(axis=1, keepdims=True)\n",
        "in the numerator only",
    ),
    "the closed form": (
        "sampled_kl",
        "(z, logvar, eps):\n    return gaussian_kl((z - np.exp(logvar / 2) * eps).reshape(-1, z.shape[-1]), "
        "np.broadcast_to(logvar, z.shape).reshape(-1, z.shape[-1])).reshape(z.shape[:-1])\n",
        "the closed form of the divergence",
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_a_sentence_names_the_mistake_itself(case: str) -> None:
    function, code, words = TABLE[case]
    for student in ("a", "b", "c"):
        assert words in messages(wrong(function, case, "", f"def {function}{code}"), student)[0]


FEWER_DIGITS = {
    "dense": "def dense(x, W, b):\n    return (x.astype(np.float32) @ W.astype(np.float32) + b).astype(np.float64)\n",
    "softmax": "def softmax(logits):\n    e = np.exp(logits - logits.max(axis=1, keepdims=True))\n"
    "    return e / (e.sum(axis=1, keepdims=True) + 1e-8)\n",
}


@pytest.mark.parametrize("function", FEWER_DIGITS)
def test_a_difference_within_the_tolerance_passes_with_a_flag(function: str) -> None:
    judged = examine(wrong(function, "fewer digits", "", FEWER_DIGITS[function]))
    assert judged.accepted
    assert {flag for r in judged.results for flag in r.flags} == {"fewer digits"}


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
def test_numbers_that_are_not_finite_are_shown(got: str) -> None:
    assert pair(got, 0.5) == (got, "0.5")


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
