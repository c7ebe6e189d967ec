"""Base class of all models: learned parameters, inference in blocks of rows, files, and the methods that a model of your own must define.

A model defines its networks (`networks`) and its objective (`objective`), which follows its derivation. If the objective has noise, it is
drawn in `draw_noise`. Fitting is in `scratchae.models.fitting`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, BinaryIO, ClassVar, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from scratchae import files
from scratchae.models import html
from scratchae.models.arithmetic import make_methods_quiet
from scratchae.models.blocks import rows_at_once
from scratchae.models.continuing import Memory
from scratchae.models.estimator import Estimator
from scratchae.models.feature_names import compare_names, remember_names
from scratchae.models.fitting import Data, fingerprint, first_state
from scratchae.models.preparation import OF_THE_DATA, Preparation
from scratchae.models.terms import Terms
from scratchae.models.validation import check_array
from scratchae.nets import Network, Parameters
from scratchae.nets.network import Array
from scratchae.training import TrainingState

M = TypeVar("M", bound="Model")


class Model(Estimator):
    """Base class of models, without networks and objective.

    Attributes
    ----------
    parameters_ : mapping of str to array
    history_ : dict of str to list of float
    n_iter_ : int
    n_features_in_ : int
    trained_by_ : str
        Whether compiled steps or the model's own `objective` trained it. With `use_backend("numpy")` it is always the objective, so that
        breakpoints in it are reached.
    preparation_ : Preparation
        Only of models that `scratchae train` standardised rows for, or filled in missing values: `preparation_.transform(rows)` are rows of the
        model, and `preparation_.inverse_transform` brings its outputs back into the units of the data. A new `fit` removes it.
    image_shape_ : (height, width) or None
        Only of models made by `scratchae train`: the shape of the rows; None if they are not images.
    """

    needs_labels: ClassVar[bool] = False
    has_prior: ClassVar[bool] = False  # whether codes are held to a standard normal prior
    _rows_are_coupled: ClassVar[bool] = False  # whether the objective is not a mean over independent rows
    _has_noise: ClassVar[bool] = False
    _he_weights: ClassVar[bool] = True  # whether ReLU layers use He initialisation
    _title = ""  # title of the progress bar
    _was_interrupted = False  # whether Ctrl-C ended the last training
    _memory: Memory | None = None  # state of the optimiser, for a training that continues the last one
    _early_end = ""  # a sentence, if the last training ended while the loss was still falling

    # Learned.
    history_: dict[str, list[float]]
    n_features_in_: int
    feature_names_in_: Array  # only of data with column names
    trained_by_: str
    preparation_: Preparation
    image_shape_: tuple[int, int] | None
    _parameters: Parameters
    _shaped_by: dict[str, Any]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        make_methods_quiet(cls)

    # Methods that a model defines.

    def networks(self, features: int) -> tuple[Network, ...]:
        """Return the networks in the order in which they process the data.

        Parameters
        ----------
        features : int
            D, the number of columns of the data.
        """
        raise NotImplementedError

    def objective(
        self,
        parameters: Parameters,
        x: Array,
        y: Array | None = None,
        noise: Any = None,
        terms: Terms | None = None,
    ) -> tuple[float, Parameters]:
        """Compute the objective on a batch and its gradient.

        Parameters
        ----------
        parameters : Parameters
        x : array, shape (N, D)
        y : array of int, shape (N,), optional
            Classes, for models that are fitted with labels.
        noise : optional
            Return value of `draw_noise`.
        terms : dict of str to float, optional
            Receives the terms of the loss by name, for the history. An objective without this parameter is trained as well.

        Returns
        -------
        loss : float
            The mean over the rows, weight decay included.
        gradients : Parameters
            ``parameters.like()`` with the gradients added.
        """
        raise NotImplementedError

    def draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> object:
        """Draw the noise for a batch x of that shape; None if the objective has no noise."""
        return None

    def metrics(self, parameters: Parameters, data: Data, noise: Any) -> dict[str, float]:
        """Compute the metrics on validation data for the history, by name; "loss" is the objective.

        The metrics belong to the objective beside which they are defined: a subclass that defines an objective and no metrics has these,
        which compute the objective on all rows at once.
        """
        return {"loss": self.objective(parameters, data.x, data.y, noise)[0]}

    def _metrics_of_objective(self, parameters: Parameters, data: Data, noise: Any) -> dict[str, float]:
        """Compute `metrics`, unless they belong to an objective that a subclass has replaced."""
        for kind in type(self).__mro__:
            if "metrics" in vars(kind):
                return self.metrics(parameters, data, noise)
            if "objective" in vars(kind):
                break
        return Model.metrics(self, parameters, data, noise)

    def _other_shapes(self, features: int) -> dict[str, tuple[int, ...]]:
        """Return names and shapes of parameters outside the layers; they are initialised to zero."""
        return {}

    def _initialise_from_data(self, data: Data, parameters: Parameters) -> None:
        """Set the initial parameters that depend on the data."""

    def _lower_bounds(self, data: Data) -> dict[str, Array]:
        """Return the least values of parameters that must not fall further, by name, for a training on these data."""
        return {}

    def _at_epoch(self: M, epoch: int) -> M:
        """Return the model with the objective of that epoch, counted from 0; itself if the objective does not change."""
        return self

    def _couples_rows(self) -> bool:
        """Return whether the objective, with these options, is not a mean over independent rows."""
        return self._rows_are_coupled

    def _at_once(self, features: int) -> int:
        """Return the number of rows in a block whose activations, in all layers, fit into the working memory."""
        return rows_at_once(np.dtype(self._dtype()).itemsize * self._network(features).numbers_per_row())

    def _draws_per_row(self) -> int:
        """Return how many times a step decodes each row."""
        return 1

    def _noise_per_row(self, features: int) -> int:
        """Return the number of random numbers per row of a step."""
        return features

    def _learned(self) -> dict[str, Any]:
        """Return learned attributes other than parameters and history, as JSON-serialisable values."""
        return {}

    def _restored(self, learned: Mapping[str, Any]) -> dict[str, Any]:
        """Return the attributes described by `_learned`."""
        return {}

    # Fitting: see `scratchae.models.fitting`.

    def _first_state(self, features: int, state_vectors: int) -> TrainingState:
        """Return the initial training state."""
        shapes = {name: shape for net in self.networks(features) for name, shape in net.shapes().items()}
        return first_state(self, shapes | self._other_shapes(features), features, self._dtype(), state_vectors)

    def _fingerprint(self, data: Data, validation: Data | None) -> dict[str, Any]:
        """Return the fingerprint that a checkpoint must match."""
        return fingerprint(self, data, validation)

    def _split_seed(self, data: Data, seed: int) -> int:
        """Return the seed of the split for early stopping, given the seed of the run."""
        return seed

    def _set_fitted_state(
        self,
        parameters: Parameters,
        history: dict[str, list[float]],
        features: int,
        names: Array | None,
        learned: Mapping[str, Any],
    ) -> None:
        if getattr(self, "history_", None) is not history:  # the first epoch of a run
            remember_names(self, names)
            for name in OF_THE_DATA:  # they belong to the data of the former fit
                vars(self).pop(name, None)
            self._shaped_by, self._memory = self._shape_options(), None
            for name, value in learned.items():
                setattr(self, name, value)
        # The history comes last: with it a model counts as fitted, and Ctrl-C may fall between any two of these.
        self.n_features_in_, self._parameters, self.history_ = features, parameters, history

    def _check_fitted(self) -> None:
        super()._check_fitted()
        for name, now in self._shape_options().items():
            then = self._shaped_by[name]
            if now != then:
                raise ValueError(
                    f"{name} is {now!r}, but this {type(self).__name__} was fitted with {then!r}; fit again or restore the option."
                )

    def _state_in_words(self) -> str:
        if not self.__sklearn_is_fitted__():
            return "not fitted"
        losses = self.history_["loss"]
        return html.fitted_state(len(losses), self.n_features_in_, losses)

    # Learned parameters.

    @property
    def parameters_(self) -> Parameters:
        """The parameters by name, in order; the arrays are views of the model's own memory."""
        self._check_fitted()
        return self._parameters

    @property
    def n_iter_(self) -> int:
        """The number of epochs that were made."""
        self._check_fitted()
        return len(self.history_["loss"])

    def _network(self, features: int) -> Network:
        """Return all networks as one chain."""
        return Network(tuple(layer for net in self.networks(features) for layer in net.layers))

    def _outputs(self, parameters: Parameters, data: Data) -> dict[str, Array]:
        """Return the output of each layer for these rows by the layer's name, in the order of the layers."""
        network = self._network(data.x.shape[1])
        outputs = network.forward(parameters, data.x)[1:]
        return {layer.name: output for layer, output in zip(network.layers, outputs, strict=True)}

    def _checked(self, X: ArrayLike, features: int | None, name: str = "X", *, unit_interval: bool = False) -> Array:
        """Return the data in the form used by the model."""
        return check_array(
            X, self._dtype(), features=features, unit_interval=unit_interval, name=name, owner=type(self).__name__
        )

    def _known(self, X: ArrayLike, *, unit_interval: bool = False) -> Array:
        """Return checked data that match the fitted model, whose options may have changed since."""
        self._check_fitted()
        self._check_options()
        compare_names(self, X)
        return self._checked(X, self.n_features_in_, unit_interval=unit_interval)

    def save(self, path: str | os.PathLike[str] | BinaryIO) -> None:
        """Save the fitted model to one `.npz` file (without pickle), to be read by `scratchae.load`; the optimiser's state is not saved.

        Parameters
        ----------
        path : path or binary file
            A file object, such as `io.BytesIO`, is written from its current position.

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        OSError
            If the file cannot be written; an existing file is left unchanged.
        """
        self._check_fitted()
        header = {
            "class": type(self).__name__,
            "module": type(self).__module__,
            "options": self._described_options(),
            "features": self.n_features_in_,
            "feature_names": [str(name) for name in getattr(self, "feature_names_in_", [])],
            "history": self.history_,
            "learned": self._learned(),
            "trained by": getattr(self, "trained_by_", None),
        }
        if hasattr(self, "preparation_"):
            header["preparation"] = self.preparation_.description()
        if hasattr(self, "image_shape_"):
            header["image_shape"] = self.image_shape_
        files.write(path, "model", header, dict(self._parameters))

    # PyTorch: see `scratchae.models.torch_modules`.

    def to_torch(self) -> Any:
        """Convert the fitted model to a `torch.nn.Module` that computes the same.

        Returns
        -------
        module : torch.nn.Module
            On the CPU, in the model's dtype, with copies of the parameters. `encoder` and `decoder` are chains of `torch.nn.Linear` and
            activations; tied layers share their weights. Calling it gives the reconstructions (of a classifier the logits); `encode`,
            `decode`, `posterior` and `predict_proba` are those of the model. A conditional model also needs the index of each row's class in
            `classes_`. The `state_dict` has the names of `parameters_`, with "weight" for "W", which is transposed, and "bias" for "b".

        Raises
        ------
        ModuleNotFoundError
            If PyTorch is not installed.
        NotFittedError
            If the model is not fitted.
        TypeError
            If a class of your own has methods that such a module does not reproduce.
        """
        self._check_fitted()
        return _torch_modules("to_torch").module_of(self)

    def load_torch(self: M, source: Any) -> M:
        """Replace the parameters by those of a PyTorch module, such as one from `to_torch` that was trained further.

        Parameters
        ----------
        source : torch.nn.Module or mapping of str to torch.Tensor
            A module with the layers of this model, or its `state_dict`. The numbers are copied and converted to the model's dtype.

        Returns
        -------
        self

        Raises
        ------
        ModuleNotFoundError
            If PyTorch is not installed.
        NotFittedError
            If the model is not fitted; ``epochs=1`` is enough.
        TypeError, ValueError
            If it does not match this model, which is then unchanged.
        """
        self._check_fitted()
        self._parameters = _torch_modules("load_torch").parameters_from(self, source)
        return self

    def _torch_form(self) -> dict[str, Any]:
        """Return the kind of its module, and options of that beside the two networks."""
        raise TypeError(
            f"{type(self).__name__} is neither an autoencoder nor a classifier of this package, nor derived from one, so its module is not "
            "known; write a torch.nn.Module for it, and copy parameters_ into that."
        )


def _torch_modules(method: str) -> Any:
    """Import the part of this package that needs PyTorch."""
    try:
        from scratchae.models import torch_modules
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ModuleNotFoundError(
            f"{method} needs PyTorch, which is not installed; run: pip install 'scratchae[torch]'.", name="torch"
        ) from None
    return torch_modules
