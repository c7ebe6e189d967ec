"""Rates: how often something runs per second, and the length of fits that last about as long as a turn."""

from __future__ import annotations

import time
from collections.abc import Callable


def rate_of(run: Callable[[], object], seconds: float) -> float:
    """Return how many times per second `run` runs, measured over at least `seconds` and one run."""
    start, runs = time.perf_counter(), 0
    while runs == 0 or time.perf_counter() - start < seconds:
        run()
        runs += 1
    return runs / (time.perf_counter() - start)


def settle(most: float = 0.5) -> None:
    """Wait until the threads of this process sleep, at most `most` seconds.

    After a parallel loop, idle threads spin for some milliseconds to a tenth of a second, which would slow down the next contestant.
    """
    end, used = time.perf_counter() + most, time.process_time()
    while time.perf_counter() < end:
        time.sleep(0.005)
        before, used = used, time.process_time()
        if used - before < 0.001:
            return
