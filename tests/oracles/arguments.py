"""Arguments for every op: numbers of about 1, extreme ones, and arrays so large that they are cut into blocks and run on all threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Arguments = tuple[Any, ...]
Generator = np.random.Generator
N, D, H, L = 5, 7, 3, 4  # no two alike, so that a wrong axis cannot hide

FAR = np.array([1e3, -1e3, 700.0, -700.0, 88.0, -88.0, 40.0, -40.0, 12.0, -12.0, 1e-8, -1e-8, 0.0, -0.0])


def _numbers(rng: Generator) -> Iterator[Arguments]:
    yield (3 * rng.standard_normal((N, D)),)
    yield (rng.permutation(FAR)[None],)
    yield (rng.uniform(-90, 90, (31, 67)),)


SHAPES = ((N, D, H), (1, 1, 1), (67, 45, 129))
LARGE = (129, 783, 401)


def _layer_of(rng: Generator, n: int, d: int, h: int) -> Arguments:
    return rng.standard_normal((n, d)), rng.standard_normal((d, h)) / d**0.5, rng.standard_normal(h)


def _dense(rng: Generator) -> Iterator[Arguments]:
    for shape in (*SHAPES, LARGE):
        yield _layer_of(rng, *shape)


def _layer(rng: Generator) -> Iterator[Arguments]:
    for activation in ("identity", "sigmoid", "tanh", "relu"):
        for shape in (*SHAPES, LARGE) if activation == "tanh" else SHAPES:
            yield *_layer_of(rng, *shape), activation


def _predictions(rng: Generator) -> Iterator[Arguments]:
    for n, d in ((N, D), (1, 1), (129, 783)):
        yield 4 * rng.standard_normal((n, d)), rng.random((n, d))
    yield np.tile(FAR, (3, 1)), np.repeat([[0.0], [1.0], [0.3]], FAR.size, axis=1)


def _logits(rng: Generator) -> Iterator[Arguments]:
    yield (3 * rng.standard_normal((N, D)),)
    for place in range(3):  # the largest in every place
        yield (np.roll([-900.0, -100.0, -90.0], place)[None],)
        yield (np.roll([900.0, 100.0, 899.0], place)[None],)


def _logits_and_labels(rng: Generator) -> Iterator[Arguments]:
    for (logits,) in _logits(rng):
        yield logits, np.arange(len(logits)) * 2 % logits.shape[1]
        yield logits, np.full(len(logits), logits.shape[1] - 1)


def _log_weights(rng: Generator) -> Iterator[Arguments]:
    for (logits,) in _logits(rng):
        yield (np.ascontiguousarray(logits.T),)
    yield (np.full((1, N), -3.0),)


def _probabilities(rng: Generator) -> Iterator[Arguments]:
    yield rng.uniform(0.05, 0.95, (N, D)), rng.integers(0, 2, (N, D)).astype(float)
    yield np.array([[1e-6, 1 - 1e-6, 0.5]]), np.array([[1.0, 0.0, 1.0]])


def _grey_probabilities(rng: Generator) -> Iterator[Arguments]:
    yield from _probabilities(rng)
    yield rng.uniform(0.05, 0.95, (N, D)), rng.random((N, D))


def _moments(rng: Generator) -> Iterator[Arguments]:
    yield rng.standard_normal((N, H)), rng.standard_normal((N, H))
    logvar = np.array([[80.0, -80.0, 30.0, -30.0, 11.0, 1e-6, 0.0]])
    for place in range(0, logvar.size, 2):
        yield np.array([[0.0, 3.0, -30.0, 1e-3, 500.0, 1.0, -2.0]]), np.roll(logvar, place, axis=1)


def _variances(rng: Generator) -> Iterator[Arguments]:
    yield rng.standard_normal((N, H)), rng.uniform(0.2, 3, (N, H))
    yield np.array([[0.0, 30.0, -2.0]]), np.array([[1e4, 1e-4, 1.0]])


def _covariances(rng: Generator) -> Iterator[Arguments]:
    for n, j in ((N, H), (2, 1)):
        root = rng.standard_normal((n, j, j))
        yield rng.standard_normal((n, j)), root @ root.swapaxes(1, 2) + np.eye(j)


def _features(rng: Generator) -> Iterator[Arguments]:
    yield rng.standard_normal((N, D)), rng.standard_normal((N, D)), rng.standard_normal((N, D))
    yield rng.standard_normal((N, D)), rng.standard_normal(D), rng.standard_normal((N, D))
    yield np.ones((1, 4)), np.array([[60.0, -60.0, 12.0, 0.0]]), np.array([[3.0, 1.5, -2.0, 1.0]])


def _draws(rng: Generator) -> Iterator[Arguments]:
    for shape in ((N, H), (L, N, H), (1, N, H)):
        yield rng.standard_normal((N, H)), rng.standard_normal((N, H)), rng.standard_normal(shape)
    yield np.ones((1, 6)), np.array([[120.0, -120.0, 30.0, -30.0, 21.0, 0.0]]), rng.standard_normal((L, 1, 6))


def _draws_and_noise(rng: Generator) -> Iterator[Arguments]:
    for shape in ((N, H), (L, N, H)):
        yield rng.standard_normal(shape), rng.standard_normal((N, H)), rng.standard_normal(shape)
    yield np.array([[300.0, -2.0, 0.0]]), np.array([[80.0, -80.0, 0.0]]), rng.standard_normal((1, 3))


def _terms(rng: Generator) -> Iterator[Arguments]:
    terms = rng.uniform(0, 2, (N, D))
    for floor in (0.0, 0.9, 1.1, 5.0):
        yield terms, floor
    yield np.array([[1e5, 1e-7]]), 0.5


def _activities(rng: Generator) -> Iterator[Arguments]:
    for rho in (0.05, 0.5, 0.9):
        yield rng.uniform(0.02, 0.98, (N, H)), rho
        yield np.array([[1e-6, 0.999, 0.5], [1e-7, 0.998, rho]]), rho
    yield rng.uniform(0.02, 0.98, (1, H)), 0.2


def _codes(rng: Generator) -> Iterator[Arguments]:
    for k in (1, 3, D):
        yield rng.standard_normal((N, D)), k
        yield rng.integers(-1, 2, (N, D)).astype(float), k  # many alike
        yield -1e3 * rng.random((N, D)), k


def _contracted(rng: Generator) -> Iterator[Arguments]:
    for activation, low in (("sigmoid", 0.01), ("tanh", -0.99)):
        for n, d, h in ((N, D, H), (1, 1, 1), (20, 37, 11)):
            yield rng.uniform(low, 0.99, (n, h)), rng.standard_normal((d, h)), activation


def _corrupted(rng: Generator) -> Iterator[Arguments]:
    for level in (0.0, 0.25, 0.5, 1.0):
        u = rng.random((N, D))
        u[0, :5] = 0.0, level / 2, level, np.nextafter(level, 0), 0.999
        yield rng.random((N, D)) + 0.1, np.clip(u, 0, 0.999), level


def _noisy(rng: Generator) -> Iterator[Arguments]:
    for level in (0.0, 0.4, 30.0):
        yield rng.random((N, D)), rng.standard_normal((N, D)), level


def _weights(rng: Generator) -> Iterator[Arguments]:
    for shape in ((N, H), (129, 783)):
        yield rng.standard_normal(shape), 0.3


ARGUMENTS: dict[str, Callable[[Generator], Iterator[Arguments]]] = {
    **dict.fromkeys(("identity", "sigmoid", "tanh", "relu", "softplus"), _numbers),
    "dense": _dense,
    "layer": _layer,
    **dict.fromkeys(("bernoulli_nll", "squared_error"), _predictions),
    "softmax": _logits,
    "softmax_cross_entropy": _logits_and_labels,
    "bernoulli_log_product": _probabilities,
    **dict.fromkeys(("bernoulli_log_powers", "bernoulli_log_likelihood"), _grey_probabilities),
    "gaussian_nll": _features,
    "reparameterize": _draws,
    "gaussian_kl_trace": _covariances,
    "gaussian_kl_sums": _variances,
    **dict.fromkeys(("gaussian_kl_terms", "gaussian_kl"), _moments),
    "sampled_kl": _draws_and_noise,
    "free_bits": _terms,
    **dict.fromkeys(("log_mean_exp", "importance_weights"), _log_weights),
    "sparsity_kl": _activities,
    "k_sparse": _codes,
    "contractive_penalty": _contracted,
    **dict.fromkeys(("masking_noise", "salt_and_pepper_noise"), _corrupted),
    "gaussian_noise": _noisy,
    "weight_decay": _weights,
}
