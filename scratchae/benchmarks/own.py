"""scratchae as a contestant: `fit` and `encode`, called as users call them."""

from __future__ import annotations

from typing import Any

from scratchae.backend import use_backend
from scratchae.benchmarks.cases import Workload
from scratchae.benchmarks.clock import rate_of
from scratchae.benchmarks.reference import BATCHES, EPOCHS, fitted_encoder, squares_of
from scratchae.errors import ConvergenceWarning, muted


class OwnFits:
    """`fit` of the model of a case, with shuffling, noise and history.

    Parameters
    ----------
    case : Workload
    backend : {"numba", "numpy"}
    seconds : float
        Time of a turn. For "numpy", whose steps are slow, the data are shortened so that two epochs last about as long.
    """

    def __init__(self, case: Workload, backend: str, seconds: float) -> None:
        use_backend(backend)
        self.case, self.batches = case, min(case.batches, BATCHES)
        self.x, self.y = case.data()
        self.results = self._fit(EPOCHS)["loss"]
        self.batches = case.batches
        rate = self._rate(2)
        if backend == "numpy":
            self.batches = max(1, min(case.batches, int(rate * seconds / 2)))
        self.epochs = 1 + max(1, round(rate * seconds / self.batches))

    def _fit(self, epochs: int) -> dict[str, Any]:
        """Return the history of a fit."""
        rows = self.batches * self.case.batch_size
        with muted(ConvergenceWarning):
            model: Any = self.case.model(epochs=epochs)
            model.fit(self.x[:rows], None if self.y is None else self.y[:rows])
        return dict(model.history_)

    def _rate(self, epochs: int) -> float:
        """Return the steps per second after the first epoch, in which the memory of a fit is used for the first time."""
        first, *_, last = self._fit(epochs)["seconds"]
        return self.batches * (epochs - 1) / (last - first)

    def measure(self) -> float:
        """Return the steps per second of a new fit."""
        return self._rate(self.epochs)


class OwnCodes:
    """`encode` of all rows by a fitted model; the rows are fewer for "numpy", as in `OwnFits`."""

    def __init__(self, case: Workload, backend: str, seconds: float) -> None:
        use_backend(backend)
        self.x, _ = case.data()
        with muted(ConvergenceWarning):
            self.model = fitted_encoder(case)
        self.results = squares_of(self.model.encode(self.x))
        if backend == "numpy":
            self.x = self.x[: case.batch_size]

    def measure(self) -> float:
        """Return the rows per second."""
        return len(self.x) * rate_of(lambda: self.model.encode(self.x), 0.0)
