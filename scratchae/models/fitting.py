"""Fitting: the connection between a model, its data and the training loop.

`fit` initialises the parameters, runs the loop in `scratchae.training`, and stores the results in the model. The steps use the model's own
`objective` and the optimiser, unless the table of compiled steps (`scratchae.models.compiled`) has kernels for exactly this class and
these options.
"""

from __future__ import annotations

import copy
import math
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, TypeVar

import numpy as np

from scratchae import backend
from scratchae.errors import ConvergenceWarning, frames_of_the_package
from scratchae.models import blocks
from scratchae.models.options import plain
from scratchae.nets import Network, Parameters
from scratchae.nets.network import Array
from scratchae.training import (
    Callback,
    Optimizer,
    Plan,
    RandomState,
    StatefulCallback,
    TrainingState,
    as_optimizer,
    seed_of,
    train,
)
from scratchae.training.convergence import early_end
from scratchae.training.optimizers import describe
from scratchae.training.state import digest, read_checkpoint

if TYPE_CHECKING:
    from scratchae.kernels.threads import FasterThreads

NOISE_AT_A_TIME = 4_000_000  # numbers drawn at once
SMALLEST_BATCH, LARGEST_BATCH, BATCHES = 32, 128, 32  # "auto": a power of two, at most the number of rows / BATCHES
LEAST_EPOCHS, LEAST_STEPS, ITERATIONS = 20, 5_000, 500  # "auto"; ITERATIONS of "lbfgs"
M = TypeVar("M", bound="Trainable")
T = TypeVar("T")


class Data(NamedTuple):
    """Rows x, shape (N, D), and labels y, shape (N,), as non-negative integers, if there are any."""

    x: Array
    y: Array | None = None

    def part(self, rows: Array | slice) -> Data:
        """Return the data of the given rows."""
        return Data(self.x[rows], None if self.y is None else self.y[rows])


class Schedule(NamedTuple):
    """Rows per step and passes over the data of one training, as numbers."""

    batch_size: int
    epochs: int


