"""One contestant: it prepares, warms up, says that it is ready, and measures once for each line."""

from __future__ import annotations

import io
import sys

import pytest

from scratchae.benchmarks import worker
from scratchae.benchmarks.cases import CASES
from scratchae.benchmarks.contestants import OWN
from scratchae.benchmarks.products import MULTIPLIERS, PRODUCTS


def test_one_figure_for_each_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    calls: list[str] = []

    def prepared(subject: str):  # type: ignore[no-untyped-def]
        print("chatter of a compiler")

        def burst() -> float:
            calls.append(subject)
            return float(len(calls))

        return burst

    monkeypatch.setattr(worker, "KINDS", {"steps": ({"one": prepared}, ["first", "second"])})
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n\n"))
    worker.main("steps", "one", "1")
    assert capsys.readouterr().out == "ready\n2.0\n3.0\n"  # the first burst is a warm-up
    assert calls == ["second"] * 3


def test_all_contestants_can_be_asked_for() -> None:
    contestants, cases = worker.KINDS["steps"]
    assert set(OWN) <= set(contestants) and cases is CASES
    assert worker.KINDS["products"] == (MULTIPLIERS, PRODUCTS)
