"""The variational autoencoder: the code is a distribution, and the loss is a bound on -log p(x).

Derivation: docs/derivations/variational.md.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from scratchae import backend
from scratchae.models.bounds import Bounds
from scratchae.models.generation import Generation
from scratchae.models.validation import check_choice, check_number, check_whole
from scratchae.nets.parameters import Array

V = TypeVar("V", bound="VariationalAutoencoder")


class VariationalAutoencoder(Bounds, Generation):
    """A variational autoencoder with a normal posterior and a standard normal prior.

    The loss is minus the evidence lower bound: -E_q[log p(x|z)] + beta KL(q(z|x) || p(z)), in nats per example.

    Parameters
    ----------
    hidden_sizes : tuple of int
        Sizes of the encoder's hidden layers; the decoder mirrors them.
    latent_dim : int
        J, the size of z.
    activation : {"relu", "sigmoid", "tanh", "identity"}
        Of the hidden layers.
    likelihood : {"bernoulli", "gaussian"}
        Of the decoder: "bernoulli" for data in [0, 1]; "gaussian" for any, with its normalising constant, in nats.
    variance : float or "learned"
        Of each feature around the "gaussian" decoder's output: fixed, or one number that is learned.
    n_samples : int
        L, the draws of z for each example and step.
    beta : float
        Weight of the KL; 1 is the bound.
    warm_up : int
        Epochs in which the weight of the KL rises evenly to `beta`; 0 for none.
    free_bits : float
        Nats of KL that each latent dimension may cost at no charge, on average over the batch.
    kl : {"analytic", "sampled"}
        The KL by its formula, or from the draws: log q(z|x) - log p(z).
    binarize : {"none", "threshold", "static", "dynamic"}
        What is made of grey pixels: nothing (then the "bernoulli" loss is a cross-entropy and no likelihood); white above one half; white
        by chance, once; white by chance, anew in each epoch.
    optimizer, learning_rate, learning_rate_decay, weight_decay, batch_size, epochs, random_state, dtype, verbose
        As in `Autoencoder`. ("lbfgs" is refused: it needs an objective that stays the same.)

    Attributes
    ----------
    parameters_ : mapping of str to array
        "encoder.0.W", …; the encoder's last layer gives mu and then logvar. With variance="learned" also "decoder.logvar".
    history_ : dict of str to list of float
        "loss" and "seconds"; with validation data also "val_loss", "val_reconstruction" and "val_kl", in nats.
    n_features_in_ : int

    Warns
    -----
    UserWarning
        If the posterior has collapsed onto the prior at the end of the training.

    References
    ----------
    Kingma, D., Welling, M. (2014). Auto-encoding variational Bayes. ICLR.
    Higgins, I. et al. (2017). beta-VAE: learning basic visual concepts with a constrained variational framework. ICLR.

    Examples
    --------
    >>> import scratchae as sae
    >>> data = sae.load_digits()
    >>> model = sae.VariationalAutoencoder(latent_dim=2, epochs=3, random_state=0).fit(data.x_train)
    >>> model.sample(5, seed=0).shape
    (5, 64)
    >>> bound = model.elbo(data.x_test)
    >>> bool(np.allclose(bound.elbo, bound.reconstruction - bound.kl))
    True
    """

    def __init__(
        self,
        hidden_sizes: Sequence[int] = (400,),
        latent_dim: int = 20,
        beta: float = 1.0,
        warm_up: int = 0,
        free_bits: float = 0.0,
        kl: str = "analytic",
        **common: Any,
    ) -> None:
        super().__init__(hidden_sizes=hidden_sizes, latent_dim=latent_dim, **common)
        self.beta = beta
        self.warm_up = warm_up
        self.free_bits = free_bits
        self.kl = kl

    def _check_options(self) -> None:
        super()._check_options()
        check_number("beta", self.beta, 0)
        check_whole("warm_up", self.warm_up, 0)
        check_number("free_bits", self.free_bits, 0)
        check_choice("kl", self.kl, ("analytic", "sampled"))
        if self.kl == "sampled" and self.free_bits > 0:
            raise ValueError('free_bits needs the KL of each dimension, which is kl="analytic"; change one of them.')

    # The objective.

    def _as_of(self: V, epoch: int) -> V:
        """The model with the weight that the KL has in that epoch."""
        if epoch + 1 >= self.warm_up:
            return self
        early = copy.copy(self)
        early.beta = self.beta * (epoch + 1) / self.warm_up  # (variational.13)
        return early

    def _compiled_loss(self) -> str:
        plain = self.kl == "analytic" and self.free_bits == 0
        return self._compiled_if("elbo", VariationalAutoencoder) if plain else ""

    def _objective(self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array) -> float:
        ops = backend.active()
        if self.kl == "sampled":
            kl = ops.sampled_kl(z, logvar, eps).mean(dtype=np.float64)
        elif self.free_bits > 0:
            kl = ops.free_bits(ops.gaussian_kl_terms(mu, logvar), float(self.free_bits))
        else:
            kl = ops.gaussian_kl(mu, logvar).mean(dtype=np.float64)  # (variational.5)
        return float(nll.mean(dtype=np.float64) + self.beta * kl)  # (variational.6)

    def _objective_backward(
        self, nll: Array, mu: Array, logvar: Array, z: Array, eps: Array
    ) -> tuple[Array, Any, Any, Array]:
        ops, (L, N) = backend.active(), nll.shape
        dnll = np.full_like(nll, 1 / (L * N))  # (variational.7)
        if self.kl == "sampled":
            dz, dlogvar = ops.sampled_kl_backward(np.full_like(nll, self.beta / (L * N)), z)
            return dnll, dz, 0, dlogvar
        if self.free_bits > 0:
            terms = ops.gaussian_kl_terms(mu, logvar)
            dterms = ops.free_bits_backward(float(self.beta), terms, float(self.free_bits))
            return dnll, 0, *ops.gaussian_kl_terms_backward(dterms, mu, logvar)
        return dnll, 0, *ops.gaussian_kl_backward(np.full_like(mu[:, 0], self.beta / N), mu, logvar)  # (variational.7)
