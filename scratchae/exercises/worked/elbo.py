"""The evidence lower bound of each example, with L draws for the expectation."""

from __future__ import annotations

import numpy as np

from scratchae.ops import bernoulli_nll, dense, gaussian_kl, reparameterize
from scratchae.ops.activations import Array


def elbo(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> tuple[Array, Array, Array]:
    """The evidence lower bound E_q[log p(x|z)] - KL(q(z|x) || p(z)) of each example (elbo.5), (variational.2) to (variational.6).

    The decoder is a dense layer that gives the logits of Bernoulli pixels. The expectation is the mean over L draws of z, computed from
    the noise; the divergence has a closed form.

    Parameters
    ----------
    x : array, shape (N, D), in [0, 1]
    mu, logvar : array, shape (N, J)
        Moments of q(z|x).
    eps : array, shape (L, N, J)
        Standard normal noise.
    W : array, shape (J, D)
        The decoder's weights.
    b : array, shape (D,)

    Returns
    -------
    bound : array, shape (N,)
        Nats per example: reconstruction minus kl.
    reconstruction : array, shape (N,)
    kl : array, shape (N,)
    """
    z = reparameterize(mu, logvar, eps)  # (variational.2)
    logits = [dense(draw, W, b) for draw in z]  # (variational.3)
    nll = np.stack([bernoulli_nll(a, x) for a in logits])  # (variational.4)
    reconstruction = -nll.mean(axis=0)
    kl = gaussian_kl(mu, logvar)  # (variational.5)
    return reconstruction - kl, reconstruction, kl  # (variational.6)
