"""Rules for mistakes in an inner quantity, in an equivalent formula, or in the number of steps: mistakes they name, and near misses."""

from __future__ import annotations

import numpy as np
import pytest

from grading.audit import examine
from grading.corpus.entry import wrong
from scratchae.exercises import ORDINARY, SHAPES, Task
from scratchae.grading.diagnosis.evidence import alike
from scratchae.grading.diagnosis.mistakes.catalogue import mistakes
from scratchae.grading.diagnosis.mistakes.others import OTHERS
from scratchae.grading.diagnosis.mistakes.ways.by_task import ways
from scratchae.grading.diagnosis.rules.alternatives import FAR, PLAIN

TASKS = [task for exercise in ORDINARY for task in exercise.tasks]


def said(function: str, code: str) -> tuple[str, ...]:
    """Rules that apply to a solution's values."""
    results = examine(wrong(function, "in a test", "", f"def {function}{code}")).results
    assert not any("diagnosis failed" in r.detail for r in results)
    return tuple(
        dict.fromkeys(r.diagnosis.rule for r in results if r.diagnosis is not None and r.kind in ("values", "manners"))
    )


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)
def test_every_other_way_gives_what_the_reference_gives(task: Task) -> None:
    for way in ways(task.name):
        for seed, sizes in enumerate(SHAPES):
            arguments = task.inputs(np.random.default_rng(seed), sizes)
            value = way(**arguments)
            got = value if isinstance(value, tuple) else (value,)
            expected = task.answer(arguments)
            assert len(got) == len(expected)
            for a, b in zip(got, expected, strict=True):
                assert alike(np.asarray(a, np.float64), b), way.__name__


def test_every_way_and_every_mistaken_function_belongs_to_a_function_that_exists() -> None:
    assert sum(len(ways(task.name)) for task in TASKS) >= len(TASKS) // 2
    assert not ways("dense_backwards")
    assert set(OTHERS) & {task.name for task in TASKS}


