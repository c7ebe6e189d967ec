"""A record of the benchmark with numbers made up, for its tables and its figure."""

from __future__ import annotations

from scratchae.benchmarks.record import BenchmarkRun, Contest


def contest(name: str = "8-4-2, batch 5", unit: str = "steps/s", parameters: int = 10**6) -> Contest:
    """Three rounds of five contestants; one of them trains another loss, and one has been disqualified."""
    made = Contest(name, unit, flops=1e9, parameters=parameters, expected=[44.5, 42.75], steps=90)
    rounds = [(40.0, 5.0, 20.0, 10.0, 50.0), (44.0, 5.5, 40.0, 11.0, 50.0), (48.0, 6.0, 24.0, 12.0, 50.0)]
    for rates, others in zip(rounds, (0.0, 0.1, 0.0), strict=True):
        names = ("scratchae", "scratchae, NumPy", "PyTorch fused", "JAX scan", "MLPRegressor")
        bounds = {"BLAS": 100.0, "tile": 125.0, "memory": 24.0}
        made.add(dict(zip(names, rates, strict=True)), bounds, others)
    made.other_tasks = ["MLPRegressor"]
    made.differences = {"scratchae": 1e-8, "scratchae, NumPy": 0.0, "PyTorch fused": 4e-7, "JAX scan": 1e-7}
    made.differences |= {"MLPRegressor": 2e-7, "PyTorch eager": 0.25}
    made.excluded = {
        "PyTorch eager": "is disqualified, as its work is not the same: it has 33, 32 in place of 44.5, 42.75"
    }
    return made


def record(*contests: Contest) -> BenchmarkRun:
    """A run with these contests."""
    machine = {"processor": "Fast 1", "processors": 2, "system": "Linux 6", "python": "3.12.0"}
    return BenchmarkRun("2026-01-02", machine, {"scratchae": "0.1", "numpy": "2.0"}, ["JAX"], 0.15, list(contests))
