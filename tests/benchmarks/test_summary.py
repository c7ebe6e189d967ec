"""The arithmetic of the rounds, by hand."""

from __future__ import annotations

import pytest

from scratchae.benchmarks.record import Contest
from scratchae.benchmarks.summary import Spread, best_peer, least_seconds, ratios, shares, spread_of


@pytest.fixture
def contest() -> Contest:
    contest = Contest("case", "steps/s", flops=1e9, parameters=10**6, other_tasks=["MLP"])
    contest.rates = {
        "scratchae": [10.0, 20.0, 40.0],
        "scratchae, NumPy": [90.0] * 3,
        "PyTorch": [10.0, 10.0, 10.0],
        "JAX": [8.0, 12.0, 50.0],
        "MLP": [99.0] * 3,
    }
    contest.bounds = {"BLAS": [100.0, 50.0, 100.0], "tile": [50.0, 100.0, 200.0], "memory": [24.0, 24.0, 12.0]}
    return contest


def test_medians_and_quartiles() -> None:
    assert spread_of([5.0, 1.0, 2.0, 4.0, 3.0]) == Spread(3, 2, 4)
    assert spread_of([2.0, 1.0]) == Spread(1.5, 1.25, 1.75)
    assert spread_of([7.0]) == Spread(7, 7, 7)


def test_ratios_are_taken_within_a_round(contest: Contest) -> None:
    assert ratios(contest, "JAX") == pytest.approx([1.25, 20 / 12, 0.8])
    assert spread_of(ratios(contest, "JAX")).median == pytest.approx(1.25)  # the ratio of the medians is 20 / 12
    assert ratios(contest, "scratchae") == [1, 1, 1]


def test_the_best_peer_trains_the_same_loss_and_is_another_library(contest: Contest) -> None:
    assert best_peer(contest) == "JAX"
    contest.rates = {name: contest.rates[name] for name in ("scratchae", "scratchae, NumPy", "MLP")}
    assert best_peer(contest) is None


def test_the_bound_takes_the_better_rate_of_each_round(contest: Contest) -> None:
    # 10⁹ operations at 100, 100 and 200 GFLOP/s; 24 MB at 24, 24 and 12 GB/s.
    assert least_seconds(contest) == pytest.approx([0.011, 0.011, 0.007])
    assert shares(contest) == pytest.approx([0.11, 0.22, 0.28])
    assert least_seconds(contest, 28) == pytest.approx([0.01 + 28 / 24000, 0.01 + 28 / 24000, 0.005 + 28 / 12000])
