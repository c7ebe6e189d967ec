"""Level two, for corruption, softmax, sparsity and contraction: values by independent definitions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from scratchae.verify.claims import Subject, claim
from scratchae.verify.derivatives import Array, relative_error
from scratchae.verify.gradient_cases import D_IN, D_OUT, N


def _every_uniform(rng: np.random.Generator) -> tuple[Array, Array]:
    """Return data away from 0 and 1, and the midpoints of 200 equal parts of [0, 1), so that fractions are exact."""
    u = (rng.permutation(200) + 0.5) / 200
    return 2 + rng.random((20, 10)), u.reshape(20, 10)


@claim(
    "masking_noise loses the share that was asked for",
    op="masking_noise",
    equation="masking_noise.1",
    level="value",
    method="counting",
    tolerance=0,
)
def _masking(subject: Subject, rng: np.random.Generator) -> float:
    x, u = _every_uniform(rng)
    wrong = 0
    for lost in (0, 60, 200):
        y = subject.ops.masking_noise(x, u, lost / 200)
        wrong += abs(int((y == 0).sum()) - lost) + int((y[y != 0] != x[y != 0]).sum())
    return float(wrong)


@claim(
    "salt_and_pepper_noise makes equal shares of black and white",
    op="salt_and_pepper_noise",
    equation="salt_and_pepper_noise.1",
    level="value",
    method="counting",
    tolerance=0,
)
def _salt_and_pepper(subject: Subject, rng: np.random.Generator) -> float:
    x, u = _every_uniform(rng)
    wrong = 0
    for half in (0, 30, 100):
        y = subject.ops.salt_and_pepper_noise(x, u, half / 100)
        black, white = y == 0, y == 1
        kept = ~(black | white)
        wrong += abs(int(black.sum()) - half) + abs(int(white.sum()) - half) + int((y[kept] != x[kept]).sum())
    return float(wrong)


@claim(
    "gaussian_noise has the standard deviation that was asked for",
    op="gaussian_noise",
    equation="gaussian_noise.1",
    level="value",
    method="scipy.stats quantiles",
    tolerance=1e-13,
)
def _gaussian(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.stats import norm

    x, u = _every_uniform(rng)
    return relative_error(subject.ops.gaussian_noise(x, norm.ppf(u), 0.3), norm.ppf(u, loc=x, scale=0.3))


@claim(
    "softmax is a ratio of exponentials",
    op="softmax",
    equation="softmax.1",
    level="value",
    method="exact fractions of powers of two, and far beyond where it overflows",
    tolerance=1e-14,
)
def _softmax(subject: Subject, rng: np.random.Generator) -> float:
    powers = rng.integers(-9, 10, (N, D_IN))
    weights = [[Fraction(2) ** int(p) for p in row] for row in powers]
    expected = np.array([[float(w / sum(row)) for w in row] for row in weights])
    far = subject.ops.softmax(np.array([[1e4, -1e4, 1e4], [-1e4, -1e4, -2e4]]))
    ends = relative_error(far, np.array([[0.5, 0, 0.5], [0.5, 0.5, 0]]))
    return max(relative_error(subject.ops.softmax(powers * math.log(2)), expected), ends)


@claim(
    "softmax_cross_entropy is minus the log of a probability",
    op="softmax_cross_entropy",
    equation="softmax_cross_entropy.1",
    level="value",
    method="definition, and far beyond where it overflows",
    tolerance=1e-14,
)
def _cross_entropy(subject: Subject, rng: np.random.Generator) -> float:
    logits, labels = 3 * rng.standard_normal((N, D_IN)), rng.integers(0, D_IN, N)
    totals = [math.fsum(math.exp(a) for a in row) for row in logits]
    expected = [-math.log(math.exp(logits[n, labels[n]]) / totals[n]) for n in range(N)]
    # A class of negligible probability costs its distance from the largest logit; the largest one costs nothing.
    far = subject.ops.softmax_cross_entropy(np.array([[1e4, -1e4], [1e4, -1e4]]), np.array([1, 0]))
    value = subject.ops.softmax_cross_entropy(logits, labels)
    return max(relative_error(value, np.array(expected)), relative_error(far, np.array([2e4, 0.0])))


@claim(
    "softmax_cross_entropy of two classes is the Bernoulli loss",
    op="softmax_cross_entropy",
    equation="softmax_cross_entropy.2",
    level="value",
    method="bernoulli_nll of the difference of the logits",
    tolerance=1e-14,
)
def _two_classes(subject: Subject, rng: np.random.Generator) -> float:
    logits, labels = 5 * rng.standard_normal((40, 2)), rng.integers(0, 2, 40)
    expected = subject.ops.bernoulli_nll(logits[:, [1]] - logits[:, [0]], labels[:, None].astype(float))
    return relative_error(subject.ops.softmax_cross_entropy(logits, labels), expected)


@claim(
    "sparsity_kl is zero at the target, and a divergence elsewhere",
    op="sparsity_kl",
    equation="sparsity_kl.2",
    level="value",
    method="scipy.special.rel_entr of both outcomes",
    tolerance=1e-13,
)
def _sparsity(subject: Subject, rng: np.random.Generator) -> float:
    from scipy.special import rel_entr

    h = rng.uniform(0.05, 0.95, (N, D_IN))
    at_target = np.tile(rng.uniform(-0.04, 0.04, (N, 1)), D_IN)
    at_target += 0.05 - at_target.mean(axis=0)
    mean = h.sum(axis=0) / N
    expected = (rel_entr(0.05, mean) + rel_entr(0.95, 1 - mean)).sum()
    zero = abs(float(subject.ops.sparsity_kl(at_target, 0.05)))
    return max(zero, relative_error(subject.ops.sparsity_kl(h, 0.05), expected))


@claim(
    "sparsity_kl pulls every mean towards the target",
    op="sparsity_kl",
    equation="sparsity_kl.4",
    level="meaning",
    method="means after a small step, counted",
    tolerance=0,
)
def _sparsity_pulls(subject: Subject, rng: np.random.Generator) -> float:
    h, rho = rng.uniform(0.05, 0.95, (N, D_IN)), 0.3
    for dtype in (
        np.float32,
        np.float64,
    ):  # for a nearly inactive unit, the gradient includes the slope of the sigmoid
        silent = np.full((N, 1), 1e-9, dtype)
        pull = N * subject.ops.sparsity_kl_backward(1.0, silent, rho) * silent * (1 - silent)
        if relative_error(pull, silent - dtype(rho)) > 1e-5:
            return np.inf
    moved = h - 1e-3 * subject.ops.sparsity_kl_backward(1.0, h, rho)
    before, after = abs(h.mean(axis=0) - rho), abs(moved.mean(axis=0) - rho)
    return float((after >= before).sum() + (subject.ops.sparsity_kl_backward(1.0, h, rho)[0] == 0).sum())


@claim(
    "k_sparse leaves exactly k",
    op="k_sparse",
    equation="k_sparse.1",
    level="value",
    method="counting, equal entries among them",
    tolerance=0,
)
def _exactly_k(subject: Subject, rng: np.random.Generator) -> float:
    h = rng.integers(1, 4, (40, D_IN)).astype(np.float64)
    counts = [np.count_nonzero(subject.ops.k_sparse(h, k), axis=1) - k for k in range(1, D_IN + 1)]
    return float(np.abs(counts).sum())


@claim(
    "k_sparse keeps the largest",
    op="k_sparse",
    equation="k_sparse.1",
    level="value",
    method="sorted by hand",
    tolerance=0,
)
def _largest(subject: Subject, rng: np.random.Generator) -> float:
    h = rng.standard_normal((40, D_IN))
    expected = [[value if value in sorted(row)[-D_OUT:] else 0.0 for value in row] for row in h.tolist()]
    return relative_error(subject.ops.k_sparse(h, D_OUT), np.array(expected))


@claim(
    "contractive_penalty is the norm of the Jacobian",
    op="contractive_penalty",
    equation="contractive_penalty.3",
    level="value",
    method="Jacobian of the layer by central differences",
    tolerance=1e-8,
)
def _contraction(subject: Subject, rng: np.random.Generator) -> float:
    x, W, b = rng.standard_normal((N, D_IN)), rng.standard_normal((D_IN, D_OUT)) / 2, rng.standard_normal(D_OUT)
    worst = 0.0
    for activation in ("sigmoid", "tanh"):
        squares, step = np.zeros(N), 1e-5
        for i in range(D_IN):
            move = np.zeros(D_IN)
            move[i] = step
            up, down = (subject.ops.layer(x + sign * move, W, b, activation) for sign in (1, -1))
            squares += (((up - down) / (2 * step)) ** 2).sum(axis=1)
        h = subject.ops.layer(x, W, b, activation)
        worst = max(worst, relative_error(subject.ops.contractive_penalty(h, W, activation), squares))
    return worst
