"""The bound: products at the best rate, and the memory of the optimiser."""

from __future__ import annotations

import numpy as np
import pytest

from scratchae.benchmarks import bounds
from scratchae.benchmarks.bounds import RATES, MemoryRate, bound_seconds
from scratchae.benchmarks.cases import Workload

CASE = Workload((6, 4, 2), 8, 3)


def test_the_bound_by_hand() -> None:
    # 3 · 10⁹ operations at 100 GFLOP/s, and 2 million parameters of 24 bytes at 16 GB/s.
    assert bound_seconds(3e9, 2_000_000, 100, 16, 24) == pytest.approx(0.030 + 0.003)
    assert bound_seconds(3e9, 0, 100, 16, 24) == pytest.approx(0.030)


@pytest.mark.parametrize("name", ["BLAS", "memory"])
@pytest.mark.parametrize("kind", ["autoencoder", "encode"])
def test_rates_are_measured(name: str, kind: str) -> None:
    rate = RATES[name](Workload((6, 4, 2), 8, 3, kind), 0.001)
    assert rate.results == [] and rate.measure() > 0


def test_blas_is_measured_on_its_fastest_product(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "rate_of", lambda run, seconds: [run(), 2.0][1])
    # The largest product has 2 · 8 · 6 · 4 operations, and runs twice a second, as all others do.
    assert RATES["BLAS"](CASE, 0.001).measure() == pytest.approx(2 * 2 * 8 * 24 / 1e9)


def test_memory_is_read_and_written(monkeypatch: pytest.MonkeyPatch) -> None:
    rate = MemoryRate(CASE, 0.001)
    numbers = np.concatenate([part.copy() for part in rate.parts])
    monkeypatch.setattr(bounds, "rate_of", lambda run, seconds: [run(), 1.0][1])
    # Four numbers per parameter, each read and written.
    assert rate.measure() == pytest.approx(4 * CASE.parameters * 8 / 1e9)
    assert np.array_equal(np.concatenate(rate.parts), -numbers)
