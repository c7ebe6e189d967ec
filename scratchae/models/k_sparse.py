"""The k-sparse autoencoder: only the k largest entries of each code are kept.

Derivation: docs/derivations/k_sparse_autoencoder.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from scratchae import backend
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.likelihoods import LIKELIHOODS
from scratchae.models.terms import Terms, record
from scratchae.models.validation import check_whole
from scratchae.nets import Parameters, add_weight_decay_gradients, weight_decay
from scratchae.nets.network import Array
from scratchae.training import Optimizer, RandomState


class KSparseAutoencoder(Autoencoder):
    """An autoencoder that keeps the k largest entries of each code and sets all others to zero.

    Parameters
    ----------
    k : int
        Number of entries of each code that are kept, from 1 to `latent_dim`. (With ReLU units, some of the k largest may be zero.)
    hidden_sizes, latent_dim, activation, code_activation, likelihood, tied_weights, output_activation
        As in `Autoencoder`. The code is linear by default, as in the paper.
    optimizer, learning_rate, learning_rate_decay, weight_decay, batch_size, epochs, random_state, dtype, verbose, warm_start
        As in `Autoencoder`.

    References
    ----------
    Makhzani, A., Frey, B. (2014). k-sparse autoencoders. ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.KSparseAutoencoder(k=5, latent_dim=32, epochs=3, random_state=0).fit(data.x_train)
    >>> np.unique(np.count_nonzero(model.encode(data.x_test), axis=1)).tolist()
    [5]
    """

    _shaping = (*Autoencoder._shaping, "k")

    def __init__(
        self,
        k: int = 8,
        hidden_sizes: Sequence[int] = (),
        latent_dim: int = 64,
        activation: str = "relu",
        code_activation: str | None = "identity",
        *,
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
        self.k = k

    def _check_options(self) -> None:
        super()._check_options()
        if check_whole("k", self.k, 1) > self.latent_dim:
            raise ValueError(f"k={self.k!r} is larger than latent_dim={self.latent_dim!r}; give a smaller k.")

    def _code(self, parameters: Parameters, x: Array) -> Array:
        return backend.active().k_sparse(super()._code(parameters, x), int(self.k))

    def _torch_form(self) -> dict[str, Any]:
        return {**super()._torch_form(), "k": int(self.k)}

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
        ops, k = backend.active(), int(self.k)

        h = encoder.forward(parameters, x)  # (autoencoder.1)
        code = ops.k_sparse(h[-1], k)  # (k_sparse_autoencoder.1)
        outputs = decoder.forward(parameters, code)  # (autoencoder.2)
        losses = likelihood.loss(outputs[-1], x)  # (autoencoder.3)
        reconstruction, decay = float(losses.mean(dtype=np.float64)), weight_decay(parameters, self.weight_decay)
        loss = reconstruction + decay  # (autoencoder.4)
        record(terms, decay, reconstruction=reconstruction)

        dlosses = np.full_like(losses, 1 / len(x))
        doutput = likelihood.loss_backward(dlosses, outputs[-1], x)  # (autoencoder.5)
        dcode = decoder.backward(parameters, doutput, outputs, gradients)  # (autoencoder.6)
        dh = ops.k_sparse_backward(dcode, h[-1], k)  # (k_sparse_autoencoder.2)
        encoder.backward(parameters, dh, h, gradients)  # (autoencoder.7)
        add_weight_decay_gradients(parameters, self.weight_decay, gradients)  # (autoencoder.8)
        return loss, gradients

    # Stated here, since metrics belong to the objective beside which they are defined (see `Model.metrics`). These compute the loss above, too:
    # in blocks of rows, through `_code`.
    metrics = Autoencoder.metrics
