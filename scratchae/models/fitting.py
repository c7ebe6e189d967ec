"""Fitting: the connection between a model, its data and the training loop.

`fit` initialises the parameters, runs the loop in `scratchae.training`, and stores the results in the model. The steps use the model's own
`objective` and the optimiser, unless the table of compiled steps (`scratchae.models.compiled`) has kernels for exactly this class and
these options.
"""

from __future__ import annotations

import copy
import inspect
import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, TypeVar

import numpy as np

from scratchae import backend
from scratchae.errors import ConvergenceWarning, warn
from scratchae.models import blocks
from scratchae.models.continuing import Memory, continued_state, fill_history, memory_of
from scratchae.models.data_initialisation import named
from scratchae.models.options import plain
from scratchae.models.preparation import kept_with
from scratchae.models.split import rows_to_hold_out
from scratchae.models.terms import Terms
from scratchae.nets import Network, Parameters
from scratchae.nets.network import Array
from scratchae.training import (
    Callback,
    Callbacks,
    Optimizer,
    Plan,
    RandomState,
    StatefulCallback,
    TrainingState,
    as_optimizer,
    seed_of,
    train,
)
from scratchae.training.callbacks import as_callbacks, fraction_to_hold_out
from scratchae.training.convergence import early_end
from scratchae.training.optimizers import LBFGS, describe
from scratchae.training.order import EpochOrder
from scratchae.training.progress import say
from scratchae.training.state import digest, read_checkpoint

if TYPE_CHECKING:
    from scratchae.kernels.threads import FasterThreads

NOISE_AT_A_TIME = 4_000_000  # numbers drawn at once
NUMBERS_FOR_START = 4_000_000  # numbers of weighted rows that are copied for the initial parameters
FREE = ("epochs", "verbose", "warm_start")  # options that may differ between a checkpoint and the run that resumes it
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


class Trainable(Protocol):
    """Interface of a model for fitting; the members are documented in `scratchae.models.model.Model`."""

    _rows_are_coupled: ClassVar[bool]
    _has_noise: ClassVar[bool]
    _he_weights: ClassVar[bool]
    _title: str
    _was_interrupted: bool
    _memory: Memory | None
    _parameters: Parameters
    _shaped_by: dict[str, Any]
    history_: dict[str, list[float]]
    n_features_in_: int
    feature_names_in_: Array
    warm_start: bool
    _early_end: str
    optimizer: str | Optimizer
    batch_size: int | str
    epochs: int | str
    learning_rate: float
    learning_rate_decay: float
    random_state: RandomState
    verbose: int

    def networks(self, features: int) -> tuple[Network, ...]: ...
    def objective(
        self, parameters: Parameters, x: Array, y: Array | None = None, noise: Any = None, terms: Terms | None = None
    ) -> tuple[float, Parameters]: ...
    def draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> object: ...
    def _metrics_of_objective(self, parameters: Parameters, data: Data, noise: Any) -> dict[str, float]: ...
    def _at_epoch(self: M, epoch: int) -> M: ...
    def _first_state(self, features: int, state_vectors: int) -> TrainingState: ...
    def _initialise_from_data(self, data: Data, parameters: Parameters) -> None: ...
    def _lower_bounds(self, data: Data) -> dict[str, Array]: ...
    def _outputs(self, parameters: Parameters, data: Data) -> dict[str, Array]: ...
    def _couples_rows(self) -> bool: ...
    def _at_once(self, features: int) -> int: ...
    def _draws_per_row(self) -> int: ...
    def _noise_per_row(self, features: int) -> int: ...
    def _fingerprint(self, data: Data, validation: Data | None) -> dict[str, Any]: ...
    def _split_seed(self, data: Data, seed: int) -> int: ...
    def _described_options(self) -> dict[str, Any]: ...
    def _shape_options(self) -> dict[str, Any]: ...
    def __sklearn_is_fitted__(self) -> bool: ...
    def _set_fitted_state(self, parameters: Parameters, history: dict[str, list[float]], features: int,
                          names: Array | None, learned: Mapping[str, Any]) -> None: ...  # fmt: skip


class CompiledSteps(Protocol):
    """Kernels for whole steps of one model on its data.

    Attributes
    ----------
    terms : mapping of str to array
        The terms of the loss of each step of the last call, by name; empty if the loss is a single term.
    """

    name: str
    terms: Mapping[str, Array]

    def take_steps(self, state: TrainingState, order: Array, losses: Array, rate: float) -> int:
        """Train on the rows `order`; return the number of steps whose loss is finite."""

    def full_gradient(self, state: TrainingState, theta: Array) -> tuple[float, Array]:
        """Return loss and gradient over all rows, both float64."""


