"""Claims about weights of rows: how often an epoch visits a row, the gradient that this gives, and repeated rows.

Derivation: docs/derivations/sample_weights.md.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from scratchae.models.weights import balanced
from scratchae.training.order import EpochOrder, expected_visits, systematic_visits
from scratchae.verify.autoencoder import on_backend
from scratchae.verify.claims import SEED, Subject, claim
from scratchae.verify.derivatives import Array, central_differences, entrywise_error

OP = "sample_weights"
TINY: dict[str, Any] = {
    "hidden_sizes": (4,),
    "latent_dim": 2,
    "k": 1,
    "pretrain_epochs": 1,
    "epochs": 2,
    "batch_size": 4,
}


def _weights(rng: np.random.Generator, rows: int = 12) -> Array:
    """Draw weights of very different sizes."""
    return rng.lognormal(0, 1.5, rows)


def _over_all_u(expected: Array) -> tuple[Array, Array]:
    """Return the visits for each interval of u on which they are constant, shape (K, N), and the lengths of the intervals, shape (K,)."""
    ends = np.cumsum(expected)
    steps = np.unique(np.concatenate([[0.0, 1.0], np.ceil(ends) - ends]))
    middles = (steps[1:] + steps[:-1]) / 2
    return np.array([systematic_visits(expected, u) for u in middles]), np.diff(steps)


@claim(
    "the expected number of visits is proportional to the weight",
    op=OP,
    equation="sample_weights.3 sample_weights.4",
    level="value",
    method="exact expectation over u",
    tolerance=1e-12,
)
def _expectation(subject: Subject, rng: np.random.Generator) -> float:
    error = 0.0
    for _ in range(20):
        w = _weights(rng)
        visits, chances = _over_all_u(expected_visits(w))
        error = max(error, entrywise_error(chances @ visits, len(w) * w / w.sum()))
    return error


@claim(
    "the variance of the number of visits is f (1 - f)",
    op=OP,
    equation="sample_weights.5",
    level="value",
    method="exact expectation over u",
    tolerance=1e-12,
)
def _variance(subject: Subject, rng: np.random.Generator) -> float:
    error = 0.0
    for _ in range(20):
        expected = expected_visits(_weights(rng))
        visits, chances = _over_all_u(expected)
        f = expected - np.floor(expected)
        error = max(error, float(abs(chances @ (visits - expected) ** 2 - f * (1 - f)).max()))
    return error


@claim(
    "an epoch has T visits, less than one away from the expectation for each row",
    op=OP,
    equation="sample_weights.4",
    level="meaning",
    method="500 epochs, violations counted; whole numbers and zeros as fractions, exactly",
    tolerance=0,
)
def _epochs(subject: Subject, rng: np.random.Generator) -> float:
    wrong = 0
    for trial in range(500):
        w = _weights(rng) * (rng.random(12) > 0.2) + 1e-9 * (trial % 2)
        order = EpochOrder(12, w)
        visits, T = np.bincount(order.draw(rng), minlength=12), np.count_nonzero(w)
        wrong += visits.sum() != T or order.size != T or bool((abs(visits - T * w / w.sum()) > 1 - 1e-12).any())
        whole = rng.integers(0, 9, 12) * int(rng.integers(1, 4))
        if whole.any():
            visits = np.bincount(EpochOrder(12, whole.astype(float)).draw(rng), minlength=12)
            shares = {Fraction(int(n), int(v)) for n, v in zip(visits, whole, strict=True) if v}
            wrong += len(shares) != 1 or bool(visits[whole == 0].any())
    return float(wrong)


@claim(
    "the expected gradient of a batch is the gradient of the weighted objective",
    op=OP,
    equation="sample_weights.2",
    level="gradient",
    method="gradients of all visits, expectation over u exactly, against central differences of the weighted mean of the losses",
    tolerance=1e-8,
)
def _gradient(subject: Subject, rng: np.random.Generator) -> float:
    x, w = rng.random((12, 5)), _weights(rng)
    model = subject.models.Autoencoder((4,), 2, activation="tanh", dtype="float64", epochs=1, random_state=SEED).fit(x)
    parameters = model.parameters_
    of_row = np.array([model.objective(parameters, row[None])[1].flat for row in x])
    visits, chances = _over_all_u(expected_visits(w))
    expected_gradient = chances @ (visits / visits.sum(axis=1, keepdims=True)) @ of_row  # (sample_weights.2)

    def objective(theta: Array) -> float:
        losses = [model.objective(parameters.like(theta), row[None])[0] for row in x]
        return float(np.dot(w, losses) / w.sum())  # (sample_weights.1)

    numeric, _ = central_differences(objective, parameters.flat.copy())
    return float(abs(expected_gradient - numeric).max() / abs(numeric).max())


@claim(
    "balanced classes have equal total weights",
    op=OP,
    equation="sample_weights.7",
    level="value",
    method="sums over the rows of each class",
    tolerance=1e-14,
)
def _balanced(subject: Subject, rng: np.random.Generator) -> float:
    y, s = np.repeat(np.arange(4), [1, 5, 30, 200]), rng.random(236)
    weights = s * balanced(y, 4, s)[y]
    return entrywise_error(np.bincount(y, weights), np.full(4, s.sum() / 4))


@claim(
    "whole numbers as weights train as repeated rows do, and equal weights as none",
    op=OP,
    equation="sample_weights.4",
    level="meaning",
    method="all models on both backends, parameters compared bit by bit",
    tolerance=0,
)
def _repeats(subject: Subject, rng: np.random.Generator) -> float:
    from scratchae.registry import REGISTRY

    x, y, different = rng.random((9, 5)), np.arange(9) % 3, 0
    w = np.array([2, 0, 1, 4, 1, 3, 1, 0, 2])
    for entry in REGISTRY:
        kind = getattr(subject.models, entry.name)
        usual = kind().get_params()
        options = {name: value for name, value in TINY.items() if usual.get(name, ()) != ()}
        for backend in ("numba", "numpy"):
            with on_backend(backend):
                weighted, repeated, equal, plain = (
                    kind(**options, random_state=SEED).fit(*arguments, sample_weight=weights).parameters_.flat
                    for arguments, weights in (
                        ((x, y), 2.0 * w),
                        ((np.repeat(x, w, axis=0), np.repeat(y, w)), None),
                        ((x, y), np.full(9, 0.3)),
                        ((x, y), None),
                    )
                )
            different += not np.array_equal(weighted, repeated)
            different += not np.array_equal(equal, plain)
            different += np.array_equal(weighted, plain)  # the weights had no effect
    return float(different)
