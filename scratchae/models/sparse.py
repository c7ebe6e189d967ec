"""The sparse autoencoder: a penalty keeps each unit of the code inactive for most examples.

Derivation: docs/derivations/sparse.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from scratchae import backend
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.blocks import slices
from scratchae.models.fitting import Data
from scratchae.models.likelihoods import LIKELIHOODS
from scratchae.models.terms import Terms, record
from scratchae.models.validation import check_number, check_share
from scratchae.nets import Parameters, add_weight_decay_gradients, weight_decay
from scratchae.nets.network import Array
from scratchae.training import Optimizer, RandomState


class SparseAutoencoder(Autoencoder):
    """An autoencoder with sigmoid code units whose mean activations are kept near a small target.

    Parameters
    ----------
    sparsity : float, in (0, 1)
        Target of the mean activation of each unit over a batch.
    sparsity_weight : float
        Weight of the penalty in the objective: the sum over the units of KL(target || mean activation).
    hidden_sizes, latent_dim, activation, code_activation, likelihood, tied_weights, output_activation
        As in `Autoencoder`. The code always has sigmoid units: `code_activation` may only be left out or "sigmoid".
    optimizer, learning_rate, learning_rate_decay, weight_decay, batch_size, epochs, random_state, dtype, verbose, warm_start
        As in `Autoencoder`.

    Attributes
    ----------
    parameters_, n_features_in_, trained_by_
        As in `Autoencoder`.
    history_ : dict of str to list of float
        As in `Autoencoder`, and the terms of the loss: "reconstruction" and "penalty", before its weight.

    Notes
    -----
    The mean is taken over the batch, so a small `batch_size` makes it noisy; with "lbfgs" it is the mean over all data, which must then
    fit in memory together with their codes and reconstructions.

    References
    ----------
    Ng, A. (2011). Sparse autoencoder. CS294A lecture notes.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.SparseAutoencoder(sparsity=0.1, latent_dim=32, epochs=50, random_state=0).fit(data.x_train)
    >>> bool(model.encode(data.x_train).mean() < 0.2)
    True
    """

    _rows_are_coupled = True

    def __init__(
        self,
        sparsity: float = 0.05,
        sparsity_weight: float = 3.0,
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
        self.sparsity = sparsity
        self.sparsity_weight = sparsity_weight

    def _check_options(self) -> None:
        super()._check_options()
        check_share("sparsity", self.sparsity, open_ends=True)
        check_number("sparsity_weight", self.sparsity_weight, 0)
        if self.code_activation not in (None, "sigmoid"):
            raise ValueError(
                f"code_activation={self.code_activation!r} is not allowed: the mean activations must be "
                f'probabilities; leave it out, or give "sigmoid".'
            )

    def _code_activation(self) -> str:
        return "sigmoid"

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
        ops, rho, weight = backend.active(), float(self.sparsity), float(self.sparsity_weight)

        h = encoder.forward(parameters, x)  # (autoencoder.1)
        outputs = decoder.forward(parameters, h[-1])  # (autoencoder.2)
        losses = likelihood.loss(outputs[-1], x)  # (autoencoder.3)
        reconstruction, penalty = float(losses.mean(dtype=np.float64)), float(ops.sparsity_kl(h[-1], rho))
        loss, decay = reconstruction + weight * penalty, weight_decay(parameters, self.weight_decay)  # (sparse.1)
        record(terms, decay, reconstruction=reconstruction, penalty=penalty)

        dlosses = np.full_like(losses, 1 / len(x))
        doutput = likelihood.loss_backward(dlosses, outputs[-1], x)  # (autoencoder.5)
        dh = decoder.backward(parameters, doutput, outputs, gradients)  # (autoencoder.6)
        dh = dh + ops.sparsity_kl_backward(weight, h[-1], rho)  # (sparse.2)
        encoder.backward(parameters, dh, h, gradients)  # (autoencoder.7)
        add_weight_decay_gradients(parameters, self.weight_decay, gradients)  # (autoencoder.8)
        return loss + decay, gradients  # (autoencoder.4)

    def metrics(self, parameters: Parameters, data: Data, noise: None) -> dict[str, float]:
        """Compute the loss on validation data including the penalty on their mean activations."""
        total = np.zeros(int(self.latent_dim))
        for rows in slices(len(data.x), self._at_once(data.x.shape[1])):
            total += self._code(parameters, data.x[rows]).sum(axis=0, dtype=np.float64)
        mean = (total / len(data.x)).astype(data.x.dtype)[
            None
        ]  # the penalty depends on the codes through their mean only
        penalty = self.sparsity_weight * float(backend.active().sparsity_kl(mean, float(self.sparsity)))
        losses = self._losses(parameters, data.x, data.x)
        return {"loss": float(losses.mean(dtype=np.float64)) + penalty + weight_decay(parameters, self.weight_decay)}
