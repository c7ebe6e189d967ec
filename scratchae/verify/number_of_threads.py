"""The number of threads follows the clock: the faster one is found, the other is tried again, and everything is given back."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numba
import numpy as np

from scratchae.kernels import threads
from scratchae.verify.claims import Subject, claim, lowered


class Clock:
    """A clock that goes on only while work is being done.

    Parameters
    ----------
    seconds : callable
        How long one unit of work takes, from the turn and the number of threads.
    """

    def __init__(self, seconds: Callable[[int, int], float]) -> None:
        self.seconds, self.now = seconds, 0.0
        self.used: list[int] = []
        self.faster = threads.FasterThreads()

    def turns(self, number: int, size: Callable[[int], float] = lambda turn: 1.0) -> list[int]:
        """Give it so many pieces of work of some sizes; the number of threads that ran each, 0 where the result is not the work's."""
        for _ in range(number):
            turn = len(self.used)

            def work(turn: int = turn) -> int:
                self.used.append(numba.get_num_threads())
                self.now += size(turn) * self.seconds(turn, self.used[-1])
                return 7 + turn

            if self.faster.run(work, size(turn)) != 7 + turn:
                self.used[-1] = 0
        return self.used[-number:]

    @property
    def time(self) -> SimpleNamespace:
        return SimpleNamespace(perf_counter=lambda: self.now)


def _mistakes(most: int) -> int:
    first, again = threads.TRY_FROM, threads.TRY_AGAIN
    mistakes = 0

    # One thread is twice as fast; the first turn also reads kernels from the disk.
    busy = Clock(lambda turn, used: 1000.0 if turn == 0 else float(used))
    with lowered(threads, time=busy.time):
        used = busy.turns(2 * again + 1)
    expected = [most if turn < first or turn % again == 0 else 1 for turn in range(len(used))]
    mistakes += used != expected

    # All threads are faster, though the first turn is slow, and pieces are larger on one thread.
    idle = Clock(lambda turn, used: 1000.0 if turn == 0 else 1.0 / used)
    with lowered(threads, time=idle.time):
        used = idle.turns(2 * again + 1)
    mistakes += used != [1 if turn == first or (turn and turn % again == 0) else most for turn in range(len(used))]

    # One thread does more in a longer time: what counts is the time for each unit.
    large = Clock(lambda turn, used: float(used))
    with lowered(threads, time=large.time):
        used = large.turns(first + 20, size=lambda turn: 10.0 if turn == first else 1.0)
    mistakes += used[first:] != [1] * 20

    # The machine changes: the other number is found in a few of its turns.
    with lowered(threads, time=large.time):
        large.seconds = lambda turn, used: 1.0 if used > 1 else 3.0
        used = large.turns(4 * again)
    mistakes += used[-again + 5 :].count(most) < again - 10

    # Work that fails gives the number back as well, and what it took is known.
    turn = len(large.used)
    with lowered(threads, time=large.time):
        try:
            large.faster.run(lambda: 1 / 0, 1)
            mistakes += 1
        except ZeroDivisionError:
            mistakes += large.faster._turn != turn + 1
    return mistakes


@claim(
    "the number of threads is the faster one, and is given back",
    op="threads",
    level="meaning",
    method="a clock by hand: busy and idle machine, other sizes, an error",
    tolerance=0,
)
def measure(subject: Subject, rng: np.random.Generator) -> float:
    """The number of mistakes."""
    before, most = numba.get_num_threads(), numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
    mistakes = 0
    try:
        numba.set_num_threads(most)
        if most > 1:
            mistakes += _mistakes(most)
            mistakes += numba.get_num_threads() != most
        numba.set_num_threads(1)  # there is nothing to choose, and nothing is measured
        alone = Clock(lambda turn, used: 1.0)
        mistakes += set(alone.turns(2 * threads.TRY_FROM)) != {1}
        faster = threads.FasterThreads()
        numba.set_num_threads(most)
        faster.give_back()
        mistakes += numba.get_num_threads() != 1
    finally:
        numba.set_num_threads(before)
    return mistakes
