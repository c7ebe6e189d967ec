"""The denoising autoencoder: it reconstructs the clean input from a corrupted one.

Derivation: docs/derivations/denoising.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from scratchae import backend
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.blocks import in_blocks
from scratchae.models.fitting import Data
from scratchae.models.likelihoods import LIKELIHOODS
from scratchae.models.terms import Terms, record
from scratchae.models.validation import check_choice, check_number, check_share
from scratchae.nets import Parameters, add_weight_decay_gradients, weight_decay
from scratchae.nets.network import Array
from scratchae.training import Optimizer, RandomState, as_optimizer

CORRUPTIONS = ("masking", "salt_and_pepper", "gaussian")


class DenoisingAutoencoder(Autoencoder):
    """An autoencoder that is trained to remove a corruption of its input.

    Every epoch draws a new corruption of every example. The target is always the clean example.

    Parameters
    ----------
    corruption : {"masking", "salt_and_pepper", "gaussian"}
        Entries are set to zero, set to 0 or 1, or normal noise is added.
    corruption_level : float
        The fraction of the entries that is corrupted, in [0, 1]; for "gaussian", the standard deviation of the noise.
    hidden_sizes, latent_dim, activation, code_activation, likelihood, tied_weights, output_activation
        As in `Autoencoder`.
    optimizer, learning_rate, learning_rate_decay, weight_decay, batch_size, epochs, random_state, dtype, verbose, warm_start
        As in `Autoencoder`. ("lbfgs" is not allowed, since it needs a deterministic objective.)

    Attributes
    ----------
    parameters_, history_, n_features_in_, trained_by_
        As in `Autoencoder`. "val_loss" is measured on corrupted validation data, with the same corruption in every epoch.

    References
    ----------
    Vincent, P., Larochelle, H., Bengio, Y., Manzagol, P.-A. (2008). Extracting and composing robust features with denoising
    autoencoders. ICML.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.DenoisingAutoencoder(corruption_level=0.5, epochs=3, random_state=0).fit(data.x_train)
    >>> model.corrupt(data.x_test, seed=0).shape
    (360, 64)
    """

    _has_noise = True

    def __init__(
        self,
        corruption: str = "masking",
        corruption_level: float = 0.3,
        *,
        hidden_sizes: Sequence[int] = (128,),
        latent_dim: int = 16,
        activation: str = "relu",
        code_activation: str | None = None,
        likelihood: str = "bernoulli",
        tied_weights: bool = False,
        output_activation: str = "identity",
        optimizer: str | Optimizer = "adam",
        learning_rate: float = 1e-3,
        learning_rate_decay: float = 1.0,
        weight_decay: float = 0.0,
        batch_size: int | str = "auto",
        epochs: int | str = "auto",
        random_state: RandomState = None,
        dtype: DTypeLike = "float32",
        verbose: int = 0,
        warm_start: bool = False,
    ) -> None:
        super().__init__(
            hidden_sizes=hidden_sizes,
            latent_dim=latent_dim,
            activation=activation,
            code_activation=code_activation,
            likelihood=likelihood,
            tied_weights=tied_weights,
            output_activation=output_activation,
            optimizer=optimizer,
            learning_rate=learning_rate,
            learning_rate_decay=learning_rate_decay,
            weight_decay=weight_decay,
            batch_size=batch_size,
            epochs=epochs,
            random_state=random_state,
            dtype=dtype,
            verbose=verbose,
            warm_start=warm_start,
        )
        self.corruption = corruption
        self.corruption_level = corruption_level

    def _check_options(self) -> None:
        super()._check_options()
        check_corruption(self.corruption, self.corruption_level)
        if as_optimizer(self.optimizer).name == "lbfgs":
            raise ValueError(
                'optimizer="lbfgs" needs a deterministic objective, but the corruption is random; use "adam".'
            )

    def draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> Array:
        """Draw noise in the shape of the batch: standard normal for "gaussian", uniform in [0, 1) for the others."""
        dtype: np.dtype[Any] = np.dtype(self.dtype)
        return rng.standard_normal(shape, dtype) if self.corruption == "gaussian" else rng.random(shape, dtype)

    def _corrupted(self, x: Array, noise: Array) -> Array:
        ops, level = backend.active(), float(self.corruption_level)
        if self.corruption == "masking":
            return ops.masking_noise(x, noise, level)
        if self.corruption == "salt_and_pepper":
            return ops.salt_and_pepper_noise(x, noise, level)
        return ops.gaussian_noise(x, noise, level)

    def objective(
        self,
        parameters: Parameters,
        x: Array,
        y: Array | None = None,
        noise: Array | None = None,
        terms: Terms | None = None,
    ) -> tuple[float, Parameters]:
        """Compute the objective on a batch and its gradient."""
        assert noise is not None  # it is drawn by `draw_noise`
        encoder, decoder = self.networks(x.shape[1])
        likelihood, gradients = LIKELIHOODS[self.likelihood], parameters.like()

        x_noisy = self._corrupted(x, noise)  # (denoising.1)
        h = encoder.forward(parameters, x_noisy)  # (denoising.2)
        outputs = decoder.forward(parameters, h[-1])  # (autoencoder.2)
        losses = likelihood.loss(outputs[-1], x)  # (denoising.3): the target is the clean x
        reconstruction, decay = float(losses.mean(dtype=np.float64)), weight_decay(parameters, self.weight_decay)
        loss = reconstruction + decay  # (autoencoder.4)
        record(terms, decay, reconstruction=reconstruction)

        dlosses = np.full_like(losses, 1 / len(x))
        doutput = likelihood.loss_backward(dlosses, outputs[-1], x)  # (autoencoder.5)
        dh = decoder.backward(parameters, doutput, outputs, gradients)  # (autoencoder.6)
        encoder.backward(parameters, dh, h, gradients)  # (autoencoder.7)
        add_weight_decay_gradients(parameters, self.weight_decay, gradients)  # (autoencoder.8)
        return loss, gradients

    def metrics(self, parameters: Parameters, data: Data, noise: Array) -> dict[str, float]:
        """Compute the loss on corrupted validation data, in blocks of rows."""
        losses = self._losses(parameters, self._corrupted(data.x, noise), data.x)
        return {"loss": float(losses.mean(dtype=np.float64)) + weight_decay(parameters, self.weight_decay)}

    def corrupt(self, X: ArrayLike, seed: int = 0) -> Array:
        """Corrupt X as in the training of this model.

        Parameters
        ----------
        X : array_like, shape (N, D)
        seed : int
            Seed of the noise: the same seed gives the same corruption.

        Returns
        -------
        x_noisy : array, shape (N, D)
        """
        check_corruption(self.corruption, self.corruption_level)
        x = self._checked(X, getattr(self, "n_features_in_", None))
        rng = np.random.default_rng(seed)  # its numbers for blocks that follow one another are those of a single call
        return in_blocks(lambda rows: self._corrupted(rows, self.draw_noise(rng, rows.shape)), x)


def check_corruption(corruption: object, level: object, name: str = "corruption_level") -> None:
    """Raise ValueError unless the corruption and its level are valid."""
    check_choice("corruption", corruption, CORRUPTIONS)
    if corruption == "gaussian":
        check_number(name, level, 0)
    else:
        check_share(name, level)
