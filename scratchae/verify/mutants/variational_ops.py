"""Mistakes in drawing, divergences and importance weights: most of them from code that many have read."""

from __future__ import annotations

import numpy as np

from scratchae import ops
from scratchae.verify.derivatives import Array
from scratchae.verify.mutants.mutant import kernel_mutant, op_mutant

# Drawing: each a consistent pair, which a gradient check alone lets pass.

op_mutant(
    "exp(logvar) taken for the standard deviation",
    "reparameterize draws with these moments",
    reparameterize=lambda mu, logvar, eps: ops.reparameterize(mu, 2 * logvar, eps),
    reparameterize_backward=lambda dz, logvar, eps: (
        ops.reparameterize_backward(dz, 2 * logvar, eps)[0],
        2 * ops.reparameterize_backward(dz, 2 * logvar, eps)[1],
    ),
)
op_mutant(
    "noise that is added unscaled",
    "reparameterize draws with these moments",
    reparameterize=lambda mu, logvar, eps: mu + eps,
    reparameterize_backward=lambda dz, logvar, eps: (
        ops.reparameterize_backward(dz, logvar, eps)[0],
        np.zeros_like(logvar),
    ),
)
op_mutant(
    "a draw's gradient without the half of logvar / 2",
    "reparameterize gradient by complex step",
    reparameterize_backward=lambda dz, logvar, eps: (
        ops.reparameterize_backward(dz, logvar, eps)[0],
        2 * ops.reparameterize_backward(dz, logvar, eps)[1],
    ),
)
op_mutant(
    "a draw's gradient of the first of several draws only",
    "reparameterize[several draws] gradient by complex step",
    reparameterize_backward=lambda dz, logvar, eps: ops.reparameterize_backward(
        dz.reshape(-1, *logvar.shape)[0], logvar, eps.reshape(-1, *logvar.shape)[0]
    ),
)

# The divergence.


def _kl_mutant(name: str, found_by: str, value: object, dmu: object, dlogvar: object) -> None:
    """A wrong divergence with the right gradient of the wrong thing."""
    op_mutant(
        name,
        found_by,
        gaussian_kl=lambda mu, logvar: value(mu, logvar).sum(axis=1),  # type: ignore[operator]
        gaussian_kl_backward=lambda d, mu, logvar: (
            d[:, None] * dmu(mu, logvar),  # type: ignore[operator]
            d[:, None] * dlogvar(mu, logvar),  # type: ignore[operator]
        ),
    )


_kl_mutant(
    "KL without its half",
    "gaussian_kl is the integral that defines it",
    lambda m, v: m**2 + np.exp(v) - v - 1,
    lambda m, v: 2 * m,
    lambda m, v: np.exp(v) - 1,
)
_kl_mutant(
    "KL with the sign of the log-variance turned",
    "gaussian_kl is the integral that defines it",
    lambda m, v: (m**2 + np.exp(v) + v - 1) / 2,
    lambda m, v: m,
    lambda m, v: (np.exp(v) + 1) / 2,
)
_kl_mutant(
    "KL subtracted instead of added",
    "gaussian_kl is zero for the prior, and positive elsewhere",
    lambda m, v: -(m**2 + np.exp(v) - v - 1) / 2,
    lambda m, v: -m,
    lambda m, v: -(np.exp(v) - 1) / 2,
)
_kl_mutant(
    "KL the other way round",
    "gaussian_kl is the integral that defines it",
    lambda m, v: (v + (1 + m**2) * np.exp(-v) - 1) / 2,
    lambda m, v: m * np.exp(-v),
    lambda m, v: (1 - (1 + m**2) * np.exp(-v)) / 2,
)
_kl_mutant(
    "KL of a log-variance that is read as a log standard deviation",
    "gaussian_kl is the mean of log q - log p over draws",
    lambda m, v: (m**2 + np.exp(2 * v) - 2 * v - 1) / 2,
    lambda m, v: m,
    lambda m, v: np.exp(2 * v) - 1,
)
op_mutant(
    "KL averaged over the latents",
    "gaussian_kl_sums is gaussian_kl",
    gaussian_kl=lambda mu, logvar: ops.gaussian_kl(mu, logvar) / mu.shape[1],
    gaussian_kl_backward=lambda d, mu, logvar: tuple(g / mu.shape[1] for g in ops.gaussian_kl_backward(d, mu, logvar)),
)
op_mutant(
    "KL' of zeros",
    "gaussian_kl gradient by complex step",
    gaussian_kl_backward=lambda d, mu, logvar: (0 * mu, 0 * logvar),
)
op_mutant(
    "a determinant that is the product of the diagonal",
    "gaussian_kl_trace does not depend on the axes",
    gaussian_kl_trace=lambda mu, covariance: ops.gaussian_kl_sums(mu, np.diagonal(covariance, axis1=1, axis2=2)),
)
op_mutant(
    "the sampled KL that forgets the density's own logvar",
    "sampled_kl is log q - log p at a draw",
    sampled_kl=lambda z, logvar, eps: ops.sampled_kl(z, 0 * logvar, eps),
    sampled_kl_backward=lambda d, z: (ops.sampled_kl_backward(d, z)[0], 0 * z.reshape(-1, *z.shape[-2:])[0]),
)
op_mutant(
    "free bits row by row",
    "free_bits charges the mean of a dimension, and at least the floor",
    free_bits=lambda terms, floor: np.maximum(terms, floor).mean(axis=0).sum(),
    free_bits_backward=lambda d, terms, floor: d * (terms > floor) / len(terms),
)

