"""The contractive autoencoder: a penalty keeps the code from moving when the input does.

Derivation: docs/derivations/contractive.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchae import backend
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.problem import Data
from scratchae.models.validation import check_number
from scratchae.nets import Parameters
from scratchae.nets.parameters import Array


class ContractiveAutoencoder(Autoencoder):
    """An autoencoder of one layer whose objective has the squared norm of the Jacobian of its code added.

    Parameters
    ----------
    contraction : float
        Weight of the penalty, the mean over the batch of the squared Frobenius norm of dh/dx.
    hidden_sizes : ()
        The penalty is that of a code of one layer. Several such layers are a `StackedAutoencoder` with base="contractive".
    latent_dim, activation, **common
        The options of `Autoencoder`; `activation`, that of the code, is "sigmoid" or "tanh".

    References
    ----------
    Rifai, S., Vincent, P., Muller, X., Glorot, X., Bengio, Y. (2011). Contractive auto-encoders: explicit invariance during feature
    extraction. ICML.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.ContractiveAutoencoder(contraction=1.0, latent_dim=32, epochs=3, random_state=0).fit(data.x_train)
    >>> model.contraction_of(data.x_test).shape
    (360,)
    """

    def __init__(
        self,
        contraction: float = 0.1,
        hidden_sizes: Sequence[int] = (),
        latent_dim: int = 64,
        activation: str = "sigmoid",
        **common: Any,
    ) -> None:
        super().__init__(hidden_sizes=hidden_sizes, latent_dim=latent_dim, activation=activation, **common)
        self.contraction = contraction

    def _check_options(self) -> None:
        super()._check_options()
        check_number("contraction", self.contraction, 0)
        if len(self.hidden_sizes):
            raise ValueError(
                f"hidden_sizes={self.hidden_sizes!r} is not allowed: the contraction is that of a code of one layer; give (), "
                'or stack layers with StackedAutoencoder(base="contractive").'
            )
        check_contractible(self._code_activation(), "activation" if self.code_activation is None else "code_activation")

    def _contraction(self, parameters: Parameters, x: Array) -> Array:
        """The penalty of each row of a block, shape (N,)."""
        h = self._code(parameters, x)
        return backend.active().contractive_penalty(h, parameters["encoder.0.W"], self._code_activation())

    def _loss_and_gradient(
        self, parameters: Parameters, x: Array, y: Array | None = None, noise: Array | None = None
    ) -> tuple[float, Parameters]:
        ops, encoder, gradients = backend.active(), self._encoder(x.shape[1]), parameters.like()
        W, activation, weight = parameters["encoder.0.W"], self._code_activation(), float(self.contraction)

        h = encoder.forward(parameters, x)  # (autoencoder.1)
        loss, dh = self._reconstruction(parameters, h[-1], x, gradients)  # (autoencoder.2) to (autoencoder.6)
        penalties = ops.contractive_penalty(h[-1], W, activation)
        loss += weight * float(penalties.mean(dtype=np.float64))  # (contractive.1)
        dpenalties = np.full_like(penalties, weight / len(x))
        dh_penalty, dW = ops.contractive_penalty_backward(dpenalties, h[-1], W, activation)  # (contractive.2)
        gradients["encoder.0.W"] += dW  # (contractive.3)
        encoder.backward(parameters, dh + dh_penalty, h, gradients)  # (contractive.4)
        return loss + self._decay(parameters, gradients), gradients  # (autoencoder.4)

    def _metrics(self, parameters: Parameters, data: Data, noise: Array | None) -> dict[str, float]:
        penalties = self._in_blocks(lambda rows: self._contraction(parameters, rows), data.x)
        losses = self._losses(parameters, data.x, data.x) + self.contraction * penalties
        return {"loss": float(losses.mean(dtype=np.float64)) + self._penalty(parameters)}

    def contraction_of(self, X: Any) -> Array:
        """The squared Frobenius norm of dh/dx at each row: how far the code moves when the input does.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        norms : array, shape (N,)
        """
        return self._in_blocks(lambda rows: self._contraction(self._parameters, rows), self._known(X))


def check_contractible(activation: str, name: str = "activation") -> None:
    """ValueError unless the contraction of such units is known."""
    if activation not in ("sigmoid", "tanh"):
        raise ValueError(
            f'{name}={activation!r} is not allowed here: contraction is derived for "sigmoid" and "tanh"; use one of them.'
        )
