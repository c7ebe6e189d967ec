"""Measurements of scratchae itself: runs per second by a clock, and what a fit does in one burst."""

from __future__ import annotations

from typing import Any

import pytest

import scratchae as sae
from scratchae.benchmarks import contestants
from scratchae.benchmarks.cases import Workload

SMALL = Workload((6, 4, 2), 8, 3)


class Clock:
    """A clock that advances by the seconds of each run."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds, self.runs = 100.0, seconds, 0

    def perf_counter(self) -> float:
        return self.now

    def run(self) -> None:
        self.now += self.seconds
        self.runs += 1


@pytest.mark.parametrize(("seconds", "runs"), [(0.25, 4), (5.0, 1)])
def test_runs_per_second(seconds: float, runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(seconds)
    monkeypatch.setattr(contestants, "time", clock)
    assert contestants.epochs_per_second(clock.run, 1.0) == pytest.approx(1 / seconds)
    assert clock.runs == runs  # at least one, also if it takes longer


def test_a_fit_is_measured_on_its_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contestants, "BURST_SECONDS", 0.001)
    fits: list[Any] = []
    fit = sae.Autoencoder.fit

    def spy(self: Any, x: Any) -> Any:
        fits.append((sae.backend_name(), self.hidden_sizes, self.latent_dim, self.batch_size, x.shape))
        return fit(self, x)

    monkeypatch.setattr(sae.Autoencoder, "fit", spy)
    burst = contestants.OWN["scratchae, NumPy"](SMALL)
    prepared = len(fits)
    assert burst() > 0 and len(fits) == prepared + 1
    assert set(fits) == {("numpy", (4,), 2, 8, (24, 6))}


def test_the_bound_is_a_rate_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contestants, "epochs_per_second", lambda run, seconds: [run(), 2.0][1])
    # The largest product has 2 · 8 · 6 · 4 operations, and runs twice a second.
    assert contestants.matrix_products(SMALL)() == pytest.approx(2 * 2 * 8 * 24 / SMALL.flops)
