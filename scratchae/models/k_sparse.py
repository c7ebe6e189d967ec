"""The k-sparse autoencoder: of each code only the k largest entries are kept.

Derivation: docs/derivations/k_sparse_autoencoder.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scratchae import backend
from scratchae.models.autoencoder import Autoencoder
from scratchae.models.validation import check_whole
from scratchae.nets import Parameters
from scratchae.nets.parameters import Array


class KSparseAutoencoder(Autoencoder):
    """An autoencoder whose code has exactly k entries, the largest; all others are zero.

    Parameters
    ----------
    k : int
        Entries of each code that are kept, from 1 to `latent_dim`. (Of ReLU units, some of the k largest may be zero themselves.)
    hidden_sizes, latent_dim, activation, code_activation, **common
        The options of `Autoencoder`. The code is linear unless told otherwise, as in the paper.

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
        **common: Any,
    ) -> None:
        super().__init__(
            hidden_sizes=hidden_sizes,
            latent_dim=latent_dim,
            activation=activation,
            code_activation=code_activation,
            **common,
        )
        self.k = k

    def _check_options(self) -> None:
        super()._check_options()
        if check_whole("k", self.k, 1) > self.latent_dim:
            raise ValueError(f"k={self.k!r} is larger than the code, latent_dim={self.latent_dim!r}; give a smaller k.")

    def _code(self, parameters: Parameters, x: Array) -> Array:
        return backend.active().k_sparse(super()._code(parameters, x), int(self.k))

    def _loss_and_gradient(
        self, parameters: Parameters, x: Array, y: Array | None = None, noise: Array | None = None
    ) -> tuple[float, Parameters]:
        ops, encoder, gradients, k = backend.active(), self._encoder(x.shape[1]), parameters.like(), int(self.k)

        h = encoder.forward(parameters, x)  # (autoencoder.1)
        code = ops.k_sparse(h[-1], k)  # (k_sparse_autoencoder.1)
        loss, dcode = self._reconstruction(parameters, code, x, gradients)  # (autoencoder.2) to (autoencoder.6)
        dh = ops.k_sparse_backward(dcode, h[-1], k)  # (k_sparse_autoencoder.2)
        encoder.backward(parameters, dh, h, gradients)  # (autoencoder.7)
        return loss + self._decay(parameters, gradients), gradients  # (autoencoder.4)