# Likelihoods.

op_mutant(
    "a Gaussian likelihood without its log-variance",
    "gaussian_nll is minus a log-density",
    gaussian_nll=lambda x_hat, v, x: ops.gaussian_nll(x_hat, v, x) - v.sum(axis=1) / 2,
)
op_mutant(
    "a Gaussian likelihood that divides by the standard deviation",
    "gaussian_nll is minus a log-density",
    gaussian_nll=lambda x_hat, v, x: ops.gaussian_nll(x_hat, v / 2, x) + v.sum(axis=1) / 4,
)
op_mutant(
    "a product of probabilities that takes the white pixels only",
    "bernoulli_log_product is the probability of the pixels",
    bernoulli_log_product=lambda p, x: np.log(np.where(x == 1, p, 1)).sum(axis=1),
)

# Importance weights.


def _worst(log_w: Array) -> Array:
    return ops.importance_weights(-log_w)


op_mutant(
    "the worst sample gets the largest weight",
    "importance_weights are shares, the best sample's the largest",
    importance_weights=_worst,
    importance_weights_backward=lambda dw, w: -ops.importance_weights_backward(dw, w),
)
op_mutant(
    "the bound's gradient with the weights of the worst sample",
    "log_mean_exp gradient by complex step",
    log_mean_exp_backward=lambda d, log_w: d * _worst(log_w),
)
op_mutant(
    "the bound as a weighted mean of log-weights, which flatters it",
    "log_mean_exp is the log of a mean",
    log_mean_exp=lambda log_w: (ops.importance_weights(log_w) * log_w).sum(axis=0),
)
op_mutant(
    "a log of a sum for the log of a mean",
    "log_mean_exp is the log of a mean",
    log_mean_exp=lambda log_w: ops.log_mean_exp(log_w) + np.log(len(log_w)),
)
op_mutant(
    "a log-mean-exp that overflows",
    "log_mean_exp is the log of a mean",
    log_mean_exp=lambda log_w: np.log(np.exp(log_w).mean(axis=0)),
)
op_mutant(
    "weights that are shared out over the batch",
    "importance_weights are shares, the best sample's the largest",
    importance_weights=lambda log_w: ops.importance_weights(log_w.T).T,
)

# Kernels.

kernel_mutant(
    "a kernel that draws with the variance",
    "reparameterize twin in float64",
    reparameterize=lambda mu, logvar, eps: ops.reparameterize(mu, 2 * logvar, eps),
)
kernel_mutant(
    "a kernel in which the last latent is left out of the KL",
    "gaussian_kl twin in float32",
    gaussian_kl=lambda mu, logvar: ops.gaussian_kl(mu[:, :-1], logvar[:, :-1]),
)
kernel_mutant(
    "a kernel that sums the weights over the batch",
    "log_mean_exp_backward twin in float32",
    log_mean_exp_backward=lambda d, log_w: d * ops.importance_weights(log_w.T).T,
)
