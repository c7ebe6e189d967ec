"""Training steps of scratchae itself, and the bound set by the matrix products."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from scratchae.benchmarks.cases import Workload

BURST_SECONDS = 1.0  # duration of one measurement

Burst = Callable[[], float]  # trains for a while, returns steps per second


def epochs_per_second(epoch: Callable[[], object], seconds: float = BURST_SECONDS) -> float:
    """Return how many times per second `epoch` runs, measured over at least `seconds` and one run."""
    start, runs = time.perf_counter(), 0
    while runs == 0 or time.perf_counter() - start < seconds:
        epoch()
        runs += 1
    return runs / (time.perf_counter() - start)


def scratchae_fit(case: Workload, backend: str) -> Burst:
    """Measure `Autoencoder.fit` as called by users, including shuffling, gathering and history."""
    import scratchae as sae
    from scratchae.errors import ConvergenceWarning, muted

    sae.use_backend(backend)
    x = case.data()
    settings: dict[str, Any] = {
        "hidden_sizes": case.encoder[1:-1],
        "latent_dim": case.encoder[-1],
        "batch_size": case.batch_size,
        "random_state": 0,
    }
    with muted(ConvergenceWarning):
        sae.Autoencoder(**settings, epochs=1).fit(x)  # compiles
        start = time.perf_counter()
        sae.Autoencoder(**settings, epochs=1).fit(x)
    epochs = max(1, int(BURST_SECONDS / (time.perf_counter() - start)))

    def burst() -> float:
        with muted(ConvergenceWarning):
            model = sae.Autoencoder(**settings, epochs=epochs).fit(x)
        return case.batches * epochs / model.history_["seconds"][-1]

    return burst


def matrix_products(case: Workload) -> Burst:
    """Measure the bound: only the matrix products of a step, by NumPy's BLAS, at its best rate on any of them."""
    rng = np.random.default_rng(0)
    layers = list(zip(case.sizes[:-1], case.sizes[1:], strict=True))
    operands = []
    for d_in, d_out in layers:
        x, W, dy = rng.random((case.batch_size, d_in)), rng.random((d_in, d_out)), rng.random((case.batch_size, d_out))
        operands.append(tuple(a.astype(np.float32) for a in (x, W, dy)))

    def burst() -> float:
        rates = []
        for x, W, dy in operands:
            for a, b in ((x, W), (dy, W.T), (x.T, dy)):
                out = np.empty((a.shape[0], b.shape[1]), np.float32)
                flops = 2 * a.shape[0] * a.shape[1] * b.shape[1]
                seconds = BURST_SECONDS / (3 * len(operands))
                rates.append(flops * epochs_per_second(lambda a=a, b=b, out=out: np.matmul(a, b, out=out), seconds))  # type: ignore[misc]
        return max(rates) / case.flops

    return burst


OWN: dict[str, Callable[[Workload], Burst]] = {
    "scratchae": lambda case: scratchae_fit(case, "numba"),
    "scratchae, NumPy": lambda case: scratchae_fit(case, "numpy"),
    "matrix products alone": matrix_products,
}
