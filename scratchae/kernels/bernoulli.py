"""Compiled twins of `scratchae.ops.bernoulli`."""

from __future__ import annotations

import numpy as np

from scratchae.kernels.compile import inner, kernel


@inner
def _check_pixels(p, x):  # type: ignore[no-untyped-def]
    """Check the shapes: compiled code does not check array bounds."""
    if p.shape != x.shape:
        raise ValueError("p and x have different shapes; give arrays of the same shape")


@inner
def _check_rows(dlog_likelihood, p, x):  # type: ignore[no-untyped-def]
    _check_pixels(p, x)
    if dlog_likelihood.size != p.shape[0]:
        raise ValueError("dlog_likelihood and p differ in their number of rows; give one number for each row")


@kernel
def bernoulli_log_product(p, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.bernoulli_log_product`."""
    _check_pixels(p, x)
    rows, pixels = p.shape
    log_likelihood, one = np.empty(rows, p.dtype), p.dtype.type(1)
    for n in range(rows):
        product = one
        for j in range(pixels):
            product *= p[n, j] if x[n, j] == one else one - p[n, j]
        log_likelihood[n] = np.log(product)  # (bernoulli_log_product.1)
    return log_likelihood


@kernel
def bernoulli_log_product_backward(dlog_likelihood, p, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.bernoulli_log_product_backward`."""
    _check_rows(dlog_likelihood, p, x)
    dp, one = np.empty(p.shape, p.dtype), p.dtype.type(1)
    for n in range(p.shape[0]):
        for j in range(p.shape[1]):
            slope = one / p[n, j] if x[n, j] == one else -one / (one - p[n, j])
            dp[n, j] = dlog_likelihood[n] * slope  # (bernoulli_log_product.2)
    return dp


@kernel
def bernoulli_log_powers(p, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.bernoulli_log_powers`."""
    _check_pixels(p, x)
    rows, pixels = p.shape
    log_likelihood, one = np.empty(rows, p.dtype), p.dtype.type(1)
    for n in range(rows):
        total = 0.0
        for j in range(pixels):
            total += np.log(p[n, j] ** x[n, j] * (one - p[n, j]) ** (one - x[n, j]))
        log_likelihood[n] = total  # (bernoulli_log_powers.1)
    return log_likelihood


@kernel
def bernoulli_log_powers_backward(dlog_likelihood, p, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.bernoulli_log_powers_backward`."""
    _check_rows(dlog_likelihood, p, x)
    dp, one = np.empty(p.shape, p.dtype), p.dtype.type(1)
    for n in range(p.shape[0]):
        for j in range(p.shape[1]):
            slope = (x[n, j] - p[n, j]) / (p[n, j] * (one - p[n, j]))
            dp[n, j] = dlog_likelihood[n] * slope  # (bernoulli_log_powers.2)
    return dp


@kernel
def bernoulli_log_likelihood(p, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.bernoulli_log_likelihood`."""
    _check_pixels(p, x)
    rows, pixels = p.shape
    log_likelihood, one = np.empty(rows, p.dtype), p.dtype.type(1)
    for n in range(rows):
        total = 0.0
        for j in range(pixels):
            total += x[n, j] * np.log(p[n, j]) + (one - x[n, j]) * np.log(one - p[n, j])
        log_likelihood[n] = total  # (bernoulli_log_likelihood.1)
    return log_likelihood


@kernel
def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.bernoulli_log_likelihood_backward`."""
    _check_rows(dlog_likelihood, p, x)
    dp, one = np.empty(p.shape, p.dtype), p.dtype.type(1)
    for n in range(p.shape[0]):
        for j in range(p.shape[1]):
            slope = x[n, j] / p[n, j] - (one - x[n, j]) / (one - p[n, j])
            dp[n, j] = dlog_likelihood[n] * slope  # (bernoulli_log_likelihood.2)
    return dp
