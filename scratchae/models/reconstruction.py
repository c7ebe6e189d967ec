"""Base class of all autoencoders: data that are their own target, codes, reconstructions and scores.

Derivation: docs/derivations/autoencoder.md.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from scratchae.models.blocks import in_blocks
from scratchae.models.feature_names import compare_validation_names, names_of
from scratchae.models.fitting import Data, fit
from scratchae.models.likelihoods import LIKELIHOODS
from scratchae.models.model import Model
from scratchae.models.validation import ValidationData, check_choice
from scratchae.nets import Network, Parameters
from scratchae.nets.network import Array
from scratchae.training import Callback

A = TypeVar("A", bound="BaseAutoencoder")


class BaseAutoencoder(Model):
    """Base class of autoencoders, without encoder, decoder and objective."""

    _shaping = (*Model._shaping, "likelihood")

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

    def fit(
        self: A,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        validation_data: ValidationData | None = None,
        callbacks: Sequence[Callback[A]] = (),
        checkpoint: str | os.PathLike[str] | None = None,
        resume: bool = False,
    ) -> A:
        """Train on the rows of X.

        Parameters
        ----------
        X : array_like, shape (N, D)
            In [0, 1] for the Bernoulli likelihood. An array of the model's dtype in C order is used without a copy; anything else is
            converted once.
        y : ignored
        validation_data : array_like, shape (M, D), or a tuple that starts with it, optional
            Adds "val_loss" to the history.
        callbacks : sequence of callables
            Each is called with the model after every epoch, and may return True to stop.
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
        """
        data, validation = self._checked_data(X, validation_data)
        fit(self, data, validation, names_of(X), callbacks=callbacks, checkpoint=checkpoint, resume=resume)
        self._after_training(data)
        return self

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

    # The objective.

    def _code(self, parameters: Parameters, x: Array) -> Array:
        """Return the codes of a block of rows."""
        return self._encoder(x.shape[1]).forward(parameters, x)[-1]

    def _losses(self, parameters: Parameters, x: Array, target: Array) -> Array:
        """Return the loss of each row's reconstruction against a target: x itself, or the clean x if x is corrupted."""
        decoder, likelihood = self._decoder(x.shape[1]), LIKELIHOODS[self.likelihood]

        def block(x: Array, target: Array) -> Array:
            return likelihood.loss(decoder.forward(parameters, self._code(parameters, x))[-1], target)

        return in_blocks(block, x, target)

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
        return in_blocks(lambda rows: self._code(self._parameters, rows), x)

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
        decoder = self._decoder(self.n_features_in_)
        z = self._checked(Z, decoder.layers[0].d_in, "Z")
        return in_blocks(lambda rows: LIKELIHOODS[self.likelihood].mean(decoder.forward(self._parameters, rows)[-1]), z)

    def transform(self, X: ArrayLike) -> Array:
        """Encode X: scikit-learn's name for `encode`."""
        return self.encode(X)

    def inverse_transform(self, Z: ArrayLike) -> Array:
        """Decode Z: scikit-learn's name for `decode`."""
        return self.decode(Z)

    def fit_transform(self, X: ArrayLike, y: ArrayLike | None = None, **fit_options: Any) -> Array:
        """Fit the model to X, then transform X."""
        return self.fit(X, y, **fit_options).transform(X)

    def reconstruct(self, X: ArrayLike) -> Array:
        """Compute decode(encode(X)), shape (N, D)."""
        return self.decode(self.encode(X))

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

    def score(self, X: ArrayLike, y: ArrayLike | None = None) -> float:
        """Compute the mean of `score_samples`."""
        return float(self.score_samples(X).mean(dtype=np.float64))
