"""Claims about the choice of the number of threads: the faster is found, the other is retried, and the original is restored."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numba
import numpy as np

from scratchae.kernels import threads
from scratchae.verify.claims import Subject, claim, lowered
from scratchae.verify.memory import on_all_threads


class Clock:
    """A clock that advances only during work.

    Parameters
    ----------
    seconds : callable
        Returns the duration of one unit of work for the call index and the number of threads.
    """

    def __init__(self, seconds: Callable[[int, int], float]) -> None:
        self.seconds, self.now = seconds, 0.0
        self.used: list[int] = []
        self.faster = threads.FasterThreads()

    def turns(self, number: int, size: Callable[[int], float] = lambda turn: 1.0) -> list[int]:
        """Run pieces of work of the given sizes; return the number of threads used for each, 0 if the result is wrong."""
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

    # One thread is twice as fast; the first call also loads kernels from disk.
    busy = Clock(lambda turn, used: 1000.0 if turn == 0 else float(used))
    with lowered(threads, time=busy.time):
        used = busy.turns(2 * again + 1)
    expected = [most if turn < first or turn % again == 0 else 1 for turn in range(len(used))]
    mistakes += used != expected

    # All threads are faster, although the first call is slow.
    idle = Clock(lambda turn, used: 1000.0 if turn == 0 else 1.0 / used)
    with lowered(threads, time=idle.time):
        used = idle.turns(2 * again + 1)
    mistakes += used != [1 if turn == first or (turn and turn % again == 0) else most for turn in range(len(used))]

    # The piece on one thread is larger and takes longer: the time per unit decides.
    large = Clock(lambda turn, used: float(used))
    with lowered(threads, time=large.time):
        used = large.turns(first + 20, size=lambda turn: 10.0 if turn == first else 1.0)
    mistakes += used[first:] != [1] * 20

    # The load of the machine changes: the other number is found after a few trials.
    with lowered(threads, time=large.time):
        large.seconds = lambda turn, used: 1.0 if used > 1 else 3.0
        used = large.turns(4 * again)
    mistakes += used[-again + 5 :].count(most) < again - 10

    # After an error in the work, the number is restored as well, and the time is recorded.
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
    """Return the number of errors."""
    before, most = numba.get_num_threads(), numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
    mistakes = 0
    try:
        numba.set_num_threads(most)
        if most > 1:
            mistakes += _mistakes(most)
            mistakes += numba.get_num_threads() != most
        numba.set_num_threads(1)  # there is no choice, and nothing is measured
        alone = Clock(lambda turn, used: 1.0)
        mistakes += set(alone.turns(2 * threads.TRY_FROM)) != {1}
        faster = threads.FasterThreads()
        numba.set_num_threads(most)
        faster.give_back()  # nothing: the number is that of the user
        mistakes += numba.get_num_threads() != most
        faster._before = 1  # as if Ctrl-C had come before `run` restored the number
        faster.give_back()
        mistakes += numba.get_num_threads() != 1
    finally:
        numba.set_num_threads(before)
    return on_all_threads(mistakes)
