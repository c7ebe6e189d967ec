"""Peak memory of fits and of inference on mapped arrays: some cases of `helpers.memory_of_fits`, which measures all of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from helpers.memory_of_fits import ALLOWED, Case, Worker, cases

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the memory of a process from /proc"),
]
SIZES = {"hidden_sizes": (16,), "latent_dim": 4}
VAE, CONDITIONAL = "VariationalAutoencoder", "ConditionalVariationalAutoencoder"
CASES = [
    Case("Autoencoder", SIZES, method="reconstruct"),
    Case("DenoisingAutoencoder", SIZES, fit={"validation": True}),
    Case("SparseAutoencoder", {"hidden_sizes": (), "latent_dim": 16}, 16, {"validation": True}),
    Case("StackedClassifier", {"hidden_sizes": (16,)}, 16, method="predict"),
    Case(VAE, {**SIZES, "likelihood": "gaussian", "variance": "learned"}),
    Case(VAE, {**SIZES, "binarize": "static"}, copies=1),
    Case(VAE, {**SIZES, "binarize": "dynamic"}, method="score"),
    Case(VAE, {**SIZES, "binarize": "dynamic"}, fit={"validation": True}),
    Case(CONDITIONAL, SIZES, 16, method="reconstruct"),
    Case("Autoencoder", {**SIZES, "batch_size": 64}, 20_000, {"validation": True}),
]


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker() as worker:
        yield worker


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_limited(case: Case, worker: Worker) -> None:
    found = worker.measure(case)
    assert found.peak < found.allowed


def test_a_copy_of_the_data_would_be_noticed(worker: Worker) -> None:
    admitted = Case(VAE, {**SIZES, "binarize": "threshold"})  # makes a copy, of which nothing is said here
    assert admitted.size > 2 * ALLOWED
    assert worker.measure(admitted).peak > worker.measure(admitted).allowed


def test_every_model_is_measured() -> None:
    import scratchae as sae

    models = {name for name in sae.__all__ if hasattr(getattr(sae, name), "fit")}
    assert {case.model for case in cases()} == models
