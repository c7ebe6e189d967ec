"""What classifiers share: labels of any type in, classes and probabilities out."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from scratchae import backend
from scratchae.models.classes import Classes
from scratchae.models.copied_layers import CopiedLayers
from scratchae.models.feature_names import names_of
from scratchae.models.labels import as_labels, check_labels, indices_of
from scratchae.models.problem import Data
from scratchae.nets import Parameters
from scratchae.nets.parameters import Array

C = TypeVar("C", bound="BaseClassifier")


class BaseClassifier(Classes, CopiedLayers):
    """A classifier without its networks and objective."""

    n_classes: int | None

    @property
    def _classes_count(self) -> int:
        return self._count or int(self.n_classes or 0)

    def fit(
        self: C,
        X: Any,
        y: Any = None,
        *,
        validation_data: Any = None,
        callbacks: Sequence[Callable[[Any], Any]] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> C:
        """Train all layers on the rows of X and their labels y.

        Parameters
        ----------
        X : array_like, shape (N, D)
        y : array_like, shape (N,)
            Labels of any type: numbers, strings, truth values.
        validation_data : (array_like, array_like), optional
            Rows and labels; adds "val_loss" and "val_error" to the history.
        callbacks, checkpoint, resume
            As in `Autoencoder.fit`.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If an option, the data or the labels cannot be used; nothing has been changed then.
        DivergenceError
            If the loss is no longer finite.
        """
        data, validation, classes = self._checked_data(X, y, validation_data)
        if self._start_classes is not None and not np.array_equal(self._start_classes, classes):
            self._begin_below()  # the softmax layer was trained for other classes
        with self._counting(classes):
            self._train(data, validation, names_of(X), callbacks, checkpoint, resume, {"classes_": classes})
        return self

    def _checked_data(self, X: Any, y: Any, validation_data: Any) -> tuple[Data, Data | None, Array]:
        """Options, rows and labels, checked; raises before anything is changed."""
        self._check_options()
        x = self._checked(X, self._start_features or None)
        labels = as_labels(y, len(x))
        classes, indices = check_labels(labels, self.n_classes)
        if validation_data is None:
            return Data(x, indices), None, classes
        return Data(x, indices), self._held_out(validation_data, x.shape[1], classes), classes

    def _inputs_and_targets(
        self, data: Data, order: Array, rng: np.random.Generator | None
    ) -> tuple[Array, Array, Array]:
        assert data.y is not None
        return data.x, data.y[order].astype(data.x.dtype)[:, None], order

    def _metrics(self, parameters: Parameters, data: Data, noise: Array | None) -> dict[str, float]:
        logits = self._logits(parameters, data.x)
        losses = backend.active().softmax_cross_entropy(logits, data.y)
        loss = float(losses.mean(dtype=np.float64)) + self._penalty(parameters)
        return {"loss": loss, "error": float((logits.argmax(axis=1) != data.y).mean())}

    def _logits(self, parameters: Parameters, x: Array) -> Array:
        network = self._network(x.shape[1])
        return self._in_blocks(lambda rows: network.forward(parameters, rows)[-1], x)

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        p : array, shape (N, C)
            In the order of `classes_`.
        """
        x = self._known(X)
        return backend.active().softmax(self._logits(self._parameters, x))

    def predict(self, X: Any) -> Array:
        """The most probable class of each row.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        y : array, shape (N,)
            Labels of the kind that `fit` was given.
        """
        x = self._known(X)
        return self.classes_[self._logits(self._parameters, x).argmax(axis=1)]

    def score(self, X: Any, y: Any) -> float:
        """The share of the rows whose class is predicted.

        Parameters
        ----------
        X : array_like, shape (N, D)
        y : array_like, shape (N,)

        Raises
        ------
        ValueError
            If a label is of no class that the model knows.
        """
        x = self._known(X)
        expected = indices_of(as_labels(y, len(x)), self.classes_)
        return float((self._logits(self._parameters, x).argmax(axis=1) == expected).mean())

    def loss_and_gradients(self, X: Any, y: Any = None, seed: int = 0) -> tuple[float, dict[str, Array]]:
        """The objective on X and y (mean over the rows, weight decay included) and its gradient.

        Parameters
        ----------
        X : array_like, shape (N, D)
        y : array_like, shape (N,)
        seed : ignored

        Returns
        -------
        loss : float
        gradients : dict of str to array
            By the names, and in the shapes, of `parameters_`.
        """
        x = self._known(X)
        labels = indices_of(as_labels(y, len(x)), self.classes_)
        loss, gradients = self._loss_and_gradient(self._parameters, x, labels)
        return loss, dict(gradients)

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn's tools ask; only they call this."""
        from sklearn.utils import ClassifierTags

        tags = super().__sklearn_tags__()
        tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
        tags.target_tags.required, tags.transformer_tags = True, None
        return tags
