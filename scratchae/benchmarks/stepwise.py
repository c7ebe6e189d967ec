"""Training loops of libraries whose step is written here: the same loop runs for the check of the losses and for the measurement."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from scratchae.benchmarks.clock import rate_of
from scratchae.benchmarks.reference import EPOCHS, Reference, squares_of
from scratchae.nets.network import Array


class Steps(Protocol):
    """Training steps, or codes of blocks of rows, in one library.

    Attributes
    ----------
    at_once : int
        Batches per call of `take`.
    """

    at_once: int

    def restart(self) -> None:
        """Return to the initial parameters, with a new optimiser."""

    def draw(self) -> Any:
        """Draw the noise of a call with the library's own generator; None if the model has none."""

    def take(self, rows: Array, noise: Any) -> Any:
        """Train on batches of rows, shape (at_once, batch_size), or fewer; return their losses, possibly before they are computed."""

    def finish(self, results: Any) -> Array:
        """Wait until the last call is finished; return its results as an array."""


class StepwiseTraining:
    """A contestant that takes steps one after another, each on the rows of a random order.

    Parameters
    ----------
    steps : Steps
    reference : Reference
    rows : int
        Rows of the data.
    seconds : float
        Time of a turn; a turn ends after the first call that exceeds it.
    """

    def __init__(self, steps: Steps, reference: Reference, rows: int, seconds: float) -> None:
        self.steps, self.seconds, self.total = steps, seconds, rows
        self.batch_size = reference.rows.shape[1]
        self.results = self._losses(reference)

    def _losses(self, reference: Reference) -> list[float]:
        """Return the mean loss of each epoch of the reference run's batches."""
        self.steps.restart()
        losses, at_once, noise = [], min(self.steps.at_once, len(reference.rows) // EPOCHS), reference.noise
        for first in range(0, len(reference.rows), at_once):
            call = slice(first, first + at_once)
            taken = self.steps.take(reference.rows[call], noise[call] if noise.size else None)
            losses.append(self.steps.finish(taken).ravel())
        return np.concatenate(losses).reshape(EPOCHS, -1).mean(axis=1, dtype=np.float64).tolist()

    def _orders(self) -> Iterator[Array]:
        """Yield the rows of successive calls, in a new random order in each epoch."""
        rng = np.random.default_rng(0)
        while True:
            yield from rng.permutation(self.total).reshape(-1, self.steps.at_once, self.batch_size)

    def measure(self) -> float:
        """Return the steps per second, after one call that is not timed."""
        steps, orders, calls = self.steps, self._orders(), 0
        steps.restart()
        steps.finish(steps.take(next(orders), steps.draw()))
        start = time.perf_counter()
        while calls == 0 or time.perf_counter() - start < self.seconds:
            losses = steps.take(next(orders), steps.draw())
            calls += 1
        steps.finish(losses)
        return calls * steps.at_once / (time.perf_counter() - start)


class BlockwiseCodes:
    """A contestant that encodes rows, some blocks at a time.

    Parameters
    ----------
    encode : callable
        Returns the codes of a slice of the rows, possibly before they are computed.
    finish : callable
        Waits until codes are computed; returns them as an array, shape (rows, H).
    rows, at_once : int
        Number of rows, and of those per call.
    seconds : float
        As in `StepwiseTraining`.
    """

    def __init__(
        self, encode: Callable[[slice], Any], finish: Callable[[Any], Array], rows: int, at_once: int, seconds: float
    ) -> None:
        self.encode, self.finish, self.at_once, self.seconds = encode, finish, at_once, seconds
        self.blocks = [slice(first, first + at_once) for first in range(0, rows, at_once)]
        self.results = squares_of(np.concatenate([finish(encode(block)) for block in self.blocks]))

    def measure(self) -> float:
        """Return the rows per second."""
        blocks = itertools.cycle(self.blocks)
        return self.at_once * rate_of(lambda: self.finish(self.encode(next(blocks))), self.seconds)
