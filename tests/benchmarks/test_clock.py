"""Rates by a clock, and the wait until the threads of a process sleep."""

from __future__ import annotations

import pytest

from scratchae.benchmarks import clock


class Clock:
    """A clock that advances by the seconds of each run; a process that computes until a time."""

    def __init__(self, seconds: float, busy_until: float = 0.0) -> None:
        self.now, self.seconds, self.busy_until, self.runs = 100.0, seconds, busy_until, 0

    def perf_counter(self) -> float:
        return self.now

    def process_time(self) -> float:
        return min(self.now, self.busy_until)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def run(self) -> None:
        self.now += self.seconds
        self.runs += 1


@pytest.mark.parametrize(("seconds", "runs"), [(0.25, 4), (5.0, 1)])
def test_runs_per_second(seconds: float, runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Clock(seconds)
    monkeypatch.setattr(clock, "time", fake)
    assert clock.rate_of(fake.run, 1.0) == pytest.approx(1 / seconds)
    assert fake.runs == runs  # at least one, also if it takes longer


@pytest.mark.parametrize(("spins_until", "waited"), [(100.0, 0.005), (100.05, 0.055), (999.0, 0.5)])
def test_the_wait_ends_when_no_thread_spins(spins_until: float, waited: float, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Clock(0.0, spins_until)
    monkeypatch.setattr(clock, "time", fake)
    clock.settle(0.5)
    assert fake.now - 100 == pytest.approx(waited, abs=0.0051)
