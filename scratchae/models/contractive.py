"""The contractive autoencoder: a penalty makes the code robust to small changes of the input.

Derivation: docs/derivations/contractive.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from scratchae import backend
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.blocks import in_blocks
from scratchae.models.fitting import Data
from scratchae.models.likelihoods import LIKELIHOODS
from scratchae.models.terms import Terms, record
from scratchae.models.validation import check_number
from scratchae.nets import Parameters, add_weight_decay_gradients, weight_decay
from scratchae.nets.network import Array
from scratchae.training import Optimizer, RandomState


class ContractiveAutoencoder(Autoencoder):
    """An autoencoder with one layer whose objective includes the squared norm of the Jacobian of its code.

    Parameters
    ----------
    contraction : float
        Weight of the penalty: the mean over the batch of the squared Frobenius norm of dh/dx.
    hidden_sizes
        Must be (), since the penalty is for a code of one layer. For several layers, use `StackedAutoencoder` with base="contractive".
    latent_dim, activation, code_activation, likelihood, tied_weights, output_activation
        As in `Autoencoder`; `activation`, used for the code, must be "sigmoid" or "tanh".
    optimizer, learning_rate, learning_rate_decay, weight_decay, batch_size, epochs, random_state, dtype, verbose, warm_start
        As in `Autoencoder`.

    Attributes
    ----------
    parameters_, n_features_in_, trained_by_
        As in `Autoencoder`.
    history_ : dict of str to list of float
        As in `Autoencoder`, and the terms of the loss: "reconstruction" and "penalty", before its weight.

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
        *,
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
        self.contraction = contraction

    def _check_options(self) -> None:
        super()._check_options()
        check_number("contraction", self.contraction, 0)
        if len(self.hidden_sizes):
            raise ValueError(
                f"hidden_sizes={self.hidden_sizes!r} is not allowed: the contraction is for a code of one layer; give (), "
                'or stack layers with StackedAutoencoder(base="contractive").'
            )
        check_contractible(self._code_activation(), "activation" if self.code_activation is None else "code_activation")

    def _contraction(self, parameters: Parameters, x: Array) -> Array:
        """Compute the penalty of each row of a block, shape (N,)."""
        h = self._code(parameters, x)
        return backend.active().contractive_penalty(h, parameters["encoder.0.W"], self._code_activation())

    def objective(
        self,
        parameters: Parameters,
        x: Array,
        y: Array | None = None,
        noise: None = None,
        terms: Terms | None = None,
    ) -> tuple[float, Parameters]:
        """Compute the objective on a batch and its gradient."""
        encoder, decoder = self.networks(x.shape[1])
        likelihood, gradients = LIKELIHOODS[self.likelihood], parameters.like()
        ops, W, activation = backend.active(), parameters["encoder.0.W"], self._code_activation()
        weight = float(self.contraction)

        h = encoder.forward(parameters, x)  # (autoencoder.1)
        outputs = decoder.forward(parameters, h[-1])  # (autoencoder.2)
        losses = likelihood.loss(outputs[-1], x)  # (autoencoder.3)
        penalties = ops.contractive_penalty(h[-1], W, activation)
        reconstruction, penalty = float(losses.mean(dtype=np.float64)), float(penalties.mean(dtype=np.float64))
        loss, decay = reconstruction + weight * penalty, weight_decay(parameters, self.weight_decay)  # (contractive.1)
        record(terms, decay, reconstruction=reconstruction, penalty=penalty)

        dlosses, dpenalties = np.full_like(losses, 1 / len(x)), np.full_like(penalties, weight / len(x))
        doutput = likelihood.loss_backward(dlosses, outputs[-1], x)  # (autoencoder.5)
        dh = decoder.backward(parameters, doutput, outputs, gradients)  # (autoencoder.6)
        dh_penalty, dW = ops.contractive_penalty_backward(dpenalties, h[-1], W, activation)  # (contractive.2)
        gradients["encoder.0.W"] += dW  # (contractive.3)
        encoder.backward(parameters, dh + dh_penalty, h, gradients)  # (contractive.4)
        add_weight_decay_gradients(parameters, self.weight_decay, gradients)  # (autoencoder.8)
        return loss + decay, gradients  # (autoencoder.4)

    def metrics(self, parameters: Parameters, data: Data, noise: None) -> dict[str, float]:
        """Compute the loss on validation data including the penalty, in blocks of rows."""
        at_once = self._at_once(data.x.shape[1])
        penalties = in_blocks(lambda rows: self._contraction(parameters, rows), data.x, at_once=at_once)
        losses = self._losses(parameters, data.x, data.x) + self.contraction * penalties
        return {"loss": float(losses.mean(dtype=np.float64)) + weight_decay(parameters, self.weight_decay)}

    def contraction_of(self, X: ArrayLike) -> Array:
        """Compute the squared Frobenius norm of dh/dx at each row: the sensitivity of the code to the input.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        norms : array, shape (N,)
        """
        x = self._known(X)
        return in_blocks(lambda rows: self._contraction(self._parameters, rows), x, at_once=self._at_once(x.shape[1]))


def check_contractible(activation: str, name: str = "activation") -> None:
    """Raise ValueError unless the contraction is defined for this activation."""
    if activation not in ("sigmoid", "tanh"):
        raise ValueError(
            f'{name}={activation!r} is not allowed here: contraction is derived for "sigmoid" and "tanh"; use one of them.'
        )
