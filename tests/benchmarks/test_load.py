"""The load of the machine, before and during a measurement."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scratchae.benchmarks import load
from scratchae.benchmarks.load import LoadMeter, load_warning


@pytest.mark.parametrize(("average", "busy"), [(0.2, False), (7.9, True)])
def test_a_busy_machine_is_reported(average: float, busy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (average, 0.0, 0.0), raising=False)
    monkeypatch.setattr(load, "processors", lambda: 2)
    assert bool(load_warning()) == busy
    if busy:
        assert "This machine is busy: on average 7.9 programs" in load_warning()


def test_a_machine_without_a_load_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "getloadavg", raising=False)
    assert load_warning() == ""


class Proc:
    """A folder with the counters of Linux: two of three processors are allowed, with 100 ticks per second."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.setattr(load, "PROC", folder)
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 2}, raising=False)
        monkeypatch.setattr(os, "sysconf", lambda name: 100, raising=False)
        monkeypatch.setattr(os, "getpid", lambda: 7)

    def write(self, uptime: float, busy: tuple[int, int, int], own: tuple[int, int]) -> None:
        # User, nice, system, idle, waiting, interrupts, soft interrupts, stolen; then guests, which are part of user.
        cpus = "".join(f"cpu{i} {ticks} 0 10 500 300 0 0 5 99 99\n" for i, ticks in enumerate(busy))
        (self.folder / "stat").write_text(f"cpu 9 9 9 9 9 9 9 9 9 9\n{cpus}intr 5 5\n")
        (self.folder / "uptime").write_text(f"{uptime} 1.0\n")
        for pid, ticks in zip((7, 8), own, strict=True):
            (self.folder / str(pid)).mkdir(exist_ok=True)
            (self.folder / str(pid) / "stat").write_text(f"{pid} (a b) c) S {' 1' * 10} {ticks} 3 0 0\n")


def test_processors_used_by_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proc = Proc(tmp_path, monkeypatch)
    proc.write(10.0, (1000, 5000, 2000), (50, 20))
    meter = LoadMeter([8])
    # In 4 s, the allowed processors computed for 7 s, and these processes for 1 + 3 s of it.
    proc.write(14.0, (1300, 9000, 2400), (150, 320))
    assert meter.others() == pytest.approx((7 - 4) / 4)
    proc.write(16.0, (1300, 9000, 2400), (150, 320))
    assert meter.others() == 0
    (tmp_path / "8" / "stat").unlink()  # the process has ended
    assert meter.others() is None


def test_elsewhere_the_load_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "PROC", tmp_path)
    assert LoadMeter([]).others() is None


@pytest.mark.skipif(not Path("/proc/stat").is_file(), reason="/proc exists on Linux only")
def test_on_this_machine() -> None:
    import time

    meter = LoadMeter([])
    time.sleep(0.05)
    others = meter.others()
    assert others is not None and 0 <= others <= load.processors() + 1
