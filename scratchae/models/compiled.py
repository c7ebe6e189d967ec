"""Training by the kernels that take whole steps: what they are given, and the memory that they work in.

Models that have no such kernel are trained op by op (`problem.ModelProblem`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchae.nets.parameters import Array
from scratchae.training import Optimizer, TrainingState

if TYPE_CHECKING:
    from scratchae.models.model import Model
    from scratchae.models.problem import Data

BLOCK = 4096  # rows in working memory when the gradient is over all data


class CompiledSteps:
    """What both kinds of compiled steps share.

    Parameters
    ----------
    model : Model
        Its options are read.
    data : Data
    optimizer : Optimizer
    batch_size : int
    """

    def __init__(self, model: Model, data: Data, optimizer: Optimizer, batch_size: int) -> None:
        self.model, self.data, self.optimizer, self.batch_size = model, data, optimizer, batch_size
        self._memory: Any = None  # made once, since fresh memory costs as much as a tenth of a step

    def take_steps(self, state: TrainingState, order: Array, losses: Array, rate: float) -> int:
        """Train on the rows `order`; return the number of steps whose loss is finite."""
        raise NotImplementedError

    def full_gradient(self, state: TrainingState, theta: Array) -> tuple[float, Array]:
        """Loss and gradient over all rows, both float64."""
        raise NotImplementedError

    def _rule(self) -> Any:
        from scratchae.kernels import updates

        return {"sgd": updates.SGD, "momentum": updates.MOMENTUM, "adam": updates.ADAM}[self.optimizer.name]


class ChainSteps(CompiledSteps):
    """Steps of a chain of layers with one loss at its end."""

    def take_steps(self, state: TrainingState, order: Array, losses: Array, rate: float) -> int:
        from scratchae.kernels import steps

        theta, settings = state.parameters.flat, self.optimizer.settings(rate)
        table, kind, decay = self._as_numbers(state)
        if self._memory is None:
            self._memory = steps.workspace(table, self.batch_size, theta)
        x, targets, rows = self.model._inputs_and_targets(self.data, order, state.generator(2, state.step))
        return steps.take_steps(
            x, targets, rows, self.batch_size, theta, table, kind, decay,
            self._rule(), state.slots, settings, state.step, self._memory, losses,
        )  # fmt: skip

    def full_gradient(self, state: TrainingState, theta: Array) -> tuple[float, Array]:
        from scratchae.kernels import steps

        rows = len(self.data.x)
        block = min(BLOCK, rows)
        table, kind, decay = self._as_numbers(state)
        if self._memory is None:
            self._memory = steps.workspace(table, block, theta)
        x, targets, _ = self.model._inputs_and_targets(self.data, np.arange(rows), None)
        return steps.full_gradient(x, targets, block, theta, table, kind, decay, self._memory)

    def _as_numbers(self, state: TrainingState) -> tuple[Array, Any, float]:
        """Network, loss and weight decay as the kernels read them."""
        from scratchae.kernels import losses

        table = self.model._network(self.data.x.shape[1]).table(state.parameters)
        kinds = {"bernoulli": losses.BERNOULLI, "gaussian": losses.GAUSSIAN, "cross-entropy": losses.CROSS_ENTROPY}
        return table, kinds[self.model._compiled_loss()], float(self.model.weight_decay)


class VariationalSteps(CompiledSteps):
    """Steps of an encoder and a decoder with a draw between them."""

    model: Any

    def take_steps(self, state: TrainingState, order: Array, losses: Array, rate: float) -> int:
        from scratchae.kernels import variational_steps as steps

        theta, model = state.parameters.flat, self.model._as_of(state.epoch)
        encoder, decoder = (net.table(state.parameters) for net in model._networks(self.data.x.shape[1]))
        if self._memory is None:
            self._memory = steps.memory(encoder, decoder, self.batch_size, int(model.n_samples), theta)
        kinds = {"elbo": steps.ELBO, "importance-weighted": steps.IMPORTANCE_WEIGHTED}
        eps, u = self._noise(state, order)
        return steps.take_steps(
            self.data.x, order, self.batch_size, theta, encoder, decoder, kinds[model._compiled_loss()], eps, u,
            float(getattr(model, "beta", 1.0)), float(model.weight_decay),
            self._rule(), state.slots, self.optimizer.settings(rate), state.step, self._memory, losses,
        )  # fmt: skip

    def _noise(self, state: TrainingState, order: Array) -> tuple[Array, Array]:
        """The noise of all batches, drawn batch by batch as the readable steps draw it."""
        rng, features, eps, u = state.generator(2, state.step), self.data.x.shape[1], [], []
        for first in range(0, len(order), self.batch_size):
            noise, pixels = self.model._draw_noise(rng, (min(self.batch_size, len(order) - first), features))
            eps.append(noise.ravel())
            u.append(np.empty((0, features), noise.dtype) if pixels is None else pixels)
        return np.concatenate(eps), np.concatenate(u)
