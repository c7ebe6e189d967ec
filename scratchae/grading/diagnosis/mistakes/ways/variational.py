"""Equivalent implementations of divergences, reparameterisation and bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchae.ops import sigmoid, softplus

Array = NDArray[Any]


def _gaussian_kl_trace__determinant(mu: Array, covariance: Array) -> Any:
    trace = np.trace(covariance, axis1=1, axis2=2)
    determinant = np.linalg.det(covariance)
    squares = mu**2
    return (trace + squares.sum(axis=1) - mu.shape[1] - np.log(determinant)) / 2


def _gaussian_kl_sums__as_it_is_printed(mu: Array, variance: Array) -> Any:
    return -(1 + np.log(variance) - mu**2 - variance).sum(axis=1) / 2


def _gaussian_kl_sums_backward__deviation(dkl: Array, mu: Array, variance: Array) -> Any:
    std = np.sqrt(variance)
    dstd = dkl[:, None] * (std - 1 / std)
    return dkl[:, None] * mu, dstd / (2 * std)


def _gaussian_kl__as_it_is_printed(mu: Array, logvar: Array) -> Any:
    return -(1 + logvar - mu**2 - np.exp(logvar)).sum(axis=1) / 2


def _gaussian_kl__deviation(mu: Array, logvar: Array) -> Any:
    std = np.exp(logvar / 2)
    return (mu**2 + std**2 - 2 * np.log(std) - 1).sum(axis=1) / 2


def _gaussian_kl__logarithm_of_the_variance(mu: Array, logvar: Array) -> Any:
    variance = np.exp(logvar)
    return (mu**2 + variance - 1 - np.log(variance)).sum(axis=1) / 2


def _gaussian_kl_backward__variance(dkl: Array, mu: Array, logvar: Array) -> Any:
    variance = np.exp(logvar)
    dvariance = (1 - 1 / variance) / 2
    return dkl[:, None] * mu, dkl[:, None] * dvariance * variance


def _reparameterize__variance(mu: Array, logvar: Array, eps: Array) -> Any:
    variance = np.exp(logvar)
    std = np.sqrt(variance)
    return mu + std * eps


def _reparameterize_backward__deviation(dz: Array, logvar: Array, eps: Array) -> Any:
    std = np.exp(logvar / 2)
    dz, eps = dz.reshape(-1, *logvar.shape), eps.reshape(-1, *logvar.shape)
    dmu = dz.sum(axis=0)
    dstd = (dz * eps).sum(axis=0)
    return dmu, dstd * std / 2


def _elbo__all_draws(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> Any:
    std = np.exp(logvar / 2)
    z = mu + std * eps
    logits = z @ W + b
    log_likelihood = (x * logits - softplus(logits)).sum(axis=2)
    reconstruction = log_likelihood.mean(axis=0)
    kl = (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2
    return reconstruction - kl, reconstruction, kl


def _elbo__probabilities(x: Array, mu: Array, logvar: Array, eps: Array, W: Array, b: Array) -> Any:
    z = mu + np.exp(logvar / 2) * eps
    p = sigmoid(z @ W + b)
    log_likelihood = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=2)
    reconstruction = log_likelihood.mean(axis=0)
    kl = -(1 + logvar - mu**2 - np.exp(logvar)).sum(axis=1) / 2
    return reconstruction - kl, reconstruction, kl


def _variational_loss__all_draws(
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
) -> Any:
    J = eps.shape[2]
    h1 = np.tanh(x @ W1 + b1)
    moments = h1 @ W2 + b2
    mu, logvar = moments[:, :J], moments[:, J:]
    std = np.exp(logvar / 2)
    z = mu + std * eps
    h3 = np.tanh(z @ W3 + b3)
    logits = h3 @ W4 + b4
    nll = (softplus(logits) - x * logits).sum(axis=2)
    kl = (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2
    return nll.mean() + beta * kl.mean()


def _variational_gradients__all_draws(
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
) -> Any:
    L, N, J = eps.shape
    h1 = np.tanh(x @ W1 + b1)
    moments = h1 @ W2 + b2
    mu, logvar = moments[:, :J], moments[:, J:]
    std = np.exp(logvar / 2)
    z = mu + std * eps
    h3 = np.tanh(z @ W3 + b3)
    p = sigmoid(h3 @ W4 + b4)
    da4 = (p - x) / (L * N)
    dh3 = da4 @ W4.T
    da3 = dh3 * (1 - h3**2)
    dz = da3 @ W3.T
    dstd = (dz * eps).sum(axis=0)
    dmu = dz.sum(axis=0) + beta * mu / N
    dlogvar = dstd * std / 2 + beta * (np.exp(logvar) - 1) / 2 / N
    dmoments = np.hstack([dmu, dlogvar])
    dh1 = dmoments @ W2.T
    da1 = dh1 * (1 - h1**2)
    dW4, dW3 = (h3.swapaxes(1, 2) @ da4).sum(axis=0), (z.swapaxes(1, 2) @ da3).sum(axis=0)
    db4, db3 = da4.sum(axis=0).sum(axis=0), da3.sum(axis=0).sum(axis=0)
    return x.T @ da1, da1.sum(axis=0), h1.T @ dmoments, dmoments.sum(axis=0), dW3, db3, dW4, db4


def _sampled_kl__two_densities(z: Array, logvar: Array, eps: Array) -> Any:
    log_q = -(logvar + eps**2).sum(axis=-1) / 2
    log_p = -(z**2).sum(axis=-1) / 2
    return log_q - log_p
