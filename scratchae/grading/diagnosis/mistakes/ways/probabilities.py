"""Equivalent implementations of softmax, Bernoulli likelihoods, importance weights, and paths between codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchae.ops import softmax, softmax_backward

Array = NDArray[Any]


def _softmax__exponentials(logits: Array) -> Any:
    e = np.exp(logits)
    return e / e.sum(axis=1, keepdims=True)


def _softmax_backward__two_products(dp: Array, p: Array) -> Any:
    return p * dp - p * (p * dp).sum(axis=1, keepdims=True)


def _softmax_backward__own_and_others(dp: Array, p: Array) -> Any:
    own = p * (1 - p) * dp
    others = p * ((p * dp).sum(axis=1, keepdims=True) - p * dp)
    return own - others


def _softmax_cross_entropy__one_hot(logits: Array, labels: Array) -> Any:
    one_hot = np.eye(logits.shape[1])[labels]
    p = softmax(logits)
    return -(one_hot * np.log(p)).sum(axis=1)


def _softmax_cross_entropy__probability(logits: Array, labels: Array) -> Any:
    e = np.exp(logits)
    p = e[np.arange(len(labels)), labels] / e.sum(axis=1)
    return -np.log(p)


def _softmax_cross_entropy_backward__one_hot(dloss: Array, logits: Array, labels: Array) -> Any:
    one_hot = np.eye(logits.shape[1])[labels]
    p = softmax(logits)
    dlogits = p - one_hot
    return dlogits * dloss[:, None]


def _softmax_cross_entropy_backward__step_by_step(dloss: Array, logits: Array, labels: Array) -> Any:
    one_hot = np.eye(logits.shape[1])[labels]
    p = softmax(logits)
    dp = -one_hot / p
    return softmax_backward(dloss[:, None] * dp, p)


def _bernoulli_log_product__terms(p: Array, x: Array) -> Any:
    factors = x * p + (1 - x) * (1 - p)
    return np.log(factors).sum(axis=1)


def _bernoulli_log_powers__terms(p: Array, x: Array) -> Any:
    terms = x * np.log(p) + (1 - x) * np.log(1 - p)
    return terms.sum(axis=1)


def _bernoulli_log_likelihood__terms(p: Array, x: Array) -> Any:
    white, black = np.log(p), np.log(1 - p)
    return (x * white + (1 - x) * black).sum(axis=1)


def _bernoulli_log_likelihood_backward__quotient(dlog_likelihood: Array, p: Array, x: Array) -> Any:
    slopes = (x - p) / (p * (1 - p))
    return dlog_likelihood[:, None] * slopes


def _importance_weights__exponentials(log_w: Array) -> Any:
    w = np.exp(log_w)
    return w / w.sum(axis=0)


def _importance_weights_backward__two_products(dw: Array, w: Array) -> Any:
    return w * dw - w * (w * dw).sum(axis=0)


def _log_mean_exp__as_it_is_called(log_w: Array) -> Any:
    w = np.exp(log_w)
    return np.log(w.mean(axis=0))


def _log_mean_exp__sum(log_w: Array) -> Any:
    w = np.exp(log_w)
    return np.log(w.sum(axis=0)) - np.log(len(log_w))


def _log_mean_exp_backward__exponentials(dbound: Array, log_w: Array) -> Any:
    w = np.exp(log_w)
    weights = w / w.sum(axis=0)
    return dbound * weights


def _linear_path__from_a(a: Array, b: Array, n: int) -> Any:
    t = np.linspace(0, 1, n)[:, None]
    return a + t * (b - a)


def _attribute_vector__sums(codes: Array, has: Array) -> Any:
    present, absent = has[:, None], 1 - has[:, None]
    return (present * codes).sum(axis=0) / present.sum() - (absent * codes).sum(axis=0) / absent.sum()