# Maps a class to the function that makes the compiled steps for exactly that class; filled by `scratchae.models.compiled`.
COMPILED: dict[type, Callable[[Any, Data, Optimizer, int], CompiledSteps]] = {}


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
    weights : array of float64, shape (N,), optional
        Weights of the rows.

    Attributes
    ----------
    rows : int
        Number of rows in an epoch, counted as often as they are visited.
    order : EpochOrder
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
        weights: Array | None = None,
    ) -> None:
        self.model, self.data, self.validation, self.optimizer = model, data, validation, optimizer
        self.names, self.learned = names, dict(learned or {})
        self.trained = with_attributes(model, self.learned)
        self._threads: FasterThreads | None = None
        self.weights, self.order = weights, EpochOrder(len(data.x), weights)
        self.rows = self.order.size
        self.schedule = schedule(model, self.rows)
        self.batch_size = self.schedule.batch_size
        make = COMPILED.get(type(model)) if backend.backend_name() == "numba" else None
        self.compiled = None if make is None else make(self.trained, data, optimizer, self.batch_size)
        # Compiled steps keep their parameters within their bounds themselves.
        self.lower_bounds = self.trained._lower_bounds(data) if self.compiled is None else {}
        self._gives_terms = _takes_terms(self.trained.objective)
        self._terms: dict[str, float] = {}  # sums over the rows since the last call of `mean_terms`
        self._counted = 0  # those rows
        own = f"its objective with {backend.backend_name()} ops"
        self.trained_by = own if self.compiled is None else f"compiled steps ({self.compiled.name})"

    def data_for_start(self) -> Data:
        """Return the data from which parameters are initialised: all rows, or rows in proportion to their weights."""
        if self.order.is_plain:
            return self.data
        rows, most = self.order.rows(), max(1, NUMBERS_FOR_START // self.data.x.shape[1])
        return self.data.part(rows if len(rows) <= most else rows[np.arange(most) * len(rows) // most])

    def take_steps(self, state: TrainingState, order: Array, losses: Array) -> int:
        """Train on the rows `order`; return the number of steps whose loss is finite."""
        compiled, rate = self.compiled, self._rate(state)
        if compiled is not None:
            done = self._on_faster_threads(lambda: compiled.take_steps(state, order, losses, rate), len(order))
            sizes = np.full(len(losses), self.batch_size)
            sizes[-1] = len(order) - (len(losses) - 1) * self.batch_size
            self._count(len(order), {name: float(values @ sizes) for name, values in compiled.terms.items()})
            return done
        return self._on_faster_threads(lambda: self._readable_steps(state, order, losses, rate), len(order))

    def _readable_steps(self, state: TrainingState, order: Array, losses: Array, rate: float) -> int:
        """Take the steps one by one, in the form of the derivation."""
        theta, rng = state.parameters.flat, state.generator(2, state.step)
        model = self.trained._at_epoch(state.epoch)
        for i in range(len(losses)):
            x, y = self.data.part(order[i * self.batch_size : (i + 1) * self.batch_size])
            noise = model.draw_noise(rng, x.shape)
            losses[i], gradients = self._objective(model, state.parameters, x, y, noise)
            if not np.isfinite(losses[i]):
                return i
            self.optimizer.update(theta, gradients.flat, state.optimizer_state, rate, state.step + i + 1)
            for name, least in self.lower_bounds.items():
                state.parameters[name] = np.maximum(state.parameters[name], least)
        return len(losses)

    def _objective(
        self, model: Trainable, parameters: Parameters, x: Array, y: Array | None, noise: object
    ) -> tuple[float, Parameters]:
        """Compute the objective on rows, and count its terms."""
        terms: Terms = {}
        options = {"terms": terms} if self._gives_terms else {}
        result = _checked_result(model.objective(parameters, x, y, noise, **options))
        self._count(len(x), {name: value * len(x) for name, value in terms.items()})
        return result

    def _count(self, rows: int, sums: Mapping[str, float]) -> None:
        self._counted += rows
        for name, value in sums.items():
            self._terms[name] = self._terms.get(name, 0.0) + value

    def mean_terms(self) -> dict[str, float]:
        """Return the terms of the loss, means over the rows of all steps since the last call, or over all rows of the last gradient."""
        means = {name: value / self._counted for name, value in self._terms.items()}
        self._terms, self._counted = {}, 0
        return means

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
        compiled, self._terms, self._counted = self.compiled, {}, 0
        if compiled is not None:
            result = self._on_faster_threads(lambda: compiled.full_gradient(state, theta), self.rows)
            self._count(1, {name: float(value[0]) for name, value in compiled.terms.items()})
            return result
        return self._on_faster_threads(lambda: self._readable_gradient(state.parameters.like(theta)), self.rows)

    def _readable_gradient(self, parameters: Parameters) -> tuple[float, Array]:
        loss, total = 0.0, np.zeros(parameters.flat.size)
        block = self.rows if self.trained._couples_rows() else self.trained._at_once(self.data.x.shape[1])
        for rows in blocks.slices(self.rows, block):
            x, y = self.data.part(rows)
            part, gradients = self._objective(self.trained, parameters, x, y, None)
            loss += part * len(x) / self.rows
            total += gradients.flat * (len(x) / self.rows)
        return loss, total

    def validation_metrics(self, state: TrainingState) -> dict[str, float]:
        """Return the objective and other metrics on the validation data: means over blocks of rows, with the same noise in every epoch."""
        model, validation = self.trained, self.validation
        if validation is None:
            return {}
        rng = state.generator(3)
        rows, features = validation.x.shape
        block = rows if model._couples_rows() else max(1, model._at_once(features) // model._draws_per_row())
        means: dict[str, float] = {}
        for part in (validation.part(some) for some in blocks.slices(rows, block)):
            noise = model.draw_noise(rng, part.x.shape)
            for name, value in model._metrics_of_objective(state.parameters, part, noise).items():
                means[name] = means.get(name, 0.0) + value * (len(part.x) / rows)
        return means

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


def _takes_terms(objective: Callable[..., object]) -> bool:
    """Return whether an objective has the parameter `terms`; one of a model of your own may lack it."""
    parameters = inspect.signature(objective).parameters.values()
    return any(p.name == "terms" or p.kind is p.VAR_KEYWORD for p in parameters)


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
    callbacks: Callbacks[M] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    learned: Mapping[str, Any] | None = None,
    weights: Array | None = None,
    continued: bool = False,
    epochs: int | None = None,
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
    weights : array of float64, shape (N,), optional
        Checked weights of the rows.
    continued : bool
        Whether to continue from the parameters and the optimiser state of the fitted model, with which options and data agree.
    epochs : int, optional
        Epochs to make; by default, the model's option.
    """
    callbacks = as_callbacks(callbacks)
    if continued:
        check_uninterrupted(checkpoint, resume)
        learned, names = {**kept_with(model), **(learned or {})}, getattr(model, "feature_names_in_", None)
    checkpoint = check_checkpoint(checkpoint, resume)
    trained, rule = with_attributes(model, learned or {}), as_optimizer(model.optimizer)
    features = data.x.shape[1]
    state = first = continued_state(model) if continued else trained._first_state(features, rule.state_vectors)
    done, columns = state.epoch, set(state.history)
    run = (trained, data, validation, weights, callbacks, state.seed)
    fingerprint = {} if checkpoint is None else fingerprint_of_run(*run)
    state = started(callbacks, first, checkpoint if resume else None, fingerprint)
    data, validation, weights = hold_out(trained, data, validation, callbacks, state.seed, weights)
    problem = ModelProblem(model, data, validation, rule, names, learned, weights)
    check_weighted(rule, problem.order)
    if state is first and not continued:
        with named(names):
            trained._initialise_from_data(problem.data_for_start(), state.parameters)
    if model.verbose >= 2:
        say(f"{type(model).__name__} is trained by {problem.trained_by}.")
    plan = Plan(
        problem.optimizer,
        done + (problem.schedule.epochs if epochs is None else epochs),
        problem.batch_size,
        steps_per_call(trained, state.parameters.flat.size, problem.batch_size, features),
        callbacks,
        checkpoint,
        fingerprint,
        int(model.verbose),
        model._title,
    )
    try:
        # Divergence is found in the loss; the user's settings of NumPy for overflow and underflow concern the user's own arrays.
        with backend.kept(), np.errstate(all="ignore"):
            train(problem, plan, state)
    finally:
        problem.release()
        if continued:
            fill_history(state.history, columns)
    model._memory = memory_of(state, problem.optimizer)
    model._was_interrupted = state.interrupted
    model._early_end = "" if epochs else _early_end(model, state, problem.schedule, problem.rows)
    if model._early_end:
        warn(model._early_end, ConvergenceWarning)
    return state


def fingerprint_of_run(
    model: Trainable,
    data: Data,
    validation: Data | None,
    weights: Array | None,
    callbacks: Sequence[Callback[Any]],
    seed: int,
) -> dict[str, Any]:
    """Return the fingerprint of a model and its data, and of what else decides a run: weights, seed, and rows that are held out."""
    found = model._fingerprint(data, validation)
    if weights is not None and not EpochOrder(len(data.x), weights).is_plain:
        found["data"] = [*found["data"], digest(weights)]
    if model.random_state is not None:
        found["seed"] = seed  # also if the seed was drawn from a generator, which cannot be compared
    if validation is None:
        found["validation_fraction"] = fraction_to_hold_out(callbacks)
    return found


def started(
    callbacks: Sequence[Callback[Any]],
    state: TrainingState,
    checkpoint: str | os.PathLike[str] | None,
    fingerprint: dict[str, Any],
) -> TrainingState:
    """Start the callbacks; return the state of the checkpoint, if there is such a file, else the given one."""
    stateful = [callback for callback in callbacks if isinstance(callback, StatefulCallback)]
    for callback in callbacks:
        if hasattr(callback, "start"):
            callback.start()
    if checkpoint is not None and os.path.exists(checkpoint):
        state, states = read_checkpoint(checkpoint, state, fingerprint, len(stateful))
        for callback, kept in zip(stateful, states, strict=True):
            callback.load_state_dict(kept)
    return state


def hold_out(
    model: Trainable,
    data: Data,
    validation: Data | None,
    callbacks: Sequence[Callback[Any]],
    seed: int,
    weights: Array | None = None,
) -> tuple[Data, Data | None, Array | None]:
    """Return training data, validation data, and weights of the training rows.

    Rows are split off by the seed if there are no validation data and a callback needs some.
    """
    fraction = None if validation is not None else fraction_to_hold_out(callbacks)
    if fraction is None:
        return data, validation, weights
    rng = np.random.default_rng(np.random.SeedSequence(model._split_seed(data, seed), spawn_key=(5,)))
    rows = rows_to_hold_out(len(data.x), data.y, fraction, rng)
    if model.verbose >= 1:
        say(f"{len(rows)} of {len(data.x)} rows are held out for early stopping (validation_fraction={fraction:g}).")
    kept = np.setdiff1d(np.arange(len(data.x)), rows)
    return data.part(kept), data.part(rows), None if weights is None else weights[kept]


def _early_end(model: Trainable, state: TrainingState, made: Schedule, rows: int) -> str:
    """Return a sentence about a training that made all its epochs and nevertheless ended too early, and what to do; or an empty string."""
    if state.interrupted or state.stopped:
        return ""
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
    """Return the fingerprint that a checkpoint must match: class, options, backend and data; the options in `FREE` may change."""
    options = {name: value for name, value in model._described_options().items() if name not in FREE}
    options["batch_size"] = (
        schedule(model, len(data.x)).batch_size if model.batch_size == "auto" else options["batch_size"]
    )
    rule = as_optimizer(model.optimizer)  # "adam" and Adam() are equivalent
    options["optimizer"] = rule.name if rule == type(rule)() else plain(describe(rule))
    arrays = [*data, *(validation or (None, None))]
    digests = [None if array is None else digest(array) for array in arrays]
    return {"class": type(model).__name__, **options, "backend": backend.backend_name(), "data": digests}


def check_weighted(rule: Optimizer, order: EpochOrder) -> None:
    """Raise ValueError if rows have different weights, but the optimiser has no order of rows through which they could act."""
    if isinstance(rule, LBFGS) and not order.is_plain:
        raise ValueError(
            'optimizer="lbfgs" takes all rows at once, but sample_weight and class_weight act through the order of the rows; use "adam".'
        )


def check_uninterrupted(checkpoint: str | os.PathLike[str] | None, resume: bool) -> None:
    """Raise ValueError if a training that continues a fitted model is given a checkpoint."""
    if checkpoint is not None or resume:
        raise ValueError(
            "warm_start=True continues from the fitted model, and a checkpoint from a file; leave checkpoint and resume out, or set "
            "warm_start=False."
        )


def check_checkpoint(checkpoint: str | os.PathLike[str] | None, resume: bool) -> str | None:
    """Return the path of the checkpoint with ~ expanded; raise an error before the training if no checkpoint can be written there."""
    if checkpoint is None:
        if resume:
            raise ValueError("resume=True needs a checkpoint file; pass checkpoint= too.")
        return None
    checkpoint = os.path.expanduser(checkpoint)
    if not os.path.isdir(os.path.dirname(os.path.abspath(checkpoint))):
        raise FileNotFoundError(f"The folder of checkpoint={os.fspath(checkpoint)!r} does not exist; create it first.")
    if not resume and (os.path.isdir(checkpoint) or not os.fspath(checkpoint)):
        raise IsADirectoryError(
            f"checkpoint={os.fspath(checkpoint)!r} is a folder; give a file in it, such as run.npz."
        )
    return checkpoint
