"""Equivalent implementations of noise, sparsity and contraction."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def _masking_noise__mask(x: Array, u: Array, level: float) -> Any:
    kept = u >= level
    return x * kept


def _masking_noise_backward__mask(dy: Array, u: Array, level: float) -> Any:
    kept = u >= level
    return dy * kept


def _salt_and_pepper_noise__steps(x: Array, u: Array, level: float) -> Any:
    salted = np.where(u < level, 1, x)
    return np.where(u < level / 2, 0, salted)


def _salt_and_pepper_noise_backward__mask(dy: Array, u: Array, level: float) -> Any:
    kept = u >= level
    return dy * kept


def _sparsity_kl__entropies(h: Array, rho: float) -> Any:
    mean = h.mean(axis=0)
    entropy = rho * np.log(rho) + (1 - rho) * np.log(1 - rho)
    cross = rho * np.log(mean) + (1 - rho) * np.log(1 - mean)
    return (entropy - cross).sum()


def _sparsity_kl_backward__mean(dpenalty: float, h: Array, rho: float) -> Any:
    mean = h.mean(axis=0)
    dmean = -rho / mean + (1 - rho) / (1 - mean)
    return np.ones(h.shape) * dpenalty * dmean / len(h)


def _sparsity_kl_backward__quotient(dpenalty: float, h: Array, rho: float) -> Any:
    mean = h.mean(axis=0)
    dmean = (mean - rho) / (mean * (1 - mean))
    return np.ones(h.shape) * dpenalty * dmean / len(h)


def _k_sparse__threshold(h: Array, k: int) -> Any:
    threshold = np.sort(h, axis=1)[:, -k][:, None]
    return np.where(h >= threshold, h, 0)


def _k_sparse_backward__threshold(dy: Array, h: Array, k: int) -> Any:
    threshold = np.sort(h, axis=1)[:, -k][:, None]
    return np.where(h >= threshold, dy, 0)


def _contractive_penalty__slopes(h: Array, W: Array, activation: str) -> Any:
    slope = h * (1 - h) if activation == "sigmoid" else 1 - h**2
    lengths = (W**2).sum(axis=0)
    return (slope**2 * lengths).sum(axis=1)


def _contractive_penalty__jacobian(h: Array, W: Array, activation: str) -> Any:
    slope = h * (1 - h) if activation == "sigmoid" else 1 - h**2
    jacobian = slope[:, :, None] * W.T
    return (jacobian**2).sum(axis=2).sum(axis=1)


def _contractive_penalty_backward__slopes(dpenalty: Array, h: Array, W: Array, activation: str) -> Any:
    slope = h * (1 - h) if activation == "sigmoid" else 1 - h**2
    bend = 1 - 2 * h if activation == "sigmoid" else -2 * h
    lengths = (W**2).sum(axis=0)
    up = dpenalty[:, None]
    dh = up * 2 * slope * bend * lengths
    dW = 2 * W * (up * slope**2).sum(axis=0)
    return dh, dW
