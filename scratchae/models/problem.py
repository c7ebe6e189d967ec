"""A model and its data, as the training loop sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from scratchae import backend
from scratchae.models.compiled import BLOCK
from scratchae.nets import Parameters
from scratchae.nets.parameters import Array
from scratchae.training import Optimizer, TrainingState

if TYPE_CHECKING:
    from scratchae.models.model import Model


class Data(NamedTuple):
    """Rows x, shape (N, D), and where there are any their labels y, shape (N,), as whole numbers from 0 on."""

    x: Array
    y: Array | None = None

    def part(self, rows: Any) -> Data:
        """Some of the rows."""
        return Data(self.x[rows], None if self.y is None else self.y[rows])


class ModelProblem:
    """Training of `model` on data.

    Parameters
    ----------
    model : Model
        Its options are read; it is changed by `publish` only.
    data : Data
        Used where it lies: batches are gathered from it, and it is not copied.
    validation : Data, optional
    optimizer : Optimizer
    names : array of str, shape (D,), optional
        Column names of the rows.
    learned : dict
        Attributes that the model gets together with its parameters.
    """

    def __init__(
        self,
        model: Model,
        data: Data,
        validation: Data | None,
        optimizer: Optimizer,
        names: Array | None,
        learned: dict[str, Any],
    ) -> None:
        self.model, self.data, self.validation, self.optimizer = model, data, validation, optimizer
        self.names, self.learned = names, learned
        self._threads: Any = None
        self.rows = len(data.x)
        self.batch_size = min(int(model.batch_size), self.rows)
        steps = model._compiled_steps if backend.backend_name() == "numba" and model._compiled_loss() else None
        self.compiled = None if steps is None else steps(model, data, optimizer, self.batch_size)

    def take_steps(self, state: TrainingState, order: Array, losses: Array) -> int:
        """Train on the rows `order`; return the number of steps whose loss is finite."""
        compiled, rate = self.compiled, self._rate(state)
        if compiled is not None:
            return self._on_faster_threads(lambda: compiled.take_steps(state, order, losses, rate), len(order))
        return self._on_faster_threads(lambda: self._readable_steps(state, order, losses, rate), len(order))

    def _readable_steps(self, state: TrainingState, order: Array, losses: Array, rate: float) -> int:
        """The steps one by one, as they are derived."""
        theta, noise = state.parameters.flat, state.generator(2, state.step)
        model = self.model._as_of(state.epoch)
        for i in range(len(losses)):
            x, y = self.data.part(order[i * self.batch_size : (i + 1) * self.batch_size])
            losses[i], gradients = model._loss_and_gradient(state.parameters, x, y, model._draw_noise(noise, x.shape))
            if not np.isfinite(losses[i]):
                return i
            self.optimizer.update(theta, gradients.flat, state.slots, rate, state.step + i + 1)
        return len(losses)

    def _on_faster_threads(self, work: Any, size: int) -> Any:
        """The result of `work`, whose kernels run on as many threads as pay at the moment."""
        if backend.backend_name() != "numba":
            return work()
        if self._threads is None:
            from scratchae.kernels import threads

            self._threads = threads.FasterThreads()
        return self._threads.run(work, size)

    def _rate(self, state: TrainingState) -> float:
        """The learning rate of this epoch."""
        return float(self.model.learning_rate) * float(self.model.learning_rate_decay) ** state.epoch

    def release(self) -> None:
        """Leave everything outside as it was, however the training ended."""
        if self._threads is not None:
            self._threads.give_back()

    def full_gradient(self, state: TrainingState, theta: Array) -> tuple[float, Array]:
        """Loss and gradient over all rows, both float64."""
        compiled = self.compiled
        if compiled is not None:
            return self._on_faster_threads(lambda: compiled.full_gradient(state, theta), self.rows)
        return self._on_faster_threads(lambda: self._readable_gradient(state.parameters.like(theta)), self.rows)

    def _readable_gradient(self, parameters: Parameters) -> tuple[float, Array]:
        loss, total = 0.0, np.zeros(parameters.flat.size)
        block = self.rows if self.model._rows_are_coupled else BLOCK
        for first in range(0, self.rows, block):
            x, y = self.data.part(slice(first, first + block))
            part, gradients = self.model._loss_and_gradient(parameters, x, y)
            loss += part * len(x) / self.rows
            total += gradients.flat * (len(x) / self.rows)
        return loss, total

    def validation_metrics(self, state: TrainingState) -> dict[str, float]:
        """The objective on the validation data, and what else the model measures there; noise is the same in every epoch."""
        if self.validation is None:
            return {}
        noise = self.model._draw_noise(state.generator(3), self.validation.x.shape)
        return self.model._metrics(state.parameters, self.validation, noise)

    def culprit(self, state: TrainingState, rows: Array) -> str:
        """Name of the first array that is not finite: a parameter, an activation, or else the loss."""
        for name, value in state.parameters.items():
            if not np.isfinite(value).all():
                return f"the parameter {name!r}"
        with np.errstate(all="ignore"):
            outputs = self.model._outputs(state.parameters, self.data.part(rows[: self.batch_size]))
        for name, value in outputs.items():
            if not np.isfinite(value).all():
                return f"the output of layer {name!r}"
        return "the loss itself, whose inputs are finite but too large"

    def publish(self, state: TrainingState) -> Model:
        """Give the model a copy of the parameters, and the history."""
        parameters = state.parameters.like(state.parameters.flat.copy())
        self.model._publish(parameters, state.history, self.data.x.shape[1], self.names, self.learned)
        return self.model
