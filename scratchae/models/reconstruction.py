"""Base class of all autoencoders: data that are their own target, codes, reconstructions and scores.

Derivation: docs/derivations/autoencoder.md.
"""

from __future__ import annotations

import os
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from scratchae.models.availability import available_if, weights_on_request
from scratchae.models.blocks import in_blocks
from scratchae.models.containers import check_container, check_names_in, container_of, in_container, names_out
from scratchae.models.continuing import check_continued, continues, reason_against_one_pass
from scratchae.models.data_initialisation import receive_standardised, start_at_the_mean, warn_of_small_data
from scratchae.models.feature_names import compare_validation_names, names_of
from scratchae.models.fitting import Data, fit
from scratchae.models.likelihoods import LIKELIHOODS
from scratchae.models.model import Model
from scratchae.models.validation import ValidationData, check_choice
from scratchae.models.weights import check_weights, weighted_mean
from scratchae.nets import Network, Parameters
from scratchae.nets.network import Array
from scratchae.training import Callbacks

A = TypeVar("A", bound="BaseAutoencoder")


class BaseAutoencoder(Model):
    """Base class of autoencoders, without encoder, decoder and objective."""

    _shaping = (*Model._shaping, "likelihood")
    _enlarges_small_features: ClassVar[bool] = (
        False  # whether the first layer also scales up; see `receive_standardised`
    )

    likelihood: str

    # Methods that a subclass defines.

    def _encoder(self, features: int) -> Network:
        raise NotImplementedError

    def _decoder(self, features: int) -> Network:
        raise NotImplementedError

    def _check_options(self) -> None:
        super()._check_options()
        check_choice("likelihood", self.likelihood, LIKELIHOODS)

    # Fitting.

    @weights_on_request
    def fit(
        self: A,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        validation_data: ValidationData | None = None,
        callbacks: Callbacks[A] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> A:
        """Train on the rows of X.

        Parameters
        ----------
        X : array_like, shape (N, D)
            In [0, 1] for the Bernoulli likelihood. An array of the model's dtype in C order, also one that is mapped from a file (`numpy.memmap`),
            is used without a copy; anything else is converted once. Besides the data, a fit needs 8 bytes per row, and as many for labels,
            six times the memory of the parameters, and the arrays of one batch.
        y : ignored
        sample_weight : array_like, shape (N,), optional
            Non-negative weights: each epoch visits the rows in proportion to them, see docs/derivations/sample_weights.md. Not for "lbfgs".
        validation_data : array_like, shape (M, D), or a tuple that starts with it, optional
            Adds "val_loss" to the history.
        callbacks : callable, or sequence of callables, optional
            Each is called with the model after every epoch, and may return True to stop. `EarlyStopping` holds out rows of X if there are no
            `validation_data`.
        checkpoint : path, optional
            File for the state of the run, written after an epoch, at most every half second.
        resume : bool
            Whether to continue from `checkpoint` if it exists. A run that was killed and resumed gives identical results. (With "lbfgs",
            checkpoints are written at multiples of `LBFGS.restart` and at the end; extending a finished run starts without stored L-BFGS pairs.)

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If an option or the data are invalid; the model is then unchanged.
        DivergenceError
            If the loss is no longer finite.
        KeyboardInterrupt
            On Ctrl-C before the end of the first epoch, and on a second Ctrl-C within 10 seconds. Otherwise Ctrl-C ends the training with a
            warning, and the model keeps the last finished epoch; so does SIGTERM.
        """
        continued = continues(self)
        data, validation = self._checked_data(X, validation_data)
        weights = check_weights(sample_weight, len(data.x))
        if continued:
            check_continued(self, X, data.x.shape[1])
        fit(
            self, data, validation, names_of(X), weights=weights, continued=continued,
            callbacks=callbacks, checkpoint=checkpoint, resume=resume,
        )  # fmt: skip
        self._after_training(data)
        return self

    @available_if(lambda model: model._reason_against_partial_fit())
    def partial_fit(self: A, X: ArrayLike, y: ArrayLike | None = None, *, sample_weight: ArrayLike | None = None) -> A:
        """Make one pass over the rows of X, continuing from earlier calls, or from `fit`.

        The first call initialises the parameters. On the same rows, n calls give exactly the result of `fit` with epochs=n.

        Parameters
        ----------
        X : array_like, shape (N, D)
            The number of rows may differ from call to call.
        y : ignored
        sample_weight : array_like, shape (N,), optional
            As in `fit`.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If an option or the data are invalid, or do not agree with earlier calls; the model is then unchanged.
        DivergenceError
            If the loss is no longer finite.
        """
        continued = self.__sklearn_is_fitted__()
        data, _ = self._checked_data(X, None)
        weights = check_weights(sample_weight, len(data.x))
        if continued:
            check_continued(self, X, data.x.shape[1])
        fit(self, data, None, names_of(X), weights=weights, continued=continued, epochs=1)
        return self

    def _reason_against_partial_fit(self) -> str | None:
        return reason_against_one_pass(self)

    def _after_training(self, data: Data) -> None:
        """Issue warnings at the end of a training."""

    def _checked_data(self, X: ArrayLike, validation_data: ValidationData | None) -> tuple[Data, Data | None]:
        """Check options and data; errors are raised before anything is changed."""
        self._check_options()
        unit_interval = self.likelihood == "bernoulli"
        x = self._checked(X, None, unit_interval=unit_interval)
        if validation_data is None:
            return Data(x), None
        if isinstance(validation_data, tuple):
            if not validation_data:
                raise ValueError("validation_data is an empty tuple; give an array, or a tuple that starts with one.")
            validation_data = validation_data[0]
        held_out = self._checked(validation_data, x.shape[1], "validation_data", unit_interval=unit_interval)
        compare_validation_names(X, validation_data)
        return Data(x), Data(held_out)

    def _initialise_from_data(self, data: Data, parameters: Parameters) -> None:
        """Start with the mean of the data as output, and for "gaussian" with a first layer that receives standardised data."""
        networks = self.networks(data.x.shape[1])
        first, last = networks[0].layers[0], networks[-1].layers[-1]
        start_at_the_mean(data.x, self.likelihood, last, parameters)
        if self.likelihood == "gaussian":
            tied = last.tied_to == first.name
            enlarge = self._enlarges_small_features
            warn_of_small_data(receive_standardised(data.x, first, parameters, enlarge=enlarge, shrink=not tied))

    # The objective.

    def _code(self, parameters: Parameters, x: Array) -> Array:
        """Return the codes of a block of rows."""
        return self._encoder(x.shape[1]).forward(parameters, x)[-1]

    def _losses(self, parameters: Parameters, x: Array, target: Array) -> Array:
        """Return the loss of each row's reconstruction against a target: x itself, or the clean x if x is corrupted."""
        decoder, likelihood = self._decoder(x.shape[1]), LIKELIHOODS[self.likelihood]

        def block(x: Array, target: Array) -> Array:
            return likelihood.loss(decoder.forward(parameters, self._code(parameters, x))[-1], target)

        return in_blocks(block, x, target, at_once=self._at_once(x.shape[1]))

    def loss_and_gradients(
        self, X: ArrayLike, y: ArrayLike | None = None, seed: int = 0
    ) -> tuple[float, dict[str, Array]]:
        """Compute the objective on X (mean over the rows, weight decay included) and its gradient.

        Parameters
        ----------
        X : array_like, shape (N, D)
        y : ignored
        seed : int
            Seed of the noise, if the model has any: it is drawn from ``numpy.random.default_rng(seed)``. Random binarisation of grey pixels
            uses a separate generator, ``default_rng([seed, 1])``.

        Returns
        -------
        loss : float
        gradients : dict of str to array
            With the names and shapes of `parameters_`.
        """
        x = self._for_evaluation(X, seed)
        noise = self.draw_noise(np.random.default_rng(seed), x.shape)
        loss, gradients = self.objective(self._parameters, x, noise=noise)
        return loss, dict(gradients)

    def _for_evaluation(self, X: ArrayLike, seed: int) -> Array:
        """Return the rows of X on which the objective is computed; random binarisation uses the seed."""
        return self._known(X, unit_interval=self.likelihood == "bernoulli")

    def _torch_form(self) -> dict[str, Any]:
        return {"kind": "autoencoder", "likelihood": self.likelihood}

    # Use of a fitted model.

    def encode(self, X: ArrayLike) -> Array:
        """Compute the codes of the rows of X.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        h : array, shape (N, H)
        """
        x = self._known(X)
        return in_blocks(lambda rows: self._code(self._parameters, rows), x, at_once=self._at_once(x.shape[1]))

    def decode(self, Z: ArrayLike) -> Array:
        """Compute the reconstructions for codes.

        Parameters
        ----------
        Z : array_like, shape (N, H)

        Returns
        -------
        x_hat : array, shape (N, D)
            Probabilities for the Bernoulli likelihood.
        """
        self._check_fitted()
        z = self._checked(Z, self._decoder(self.n_features_in_).layers[0].d_in, "Z")
        return in_blocks(self._means, z, at_once=self._at_once(self.n_features_in_))

    def _means(self, codes: Array, *labels: Array) -> Array:
        """Return the reconstructions for a block of codes, and of classes for a conditional model."""
        outputs = self._decoder(self.n_features_in_).forward(self._parameters, codes)
        return LIKELIHOODS[self.likelihood].mean(outputs[-1])

    def transform(self, X: ArrayLike) -> Array:
        """Encode X: scikit-learn's name for `encode`; the codes are in the container chosen by `set_output`."""
        container = container_of(self._sklearn_output_config.get("transform"))
        codes = self.encode(X)
        return codes if container == "default" else in_container(codes, container, self.get_feature_names_out(), X)

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> Array:
        """Return the names of the columns of codes: "autoencoder0", "autoencoder1" and so on, by the name of the class.

        Parameters
        ----------
        input_features : array_like of str, shape (D,), optional
            Compared with the column names and the number of columns of the data of `fit`.

        Returns
        -------
        names : array of str, shape (H,)
        """
        self._check_fitted()
        check_names_in(input_features, getattr(self, "feature_names_in_", None), self.n_features_in_)
        return names_out(type(self).__name__.lower(), self._decoder(self.n_features_in_).layers[0].d_in)

    def set_output(self: A, *, transform: str | None = None) -> A:
        """Choose the container of the codes that `transform` and `fit_transform` return; `encode` always returns arrays.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, optional
            Array, or data frame with the names of `get_feature_names_out` and, for pandas, the index of X. None leaves it unchanged; before
            the first choice, scikit-learn's global setting applies.

        Returns
        -------
        self
        """
        if transform is not None:
            check_container(transform)
            self._sklearn_output_config = {**self._sklearn_output_config, "transform": transform}
        return self

    def inverse_transform(self, Z: ArrayLike) -> Array:
        """Decode Z: scikit-learn's name for `decode`."""
        return self.decode(Z)

    def fit_transform(self, X: ArrayLike, y: ArrayLike | None = None, **fit_options: Any) -> Array:
        """Fit the model to X, then transform X."""
        return self.fit(X, y, **fit_options).transform(X)

    def reconstruct(self, X: ArrayLike) -> Array:
        """Compute decode(encode(X)), shape (N, D)."""
        x = self._known(X)
        at_once = self._at_once(x.shape[1])
        return in_blocks(lambda rows: self._means(self._code(self._parameters, rows)), x, at_once=at_once)

    def score_samples(self, X: ArrayLike) -> Array:
        """Compute the score of each row: its negative loss, higher is better.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        scores : array, shape (N,)
            Nats: log p(x | x_hat) for "bernoulli"; for "gaussian" the negative squared error, which is the log-density of a Gaussian with
            variance 1/2 per feature, up to a constant.
        """
        x = self._known(X, unit_interval=self.likelihood == "bernoulli")
        return -self._losses(self._parameters, x, x)

    def score(self, X: ArrayLike, y: ArrayLike | None = None, sample_weight: ArrayLike | None = None) -> float:
        """Compute the mean of `score_samples`, weighted by `sample_weight`."""
        return weighted_mean(self.score_samples(X), sample_weight)
