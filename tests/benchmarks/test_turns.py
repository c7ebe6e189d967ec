"""Contestants run in turn, in processes of their own; one that cannot run is left out with its reason."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from scratchae.benchmarks import turns

WORKER = """
import sys
kind, name, index = sys.argv[-3:]
if name == "absent":
    sys.exit("no module named absent")
print("ready", flush=True)
for turn, _ in enumerate(sys.stdin):
    print(100 * int(index) + 10 * len(name) + turn, flush=True)
"""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes that were started, with a small worker in place of the real one."""
    processes: list[Any] = []
    popen = turns.subprocess.Popen

    def start(command: list[str], **options: Any) -> Any:
        assert command[:3] == [sys.executable, "-m", "scratchae.benchmarks.worker"]
        processes.append(popen([sys.executable, "-S", "-c", WORKER, *command[3:]], **options))
        return processes[-1]

    monkeypatch.setattr(turns.subprocess, "Popen", start)
    monkeypatch.setattr(turns, "PAUSE", 0)
    return processes


def test_each_has_a_figure_per_turn_and_failures_have_a_reason(started: list[Any]) -> None:
    figures, failures = turns.measure("steps", ["a", "absent", "bb"], 2, 3)
    assert figures == {"a": [210, 211, 212], "bb": [220, 221, 222]}
    assert failures == {"absent": "no module named absent"}
    assert len(started) == 3 and all(process.returncode is not None for process in started)


def test_no_process_is_left_after_an_error(started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(worker: Any) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(turns, "_ask", broken)
    with pytest.raises(KeyboardInterrupt):
        turns.measure("steps", ["a", "b"], 0, 1)
    assert len(started) == 2 and all(process.returncode is not None for process in started)
