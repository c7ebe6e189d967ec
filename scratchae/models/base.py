"""What the autoencoders share: fitting, inference in blocks of rows, saving and loading.

A variant adds its networks (`_encoder`, `_decoder`) and its objective (`_loss_and_gradient`), which reads like its derivation.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np

from scratchae import backend, files
from scratchae.errors import FileFormatError
from scratchae.models.feature_names import FeatureNames, names_of
from scratchae.models.likelihoods import LIKELIHOODS, Likelihood
from scratchae.models.options import CommonOptions, as_tuple, plain
from scratchae.models.problem import ModelProblem
from scratchae.models.validation import check_array
from scratchae.nets import Network, Parameters
from scratchae.nets.parameters import Array
from scratchae.training import Plan, TrainingState, as_optimizer, seed_of, train
from scratchae.training.optimizers import describe, from_description
from scratchae.training.state import digest, read_checkpoint

M = TypeVar("M", bound="BaseAutoencoder")
ROWS_AT_A_TIME = 4096  # of inference


class BaseAutoencoder(FeatureNames, CommonOptions):
    """An autoencoder without its networks and objective."""

    _classes: ClassVar[dict[str, type[BaseAutoencoder]]] = {}

    # Learned.
    history_: dict[str, list[float]]
    n_features_in_: int
    _parameters: Parameters
    _shaped_by: dict[str, Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        BaseAutoencoder._classes[cls.__name__] = cls

    # What a variant defines.

    def _encoder(self, features: int) -> Network:
        raise NotImplementedError

    def _decoder(self, features: int) -> Network:
        raise NotImplementedError

    def _loss_and_gradient(self, parameters: Parameters, x: Array) -> tuple[float, Parameters]:
        raise NotImplementedError

    def _losses(self, parameters: Parameters, x: Array) -> Array:
        raise NotImplementedError

    def _has_compiled_steps(self) -> bool:
        """Whether `kernels.steps` computes this model's objective."""
        return False

    # Fitting.

    def fit(
        self: M,
        X: Any,
        y: Any = None,
        *,
        validation_data: Any = None,
        callbacks: Sequence[Callable[[Any], Any]] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> M:
        """Train on the rows of X.

        Parameters
        ----------
        X : array_like, shape (N, D)
            In [0, 1] for the Bernoulli likelihood. An array of the model's dtype in C order is used where it lies; anything else is
            converted once.
        y : ignored
        validation_data : array_like, shape (M, D), or a tuple that begins with it, optional
            Adds "val_loss" to the history.
        callbacks : sequence of callables
            Each is called with the model after every epoch, and may return True to stop.
        checkpoint : path, optional
            Where to keep the state of the run, after an epoch and at most every half second.
        resume : bool
            Whether to go on from `checkpoint` if it exists. A run that was killed and resumed ends with the same bits. (With "lbfgs"
            checkpoints fall on multiples of `LBFGS.restart` and on the end; a run that ended and is made longer goes on without memory.)

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If an option or the data cannot be used; nothing has been changed then.
        DivergenceError
            If the loss is no longer finite.
        """
        x, validation = self._checked_data(X, validation_data)
        problem = ModelProblem(self, x, validation, as_optimizer(self.optimizer), names_of(X))
        state = self._fresh_state(x.shape[1], problem.optimizer.slots)
        identity = {} if checkpoint is None else self._identity(x, validation)
        if identity and self.random_state is not None:
            identity["seed"] = state.entropy  # also of a generator, which has no name of its own
        if resume and checkpoint is None:
            raise ValueError("resume=True needs to know from where; pass checkpoint= too.")
        if checkpoint is not None and not os.path.isdir(os.path.dirname(os.path.abspath(checkpoint))):
            raise FileNotFoundError(
                f"The folder of checkpoint={os.fspath(checkpoint)!r} does not exist; make it first."
            )
        if checkpoint is not None and not resume and (os.path.isdir(checkpoint) or not os.fspath(checkpoint)):
            raise IsADirectoryError(
                f"checkpoint={os.fspath(checkpoint)!r} is a folder; give the name of a file in it, such as run.npz."
            )
        keeping: list[Any] = [callback for callback in callbacks if hasattr(callback, "memory")]
        for callback in callbacks:
            if hasattr(callback, "start"):
                callback.start()
        if resume and checkpoint is not None and os.path.exists(checkpoint):
            state, memories = read_checkpoint(checkpoint, state, identity, len(keeping))
            for callback, memory in zip(keeping, memories, strict=True):
                callback.recall(memory)
        steps_per_call = max(1, int(1e9 / (6 * state.parameters.flat.size * problem.batch_size)))
        try:
            train(
                problem,
                Plan(
                    problem.optimizer,
                    int(self.epochs),
                    problem.batch_size,
                    steps_per_call,
                    callbacks,
                    checkpoint,
                    identity,
                    int(self.verbose),
                ),
                state,
            )
        finally:
            problem.release()
        return self

    def _checked_data(self, X: Any, validation_data: Any) -> tuple[Array, Array | None]:
        """Options and data, checked; raises before anything is changed."""
        self._check_options()
        unit_interval = self.likelihood == "bernoulli"
        x = check_array(X, self._dtype(), unit_interval=unit_interval)
        if validation_data is None:
            return x, None
        if isinstance(validation_data, tuple):
            if not validation_data:
                raise ValueError("validation_data is an empty tuple; give an array, or a tuple that begins with one.")
            validation_data = validation_data[0]
        owner = type(self).__name__
        validation = check_array(
            validation_data,
            self._dtype(),
            features=x.shape[1],
            unit_interval=unit_interval,
            name="validation_data",
            owner=owner,
        )
        return x, validation

    def _fresh_state(self, features: int, slots: int) -> TrainingState:
        networks = (self._encoder(features), self._decoder(features))
        shapes = {name: shape for net in networks for name, shape in net.shapes().items()}
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
            net.initialise(parameters, generator)
        return state

    def _identity(self, x: Array, validation: Array | None) -> dict[str, Any]:
        """Whom a checkpoint belongs to; epochs and verbosity may change."""
        options = {
            name: value for name, value in self._described_options().items() if name not in ("epochs", "verbose")
        }
        rule = as_optimizer(self.optimizer)  # "adam" and Adam() are the same
        options["optimizer"] = rule.name if rule == type(rule)() else plain(describe(rule))
        data = [digest(x), None if validation is None else digest(validation)]
        return {"class": type(self).__name__, **options, "backend": backend.backend_name(), "data": data}

    def _publish(
        self, parameters: Parameters, history: dict[str, list[float]], features: int, names: Array | None
    ) -> None:
        if getattr(self, "history_", None) is not history:  # the first epoch of a run
            self._remember_names(names)
            self._shaped_by = self._shape_options()
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
        """Encoder and decoder in one chain."""
        return Network(self._encoder(features).layers + self._decoder(features).layers)

    def _likelihood(self) -> Likelihood:
        return LIKELIHOODS[self.likelihood]

    def _penalty(self, parameters: Parameters) -> float:
        """The weight decay's part of the objective."""
        if self.weight_decay == 0:
            return 0.0
        op = backend.active().weight_decay
        return sum(float(op(W, self.weight_decay)) for name, W in parameters.items() if name.endswith(".W"))

    def _checked(self, X: Any, features: int, name: str = "X", *, unit_interval: bool = False) -> Array:
        """Data for a fitted model."""
        return check_array(
            X, self._dtype(), features=features, unit_interval=unit_interval, name=name, owner=type(self).__name__
        )

    def _in_blocks(self, function: Callable[[Array], Array], x: Array) -> Array:
        """function(x), a block of rows at a time."""
        if len(x) <= ROWS_AT_A_TIME:
            return function(x)
        return np.concatenate([function(x[i : i + ROWS_AT_A_TIME]) for i in range(0, len(x), ROWS_AT_A_TIME)])

    # Files.

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to one `.npz` file (no pickle), which `scratchae.load` reads.

        Raises
        ------
        NotFittedError
            If there is nothing to save yet.
        OSError
            If the file cannot be written; an older one of that name is left as it was.
        """
        self._check_fitted()
        header = {
            "class": type(self).__name__,
            "options": self._described_options(),
            "features": self.n_features_in_,
            "feature_names": [str(name) for name in getattr(self, "feature_names_in_", [])],
            "history": self.history_,
        }
        files.write(path, "model", header, dict(self._parameters))


def load(path: str | os.PathLike[str]) -> Any:
    """Read a model that `save` wrote.

    Parameters
    ----------
    path : path

    Returns
    -------
    model
        Of the class that was saved, fitted.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileFormatError
        If it is damaged, or no model.
    """
    header, arrays = files.read(path, "model")
    if header["class"] not in BaseAutoencoder._classes:
        raise FileFormatError(
            f"{os.fspath(path)!r} holds a {header['class']}, which this scratchae does not know; upgrade scratchae."
        )
    options = header["options"]
    options["optimizer"] = from_description(options["optimizer"])
    model = BaseAutoencoder._classes[header["class"]](**{name: as_tuple(value) for name, value in options.items()})
    parameters = model._fresh_state(header["features"], 0).parameters
    for name, value in arrays.items():
        parameters[name] = value
    names = np.array(header["feature_names"], dtype=object) if header["feature_names"] else None
    model._publish(parameters, header["history"], header["features"], names)
    return model
