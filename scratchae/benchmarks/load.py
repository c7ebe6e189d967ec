"""Load of the machine by other programs: before a measurement by the system's average, during it by the processors' counters."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

BUSY = 0.3  # load for each processor above which measurements are not to be relied on
PROC = Path("/proc")  # Linux only


def processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load_warning() -> str:
    """Return a sentence about the load of the machine if other programs use much of it, otherwise an empty string."""
    try:
        load = os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows has none
        return ""
    if load <= BUSY * processors():
        return ""
    return (
        f"This machine is busy: on average {load:.1f} programs ran in the last minute, on {processors()} processors. "
        "Ratios measured now may be far off; repeat this when it is idle."
    )


class LoadMeter:
    """The processors that other programs use while some processes run.

    Parameters
    ----------
    pids : collection of int
        Processes that are not counted, besides this one.
    """

    def __init__(self, pids: Collection[int]) -> None:
        self.pids = [os.getpid(), *pids]
        self._last = self._counters()

    def _counters(self) -> tuple[float, float, float] | None:
        """Return seconds that the processors were busy, that these processes used, and of the clock; None where nothing counts them."""
        try:
            allowed = {f"cpu{number}" for number in os.sched_getaffinity(0)}
            ticks, busy = os.sysconf("SC_CLK_TCK"), 0
            for line in (PROC / "stat").read_text().splitlines():
                name, *counts = line.split()
                if (
                    name in allowed
                ):  # user, nice, system, idle, waiting for disks, interrupts, soft interrupts, stolen by other machines
                    busy += sum(map(int, counts[:8])) - int(counts[3]) - int(counts[4])
            own = sum(map(self._ticks_of, self.pids))
            uptime = float((PROC / "uptime").read_text().split()[0])
        except (OSError, AttributeError, ValueError, IndexError):
            return None
        return busy / ticks, own / ticks, uptime

    @staticmethod
    def _ticks_of(pid: int) -> int:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()  # the name before may contain spaces
        return int(fields[11]) + int(fields[12])

    def others(self) -> float | None:
        """Return the mean number of processors that other programs used since the last call; None if it is unknown."""
        before, now = self._last, self._counters()
        self._last = now
        if before is None or now is None or now[2] <= before[2]:
            return None
        busy, own, seconds = (b - a for a, b in zip(before, now, strict=True))
        return max(0.0, (busy - own) / seconds)
