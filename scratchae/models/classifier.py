"""The classifier on top of a stack: the layers of an encoder, a softmax layer, and labels.

Derivation: docs/derivations/stacked_classifier.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from scratchae import backend
from scratchae.models.classification import BaseClassifier
from scratchae.models.feature_names import names_of
from scratchae.models.validation import check_choice, check_sizes, check_whole
from scratchae.nets import ACTIVATIONS, Network, Parameters
from scratchae.nets.parameters import Array

C = TypeVar("C", bound="StackedClassifier")


class StackedClassifier(BaseClassifier):
    """A network of dense layers with a softmax layer on top, trained on labels by cross-entropy.

    Made by `StackedAutoencoder.to_classifier`, it begins with the layers of that encoder; made by hand, with random ones, so that the
    two can be compared. With ``hidden_sizes=()`` it is softmax (multinomial logistic) regression.

    Parameters
    ----------
    hidden_sizes : tuple of int
    activation : {"sigmoid", "tanh", "relu", "identity"}
        Of the hidden layers.
    n_classes : int, optional
        Found out from the labels if not given.
    optimizer : {"adam", "momentum", "sgd", "lbfgs"} or Optimizer
    learning_rate : float
    learning_rate_decay : float
        The learning rate of each epoch is that of the epoch before times this; 1 keeps it.
    weight_decay : float
        The objective has weight_decay / 2 times the sum of all squared weights added (biases are free).
    batch_size, epochs : int
    random_state : None, int or numpy Generator
    dtype : {"float32", "float64"}
    verbose : int
        1 shows a progress bar, if stderr is a terminal.

    Notes
    -----
    `fit` always begins with the copied layers, or at random: a second `fit` does not go on from the first. A model that was saved
    and loaded predicts as before, but no longer knows what it began with.

    Attributes
    ----------
    classes_ : array, shape (C,)
        The labels, sorted.
    parameters_ : mapping of str to array
        "encoder.0.W", "encoder.0.b", …, "softmax.0.W", "softmax.0.b"
    history_ : dict of str to list of float
        "loss" (nats per example), "seconds"; with validation data also "val_loss" and "val_error", the share of wrong answers.
    n_features_in_ : int

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.StackedClassifier(hidden_sizes=(32,), epochs=20, random_state=0).fit(data.x_train, data.y_train)
    >>> bool(model.score(data.x_test, data.y_test) > 0.8)
    True
    """

    _shaping = (*BaseClassifier._shaping, "hidden_sizes", "activation")

    def __init__(
        self,
        hidden_sizes: Sequence[int] = (200, 200),
        activation: str = "sigmoid",
        n_classes: int | None = None,
        optimizer: Any = "adam",
        learning_rate: float = 1e-3,
        learning_rate_decay: float = 1.0,
        weight_decay: float = 0.0,
        batch_size: int = 128,
        epochs: int = 20,
        random_state: Any = None,
        dtype: Any = "float32",
        verbose: int = 0,
    ) -> None:
        self.hidden_sizes = hidden_sizes
        self.activation = activation
        self.n_classes = n_classes
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_decay = learning_rate_decay
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.random_state = random_state
        self.dtype = dtype
        self.verbose = verbose

    def _check_options(self) -> None:
        super()._check_options()
        check_sizes(self.hidden_sizes, least=0)
        check_choice("activation", self.activation, ACTIVATIONS)
        if self.n_classes is not None:
            check_whole("n_classes", self.n_classes, 2)

    # The network and its objective.

    def _encoder(self, features: int) -> Network:
        sizes = [features, *(int(size) for size in self.hidden_sizes)]
        return Network.chain("encoder", sizes, [self.activation] * (len(sizes) - 1))

    def _networks(self, features: int) -> tuple[Network, ...]:
        width = int(self.hidden_sizes[-1]) if len(self.hidden_sizes) else features
        top = Network.chain("softmax", [width, self._classes_count], ["identity"])
        return self._encoder(features), top

    def _compiled_loss(self) -> str:
        objective: Any = type(self)._loss_and_gradient
        return "cross-entropy" if objective is StackedClassifier._loss_and_gradient else ""

    def _loss_and_gradient(
        self, parameters: Parameters, x: Array, y: Array | None = None, noise: Array | None = None
    ) -> tuple[float, Parameters]:
        ops, gradients, (encoder, top) = backend.active(), parameters.like(), self._networks(x.shape[1])

        h = encoder.forward(parameters, x)  # (stacked_classifier.1)
        logits = top.forward(parameters, h[-1])  # (stacked_classifier.2)
        losses = ops.softmax_cross_entropy(logits[-1], y)
        loss = float(losses.mean(dtype=np.float64))  # (stacked_classifier.3)

        dlosses = np.full_like(losses, 1 / len(x))
        dlogits = ops.softmax_cross_entropy_backward(dlosses, logits[-1], y)  # (stacked_classifier.4)
        dh = top.backward(parameters, dlogits, logits, gradients)  # (stacked_classifier.5)
        encoder.backward(parameters, dh, h, gradients)  # (stacked_classifier.6)
        return loss + self._decay(parameters, gradients), gradients  # the decay of (stacked_classifier.3)

    # Fitting.

    def fit_softmax(self: C, X: Any, y: Any = None, **options: Any) -> C:
        """Train the softmax layer only, on the codes of the layers below, which stay as they are.

        Parameters are those of `fit`; callbacks are called with a model of the softmax layer alone. A `fit` afterwards begins with the
        result, and trains all layers.

        Raises
        ------
        ValueError, TypeError
            If there are no layers to begin with, or an option, the data or the labels cannot be used.
        DivergenceError
            If the loss is no longer finite.
        """
        data, validation, classes = self._checked_data(X, y, options.pop("validation_data", None))
        if self._start_classes is not None:
            self._begin_below()
        if self._start is None:
            raise ValueError(
                "fit_softmax needs layers that were trained before; make this model with StackedAutoencoder.to_classifier."
            )
        with self._counting(classes):
            parameters = self._fresh_state(data.x.shape[1], 0).parameters
            top = StackedClassifier(**{**self.get_params(), "hidden_sizes": (), "n_classes": len(classes)})
            if validation is not None:
                options["validation_data"] = (self._codes(parameters, validation.x), classes[validation.y])
            top.fit(self._codes(parameters, data.x), classes[data.y], **options)
            for name, value in top.parameters_.items():
                parameters[name] = value
            self._publish(parameters, top.history_, data.x.shape[1], names_of(X), {"classes_": classes})
        self._begin_with(dict(parameters), data.x.shape[1], classes)
        return self

    # What it does.

    def _codes(self, parameters: Any, x: Array) -> Array:
        encoder = self._encoder(x.shape[1])
        return self._in_blocks(lambda rows: encoder.forward(parameters, rows)[-1], x)

    def encode(self, X: Any) -> Array:
        """The outputs of the last hidden layer, also before `fit` if the layers were copied.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        h : array, shape (N, hidden_sizes[-1])
        """
        if self._start is not None and not self.__sklearn_is_fitted__():
            self._check_options()
            x = self._checked(X, self._start_features)
            self._check_start(self._encoder(x.shape[1]).shapes())
            return self._codes({name: value.astype(x.dtype, copy=False) for name, value in self._start.items()}, x)
        x = self._known(X)
        return self._codes(self._parameters, x)
