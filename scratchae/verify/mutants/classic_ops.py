"""Mistakes in corruption, softmax, sparsity and contraction: most of them from code that many have read."""

from __future__ import annotations

import numpy as np

from scratchae import ops
from scratchae.verify.derivatives import Array
from scratchae.verify.mutants.mutant import kernel_mutant, op_mutant

# Corruption: each a consistent pair.

op_mutant(
    "masking that keeps what it should lose",
    "masking_noise loses the share that was asked for",
    masking_noise=lambda x, u, level: ops.masking_noise(x, u, 1 - level),
    masking_noise_backward=lambda dy, u, level: ops.masking_noise_backward(dy, u, 1 - level),
)
op_mutant(
    "masking that makes up for the loss, as dropout does",
    "masking_noise loses the share that was asked for",
    masking_noise=lambda x, u, level: ops.masking_noise(x, u, level) / (1 - level),
    masking_noise_backward=lambda dy, u, level: ops.masking_noise_backward(dy, u, level) / (1 - level),
)
op_mutant(
    "salt without pepper",
    "salt_and_pepper_noise makes equal shares of black and white",
    salt_and_pepper_noise=lambda x, u, level: np.where(u < level, 1, x),
)
op_mutant(
    "the level of Gaussian noise taken for its variance",
    "gaussian_noise has the standard deviation that was asked for",
    gaussian_noise=lambda x, eps, level: ops.gaussian_noise(x, eps, level**0.5),
)
op_mutant(
    "corruption's gradient passed through lost entries",
    "masking_noise gradient by complex step",
    masking_noise_backward=lambda dy, u, level: dy,
)

# Softmax.

op_mutant(
    "softmax' of zeros, which a check with upstream gradients of one cannot see",
    "softmax gradient by complex step",
    softmax_backward=lambda dp, p: 0 * p,
)
op_mutant(
    "softmax' as if each class stood alone",
    "softmax gradient by complex step",
    softmax_backward=lambda dp, p: dp * p * (1 - p),
)
op_mutant(
    "softmax that overflows",
    "softmax is a ratio of exponentials",
    softmax=lambda a: np.exp(a) / np.exp(a).sum(axis=1, keepdims=True),
)
op_mutant(
    "softmax over the batch",
    "softmax is a ratio of exponentials",
    softmax=lambda a: ops.softmax(a.T).T,
    softmax_backward=lambda dp, p: ops.softmax_backward(dp.T, p.T).T,
)
op_mutant(
    "cross-entropy averaged over the classes, its gradient too",
    "softmax_cross_entropy of two classes is the Bernoulli loss",
    softmax_cross_entropy=lambda a, labels: ops.softmax_cross_entropy(a, labels) / a.shape[1],
    softmax_cross_entropy_backward=lambda d, a, labels: ops.softmax_cross_entropy_backward(d, a, labels) / a.shape[1],
)
op_mutant(
    "cross-entropy of clipped probabilities",
    "softmax_cross_entropy is minus the log of a probability",
    softmax_cross_entropy=lambda a, labels: -np.log(np.clip(ops.softmax(a)[np.arange(len(a)), labels], 1e-7, 1)),
)
op_mutant(
    "cross-entropy's gradient with the upstream gradient ignored",
    "softmax_cross_entropy gradient by complex step",
    softmax_cross_entropy_backward=lambda d, a, labels: ops.softmax_cross_entropy_backward(0 * d + 1, a, labels),
)
op_mutant(
    "cross-entropy's gradient of a softmax that is differentiated twice",
    "softmax_cross_entropy gradient by complex step",
    softmax_cross_entropy_backward=lambda d, a, labels: ops.softmax_backward(
        ops.softmax_cross_entropy_backward(d, a, labels), ops.softmax(a)
    ),
)

# Sparsity.


def _wrong_bracket(h: Array, rho: float) -> Array:
    mean = h.mean(axis=0)
    return (rho * np.log(rho / mean) + (1 - rho) * np.log(1 - rho) / (1 - mean)).sum()


def _wrong_bracket_backward(d: float, h: Array, rho: float) -> Array:
    mean = h.mean(axis=0)
    dmean = d * (-rho / mean + (1 - rho) * np.log(1 - rho) / (1 - mean) ** 2)
    return np.broadcast_to(dmean / len(h), h.shape).copy()


op_mutant(
    "the sparsity KL with a bracket in the wrong place, its gradient too",
    "sparsity_kl is zero at the target, and a divergence elsewhere",
    sparsity_kl=_wrong_bracket,
    sparsity_kl_backward=_wrong_bracket_backward,
)


def _reversed_kl(h: Array, rho: float) -> Array:
    mean = h.mean(axis=0)
    return (mean * np.log(mean / rho) + (1 - mean) * np.log((1 - mean) / (1 - rho))).sum()


def _reversed_kl_backward(d: float, h: Array, rho: float) -> Array:
    mean = h.mean(axis=0)
    dmean = d * (np.log(mean / rho) - np.log((1 - mean) / (1 - rho)))
    return np.broadcast_to(dmean / len(h), h.shape).copy()


