"""One contestant: it prepares, warms up, prints its results, and measures once for each line."""

from __future__ import annotations

import io
import signal
import sys

import pytest

from scratchae.benchmarks import worker
from scratchae.benchmarks.cases import Workload
from scratchae.benchmarks.turns import started, take_turns


class FakeRunner:
    """A runner whose rate is the number of its turn."""

    results = [1.5, 2.5]

    def __init__(self) -> None:
        self.turns = 0
        print("chatter of a compiler")

    def measure(self) -> float:
        self.turns += 1
        return float(self.turns)


def test_one_rate_for_each_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    given: list[object] = []
    monkeypatch.setattr(worker, "KINDS", {"bound": lambda *arguments: [given.extend(arguments), FakeRunner()][1]})
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n\n"))
    before = signal.getsignal(signal.SIGINT)
    try:
        worker.main("bound", "one", "1", "0.5")
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN  # the parent ends it
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().out == "[1.5, 2.5]\n2.0\n3.0\n"  # the first turn is a warm-up
    assert given == ["one", 1, 0.5]


def test_every_kind_has_a_maker(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from scratchae.benchmarks.reference import reference_run

    case = Workload((6, 4, 2), 8, 3)
    monkeypatch.setattr(worker, "CASES", [case])
    reference_run(case).save(tmp_path / "case.npz")
    for arguments in (
        ("contestant", "scratchae, NumPy", 0, 0.001, tmp_path / "case.npz"),
        ("bound", "memory", 0, 0.001),
        ("product", "BLAS", 0, 0.001),
    ):
        kind, *rest = arguments
        assert worker.KINDS[str(kind)](*rest).measure() > 0


def test_the_command_starts_a_process() -> None:
    with started({"BLAS": worker.command("product", "BLAS", 0, 0.001)}) as (workers, failures):
        assert not failures and list(take_turns(workers, 1))[0]["BLAS"] > 0
    with started({"none": worker.command("product", "none", 0, 0.001)}) as (workers, failures):
        assert not workers and failures == {"none": "KeyError: 'none'"}
