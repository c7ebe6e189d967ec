"""The classifier on top of a stack: the layers of an encoder and a softmax layer, trained on labels.

Derivation: docs/derivations/stacked_classifier.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from scratchae import backend
from scratchae.models.availability import available_if, weights_on_request
from scratchae.models.blocks import in_blocks, rows_at_once
from scratchae.models.continuing import check_continued, check_same_classes, continues, reason_against_one_pass
from scratchae.models.data_initialisation import in_unit_interval, receive_standardised, start_at_the_shares
from scratchae.models.feature_names import compare_validation_names, names_of
from scratchae.models.fitting import Data, fit, with_attributes
from scratchae.models.labels import (
    as_labels,
    check_labels,
    described,
    from_description,
    held_out_labels,
    indices_of,
    pair_of,
)
from scratchae.models.model import Model
from scratchae.models.terms import Terms, record
from scratchae.models.validation import ValidationData, check_choice, check_sizes, check_whole
from scratchae.models.weights import ClassWeight, check_class_weight, check_weights, class_weights, weighted_mean
from scratchae.models.weights import described as described_weights
from scratchae.nets import ACTIVATIONS, Network, Parameters, add_weight_decay_gradients, weight_decay
from scratchae.nets.network import Array
from scratchae.training import Callbacks, Optimizer, RandomState, TrainingState
from scratchae.training.state import digest

if TYPE_CHECKING:
    from sklearn.utils import Tags

C = TypeVar("C", bound="StackedClassifier")


class StackedClassifier(Model):
    """A network of dense layers with a softmax layer on top, trained on labels by cross-entropy.

    A classifier made by `StackedAutoencoder.to_classifier` starts from the layers of that encoder; a classifier made directly starts from
    random layers, for comparison. With ``hidden_sizes=()`` it is softmax (multinomial logistic) regression.

    Parameters
    ----------
    hidden_sizes : tuple of int
    activation : {"sigmoid", "tanh", "relu", "identity"}
        Activation of the hidden layers.
    n_classes : int, optional
        Number of classes; by default, the number of classes in the labels.
    optimizer : {"adam", "momentum", "sgd", "lbfgs"} or Optimizer
    learning_rate : float
    learning_rate_decay : float
        Factor by which the learning rate is multiplied after each epoch; 1 keeps it constant.
    weight_decay : float
        The objective includes `weight_decay` / 2 times the sum of all squared weights (without biases).
    batch_size, epochs : int or "auto"
        As in `Autoencoder`.
    random_state : None, int or numpy Generator
    dtype : {"float32", "float64"}
    verbose : int
        1 shows a progress bar in terminals and notebooks, and lines elsewhere; 2 also prints a line after each epoch with the terms of the
        loss, and whether compiled steps or `objective` train the model.
    class_weight : dict or "balanced", optional
        Weights of the classes by label, 1 for a class that is not in the dictionary; "balanced" gives all classes the same total weight.
        The weight of a row is the product of its class's weight and its `sample_weight`.
    warm_start : bool
        Whether a second `fit` continues the first, for `epochs` more epochs, from its parameters and the state of the optimiser.

    Notes
    -----
    Without `warm_start`, `fit` always starts from the copied layers, or from random ones. A model that was saved
    and loaded predicts as before, but its initial layers are not stored.

    Attributes
    ----------
    classes_ : array, shape (C,)
        The labels, sorted.
    parameters_ : mapping of str to array
        "encoder.0.W", "encoder.0.b", …, "softmax.0.W", "softmax.0.b"
    history_ : dict of str to list of float
        "loss" (nats per example), "seconds"; with validation data also "val_loss" and "val_error", the error rate. With weight decay
        also the two terms of the loss, "cross_entropy" and "weight_decay".
    n_features_in_ : int
    trained_by_ : str
        As in `Autoencoder`.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.StackedClassifier(hidden_sizes=(32,), epochs=20, random_state=0).fit(data.x_train, data.y_train)
    >>> bool(model.score(data.x_test, data.y_test) > 0.8)
    True
    """

    _shaping = (*Model._shaping, "hidden_sizes", "activation")

    needs_labels = True

    # Learned.
    classes_: Array

    _start: dict[str, Array] | None = None  # initial parameters by name; all others are random
    _start_features = 0
    _start_classes: Array | None = None  # classes of the softmax layer, if it is included

    def __init__(
        self,
        hidden_sizes: Sequence[int] = (200, 200),
        activation: str = "sigmoid",
        n_classes: int | None = None,
        optimizer: str | Optimizer = "adam",
        learning_rate: float = 1e-3,
        learning_rate_decay: float = 1.0,
        weight_decay: float = 0.0,
        batch_size: int | str = "auto",
        epochs: int | str = "auto",
        random_state: RandomState = None,
        dtype: DTypeLike = "float32",
        verbose: int = 0,
        class_weight: ClassWeight = None,
        warm_start: bool = False,
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
        self.class_weight = class_weight
        self.warm_start = warm_start

    def _check_options(self) -> None:
        super()._check_options()
        check_sizes(self.hidden_sizes, least=0)
        check_choice("activation", self.activation, ACTIVATIONS)
        if self.n_classes is not None:
            check_whole("n_classes", self.n_classes, 2)
        check_class_weight(self.class_weight)

    def _described_options(self) -> dict[str, Any]:
        return {**super()._described_options(), "class_weight": described_weights(self.class_weight)}

    # The network and its objective.

    def _encoder(self, features: int) -> Network:
        sizes = [features, *(int(size) for size in self.hidden_sizes)]
        return Network.chain("encoder", sizes, [self.activation] * (len(sizes) - 1))

    def networks(self, features: int) -> tuple[Network, ...]:
        """Return the hidden layers and the softmax layer."""
        width = int(self.hidden_sizes[-1]) if len(self.hidden_sizes) else features
        top = Network.chain("softmax", [width, len(self.classes_)], ["identity"])
        return self._encoder(features), top

    def objective(
        self,
        parameters: Parameters,
        x: Array,
        y: Array | None = None,
        noise: None = None,
        terms: Terms | None = None,
    ) -> tuple[float, Parameters]:
        """Compute the objective on a batch and its gradient, in the order of the derivation."""
        ops, gradients, (encoder, top) = backend.active(), parameters.like(), self.networks(x.shape[1])

        h = encoder.forward(parameters, x)  # (stacked_classifier.1)
        logits = top.forward(parameters, h[-1])  # (stacked_classifier.2)
        losses = ops.softmax_cross_entropy(logits[-1], y)
        decay = weight_decay(parameters, self.weight_decay)
        cross_entropy = float(losses.mean(dtype=np.float64))
        loss = cross_entropy + decay  # (stacked_classifier.3)
        record(terms, decay, cross_entropy=cross_entropy)

        dlosses = np.full_like(losses, 1 / len(x))
        dlogits = ops.softmax_cross_entropy_backward(dlosses, logits[-1], y)  # (stacked_classifier.4)
        dh = top.backward(parameters, dlogits, logits, gradients)  # (stacked_classifier.5)
        encoder.backward(parameters, dh, h, gradients)  # (stacked_classifier.6)
        add_weight_decay_gradients(parameters, self.weight_decay, gradients)
        return loss, gradients

    def metrics(self, parameters: Parameters, data: Data, noise: None) -> dict[str, float]:
        """Compute the objective and the error rate on validation data."""
        logits = self._of_logits(lambda logits: logits, parameters, data.x)
        losses = backend.active().softmax_cross_entropy(logits, data.y)
        loss = float(losses.mean(dtype=np.float64)) + weight_decay(parameters, self.weight_decay)
        return {"loss": loss, "error": float((logits.argmax(axis=1) != data.y).mean())}

    # Initial layers, copied from another model.

    def _initialise_with(self, start: dict[str, Array], features: int, classes: Array | None = None) -> None:
        """Make `fit` start from copies of these parameters."""
        self._start, self._start_features = {name: value.copy() for name, value in start.items()}, features
        self._start_classes = classes

    def _keep_encoder(self) -> None:
        """Make `fit` start from the copied layers, but with a random softmax layer."""
        below = {name: value for name, value in (self._start or {}).items() if name.startswith("encoder.")}
        self._initialise_with(below, self._start_features)

    def _first_state(self, features: int, state_vectors: int) -> TrainingState:
        state = super()._first_state(features, state_vectors)
        self._check_start(state.parameters.shapes)
        for name, value in (self._start or {}).items():
            state.parameters[name] = value  # (stacked_classifier.7)
        return state

    def _initialise_from_data(self, data: Data, parameters: Parameters) -> None:
        """Start with the classes' shares as output, and with a first layer that receives standardised data; copied layers stay.

        Data in [0, 1], such as pixels, are used as they are.
        """
        copied, network = self._start or {}, self._network(data.x.shape[1])
        first, last = network.layers[0], network.layers[-1]
        if f"{last.name}.b" not in copied:
            assert data.y is not None
            start_at_the_shares(data.y, last, parameters)
        if f"{first.name}.W" not in copied and not in_unit_interval(data.x):
            receive_standardised(data.x, first, parameters, enlarge=True)

    def _check_start(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """Raise ValueError unless the copied layers match a network with parameters of these shapes."""
        start = {name: value.shape for name, value in (self._start or {}).items()}
        for name in {**start, **shapes} if start else ():
            then, now = start.get(name), shapes.get(name)
            if then != now and (name.startswith("encoder.") or None not in (then, now)):
                have = f"no {name!r}" if then is None else f"{name!r} of shape {then}"
                need = "none" if now is None else f"one of shape {now}"
                raise ValueError(
                    f"The copied layers have {have}, but these options and data need {need}; "
                    "restore hidden_sizes and n_classes, or make a new StackedClassifier."
                )

    def _fingerprint(self, data: Data, validation: Data | None) -> dict[str, Any]:
        """Add the copied layers, since they determine the initial parameters."""
        copied = [value.ravel() for value in (self._start or {}).values()]
        layers = digest(np.concatenate(copied))[:12] if copied else None
        return {**super()._fingerprint(data, validation), "copied layers": layers}

    def __sklearn_clone__(self: C) -> C:
        """Return a copy with the same options and initial layers."""
        other = super().__sklearn_clone__()
        if self._start is not None:
            other._initialise_with(self._start, self._start_features, self._start_classes)
        return other

    # Fitting.

    @weights_on_request
    def fit(
        self: C,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        validation_data: ValidationData | None = None,
        callbacks: Callbacks[C] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> C:
        """Train all layers on the rows of X and their labels y.

        Parameters
        ----------
        X : array_like, shape (N, D)
            Used without a copy under the conditions of `Autoencoder.fit`.
        y : array_like, shape (N,)
            Labels of any type: numbers, strings, Booleans.
        sample_weight : array_like, shape (N,), optional
            As in `Autoencoder.fit`; multiplied by `class_weight`.
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
            If an option, the data or the labels are invalid; the model is then unchanged.
        DivergenceError
            If the loss is no longer finite.
        """
        continued = continues(self)
        data, validation, classes = self._checked_data(X, y, validation_data)
        weights = self._weights(sample_weight, data, classes)
        if continued:
            check_continued(self, X, data.x.shape[1])
            check_same_classes(classes, self.classes_)
        else:
            self._start_for(classes)
        fit(
            self, data, validation, names_of(X), weights=weights, continued=continued,
            callbacks=callbacks, checkpoint=checkpoint, resume=resume, learned={"classes_": classes},
        )  # fmt: skip
        return self

    @available_if(reason_against_one_pass)
    def partial_fit(
        self: C,
        X: ArrayLike,
        y: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> C:
        """Make one pass over the rows of X, continuing from earlier calls, or from `fit`.

        The first call starts from the copied layers, or from random ones. On the same rows, n calls give exactly the result of `fit` with
        epochs=n.

        Parameters
        ----------
        X : array_like, shape (N, D)
            The number of rows may differ from call to call.
        y : array_like, shape (N,)
            Labels of these rows, each one of `classes`.
        classes : array_like, shape (C,)
            All labels that any call will have; needed by the first call only.
        sample_weight : array_like, shape (N,), optional
            As in `fit`. (A dictionary as `class_weight` applies; "balanced" needs all rows at once.)

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If an option, the data or the labels are invalid, or do not agree with earlier calls; the model is then unchanged.
        DivergenceError
            If the loss is no longer finite.
        """
        continued = self.__sklearn_is_fitted__()
        self._check_options()
        if self.class_weight == "balanced":
            raise ValueError(
                'class_weight="balanced" is not available for partial_fit, which sees only some rows; give a dictionary.'
            )
        x = self._checked(X, None if continued else self._start_features or None)
        if continued:
            check_continued(self, X, x.shape[1])
        all_classes = self._all_classes(classes, continued)
        data = Data(x, indices_of(as_labels(y, len(x)), all_classes))
        weights = self._weights(sample_weight, data, all_classes, fewest=0)
        if not continued:
            self._start_for(all_classes)
        fit(
            self, data, None, names_of(X),
            weights=weights, continued=continued, epochs=1, learned={"classes_": all_classes},
        )  # fmt: skip
        return self

    def _all_classes(self, classes: ArrayLike | None, continued: bool) -> Array:
        """Return the classes of all calls of `partial_fit`."""
        if classes is None:
            if not continued:
                raise ValueError(
                    "classes must be passed on the first call to partial_fit, since its rows may lack some; give classes=np.unique(y) of "
                    "all labels."
                )
            return self.classes_
        given, _ = check_labels(as_labels(classes, np.size(classes), "classes"), self.n_classes)
        if continued:
            check_same_classes(given, self.classes_, "classes")
        return given

    def _start_for(self, classes: Array) -> None:
        """Start from a random softmax layer if the copied one was trained for other classes."""
        if self._start_classes is not None and not np.array_equal(self._start_classes, classes):
            self._keep_encoder()

    def _weights(self, sample_weight: ArrayLike | None, data: Data, classes: Array, fewest: int = 2) -> Array | None:
        """Return the weight of each row, from `sample_weight` and `class_weight`."""
        assert data.y is not None
        return class_weights(self.class_weight, data.y, classes, check_weights(sample_weight, len(data.x)), fewest)

    def _checked_data(
        self, X: ArrayLike, y: ArrayLike | None, validation_data: ValidationData | None
    ) -> tuple[Data, Data | None, Array]:
        """Check options, rows and labels; errors are raised before anything is changed."""
        self._check_options()
        x = self._checked(X, self._start_features or None)
        classes, indices = check_labels(as_labels(y, len(x)), self.n_classes)
        if validation_data is None:
            return Data(x, indices), None, classes
        rows, labels = pair_of(validation_data)
        held_out = self._checked(rows, x.shape[1], "validation_data[0]")
        compare_validation_names(X, rows)
        return Data(x, indices), Data(held_out, held_out_labels(labels, len(held_out), classes)), classes

    def fit_softmax(self: C, X: ArrayLike, y: ArrayLike | None = None, **options: Any) -> C:
        """Train only the softmax layer, on the codes of the layers below, which are kept fixed. The codes of all rows are in memory.

        Parameters are those of `fit`; callbacks are called with a model of the softmax layer alone. A subsequent `fit` starts from the
        result and trains all layers.

        Raises
        ------
        ValueError, TypeError
            If there are no copied layers, or an option, the data or the labels are invalid.
        DivergenceError
            If the loss is no longer finite.
        """
        data, validation, classes = self._checked_data(X, y, options.pop("validation_data", None))
        if self._start_classes is not None:
            self._keep_encoder()
        if self._start is None:
            raise ValueError(
                "fit_softmax needs pre-trained layers; make this model with StackedAutoencoder.to_classifier."
            )
        known = with_attributes(self, {"classes_": classes})
        parameters = known._first_state(data.x.shape[1], 0).parameters
        top = StackedClassifier(**{**self.get_params(), "hidden_sizes": (), "n_classes": len(classes)})
        top._title = "softmax layer"
        if validation is not None:
            options["validation_data"] = (self._codes(parameters, validation.x), classes[validation.y])
        top.fit(self._codes(parameters, data.x), classes[data.y], **options)
        for name, value in top.parameters_.items():
            parameters[name] = value
        learned = {"classes_": classes, "trained_by_": top.trained_by_}
        self._set_fitted_state(parameters, top.history_, data.x.shape[1], names_of(X), learned)
        self._initialise_with(dict(parameters), data.x.shape[1], classes)
        return self

    def _learned(self) -> dict[str, Any]:
        return described(self.classes_)

    def _restored(self, learned: Mapping[str, Any]) -> dict[str, Any]:
        return {"classes_": from_description(learned)}

    # Use of a fitted model.

    def _codes(self, parameters: Mapping[str, Array], x: Array) -> Array:
        encoder = self._encoder(x.shape[1])
        at_once = rows_at_once(x.itemsize * encoder.numbers_per_row())
        return in_blocks(lambda rows: encoder.forward(parameters, rows)[-1], x, at_once=at_once)

    def encode(self, X: ArrayLike) -> Array:
        """Compute the outputs of the last hidden layer, also before `fit` if the layers were copied.

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

    def _torch_form(self) -> dict[str, Any]:
        return {"kind": "classifier"}

    def _of_logits(self, function: Callable[[Array], Array], parameters: Parameters, x: Array) -> Array:
        """Return the function of the logits of all rows, in blocks."""
        network = self._network(x.shape[1])
        at_once = self._at_once(x.shape[1])
        return in_blocks(lambda rows: function(network.forward(parameters, rows)[-1]), x, at_once=at_once)

    def predict_proba(self, X: ArrayLike) -> Array:
        """Compute the probability of each class.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        p : array, shape (N, C)
            In the order of `classes_`.
        """
        x = self._known(X)
        return self._of_logits(backend.active().softmax, self._parameters, x)

    def predict_log_proba(self, X: ArrayLike) -> Array:
        """Compute the logarithm of the probability of each class, which is finite also where the probability is rounded to 0.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        log_p : array, shape (N, C)
            In the order of `classes_`.
        """

        def log_softmax(logits: Array) -> Array:
            shifted = logits - logits.max(axis=1, keepdims=True)
            return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

        return self._of_logits(log_softmax, self._parameters, self._known(X))

    def predict(self, X: ArrayLike) -> Array:
        """Predict the most probable class of each row.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        y : array, shape (N,)
            Labels of the type given to `fit`.
        """
        x = self._known(X)
        return self.classes_[self._most_probable(self._parameters, x)]

    def _most_probable(self, parameters: Parameters, x: Array) -> Array:
        """Return the place of the most probable class of each row."""
        return self._of_logits(lambda logits: logits.argmax(axis=1), parameters, x)

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Compute the accuracy: the fraction of rows whose class is predicted correctly.

        Parameters
        ----------
        X : array_like, shape (N, D)
        y : array_like, shape (N,)
        sample_weight : array_like, shape (N,), optional
            Weights of the rows in the fraction.

        Raises
        ------
        ValueError
            If a label is not one of `classes_`.
        """
        x = self._known(X)
        expected = indices_of(as_labels(y, len(x)), self.classes_)
        return weighted_mean(self._most_probable(self._parameters, x) == expected, sample_weight)

    def loss_and_gradients(
        self, X: ArrayLike, y: ArrayLike | None = None, seed: int = 0
    ) -> tuple[float, dict[str, Array]]:
        """Compute the objective on X and y (mean over the rows, weight decay included) and its gradient.

        Parameters
        ----------
        X : array_like, shape (N, D)
        y : array_like, shape (N,)
        seed : ignored

        Returns
        -------
        loss : float
        gradients : dict of str to array
            With the names and shapes of `parameters_`.
        """
        x = self._known(X)
        labels = indices_of(as_labels(y, len(x)), self.classes_)
        loss, gradients = self.objective(self._parameters, x, labels)
        return loss, dict(gradients)

    def __sklearn_tags__(self) -> Tags:
        """Return the tags for scikit-learn, which is the only caller."""
        from sklearn.utils import ClassifierTags

        tags = super().__sklearn_tags__()
        tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
        tags.target_tags.required, tags.transformer_tags = True, None
        return tags
