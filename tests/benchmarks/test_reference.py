"""The reference run: it is a training of the model, can be repeated from its record, and other work has other losses."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.benchmarks import reference
from scratchae.benchmarks.cases import Workload
from scratchae.benchmarks.reference import TOLERANCE, Reference, difference, load_reference, reference_run
from scratchae.errors import ConvergenceWarning, muted

SIZES = {"classifier": (9, 8, 4)}
TRAINED = ("autoencoder", "variational", "denoising", "classifier")


def small(kind: str) -> Workload:
    return Workload(SIZES.get(kind, (9, 8, 3)), 10, 4, kind)


def plain_losses(case: Workload, run: Reference, skip: int | None = None) -> list[float]:
    """The losses of the recorded steps by the model's objective and Adam, written as a loop; one update may be skipped."""
    x, y = case.data()
    with muted(ConvergenceWarning), sae.use_backend("numpy"):
        model: Any = case.model(epochs=1).fit(x, y)
        parameters = model._parameters
        for layer, W, b in zip(case.layers, run.weights, run.biases, strict=True):
            parameters[f"{layer.name}.W"], parameters[f"{layer.name}.b"] = W, b
        m, v, losses = np.zeros_like(parameters.flat), np.zeros_like(parameters.flat), []
        for step, rows in enumerate(run.rows, 1):
            noise = run.noise[step - 1] if run.noise.size else None
            given = (noise[None], None) if case.kind == "variational" else noise
            loss, gradient = model.objective(parameters, x[rows], None if y is None else y[rows], given)
            losses.append(loss)
            if step != skip:
                g = gradient.flat
                m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
                parameters.flat[:] -= 1e-3 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return np.reshape(losses, (reference.EPOCHS, -1)).mean(axis=1).tolist()


@pytest.mark.parametrize("kind", TRAINED)
def test_a_plain_loop_over_the_record_has_the_same_losses(kind: str) -> None:
    case = small(kind)
    run = reference_run(case)
    assert len(run.rows) == 6 and all(sorted(epoch.ravel()) == list(range(30)) for epoch in np.split(run.rows, 2))
    assert difference(run.expected, plain_losses(case, run)) < 1e-6


@pytest.mark.parametrize("kind", TRAINED)
def test_a_skipped_update_is_noticed(kind: str) -> None:
    case = small(kind)
    run = reference_run(case)
    assert difference(run.expected, plain_losses(case, run, skip=4)) > TOLERANCE


def test_a_run_can_be_saved(tmp_path: Path) -> None:
    run = reference_run(small("denoising"))
    run.save(tmp_path / "run.npz")
    other = load_reference(tmp_path / "run.npz")
    assert other.expected == run.expected and np.array_equal(other.rows, run.rows)
    assert np.array_equal(other.noise, run.noise)
    for a, b in zip([*run.weights, *run.biases], [*other.weights, *other.biases], strict=True):
        assert np.array_equal(a, b)


def test_codes_are_compared_in_ten_parts() -> None:
    case = Workload((9, 8, 3), 10, 4, "encode")
    run = reference_run(case)
    x, _ = case.data()
    code = np.maximum(x @ run.weights[0] + run.biases[0], 0) @ run.weights[1] + run.biases[1]
    assert len(run.expected) == 10
    np.testing.assert_allclose(run.expected, np.square(code).reshape(10, -1).sum(axis=1), rtol=1e-5)


@pytest.mark.parametrize(
    ("found", "expected"),
    [([2.0, 4.0], 0.0), ([2.0, 4.4], 0.1), ([1.0, 4.0], 0.5), ([2.0], math.inf), ([2.0, math.nan], math.inf)],
)
def test_difference(found: list[float], expected: float) -> None:
    assert difference([2.0, 4.0], found) == pytest.approx(expected)
