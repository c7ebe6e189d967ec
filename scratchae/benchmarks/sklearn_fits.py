"""scikit-learn's perceptrons as contestants.

`MLPClassifier` trains the stacked classifier of a case. `MLPRegressor` trains the autoencoder's network, but its loss is half the squared error,
and all its hidden layers have the same activation, the code included: another task, with a reference run of its own.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from scratchae.benchmarks.cases import Workload
from scratchae.benchmarks.reference import EPOCHS, Reference


def contestant(case: Workload, reference: Reference, seconds: float) -> PerceptronFits:
    """Return the contestant."""
    return PerceptronFits(case, reference, seconds)


class PerceptronFits:
    """`fit` of a perceptron; the data are shortened so that a fit of one epoch lasts about as long as a turn."""

    def __init__(self, case: Workload, reference: Reference, seconds: float) -> None:
        self.case, self.reference, self.batches = case, reference, case.batches
        self.x, labels = case.data()
        self.y = self.x if labels is None else labels
        self.results = self._losses()
        rate = self._rate(1)
        self.batches = max(1, min(case.batches, int(rate * seconds)))
        self.epochs = max(1, round(rate * seconds / self.batches))

    def _start(self, **options: Any) -> Any:
        """Return a perceptron with the initial parameters, which its next fit starts from."""
        kind = MLPClassifier if self.case.kind == "classifier" else MLPRegressor
        hidden = [layer.d_out for layer in self.case.layers[:-1]]
        mlp = kind(
            hidden_layer_sizes=hidden,
            alpha=0.0,
            batch_size=self.case.batch_size,
            tol=0.0,
            n_iter_no_change=10**9,
            warm_start=True,
            max_iter=1,
            **options,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            mlp.fit(self.x[: 2 * self.case.batch_size], self.y[: 2 * self.case.batch_size])
        for kept, given in zip(
            mlp.coefs_ + mlp.intercepts_, self.reference.weights + self.reference.biases, strict=True
        ):
            kept[...] = given
        return mlp

    def _losses(self) -> list[float]:
        """Return the mean loss of each epoch of the reference run's batches."""
        mlp, losses = self._start(shuffle=False), []
        for epoch, rows in enumerate(self.reference.rows.reshape(EPOCHS, -1)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                # The first starts a new optimiser, the second continues with it.
                (mlp.partial_fit if epoch else mlp.fit)(self.x[rows], self.y[rows])
            losses.append(mlp.loss_curve_[-1])
        # Half the mean over rows and features; the reference run has the sum over the features.
        scale = 1 if self.case.kind == "classifier" else 2 * self.x.shape[1]
        return [scale * float(loss) for loss in losses]

    def _rate(self, epochs: int) -> float:
        """Return the steps per second of a fit."""
        mlp, rows = self._start(random_state=0), self.batches * self.case.batch_size
        mlp.max_iter = epochs
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            start = time.perf_counter()
            mlp.fit(self.x[:rows], self.y[:rows])
        return self.batches * epochs / (time.perf_counter() - start)

    def measure(self) -> float:
        """Return the steps per second of a new fit."""
        return self._rate(self.epochs)
