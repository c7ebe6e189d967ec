"""What all models share: learned parameters, inference in blocks of rows, files, and what a model of your own has to define.

A model defines its networks (`networks`) and its objective (`objective`), which reads like its derivation. One whose objective has noise
draws it in `draw_noise`. Fitting is in `scratchae.models.fitting`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import numpy as np

from scratchae import files
from scratchae.models.estimator import Estimator
from scratchae.models.feature_names import compare_names, remember_names
from scratchae.models.fitting import Data, fingerprint, first_state
from scratchae.models.validation import check_array
from scratchae.nets import Network, Parameters
from scratchae.nets.network import Array
from scratchae.training import TrainingState

M = TypeVar("M", bound="Model")


class Model(Estimator):
    """A model without its networks and objective.

    Attributes
    ----------
    parameters_ : mapping of str to array
    history_ : dict of str to list of float
    n_features_in_ : int
    trained_by_ : str
        Whether compiled steps or the model's own `objective` trained it. `use_backend("numpy")` makes it the objective, so that a
        breakpoint there is reached.
    """

    needs_labels: ClassVar[bool] = False
    _rows_are_coupled: ClassVar[bool] = False  # whether the objective is more than a mean over the rows
    _has_noise: ClassVar[bool] = False
    _he_weights: ClassVar[bool] = True  # whether ReLU layers begin with He's weights
    _title = ""  # of the progress bar
    _was_interrupted = False  # whether Ctrl-C ended the last training

    # Learned.
    history_: dict[str, list[float]]
    n_features_in_: int
    trained_by_: str
    _parameters: Parameters
    _shaped_by: dict[str, Any]

    # What a model defines.

    def networks(self, features: int) -> tuple[Network, ...]:
        """The networks through which the data go, in their order.

        Parameters
        ----------
        features : int
            D, the columns of the data.
        """
        raise NotImplementedError

    def objective(self, parameters: Parameters, x: Array, y: Any = None, noise: Any = None) -> tuple[float, Parameters]:
        """The objective on a batch, and its gradient.

        Parameters
        ----------
        parameters : Parameters
        x : array, shape (N, D)
        y : array of int, shape (N,), optional
            Classes, of models that are fitted with labels.
        noise : optional
            What `draw_noise` returned.

        Returns
        -------
        loss : float
            The mean over the rows, weight decay included.
        gradients : Parameters
            ``parameters.like()`` with the gradients added.
        """
        raise NotImplementedError

    def draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> Any:
        """The noise for a batch x of that shape; None if the objective has none."""
        return None

    def metrics(self, parameters: Parameters, data: Data, noise: Any) -> dict[str, float]:
        """What the history says about validation data, by name; "loss" is the objective."""
        return {"loss": self.objective(parameters, data.x, data.y, noise)[0]}

    def _other_shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of parameters that belong to no layer; they begin as zeros."""
        return {}

    def _initialise_from_data(self, data: Data, parameters: Parameters) -> None:
        """Set those first parameters that are taken from the data and not from chance."""

    def _at_epoch(self: M, epoch: int) -> M:
        """The model with the objective of that epoch, counted from 0; itself if the objective stays the same."""
        return self

    def _draws_per_row(self) -> int:
        """How often a step decodes each row."""
        return 1

    def _noise_per_row(self, features: int) -> int:
        """Numbers that are drawn for each row of a step."""
        return features

    def _learned(self) -> dict[str, Any]:
        """What was learned besides parameters and history, as JSON can hold it."""
        return {}

    def _restored(self, learned: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes that `_learned` described."""
        return {}

    # Fitting: see `scratchae.models.fitting`.

    def _first_state(self, features: int, state_vectors: int) -> TrainingState:
        """The state in which a training begins."""
        shapes = {name: shape for net in self.networks(features) for name, shape in net.shapes().items()}
        return first_state(self, shapes | self._other_shapes(), features, self._dtype(), state_vectors)

    def _fingerprint(self, data: Data, validation: Data | None) -> dict[str, Any]:
        """What a checkpoint must match to be resumed."""
        return fingerprint(self, data, validation)

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
            self._shaped_by = self._shape_options()
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
        return Network(tuple(layer for net in self.networks(features) for layer in net.layers))

    def _outputs(self, parameters: Parameters, data: Data) -> dict[str, Array]:
        """The output of each layer for these rows, by its name, in the order of the layers."""
        network = self._network(data.x.shape[1])
        outputs = network.forward(parameters, data.x)[1:]
        return {layer.name: output for layer, output in zip(network.layers, outputs, strict=True)}

    def _checked(self, X: Any, features: int | None, name: str = "X", *, unit_interval: bool = False) -> Array:
        """Data as the model reads them."""
        return check_array(
            X, self._dtype(), features=features, unit_interval=unit_interval, name=name, owner=type(self).__name__
        )

    def _known(self, X: Any, *, unit_interval: bool = False) -> Array:
        """Data of the kind that the model was fitted to, for options that may have been changed since."""
        self._check_fitted()
        self._check_options()
        compare_names(self, X)
        return self._checked(X, self.n_features_in_, unit_interval=unit_interval)

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
            "module": type(self).__module__,
            "options": self._described_options(),
            "features": self.n_features_in_,
            "feature_names": [str(name) for name in getattr(self, "feature_names_in_", [])],
            "history": self.history_,
            "learned": self._learned(),
            "trained by": getattr(self, "trained_by_", None),
        }
        files.write(path, "model", header, dict(self._parameters))
