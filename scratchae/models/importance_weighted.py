"""The importance-weighted autoencoder: its bound is the log of the mean importance weight of several draws per example.

Derivation: docs/derivations/importance_weighted.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from scratchae import backend
from scratchae.models.terms import Terms
from scratchae.models.variational import VariationalAutoencoder
from scratchae.nets.network import Array
from scratchae.training import Optimizer, RandomState


class ImportanceWeightedAutoencoder(VariationalAutoencoder):
    """A variational autoencoder that is trained on the importance-weighted bound of k draws.

    The loss is the negative bound, -log(1/k sum_k p(x, z_k) / q(z_k|x)), in nats per example; with k = 1 it is the loss of
    `VariationalAutoencoder` with kl="sampled".

    Parameters
    ----------
    hidden_sizes, latent_dim
        As in `VariationalAutoencoder`.
    n_samples : int
        Number of draws of z per example and step. (k in the derivation.)
    activation, likelihood, variance, binarize
        As in `VariationalAutoencoder`. There is no beta, warm_up, free_bits or kl, as this bound has no separate KL term.
    optimizer, learning_rate, learning_rate_decay, weight_decay, batch_size, epochs, random_state, dtype, verbose, warm_start
        As in `VariationalAutoencoder`.

    Attributes
    ----------
    parameters_, noise_variance_, n_features_in_, trained_by_
        As in `VariationalAutoencoder`.
    history_ : dict of str to list of float
        As in `VariationalAutoencoder`, but loss = -(reconstruction - kl + gain): the first two are means over the draws, and "gain" is what
        their importance weights add to the bound.

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

    # The bound has no KL term to weight, so these are not options.
    beta, warm_up, free_bits, kl = 1.0, 0, 0.0, "sampled"

    def __init__(
        self,
        hidden_sizes: Sequence[int] = (400,),
        latent_dim: int = 20,
        n_samples: int = 5,
        *,
        activation: str = "relu",
        likelihood: str = "bernoulli",
        variance: float | str | ArrayLike = "learned",
        binarize: str = "none",
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
        self.hidden_sizes = hidden_sizes
        self.latent_dim = latent_dim
        self.n_samples = n_samples
        self.activation = activation
        self.likelihood = likelihood
        self.variance = variance
        self.binarize = binarize
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.learning_rate_decay = learning_rate_decay
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.random_state = random_state
        self.dtype = dtype
        self.verbose = verbose
        self.warm_start = warm_start

    # The objective is that of `VariationalAutoencoder`, except for the loss of the draws and its gradient.

    def _loss(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array, terms: Terms | None = None) -> float:
        """Compute the negative importance-weighted bound, averaged over the rows, and its terms: -(reconstruction - kl + gain)."""
        ops = backend.active()
        ratio = ops.sampled_kl(z, logvar, eps)
        log_w = -nll - ratio  # (importance_weighted.1)
        bound = float(
            ops.log_mean_exp(log_w).mean(dtype=np.float64)
        )  # (importance_weighted.2), (importance_weighted.3)
        if terms is not None:
            gain = ops.log_mean_exp(log_w - log_w.mean(axis=0))  # over the bound of draws with equal weights
            found = {"reconstruction": -nll, "kl": ratio, "gain": gain}
            terms.update({name: float(values.mean(dtype=np.float64)) for name, values in found.items()})
        return -bound

    def _loss_backward(
        self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array
    ) -> tuple[Array, Array | int, Array | int, Array]:
        """Compute its gradients with respect to nll, z, mu (none) and logvar, each on the direct path only."""
        ops = backend.active()
        log_w = -nll - ops.sampled_kl(z, logvar, eps)
        dlog_w = ops.log_mean_exp_backward(np.full_like(nll[0], -1 / nll.shape[1]), log_w)  # (importance_weighted.4)
        dz, dlogvar = ops.sampled_kl_backward(-dlog_w, z)  # (importance_weighted.5)
        return -dlog_w, dz, 0, dlogvar

    def _bound(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array) -> Array:
        """Compute the importance-weighted bound for the model's number of draws."""
        ops = backend.active()
        return ops.log_mean_exp(-nll - ops.sampled_kl(z, logvar, eps))