def schedule(model: Options, rows: int) -> Schedule:
    """Return batch size and epochs of a training on `rows` rows, with numbers for "auto".

    The batch is the largest power of two that leaves at least 32 batches, but at least 32 and at most 128 rows. Epochs are the smallest
    number, at least 20, that makes 5,000 steps; L-BFGS makes 500 iterations. Numbers given in the options are used unchanged.

    The figures were measured (docs/which-model.md, by docs/defaults.py): after 5,000 steps in batches of 32, an autoencoder's squared error on five
    tables of 150 to 1,797 rows is below that of PCA of the same size, for every size of the code that was tried; after 2,000 it is not.
    10,000 steps, and larger batches, lower the error of the training rows and raise that of held-out rows of the smallest tables; batches
    of 8 rows need about twice as many steps. With 60,000 rows, the rule gives the 128 rows and 20 epochs (9,380 steps) of the usual
    experiments on MNIST.
    """
    power = 1 << max(rows // BATCHES, 1).bit_length() - 1
    batch = min(max(power, SMALLEST_BATCH), LARGEST_BATCH) if model.batch_size == "auto" else int(model.batch_size)
    batch = min(batch, rows)
    by_rule = model.epochs == "auto"
    return Schedule(
        batch, _epochs_by_rule(as_optimizer(model.optimizer), batch, rows) if by_rule else int(model.epochs)
    )


def _epochs_by_rule(optimizer: Optimizer, batch_size: int, rows: int) -> int:
    """Return the epochs of epochs="auto"."""
    steps_per_epoch = -(-rows // batch_size)
    return ITERATIONS if optimizer.name == "lbfgs" else max(LEAST_EPOCHS, -(-LEAST_STEPS // steps_per_epoch))


class Options(Protocol):
    """The options that determine a schedule."""

    optimizer: str | Optimizer
    batch_size: int | str
    epochs: int | str


class Trainable(Options, Protocol):
    """Interface of a model for fitting; the members are documented in `scratchae.models.model.Model`."""

    _rows_are_coupled: ClassVar[bool]
    _has_noise: ClassVar[bool]
    _he_weights: ClassVar[bool]
    _title: str
    _was_interrupted: bool
    _early_end: str
    learning_rate: float
    learning_rate_decay: float
    random_state: RandomState
    verbose: int

    def networks(self, features: int) -> tuple[Network, ...]: ...
    def objective(
        self, parameters: Parameters, x: Array, y: Array | None = None, noise: Any = None
    ) -> tuple[float, Parameters]: ...
    def draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> object: ...
    def _metrics_of_objective(self, parameters: Parameters, data: Data, noise: Any) -> dict[str, float]: ...
    def _at_epoch(self: M, epoch: int) -> M: ...
    def _first_state(self, features: int, state_vectors: int) -> TrainingState: ...
    def _initialise_from_data(self, data: Data, parameters: Parameters) -> None: ...
    def _outputs(self, parameters: Parameters, data: Data) -> dict[str, Array]: ...
    def _draws_per_row(self) -> int: ...
    def _noise_per_row(self, features: int) -> int: ...
    def _fingerprint(self, data: Data, validation: Data | None) -> dict[str, Any]: ...
    def _described_options(self) -> dict[str, Any]: ...
    def _set_fitted_state(self, parameters: Parameters, history: dict[str, list[float]], features: int,
                          names: Array | None, learned: Mapping[str, Any]) -> None: ...  # fmt: skip


class CompiledSteps(Protocol):
    """Kernels for whole steps of one model on its data."""

    name: str

    def take_steps(self, state: TrainingState, order: Array, losses: Array, rate: float) -> int:
        """Train on the rows `order`; return the number of steps whose loss is finite."""

    def full_gradient(self, state: TrainingState, theta: Array) -> tuple[float, Array]:
        """Return loss and gradient over all rows, both float64."""


# Maps a class to the function that makes the compiled steps for exactly that class; filled by `scratchae.models.compiled`.
COMPILED: dict[type, Callable[[Any, Data, Optimizer, int], CompiledSteps | None]] = {}


class ModelProblem:
    """The training of `model` on data, with the interface for the training loop.

    Parameters
    ----------
    model : Model
        The model. Its options are read; only `set_fitted_state` modifies it.
    data : Data
        Data; batches are gathered from it, and it is not copied.
    validation : Data, optional
    optimizer : Optimizer
    names : array of str, shape (D,), optional
        Column names of the data.
    learned : dict
        Attributes that the model gets together with its parameters, such as `classes_`.

    Attributes
    ----------
    trained_by : str
        How the model is trained: by compiled steps, or by its objective with the ops of the active backend.
    """

    def __init__(
        self,
        model: Trainable,
        data: Data,
        validation: Data | None,
        optimizer: Optimizer,
        names: Array | None = None,
        learned: Mapping[str, Any] | None = None,
    ) -> None:
        self.model, self.data, self.validation, self.optimizer = model, data, validation, optimizer
        self.names, self.learned = names, dict(learned or {})
        self.trained = with_attributes(model, self.learned)
        self._threads: FasterThreads | None = None
        self.rows = len(data.x)
        self.schedule = schedule(model, self.rows)
        self.batch_size = self.schedule.batch_size
        make = COMPILED.get(type(model)) if backend.backend_name() == "numba" else None
        self.compiled = None if make is None else make(self.trained, data, optimizer, self.batch_size)
        own = f"its objective with {backend.backend_name()} ops"
        self.trained_by = own if self.compiled is None else f"compiled steps ({self.compiled.name})"

    def take_steps(self, state: TrainingState, order: Array, losses: Array) -> int:
        """Train on the rows `order`; return the number of steps whose loss is finite."""
        compiled, rate = self.compiled, self._rate(state)
        if compiled is not None:
            return self._on_faster_threads(lambda: compiled.take_steps(state, order, losses, rate), len(order))
        return self._on_faster_threads(lambda: self._readable_steps(state, order, losses, rate), len(order))

    def _readable_steps(self, state: TrainingState, order: Array, losses: Array, rate: float) -> int:
        """Take the steps one by one, in the form of the derivation."""
        theta, rng = state.parameters.flat, state.generator(2, state.step)
        model = self.trained._at_epoch(state.epoch)
        for i in range(len(losses)):
            x, y = self.data.part(order[i * self.batch_size : (i + 1) * self.batch_size])
            losses[i], gradients = _checked_result(
                model.objective(state.parameters, x, y, model.draw_noise(rng, x.shape))
            )
            if not np.isfinite(losses[i]):
                return i
            self.optimizer.update(theta, gradients.flat, state.optimizer_state, rate, state.step + i + 1)
        return len(losses)

    def _on_faster_threads(self, work: Callable[[], T], size: int) -> T:
        """Call `work` on the number of threads that is currently faster, and return its result."""
        if backend.backend_name() != "numba":
            return work()
        if self._threads is None:
            from scratchae.kernels import threads

            self._threads = threads.FasterThreads()
        return self._threads.run(work, size)

    def _rate(self, state: TrainingState) -> float:
        """Return the learning rate of this epoch."""
        return float(self.model.learning_rate) * float(self.model.learning_rate_decay) ** state.epoch

    def release(self) -> None:
        """Restore the global state after the training has ended in any way."""
        if self._threads is not None:
            self._threads.give_back()

    def full_gradient(self, state: TrainingState, theta: Array) -> tuple[float, Array]:
        """Return loss and gradient over all rows, both float64."""
        compiled = self.compiled
        if compiled is not None:
            return self._on_faster_threads(lambda: compiled.full_gradient(state, theta), self.rows)
        return self._on_faster_threads(lambda: self._readable_gradient(state.parameters.like(theta)), self.rows)

    def _readable_gradient(self, parameters: Parameters) -> tuple[float, Array]:
        loss, total = 0.0, np.zeros(parameters.flat.size)
        block = self.rows if self.trained._rows_are_coupled else blocks.BLOCK
        for first in range(0, self.rows, block):
            x, y = self.data.part(slice(first, first + block))
            part, gradients = self.trained.objective(parameters, x, y)
            loss += part * len(x) / self.rows
            total += gradients.flat * (len(x) / self.rows)
        return loss, total

    def validation_metrics(self, state: TrainingState) -> dict[str, float]:
        """Return the objective and the model's other metrics on the validation data; the noise is the same in every epoch."""
        if self.validation is None:
            return {}
        noise = self.trained.draw_noise(state.generator(3), self.validation.x.shape)
        return self.trained._metrics_of_objective(state.parameters, self.validation, noise)

    def first_nonfinite(self, state: TrainingState, rows: Array) -> str:
        """Return the name of the first array that is not finite: a parameter, an activation, or the loss."""
        for name, value in state.parameters.items():
            if not np.isfinite(value).all():
                return f"the parameter {name!r}"
        with np.errstate(all="ignore"):
            outputs = self.trained._outputs(state.parameters, self.data.part(rows[: self.batch_size]))
        for name, value in outputs.items():
            if not np.isfinite(value).all():
                return f"the output of layer {name!r}"
        return "the loss itself, whose inputs are finite but too large"

    def set_fitted_state(self, state: TrainingState) -> Trainable:
        """Store a copy of the parameters and the history in the model; return the model."""
        parameters = state.parameters.like(state.parameters.flat.copy())
        learned = {**self.learned, "trained_by_": self.trained_by}
        self.model._set_fitted_state(parameters, state.history, self.data.x.shape[1], self.names, learned)
        return self.model


def _checked_result(result: object) -> tuple[float, Parameters]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError(
            f"objective returned {type(result).__name__}; it must return the loss and the gradients, in this order."
        )
    return result


def with_attributes(model: T, learned: Mapping[str, Any]) -> T:
    """Return the model with attributes that are known before training, such as `classes_`: a shallow copy if there are any."""
    if not learned:
        return model
    other = copy.copy(model)
    vars(other).update(learned)
    return other


def fit(
    model: M,
    data: Data,
    validation: Data | None,
    names: Array | None = None,
    *,
    callbacks: Sequence[Callback[M]] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    learned: Mapping[str, Any] | None = None,
) -> TrainingState:
    """Train a model on checked data; return the final training state.

    Parameters
    ----------
    model : Model
    data : Data
    validation : Data, optional
    names : array of str, optional
    callbacks, checkpoint, resume
        As in `Autoencoder.fit`.
    learned : dict, optional
        Attributes that the model gets together with its parameters.
    """
    check_callbacks(callbacks)
    problem = ModelProblem(model, data, validation, as_optimizer(model.optimizer), names, learned)
    features, trained = data.x.shape[1], problem.trained
    state = trained._first_state(features, problem.optimizer.state_vectors)
    trained._initialise_from_data(data, state.parameters)
    fingerprint = {} if checkpoint is None else trained._fingerprint(data, validation)
    if fingerprint and model.random_state is not None:
        fingerprint["seed"] = state.seed  # also if the seed was drawn from a generator, which cannot be compared
    check_checkpoint(checkpoint, resume)
    stateful = [callback for callback in callbacks if isinstance(callback, StatefulCallback)]
    for callback in callbacks:
        if hasattr(callback, "start"):
            callback.start()
    if resume and checkpoint is not None and os.path.exists(checkpoint):
        state, states = read_checkpoint(checkpoint, state, fingerprint, len(stateful))
        for callback, kept in zip(stateful, states, strict=True):
            callback.load_state_dict(kept)
    if model.verbose >= 2:
        print(f"{type(model).__name__} is trained by {problem.trained_by}.", file=sys.stderr)
    plan = Plan(
        problem.optimizer,
        problem.schedule.epochs,
        problem.batch_size,
        steps_per_call(trained, state.parameters.flat.size, problem.batch_size, features),
        callbacks,
        checkpoint,
        fingerprint,
        int(model.verbose),
        model._title,
    )
    try:
        train(problem, plan, state)
    finally:
        problem.release()
    model._was_interrupted, model._early_end = state.interrupted, ""
    if not state.interrupted and not state.stopped:
        model._early_end = _early_end(model, state, problem.schedule, len(data.x))
    if model._early_end:
        warnings.warn(model._early_end, ConvergenceWarning, stacklevel=frames_of_the_package() + 1)
    return state


def _early_end(model: Trainable, state: TrainingState, made: Schedule, rows: int) -> str:
    """Return a sentence about a training that made all its epochs and nevertheless ended too early, and what to do; or an empty string."""
    rule = as_optimizer(model.optimizer)
    iterations = rule.name == "lbfgs"
    steps = state.epoch if iterations else state.step
    reason = early_end(state.history["loss"], steps, iterations=iterations, auto=model.epochs == "auto")
    if not reason:
        return ""
    default = _epochs_by_rule(rule, made.batch_size, rows)
    more = f'epochs="auto" ({default:,})' if default > made.epochs else f"epochs above {made.epochs:,}"
    other = "" if iterations else ", or a larger learning_rate"
    return f"{model._title or type(model).__name__} ended {reason}; give {more}{other}."


def steps_per_call(model: Trainable, parameters: int, batch_size: int, features: int) -> int:
    """Return the number of steps per kernel call: about a hundredth of a second, so that Ctrl-C is handled soon, with limited noise memory."""
    work = 6 * parameters * batch_size
    steps = min(int(1e9 / work), int(1e10 / (work * model._draws_per_row())))  # a tenth of a second for many draws
    noise = batch_size * model._noise_per_row(features)
    return max(1, min(steps, NOISE_AT_A_TIME // noise) if model._has_noise else steps)


def first_state(
    model: Trainable, shapes: Mapping[str, tuple[int, ...]], features: int, dtype: str, state_vectors: int
) -> TrainingState:
    """Return the initial training state: random weights from the model's seed, and an optimiser state of zeros."""
    size = sum(math.prod(shape) for shape in shapes.values())
    try:
        parameters, moments = Parameters(shapes, dtype), np.zeros((state_vectors, size), dtype)
    except (MemoryError, ValueError, OverflowError):
        raise MemoryError(f"{size:.1e} parameters do not fit in memory; reduce hidden_sizes or latent_dim.") from None
    state = TrainingState(parameters, moments, seed_of(model.random_state))
    generator = state.generator(0)
    for network in model.networks(features):
        network.initialise(parameters, generator, he=model._he_weights)
    return state


def fingerprint(model: Trainable, data: Data, validation: Data | None) -> dict[str, Any]:
    """Return the fingerprint that a checkpoint must match: class, options, backend and data; epochs and verbosity may change."""
    options = {name: value for name, value in model._described_options().items() if name not in ("epochs", "verbose")}
    options["batch_size"] = (
        schedule(model, len(data.x)).batch_size if model.batch_size == "auto" else options["batch_size"]
    )
    rule = as_optimizer(model.optimizer)  # "adam" and Adam() are equivalent
    options["optimizer"] = rule.name if rule == type(rule)() else plain(describe(rule))
    arrays = [*data, *(validation or (None, None))]
    digests = [None if array is None else digest(array) for array in arrays]
    return {"class": type(model).__name__, **options, "backend": backend.backend_name(), "data": digests}


def check_callbacks(callbacks: object) -> None:
    """Raise TypeError unless `callbacks` is a sequence of callables."""
    if not isinstance(callbacks, Sequence):
        raise TypeError(f"callbacks={callbacks!r} is not allowed; give a list of callables, such as [EarlyStopping()].")
    for i, callback in enumerate(callbacks):
        if not callable(callback):
            raise TypeError(
                f"callbacks[{i}] is {callback!r}, which cannot be called; give a function or an object such as EarlyStopping()."
            )


def check_checkpoint(checkpoint: str | os.PathLike[str] | None, resume: bool) -> None:
    """Raise an error before the training if no checkpoint can be written there."""
    if checkpoint is None:
        if resume:
            raise ValueError("resume=True needs a checkpoint file; pass checkpoint= too.")
        return
    if not os.path.isdir(os.path.dirname(os.path.abspath(checkpoint))):
        raise FileNotFoundError(f"The folder of checkpoint={os.fspath(checkpoint)!r} does not exist; create it first.")
    if not resume and (os.path.isdir(checkpoint) or not os.fspath(checkpoint)):
        raise IsADirectoryError(
            f"checkpoint={os.fspath(checkpoint)!r} is a folder; give a file in it, such as run.npz."
        )
