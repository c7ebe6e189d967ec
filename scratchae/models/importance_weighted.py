"""The importance-weighted autoencoder: several draws for each example, and the log of their mean weight as the bound.

Derivation: docs/derivations/importance_weighted.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchae import backend
from scratchae.models.bounds import Bounds
from scratchae.models.generation import Generation
from scratchae.nets.parameters import Array


class ImportanceWeightedAutoencoder(Bounds, Generation):
    """A variational autoencoder that is trained on the importance-weighted bound of k draws.

    The loss is minus the true bound, -log(1/k sum_k p(x, z_k) / q(z_k|x)), in nats per example; with k = 1 it is that of a
    `VariationalAutoencoder` with kl="sampled".

    Parameters
    ----------
    n_samples : int
        k, the draws of z for each example and step.
    **common
        The options of `VariationalAutoencoder`, but for beta, warm_up, free_bits and kl, which weigh a KL that this bound does not have.

    Attributes
    ----------
    parameters_, history_, n_features_in_
        As of `VariationalAutoencoder`.

    References
    ----------
    Burda, Y., Grosse, R., Salakhutdinov, R. (2016). Importance weighted autoencoders. ICLR.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.ImportanceWeightedAutoencoder(n_samples=5, latent_dim=2, epochs=3, random_state=0).fit(data.x_train)
    >>> model.score_samples(data.x_test).shape
    (360,)
    """

    def __init__(
        self, hidden_sizes: Sequence[int] = (400,), latent_dim: int = 20, n_samples: int = 5, **common: Any
    ) -> None:
        super().__init__(hidden_sizes=hidden_sizes, latent_dim=latent_dim, n_samples=n_samples, **common)

    def _compiled_loss(self) -> str:
        return self._compiled_if("importance-weighted", ImportanceWeightedAutoencoder)

    def _objective(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array) -> float:
        ops = backend.active()
        log_w = -nll - ops.sampled_kl(z, logvar, eps)  # (importance_weighted.1)
        return -float(
            ops.log_mean_exp(log_w).mean(dtype=np.float64)
        )  # (importance_weighted.2), (importance_weighted.3)

    def _objective_backward(
        self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array
    ) -> tuple[Array, Any, Any, Array]:
        ops = backend.active()
        log_w = -nll - ops.sampled_kl(z, logvar, eps)
        dlog_w = ops.log_mean_exp_backward(np.full_like(nll[0], -1 / nll.shape[1]), log_w)  # (importance_weighted.4)
        dz, dlogvar = ops.sampled_kl_backward(-dlog_w, z)  # (importance_weighted.5)
        return -dlog_w, dz, 0, dlogvar

    def _bound(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array) -> Array:
        """The importance-weighted bound of the model's number of draws."""
        ops = backend.active()
        return ops.log_mean_exp(-nll - ops.sampled_kl(z, logvar, eps))