# The mistake, the names that are true, and a near miss to which no rule applies.
CASES = {
    "a quantity is additionally passed through a function": (
        "tied_loss",
        "(x, W, b, c):\n    y = np.tanh(np.tanh(x @ W + b) @ W.T + c)\n    return ((y - x) ** 2).sum() / len(x)\n",
        ("transformed",),
        "(x, W, b, c):\n    y = np.sin(np.tanh(x @ W + b) @ W.T + c)\n    return ((y - x) ** 2).sum() / len(x)\n",
    ),
    "a quantity is additionally multiplied by another": (
        "gaussian_noise",
        "(x, eps, level):\n    return x + level * eps * x\n",
        ("extra factor",),
        "(x, eps, level):\n    return x + level * eps * (x + 0.37)\n",
    ),
    "the slope is taken at the input": (
        "tied_gradients",
        """(x, W, b, c):
    a = x @ W + b
    h = np.tanh(a)
    e = 2 * (h @ W.T + c - x) / len(x)
    d = (e @ W) * (1 - a**2)
    return x.T @ d + e.T @ h, d.sum(axis=0), e.sum(axis=0)
""",
        ("input for output",),
        """(x, W, b, c):
    a = x @ W + b
    h = np.tanh(a)
    e = 2 * (h @ W.T + c - x) / len(x)
    d = (e @ W) * (1 - np.cos(a))
    return x.T @ d + e.T @ h, d.sum(axis=0), e.sum(axis=0)
""",
    ),
    "brackets are left out": (
        "bernoulli_log_likelihood",
        "(p, x):\n    return (x * np.log(p) + 1 - x * np.log(1 - p)).sum(axis=1)\n",
        ("term",),
        "(p, x):\n    return (x * np.log(p) + 1.3 - x * np.log(1.3 - p)).sum(axis=1)\n",
    ),
    "the square comes after the sum": (
        "squared_error",
        "(x_hat, x):\n    return (x_hat - x).sum(axis=1) ** 2\n",
        ("power",),
        "(x_hat, x):\n    return np.abs((x_hat - x).sum(axis=1)) ** 1.7\n",
    ),
    "a term of a textbook's formula is left out": (
        "bernoulli_nll",
        "(logits, x):\n    return (x * np.logaddexp(0, -logits)).sum(axis=1)\n",
        ("term",),
        "(logits, x):\n    return (x**3 * np.logaddexp(0, -logits)).sum(axis=1)\n",
    ),
    "exponential and logarithm are left out": (
        "log_mean_exp",
        "(log_w):\n    return log_w.mean(axis=0)\n",
        ("missing function",),
        "(log_w):\n    return log_w.mean(axis=0) + 0.1 * log_w[0]\n",
    ),
    "the squared error of probabilities": (
        "autoencoder_loss",
        "(x, W, b, V, c):\n    p = sigmoid(sigmoid(x @ W + b) @ V + c)\n    return ((p - x) ** 2).sum(axis=1).mean()\n",
        ("other function",),
        "(x, W, b, V, c):\n    p = sigmoid(sigmoid(x @ W + b) @ V + c)\n    return (np.abs(p - x) ** 1.9).sum(axis=1).mean()\n",
    ),
    "the encoder's weights carry the error back": (
        "autoencoder_gradients",
        """(x, W, b, V, c):
    h = sigmoid(x @ W + b)
    d = (sigmoid(h @ V + c) - x) / len(x)
    e = d @ W * h * (1 - h)
    return x.T @ e, e.sum(axis=0), h.T @ d, d.sum(axis=0)
""",
        ("other array",),
        """(x, W, b, V, c):
    h = sigmoid(x @ W + b)
    d = (sigmoid(h @ V + c) - x) / len(x)
    e = d @ (W + V.T) * h * (1 - h)
    return x.T @ e, e.sum(axis=0), h.T @ d, d.sum(axis=0)
""",
    ),
    "a loop ends too early": (
        "dense",
        "(x, W, b):\n    return sum(x[:, [d]] * W[d] for d in range(len(W) - 1)) + b\n",
        ("term",),
        "(x, W, b):\n    return x[:, :-1] @ W[1:] + b\n",
    ),
    "a grid that stops short": (
        "linear_path",
        "(a, b, n):\n    return np.array([a + i / n * (b - a) for i in range(n)])\n",
        ("shifted",),
        "(a, b, n):\n    return np.array([a + i / (n + 0.5) * (b - a) for i in range(n)])\n",
    ),
    "a multiple of an argument is added": (
        "dense_backward",
        "(dy, x, W):\n    return dy @ W.T, x.T @ dy + 0.01 * W, dy.sum(axis=0)\n",
        ("term",),
        "(dy, x, W):\n    return dy @ W.T, x.T @ dy + 0.01 * np.sin(W), dy.sum(axis=0)\n",
    ),
    "one term has a size too many": (
        "variational_loss",
        """(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
    mu, logvar = np.split(np.tanh(x @ W1 + b1) @ W2 + b2, 2, axis=1)
    a = np.tanh((mu + np.exp(logvar / 2) * eps) @ W3 + b3) @ W4 + b4
    kl = gaussian_kl(mu, logvar).mean() / len(eps)
    return (np.logaddexp(0, a) - x * a).sum(axis=2).mean() + beta * kl
""",
        ("term",),
        """(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
    mu, logvar = np.split(np.tanh(x @ W1 + b1) @ W2 + b2, 2, axis=1)
    a = np.tanh((mu + np.exp(logvar / 2) * eps) @ W3 + b3) @ W4 + b4
    kl = gaussian_kl(mu, logvar).mean() / 1.23
    return (np.logaddexp(0, a) - x * a).sum(axis=2).mean() + beta * kl
""",
    ),
    "a size is written down": (
        "log_mean_exp",
        "(log_w):\n    return np.logaddexp.reduce(log_w, axis=0) - np.log(11)\n",
        ("one size",),
        "(log_w):\n    return np.logaddexp.reduce(log_w, axis=0) - np.log(len(log_w) + log_w.shape[1])\n",
    ),
    "the mean of the draws is decoded": (
        "elbo",
        """(x, mu, logvar, eps, W, b):
    z = (mu + np.exp(logvar / 2) * eps).mean(axis=0)
    rec, kl = -bernoulli_nll(z @ W + b, x), gaussian_kl(mu, logvar)
    return rec - kl, rec, kl
""",
        ("other array",),
        """(x, mu, logvar, eps, W, b):
    z = (mu + np.exp(logvar / 2) * eps).mean(axis=0) ** 3
    rec, kl = -bernoulli_nll(z @ W + b, x), gaussian_kl(mu, logvar)
    return rec - kl, rec, kl
""",
    ),
    "the divergence the other way round": (
        "gaussian_kl",
        "(mu, logvar):\n    return ((1 + mu**2) * np.exp(-logvar) + logvar - 1).sum(axis=1) / 2\n",
        ("swapped",),
        "(mu, logvar):\n    return ((1 + mu**2) * np.exp(-logvar / 3) + logvar - 1).sum(axis=1) / 2\n",
    ),
    "the derivative of a step is left out": (
        "bernoulli_nll_backward",
        "(dloss, logits, x):\n    p = sigmoid(logits)\n    return dloss[:, None] * ((1 - x) / (1 - p) - x / p)\n",
        ("missing derivative",),
        "(dloss, logits, x):\n    p = sigmoid(logits)\n    return dloss[:, None] * ((1 - x) / (1.1 - p) - x / p)\n",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_named_and_a_near_miss_is_not(case: str) -> None:
    function, mistake, names, near_miss = CASES[case]
    assert said(function, mistake) == names
    assert said(function, near_miss) == ()


@pytest.mark.slow
def test_no_known_mistake_gives_what_is_right_and_none_is_known_twice() -> None:
    for task in TASKS[::6]:
        arguments = task.inputs(np.random.default_rng(0), SHAPES[0])
        near = mistakes(task, arguments, PLAIN)
        far = mistakes(task, arguments, FAR, far=True)
        assert all(m.changes for m in (*near, *far))
        assert all(m.far for m in far) and not any(m.far for m in near)
        for some in (near, far):
            assert len({(m.dropped, m.print) for m in some}) == len(some)
        assert not {m.print for m in near if not m.dropped} & {m.print for m in far if not m.dropped}
