"""A model and its data, as the training loop sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchae import backend
from scratchae.nets.parameters import Array
from scratchae.training import Optimizer, TrainingState

if TYPE_CHECKING:
    from scratchae.models.base import BaseAutoencoder

BLOCK = 4096  # rows in working memory when the gradient is over all data


class ModelProblem:
    """Training of `model` on the rows of x.

    Parameters
    ----------
    model : BaseAutoencoder
        Its options are read; it is changed by `publish` only.
    x : array, shape (N, D)
        Used where it lies: batches are gathered from it, and it is not copied.
    validation : array, shape (M, D), optional
    optimizer : Optimizer
    names : array of str, shape (D,), optional
        Column names of x.
    """

    def __init__(
        self,
        model: BaseAutoencoder,
        x: Array,
        validation: Array | None,
        optimizer: Optimizer,
        names: Array | None = None,
    ) -> None:
        self.model, self.x, self.validation, self.optimizer, self.names = model, x, validation, optimizer, names
        self._numbers: tuple[Array, Any, float, Array] | None = None
        self._work: Any = None
        self._threads: Any = None
        self.rows = len(x)
        self.batch_size = min(int(model.batch_size), self.rows)
        self.compiled = backend.backend_name() == "numba" and model._has_compiled_steps()

    def take_steps(self, state: TrainingState, order: Array, losses: Array) -> int:
        """Train on the rows `order`; return the number of steps whose loss is finite."""
        if self.compiled:
            return self._compiled_steps(state, order, losses)
        theta, rate = state.parameters.flat, self.model.learning_rate
        for i in range(len(losses)):
            batch = self.x[order[i * self.batch_size : (i + 1) * self.batch_size]]
            losses[i], gradients = self.model._loss_and_gradient(state.parameters, batch)
            if not np.isfinite(losses[i]):
                return i
            self.optimizer.update(theta, gradients.flat, state.slots, rate, state.step + i + 1)
        return len(losses)

    def _compiled_steps(self, state: TrainingState, order: Array, losses: Array) -> int:
        from scratchae.kernels import steps, updates

        theta = state.parameters.flat
        rule = {"sgd": updates.SGD, "momentum": updates.MOMENTUM, "adam": updates.ADAM}[self.optimizer.name]
        table, likelihood, decay, settings = self._as_numbers(state)
        work = self._workspace(table, self.batch_size, theta)
        return self._threads.run(
            lambda: steps.autoencoder_steps(
                self.x, order, self.batch_size, theta, table, likelihood, decay,
                rule, state.slots, settings, state.step, work, losses,
            ),
            len(order),
        )  # fmt: skip

    def _as_numbers(self, state: TrainingState) -> tuple[Array, Any, float, Array]:
        """Network, likelihood, weight decay and optimiser as the kernels read them; found out once."""
        if self._numbers is None:
            from scratchae.kernels import losses

            table = self.model._network(self.x.shape[1]).table(state.parameters)
            likelihood = {"bernoulli": losses.BERNOULLI, "gaussian": losses.GAUSSIAN}[self.model.likelihood]
            settings = self.optimizer.settings(self.model.learning_rate)
            self._numbers = (table, likelihood, float(self.model.weight_decay), settings)
        return self._numbers

    def _workspace(self, table: Array, rows: int, theta: Array) -> Any:
        """What the kernels work in: made once, since fresh memory costs as much as a tenth of a step."""
        if self._work is None:
            from scratchae.kernels import steps, threads

            self._work, self._threads = steps.workspace(table, rows, theta), threads.FasterThreads()
        return self._work

    def release(self) -> None:
        """Leave everything outside as it was, however the training ended."""
        if self._threads is not None:
            self._threads.give_back()

    def full_gradient(self, state: TrainingState, theta: Array) -> tuple[float, Array]:
        """Loss and gradient over all rows, both float64."""
        if self.compiled:
            from scratchae.kernels import steps

            table, likelihood, decay, _ = self._as_numbers(state)
            block = min(BLOCK, self.rows)
            work = self._workspace(table, block, theta)
            return self._threads.run(
                lambda: steps.autoencoder_gradient(self.x, block, theta, table, likelihood, decay, work), self.rows
            )
        parameters = state.parameters.like(theta)
        loss, total = 0.0, np.zeros(theta.size)
        for first in range(0, self.rows, BLOCK):
            batch = self.x[first : first + BLOCK]
            part, gradients = self.model._loss_and_gradient(parameters, batch)
            loss += part * len(batch) / self.rows
            total += gradients.flat * (len(batch) / self.rows)
        return loss, total

    def validation_loss(self, state: TrainingState) -> float | None:
        """The objective on the validation data."""
        if self.validation is None:
            return None
        losses = self.model._losses(state.parameters, self.validation)
        return float(losses.mean(dtype=np.float64)) + self.model._penalty(state.parameters)

    def culprit(self, state: TrainingState, rows: Array) -> str:
        """Name of the first array that is not finite: a parameter, an activation, or else the loss."""
        for name, value in state.parameters.items():
            if not np.isfinite(value).all():
                return f"the parameter {name!r}"
        network = self.model._network(self.x.shape[1])
        with np.errstate(all="ignore"):
            activations = network.forward(state.parameters, self.x[rows[: self.batch_size]])
        for layer, value in zip(network.layers, activations[1:], strict=True):
            if not np.isfinite(value).all():
                return f"the output of layer {layer.name!r}"
        return "the loss itself, whose inputs are finite but too large"

    def publish(self, state: TrainingState) -> BaseAutoencoder:
        """Give the model a copy of the parameters, and the history."""
        parameters = state.parameters.like(state.parameters.flat.copy())
        self.model._publish(parameters, state.history, self.x.shape[1], self.names)
        return self.model
