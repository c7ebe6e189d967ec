"""The denoising autoencoder: it is shown a corrupted input, and has to give back the clean one.

Derivation: docs/derivations/denoising.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae import backend
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.problem import Data
from scratchae.models.validation import check_choice, check_number, check_share
from scratchae.nets import Parameters
from scratchae.nets.parameters import Array
from scratchae.training import as_optimizer

CORRUPTIONS = {"masking": "masking_noise", "salt_and_pepper": "salt_and_pepper_noise", "gaussian": "gaussian_noise"}


class DenoisingAutoencoder(Autoencoder):
    """An autoencoder that is trained to undo a corruption of its input.

    Every epoch corrupts every example afresh. The target is always the clean example.

    Parameters
    ----------
    corruption : {"masking", "salt_and_pepper", "gaussian"}
        Entries set to zero; set to 0 or 1; or normal noise added.
    corruption_level : float
        The share of the entries that is lost or replaced, in [0, 1]; for "gaussian" the standard deviation of the noise.
    **common
        The options of `Autoencoder`. ("lbfgs" is refused: it needs an objective that stays the same.)

    Attributes
    ----------
    parameters_, history_, n_features_in_
        As of `Autoencoder`. "val_loss" is measured on corrupted validation data, corrupted alike in every epoch.

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

    def __init__(self, corruption: str = "masking", corruption_level: float = 0.3, **common: Any) -> None:
        super().__init__(**common)
        self.corruption = corruption
        self.corruption_level = corruption_level

    def _check_options(self) -> None:
        super()._check_options()
        check_corruption(self.corruption, self.corruption_level)
        if as_optimizer(self.optimizer).name == "lbfgs":
            raise ValueError(
                'optimizer="lbfgs" needs an objective that stays the same, and corruption is drawn afresh; use "adam".'
            )

    def _draw_noise(self, rng: np.random.Generator, shape: tuple[int, int]) -> Array:
        dtype: Any = self._dtype()
        return rng.standard_normal(shape, dtype) if self.corruption == "gaussian" else rng.random(shape, dtype)

    def _corrupted(self, x: Array, noise: Array) -> Array:
        return getattr(backend.active(), CORRUPTIONS[self.corruption])(x, noise, float(self.corruption_level))

    def _compiled_loss(self) -> str:
        objective: Any = type(self)._loss_and_gradient
        linear = self.output_activation == "identity"
        return self.likelihood if linear and objective is DenoisingAutoencoder._loss_and_gradient else ""

    def _inputs_and_targets(
        self, data: Data, order: Array, rng: np.random.Generator | None
    ) -> tuple[Array, Array, Array]:
        assert rng is not None
        clean = data.x[order]
        return self._corrupted(clean, self._draw_noise(rng, clean.shape)), clean, np.arange(len(order))

    def _loss_and_gradient(
        self, parameters: Parameters, x: Array, y: Array | None = None, noise: Array | None = None
    ) -> tuple[float, Parameters]:
        assert noise is not None  # `_draw_noise` has drawn it
        encoder, gradients = self._encoder(x.shape[1]), parameters.like()

        x_noisy = self._corrupted(x, noise)  # (denoising.1)
        h = encoder.forward(parameters, x_noisy)  # (denoising.2)
        loss, dh = self._reconstruction(parameters, h[-1], x, gradients)  # (denoising.3): the target is the clean x
        encoder.backward(parameters, dh, h, gradients)  # (autoencoder.7)
        return loss + self._decay(parameters, gradients), gradients  # (autoencoder.4)

    def _metrics(self, parameters: Parameters, data: Data, noise: Array | None) -> dict[str, float]:
        assert noise is not None
        losses = self._losses(parameters, self._corrupted(data.x, noise), data.x)
        return {"loss": float(losses.mean(dtype=np.float64)) + self._penalty(parameters)}

    def corrupt(self, X: Any, seed: int = 0) -> Array:
        """X with the corruption that this model is trained to undo.

        Parameters
        ----------
        X : array_like, shape (N, D)
        seed : int
            The same seed corrupts the same entries.

        Returns
        -------
        x_noisy : array, shape (N, D)
        """
        check_corruption(self.corruption, self.corruption_level)
        x = self._checked(X, getattr(self, "n_features_in_", None))
        return self._corrupted(x, self._draw_noise(np.random.default_rng(seed), x.shape))


def check_corruption(corruption: Any, level: Any, name: str = "corruption_level") -> None:
    """ValueError unless there is such a corruption, and of that level."""
    check_choice("corruption", corruption, CORRUPTIONS)
    if corruption == "gaussian":
        check_number(name, level, 0)
    else:
        check_share(name, level)