op_mutant(
    "the sparsity KL the other way round, its gradient too",
    "sparsity_kl is zero at the target, and a divergence elsewhere",
    sparsity_kl=_reversed_kl,
    sparsity_kl_backward=_reversed_kl_backward,
)
op_mutant(
    "the sparsity KL of each example, averaged, its gradient too",
    "sparsity_kl is zero at the target, and a divergence elsewhere",
    sparsity_kl=lambda h, rho: np.mean(np.stack([ops.sparsity_kl(row[None], rho) for row in h])),
    sparsity_kl_backward=lambda d, h, rho: np.concatenate(
        [ops.sparsity_kl_backward(d / len(h), row[None], rho) for row in h]
    ),
)
op_mutant(
    "the sparsity gradient as if each example were the mean",
    "sparsity_kl gradient by complex step",
    sparsity_kl_backward=lambda d, h, rho: d * ((1 - rho) / (1 - h) - rho / h) / len(h),
)
op_mutant(
    "the sparsity gradient without the 1/N of the mean",
    "sparsity_kl gradient by complex step",
    sparsity_kl_backward=lambda d, h, rho: ops.sparsity_kl_backward(d, h, rho) * len(h),
)
op_mutant(
    "a sparsity gradient that pushes away from the target",
    "sparsity_kl pulls every mean towards the target",
    sparsity_kl_backward=lambda d, h, rho: -ops.sparsity_kl_backward(d, h, rho),
)


def _at_least_kth(h: Array, k: int) -> Array:
    return h >= np.sort(h, axis=1)[:, [-k]]


op_mutant(
    "k-sparse by a threshold, which keeps more than k of equal entries",
    "k_sparse leaves exactly k",
    k_sparse=lambda h, k: np.where(_at_least_kth(h, k), h, 0),
    k_sparse_backward=lambda dy, h, k: np.where(_at_least_kth(h, k), dy, 0),
)
op_mutant(
    "k-sparse by absolute value, its gradient too",
    "k_sparse keeps the largest",
    k_sparse=lambda h, k: np.where(ops.k_sparse(abs(h), k) > 0, h, 0),
    k_sparse_backward=lambda dy, h, k: np.where(ops.k_sparse(abs(h), k) > 0, dy, 0),
)
op_mutant(
    "k-sparse over the batch instead of the units",
    "k_sparse keeps the largest",
    k_sparse=lambda h, k: ops.k_sparse(h.T, k).T,
    k_sparse_backward=lambda dy, h, k: ops.k_sparse_backward(dy.T, h.T, k).T,
)

# Contraction.


op_mutant(
    "contraction: the square of a sum for a sum of squares",
    "contractive_penalty is the norm of the Jacobian",
    contractive_penalty=lambda h, W, activation: ops.contractive_penalty(h, W.sum(axis=0, keepdims=True), activation),
)
op_mutant(
    "contraction by a whole-number division, which has no slope",
    "contractive_penalty is the norm of the Jacobian",
    contractive_penalty=lambda h, W, activation: ops.contractive_penalty(h, W, activation) // 1,
    contractive_penalty_backward=lambda d, h, W, activation: (0 * h, 0 * W),
)
op_mutant(
    "contraction with the slope, not its square",
    "contractive_penalty is the norm of the Jacobian",
    contractive_penalty=lambda h, W, activation: (
        (h * (1 - h) if activation == "sigmoid" else 1 - h * h) @ (W * W).sum(axis=0)
    ),
)
op_mutant(
    "contraction without the second derivative of the activation",
    "contractive_penalty[sigmoid] gradient by complex step",
    contractive_penalty_backward=lambda d, h, W, activation: (
        0 * h,
        ops.contractive_penalty_backward(d, h, W, activation)[1],
    ),
)
op_mutant(
    "contraction of tanh units with the sigmoid's slope",
    "contractive_penalty is the norm of the Jacobian",
    contractive_penalty=lambda h, W, activation: ops.contractive_penalty(h, W, "sigmoid"),
    contractive_penalty_backward=lambda d, h, W, activation: ops.contractive_penalty_backward(d, h, W, "sigmoid"),
)
op_mutant(
    "contraction's direct gradient forgotten",
    "contractive_penalty[tanh] gradient by complex step",
    contractive_penalty_backward=lambda d, h, W, activation: (
        ops.contractive_penalty_backward(d, h, W, activation)[0],
        0 * W,
    ),
)

# Kernels.

kernel_mutant(
    "a k-sparse twin that keeps other ones of equal entries",
    "k_sparse twin in float64",
    k_sparse=lambda h, k: ops.k_sparse(h[:, ::-1], k)[:, ::-1],
)
kernel_mutant(
    "a sparsity twin without the batch in its gradient",
    "sparsity_kl_backward twin in float64",
    sparsity_kl_backward=lambda d, h, rho: ops.sparsity_kl_backward(d, h, rho) * len(h),
)
