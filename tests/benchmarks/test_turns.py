"""Contestants run in turn, in processes of their own; one that cannot run is left out with its reason."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from scratchae.benchmarks import turns
from scratchae.benchmarks.turns import WorkerError, started, take_turns

WORKER = """
import sys
name, number, turns, log = sys.argv[1:]
if name == "absent":
    print("Traceback", file=sys.stderr)
    sys.exit("no module named absent")
print(f"[{number}.5, 2]", flush=True)
for turn, _ in zip(range(int(turns)), sys.stdin):
    with open(log, "a") as file:
        file.write(name + " ")
    print(10 * int(number) + turn, flush=True)
sys.exit("out of memory")
"""


def commands(log: Path, *names: str, turns: int = 99) -> dict[str, list[str]]:
    numbers = enumerate(names, 1)
    return {name: [sys.executable, "-S", "-c", WORKER, name, str(n), str(turns), str(log)] for n, name in numbers}


def test_each_has_a_rate_per_round_and_failures_have_a_reason(tmp_path: Path) -> None:
    ready: list[str] = []
    with started(commands(tmp_path / "log", "a", "absent", "b"), ready.append) as (workers, failures):
        assert failures == {"absent": "no module named absent"} and sorted(ready) == ["a", "absent", "b"]
        assert {name: worker.results for name, worker in workers.items()} == {"a": [1.5, 2], "b": [3.5, 2]}
        assert list(take_turns(workers, 3)) == [{"a": 10, "b": 30}, {"a": 11, "b": 31}, {"a": 12, "b": 32}]
    assert all(worker._process.returncode is not None for worker in workers.values())


def test_contestants_are_interleaved_in_changing_order(tmp_path: Path) -> None:
    with started(commands(tmp_path / "log", "a", "b", "c")) as (workers, _):
        list(take_turns(workers, 12))
    order = (tmp_path / "log").read_text().split()
    rounds = [tuple(order[i : i + 3]) for i in range(0, 36, 3)]
    assert all(sorted(each) == ["a", "b", "c"] for each in rounds)
    assert len(set(rounds)) > 3 and max(Counter(each[0] for each in rounds).values()) < 9


def test_a_process_that_ends_is_named(tmp_path: Path) -> None:
    rounds = []
    with (
        started(commands(tmp_path / "log", "a", turns=1)) as (workers, _),
        pytest.raises(WorkerError, match="a: out of memory"),
    ):
        rounds.extend(take_turns(workers, 2))


def test_no_process_is_left_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(worker: turns.Worker) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(turns.Worker, "measure", interrupted)
    with pytest.raises(KeyboardInterrupt), started(commands(tmp_path / "log", "a", "b")) as (workers, _):
        list(take_turns(workers, 1))
    assert len(workers) == 2 and all(worker._process.returncode is not None for worker in workers.values())
