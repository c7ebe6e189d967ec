"""A contest with fake processes: a contestant that skips work is named and not measured, and rounds before Ctrl-C are kept."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from scratchae.benchmarks import contest
from scratchae.benchmarks.cases import Workload
from scratchae.benchmarks.contestants import CONTESTANTS
from scratchae.benchmarks.record import Contest
from scratchae.benchmarks.reference import load_reference

CASE = Workload((6, 4, 2), 8, 3)
FAKE = """
import sys
results, rate = sys.argv[1:]
if not results:
    sys.exit("no device")
print(results, flush=True)
for _ in sys.stdin:
    print(rate, flush=True)
"""
Hold = Callable[..., list[Contest]]


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Hold:
    """A function that holds the contest of `CASE`, in which some contestants differ from the reference run by a factor, or cannot run."""

    def held(
        factors: dict[str, float], rounds: int = 2, names: tuple[str, ...] = ("scratchae", "PyTorch eager")
    ) -> Any:
        def command(kind: str, name: str, index: int, seconds: float, *reference: str) -> list[str]:
            results = "[]"
            if reference:
                factor = factors.get(name, 1.0)
                results = str([factor * loss for loss in load_reference(reference[0]).expected]) if factor else ""
            return [sys.executable, "-S", "-c", FAKE, results, str(10 * len(name))]

        monkeypatch.setattr(contest, "CASES", [CASE])
        monkeypatch.setattr(contest, "entrants", lambda case: list(names))
        monkeypatch.setattr(contest, "command", command)
        announced: list[Contest] = []
        contest.hold_contest(0, rounds, 0.01, announced.append)
        return announced

    return held


def test_every_round_is_recorded(hold: Hold) -> None:
    (record,) = hold({"PyTorch eager": 1.00005})
    assert record.rates == {"scratchae": [90, 90], "PyTorch eager": [130, 130]}
    assert record.bounds == {"BLAS": [40, 40], "tile": [40, 40], "memory": [60, 60]} and len(record.others) == 2
    assert record.differences == pytest.approx({"scratchae": 0, "PyTorch eager": 5e-5}) and not record.excluded
    assert (record.name, record.flops, record.parameters) == (CASE.name, CASE.flops, CASE.parameters)
    assert len(record.expected) == 2 and record.steps == 6


def test_skipped_work_is_named_and_not_measured(hold: Hold) -> None:
    (record,) = hold({"PyTorch eager": 1.0002})
    assert list(record.rates) == ["scratchae"]
    assert record.excluded["PyTorch eager"].startswith("is disqualified, as its work is not the same: it has ")


def test_a_contestant_that_cannot_run_is_left_out(hold: Hold) -> None:
    (record,) = hold({"PyTorch eager": 0})
    assert list(record.rates) == ["scratchae"] and record.excluded == {"PyTorch eager": "could not run: no device"}


def test_each_contestant_has_its_reference_run(hold: Hold) -> None:
    (record,) = hold({}, names=("scratchae", "MLPRegressor"))
    assert record.other_tasks == ["MLPRegressor"] and not record.excluded and CONTESTANTS["MLPRegressor"].other_task


@pytest.mark.parametrize(("factor", "words"), [(0, "could not run: no device"), (1.1, "is disqualified")])
def test_scratchae_itself_has_to_run_and_to_do_its_work(factor: float, words: str, hold: Hold) -> None:
    with pytest.raises(RuntimeError, match=f"scratchae {words}.*; the benchmark needs it"):
        hold({"scratchae": factor})


def test_rounds_before_ctrl_c_are_kept(hold: Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    turns, announced = contest.take_turns, list[Contest]()

    def interrupted(workers: Any, rounds: int) -> Any:
        for number, rates in enumerate(turns(workers, rounds)):
            yield rates
            if number == 1:
                raise KeyboardInterrupt

    monkeypatch.setattr(contest, "take_turns", interrupted)
    admit = contest._admit
    monkeypatch.setattr(contest, "_admit", lambda record, *rest: [announced.append(record), admit(record, *rest)])
    with pytest.raises(KeyboardInterrupt):
        hold({}, 5)
    assert announced[0].rates["scratchae"] == [90, 90]
