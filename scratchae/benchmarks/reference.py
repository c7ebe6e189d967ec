"""The reference run of a case: initial parameters, batches and noise, and the losses that every contestant must reach with them.

They are recorded while the readable objective trains the model on the NumPy backend.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchae.backend import use_backend
from scratchae.benchmarks.cases import Workload
from scratchae.errors import ConvergenceWarning, muted
from scratchae.nets.network import Array
from scratchae.training import Adam

# Epochs and batches of the run. Rounding decides whether a unit at the kink of ReLU has a gradient, and Adam makes small gradients large, so
# that honest contestants differ by more than the tolerance after some ten steps.
EPOCHS, BATCHES = 2, 3
PARTS = 10  # of the rows that "encode" is compared on
TOLERANCE = 1e-4  # largest relative difference of losses


class PerceptronAdam(Adam):
    """Adam as in scikit-learn, which adds epsilon to the root of v before it corrects the bias: ours with epsilon / sqrt(1 - beta2^t)."""

    def update(self, theta: Array, gradient: Array, state: Array, learning_rate: float, step: int) -> None:
        """Take one step, in place."""
        epsilon = self.epsilon / math.sqrt(1 - self.beta2**step)
        Adam(self.beta1, self.beta2, epsilon).update(theta, gradient, state, learning_rate, step)


# Options of the model by kind of reference run. `MLPRegressor` has ReLU in the code, and half the squared error: half our gradients.
VARIANTS: dict[str, dict[str, Any]] = {
    "case": {},
    "MLPClassifier": {"optimizer": PerceptronAdam()},
    "MLPRegressor": {"optimizer": PerceptronAdam(epsilon=2e-8), "likelihood": "gaussian", "code_activation": "relu"},
}


@dataclass
class Reference:
    """A reference run.

    Parameters
    ----------
    weights, biases : list of array
        Initial parameters of each layer, shapes (d_in, d_out) and (d_out,).
    rows : array of int, shape (steps, batch_size)
        The batches, as indices of the rows of the data.
    noise : array, shape (steps, batch_size, …), or size 0
        The noise of each step: uniform numbers for the masks of a denoising autoencoder, or eps of a variational one.
    expected : list of float
        The mean loss of each epoch. For "encode", the sums of the squared codes of each tenth of the rows.
    """

    weights: list[Array]
    biases: list[Array]
    rows: Array
    noise: Array
    expected: list[float]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the run to a file, for the processes of the contestants."""
        layers = {f"{kind}{i}": a for kind, s in (("W", self.weights), ("b", self.biases)) for i, a in enumerate(s)}
        with open(path, "wb") as file:
            np.savez(file, rows=self.rows, noise=self.noise, expected=np.array(self.expected), **layers)  # type: ignore[arg-type]


def load_reference(path: str | os.PathLike[str]) -> Reference:
    """Return the run that was saved in a file."""
    with np.load(path) as file:
        numbers = range(sum(name.startswith("W") for name in file.files))
        weights, biases = ([file[f"{kind}{i}"] for i in numbers] for kind in "Wb")
        return Reference(weights, biases, file["rows"], file["noise"], file["expected"].tolist())


def reference_run(case: Workload, variant: str = "case") -> Reference:
    """Train the model of a case on the NumPy backend, and record the run.

    Parameters
    ----------
    case : Workload
    variant : str
        Name in `VARIANTS`.
    """
    with use_backend("numpy"), muted(ConvergenceWarning):
        if case.trains_nothing:
            return _encoding(case)
        x, y = case.data(min(case.batches, BATCHES) * case.batch_size)
        recorder, steps = _recording(case.model(epochs=EPOCHS, **VARIANTS[variant]))
        recorder.fit(x, y)
    start = list(steps[0][0].values())
    places = {row.tobytes(): i for i, row in enumerate(x)}
    rows = np.array([[places[row.tobytes()] for row in batch] for _, batch, _ in steps])
    # A variational model's noise is (eps, None), with eps of shape (1, batch_size, J).
    noise = [n[0][0] if isinstance(n, tuple) else n for _, _, n in steps if n is not None]
    return Reference(start[::2], start[1::2], rows, np.array(noise, np.float32), recorder.history_["loss"])


def _recording(model: Any) -> tuple[Any, list[tuple[Any, Array, Any]]]:
    """Return the model with an objective that appends its parameters (of the first step), batch and noise to a list; and that list."""
    steps: list[tuple[Any, Array, Any]] = []

    class Recorder(type(model)):  # type: ignore[misc]
        """The model, with a record of its steps."""

        def objective(self, parameters: Any, x: Array, y: Any = None, noise: Any = None, terms: Any = None) -> Any:
            steps.append((None if steps else parameters.copied(), x, noise))
            return super().objective(parameters, x, y, noise, terms)

    return Recorder(**model.get_params()), steps


def _encoding(case: Workload) -> Reference:
    """Return the parameters of `fitted_encoder`, and the sums of the squared codes."""
    x, _ = case.data()
    model = fitted_encoder(case)
    arrays = [model.parameters_[f"{layer.name}.{kind}"] for layer in case.layers for kind in "Wb"]
    nothing = np.empty((0, 0))
    return Reference(arrays[::2], arrays[1::2], nothing, nothing, squares_of(model.encode(x)))


def fitted_encoder(case: Workload) -> Any:
    """Return the model of the case after one step."""
    x, _ = case.data(case.batch_size)
    model: Any = case.model(epochs=1)
    return model.fit(x)


def squares_of(codes: Array) -> list[float]:
    """Return the sum of the squared codes of each tenth of the rows."""
    return [float(np.square(part, dtype=np.float64).sum()) for part in np.array_split(codes, PARTS)]


def difference(expected: list[float], found: list[float]) -> float:
    """Return the largest relative difference between the results of a contestant and those of the reference run; infinity if some are missing."""
    if len(expected) != len(found):
        return float("inf")
    differences = [abs(f - e) / max(abs(e), 1e-30) for e, f in zip(expected, found, strict=True)]
    return max(differences) if all(np.isfinite(differences)) else float("inf")
