"""The whole variational autoencoder: one hidden layer of tanh units in encoder and decoder, Bernoulli pixels, L draws."""

from __future__ import annotations

import numpy as np

from scratchae.ops import (
    bernoulli_nll,
    bernoulli_nll_backward,
    dense,
    dense_backward,
    gaussian_kl,
    gaussian_kl_backward,
    reparameterize,
    reparameterize_backward,
    tanh,
    tanh_backward,
)
from scratchae.ops.activations import Array


def variational_loss(
    x: Array,
    eps: Array,
    beta: float,
    W1: Array,
    b1: Array,
    W2: Array,
    b2: Array,
    W3: Array,
    b3: Array,
    W4: Array,
    b4: Array,
) -> Array:
    """The loss of a variational autoencoder, minus the bound, as a mean over the batch (elbo.8), (variational.1) to (variational.6).

    Parameters
    ----------
    x : array, shape (N, D), in [0, 1]
    eps : array, shape (L, N, J)
        Standard normal noise, L draws for each example.
    beta : float
        Weight of the divergence.
    W1, b1 : array, shapes (D, H), (H,)
        The encoder's hidden layer, of tanh units.
    W2, b2 : array, shapes (H, 2 J), (2 J,)
        Its linear output: mu in the first J columns, logvar in the others.
    W3, b3 : array, shapes (J, H), (H,)
        The decoder's hidden layer, of tanh units.
    W4, b4 : array, shapes (H, D), (D,)
        Its output: logits.

    Returns
    -------
    loss : scalar
        Nats per example: the mean over draws and examples of the reconstruction's loss, and beta times the mean divergence.
    """
    L, N, J = eps.shape
    moments = dense(tanh(dense(x, W1, b1)), W2, b2)
    mu, logvar = moments[:, :J], moments[:, J:]  # (variational.1)
    z = reparameterize(mu, logvar, eps).reshape(L * N, J)  # (variational.2)
    logits = dense(tanh(dense(z, W3, b3)), W4, b4)  # (variational.3)
    nll = bernoulli_nll(logits, np.tile(x, (L, 1)))  # (variational.4)
    kl = gaussian_kl(mu, logvar)  # (variational.5)
    return nll.mean() + beta * kl.mean()  # (variational.6)


def variational_gradients(
    x: Array,
    eps: Array,
    beta: float,
    W1: Array,
    b1: Array,
    W2: Array,
    b2: Array,
    W3: Array,
    b3: Array,
    W4: Array,
    b4: Array,
) -> tuple[Array, Array, Array, Array, Array, Array, Array, Array]:
    """Gradients of `variational_loss` with respect to all eight parameters (variational.7) to (variational.12).

    Parameters
    ----------
    x : array, shape (N, D), in [0, 1]
    eps : array, shape (L, N, J)
        The noise of the forward pass.
    beta : float
    W1, b1 : array, shapes (D, H), (H,)
    W2, b2 : array, shapes (H, 2 J), (2 J,)
    W3, b3 : array, shapes (J, H), (H,)
    W4, b4 : array, shapes (H, D), (D,)

    Returns
    -------
    dW1, db1 : array, shapes (D, H), (H,)
    dW2, db2 : array, shapes (H, 2 J), (2 J,)
    dW3, db3 : array, shapes (J, H), (H,)
    dW4, db4 : array, shapes (H, D), (D,)
    """
    L, N, J = eps.shape
    target = np.tile(x, (L, 1))
    h1 = tanh(dense(x, W1, b1))
    moments = dense(h1, W2, b2)
    mu, logvar = moments[:, :J], moments[:, J:]  # (variational.1)
    z = reparameterize(mu, logvar, eps).reshape(L * N, J)  # (variational.2)
    h3 = tanh(dense(z, W3, b3))
    logits = dense(h3, W4, b4)  # (variational.3)

    dnll = np.full(L * N, 1 / (L * N))  # (variational.7)
    dmu_kl, dlogvar_kl = gaussian_kl_backward(np.full(N, beta / N), mu, logvar)  # (variational.7)
    dlogits = bernoulli_nll_backward(dnll, logits, target)  # (variational.8)
    dh3, dW4, db4 = dense_backward(dlogits, h3, W4)  # (variational.9)
    dz, dW3, db3 = dense_backward(tanh_backward(dh3, h3), z, W3)  # (variational.9), (variational.10)
    dmu, dlogvar = reparameterize_backward(dz.reshape(L, N, J), logvar, eps)  # (variational.11)
    dmoments = np.hstack([dmu + dmu_kl, dlogvar + dlogvar_kl])
    dh1, dW2, db2 = dense_backward(dmoments, h1, W2)  # (variational.12)
    _, dW1, db1 = dense_backward(tanh_backward(dh1, h1), x, W1)  # (variational.12)
    return dW1, db1, dW2, db2, dW3, db3, dW4, db4
