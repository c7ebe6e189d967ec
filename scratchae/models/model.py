"""What all models share: training, the learned parameters, inference in blocks of rows.

A model adds its networks (`_networks`) and its objective (`_loss_and_gradient`), which reads like its derivation.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np

from scratchae import backend
from scratchae.models.compiled import ChainSteps, CompiledSteps
from scratchae.models.feature_names import FeatureNames
from scratchae.models.options import CommonOptions, plain
from scratchae.models.problem import Data, ModelProblem
from scratchae.models.saving import Saving
from scratchae.models.validation import check_array
from scratchae.nets import Network, Parameters
from scratchae.nets.parameters import Array
from scratchae.training import Plan, TrainingState, as_optimizer, seed_of, train
from scratchae.training.optimizers import describe
from scratchae.training.state import digest, read_checkpoint

M = TypeVar("M", bound="Model")
ROWS_AT_A_TIME = 4096  # of inference
NOISE_AT_A_TIME = 4_000_000  # numbers that are drawn at once


class Model(FeatureNames, Saving, CommonOptions):
    """A model without its networks and objective."""

    _rows_are_coupled: ClassVar[bool] = False  # whether the objective is more than a mean over the rows
    _has_noise: ClassVar[bool] = False
    _he_weights: ClassVar[bool] = True  # whether ReLU layers begin with He's weights
    _compiled_steps: ClassVar[type[CompiledSteps]] = ChainSteps
    _title = ""  # of the progress bar
    _was_interrupted = False  # whether Ctrl-C ended the last training

    # Learned.
    history_: dict[str, list[float]]
    n_features_in_: int
    _parameters: Parameters
    _shaped_by: dict[str, Any]

    # What a model defines.

    def _networks(self, features: int) -> tuple[Network, ...]:
        """The networks through which the data go, in their order."""
        raise NotImplementedError

    def _other_shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of parameters that belong to no layer; they begin as zeros."""
        return {}

    def _look_at(self, data: Data, parameters: Parameters) -> None:
        """Set those first parameters that are taken from the data and not from chance."""

    def _as_of(self: M, epoch: int) -> M:
        """The model with the objective of that epoch, counted from 0; itself if the objective stays the same."""
        return self

    def _loss_and_gradient(
        self, parameters: Parameters, x: Array, y: Array | None = None, noise: Array | None = None
    ) -> tuple[float, Parameters]:
        """The objective on a batch, and its gradient."""
        raise NotImplementedError

    def _metrics(self, parameters: Parameters, data: Data, noise: Array | None) -> dict[str, float]:
        """What the history says about validation data; "loss" is the objective."""
        raise NotImplementedError

    def _draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> Array | None:
        """The noise for a batch x of that shape, if the objective has any."""
        return None

    def _compiled_loss(self) -> str:
        """The loss with which the compiled steps compute this model's objective; "" if they do not."""
        return ""

    def _inputs_and_targets(
        self, data: Data, order: Array, rng: np.random.Generator | None
    ) -> tuple[Array, Array, Array]:
        """For `kernels.steps`: inputs, what is to come out for each of the rows `order` (empty: the input), and these rows among the inputs."""
        return data.x, np.empty((0, 0), data.x.dtype), order

    # Training.

    def _train(
        self,
        data: Data,
        validation: Data | None,
        names: Array | None,
        callbacks: Sequence[Callable[[Any], Any]] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
        learned: dict[str, Any] | None = None,
    ) -> TrainingState:
        """Train on checked data. `learned` are attributes that the model gets together with its parameters."""
        problem = ModelProblem(self, data, validation, as_optimizer(self.optimizer), names, learned or {})
        state = self._fresh_state(data.x.shape[1], problem.optimizer.slots)
        self._look_at(data, state.parameters)
        identity = {} if checkpoint is None else self._identity(data, validation)
        if identity and self.random_state is not None:
            identity["seed"] = state.entropy  # also of a generator, which has no name of its own
        check_checkpoint(checkpoint, resume)
        keeping: list[Any] = [callback for callback in callbacks if hasattr(callback, "memory")]
        for callback in callbacks:
            if hasattr(callback, "start"):
                callback.start()
        if resume and checkpoint is not None and os.path.exists(checkpoint):
            state, memories = read_checkpoint(checkpoint, state, identity, len(keeping))
            for callback, memory in zip(keeping, memories, strict=True):
                callback.recall(memory)
        plan = Plan(
            problem.optimizer,
            int(self.epochs),
            problem.batch_size,
            self._steps_per_call(state, problem.batch_size, data.x.shape[1]),
            callbacks,
            checkpoint,
            identity,
            int(self.verbose),
            self._title,
        )
        try:
            train(problem, plan, state)
        finally:
            problem.release()
        self._was_interrupted = state.interrupted
        return state

    def _steps_per_call(self, state: TrainingState, batch_size: int, features: int) -> int:
        """Steps between two looks at Ctrl-C: about a hundredth of a second's, and no more noise than fits in memory."""
        work = 6 * state.parameters.flat.size * batch_size
        steps = min(int(1e9 / work), int(1e10 / (work * self._draws_per_row())))  # a tenth, if there are many draws
        noise = batch_size * self._noise_per_row(features)
        return max(1, min(steps, NOISE_AT_A_TIME // noise) if self._has_noise else steps)

    def _draws_per_row(self) -> int:
        """How often a step decodes each row."""
        return 1

    def _noise_per_row(self, features: int) -> int:
        """Numbers that are drawn for each row of a step."""
        return features

    def _fresh_state(self, features: int, slots: int) -> TrainingState:
        """Where a training begins."""
        networks = self._networks(features)
        shapes = {name: shape for net in networks for name, shape in net.shapes().items()} | self._other_shapes()
        size = sum(math.prod(shape) for shape in shapes.values())
        try:
            parameters, memory = Parameters(shapes, self._dtype()), np.zeros((slots, size), self._dtype())
        except (MemoryError, ValueError, OverflowError):
            raise MemoryError(
                f"{size:.1e} parameters do not fit in memory; make hidden_sizes or latent_dim smaller."
            ) from None
        state = TrainingState(parameters, memory, seed_of(self.random_state))
        generator = state.generator(0)
        for net in networks:
            net.initialise(parameters, generator, he=self._he_weights)
        return state

    def _identity(self, data: Data, validation: Data | None) -> dict[str, Any]:
        """Whom a checkpoint belongs to; epochs and verbosity may change."""
        options = {
            name: value for name, value in self._described_options().items() if name not in ("epochs", "verbose")
        }
        rule = as_optimizer(self.optimizer)  # "adam" and Adam() are the same
        options["optimizer"] = rule.name if rule == type(rule)() else plain(describe(rule))
        arrays = [*data, *(validation or (None, None))]
        digests = [None if array is None else digest(array) for array in arrays]
        return {"class": type(self).__name__, **options, "backend": backend.backend_name(), "data": digests}

    def _publish(
        self,
        parameters: Parameters,
        history: dict[str, list[float]],
        features: int,
        names: Array | None,
        learned: dict[str, Any] | None = None,
    ) -> None:
        if getattr(self, "history_", None) is not history:  # the first epoch of a run
            self._remember_names(names)
            self._shaped_by = self._shape_options()
            for name, value in (learned or {}).items():
                setattr(self, name, value)
        # The history comes last: with it a model counts as fitted, and Ctrl-C may fall between any two of these.
        self.n_features_in_, self._parameters, self.history_ = features, parameters, history

    def _check_fitted(self) -> None:
        super()._check_fitted()
        for name, now in self._shape_options().items():
            then = self._shaped_by[name]
            if now != then:
                raise ValueError(
                    f"{name} is {now!r}, but this {type(self).__name__} was fitted with {then!r}; fit again or set it back."
                )

    # What was learned.

    @property
    def parameters_(self) -> Parameters:
        """The parameters by name, in order; the arrays are the model's own memory."""
        self._check_fitted()
        return self._parameters

    def _network(self, features: int) -> Network:
        """All networks in one chain."""
        return Network(tuple(layer for net in self._networks(features) for layer in net.layers))

    def _outputs(self, parameters: Parameters, data: Data) -> dict[str, Array]:
        """What each layer gives for these rows, by its name, in the order of the layers."""
        network = self._network(data.x.shape[1])
        outputs = network.forward(parameters, data.x)[1:]
        return {layer.name: output for layer, output in zip(network.layers, outputs, strict=True)}

    def _penalty(self, parameters: Parameters) -> float:
        """The weight decay's part of the objective."""
        if self.weight_decay == 0:
            return 0.0
        op = backend.active().weight_decay
        return sum(float(op(W, self.weight_decay)) for name, W in parameters.items() if name.endswith(".W"))

    def _decay(self, parameters: Parameters, gradients: Parameters) -> float:
        """The same, and its gradient added to the others."""
        if self.weight_decay > 0:
            op_backward = backend.active().weight_decay_backward
            for name, W in parameters.items():
                if name.endswith(".W"):
                    gradients[name] += op_backward(1.0, W, self.weight_decay)  # (autoencoder.8)
        return self._penalty(parameters)

    def _checked(self, X: Any, features: int | None, name: str = "X", *, unit_interval: bool = False) -> Array:
        """Data as the model reads them."""
        return check_array(
            X, self._dtype(), features=features, unit_interval=unit_interval, name=name, owner=type(self).__name__
        )

    def _known(self, X: Any, *, unit_interval: bool = False) -> Array:
        """Data of the kind that the model was fitted to, for options that may have been changed since."""
        self._check_fitted()
        self._check_options()
        self._compare_names(X)
        return self._checked(X, self.n_features_in_, unit_interval=unit_interval)

    def _in_blocks(self, function: Callable[..., Array], *arrays: Array) -> Array:
        """function(*arrays), a block of rows at a time."""
        rows = len(arrays[0])
        if rows <= ROWS_AT_A_TIME:
            return function(*arrays)
        starts = range(0, rows, ROWS_AT_A_TIME)
        return np.concatenate([function(*(array[i : i + ROWS_AT_A_TIME] for array in arrays)) for i in starts])


def check_checkpoint(checkpoint: str | os.PathLike[str] | None, resume: bool) -> None:
    """Raise an error if no checkpoint can be kept there; that is found out before the training."""
    if checkpoint is None:
        if resume:
            raise ValueError("resume=True needs to know from where; pass checkpoint= too.")
        return
    if not os.path.isdir(os.path.dirname(os.path.abspath(checkpoint))):
        raise FileNotFoundError(f"The folder of checkpoint={os.fspath(checkpoint)!r} does not exist; make it first.")
    if not resume and (os.path.isdir(checkpoint) or not os.fspath(checkpoint)):
        raise IsADirectoryError(
            f"checkpoint={os.fspath(checkpoint)!r} is a folder; give the name of a file in it, such as run.npz."
        )
