"""Compiled twins of `scratchae.ops.importance`."""

from __future__ import annotations

import numpy as np

from scratchae.kernels.compile import inner, kernel


@inner
def _tops(log_w):  # type: ignore[no-untyped-def]
    """Return the largest log-weight of each example."""
    samples, rows = log_w.shape
    top = np.empty(rows, log_w.dtype)
    for n in range(rows):
        top[n] = log_w[0, n]
        for k in range(1, samples):
            top[n] = max(top[n], log_w[k, n])
    return top


@inner
def _shares(log_w):  # type: ignore[no-untyped-def]
    """Return the largest log-weight, the sum of all weights relative to it, and each normalised weight."""
    samples, rows = log_w.shape
    top, total, w = _tops(log_w), np.zeros(rows), np.empty(log_w.shape, log_w.dtype)
    for k in range(samples):
        for n in range(rows):
            w[k, n] = np.exp(log_w[k, n] - top[n])
            total[n] += w[k, n]
    for k in range(samples):
        for n in range(rows):
            w[k, n] /= total[n]  # (importance_weights.1)
    return top, total, w


@kernel
def log_mean_exp(log_w):  # type: ignore[no-untyped-def]
    """Twin of `ops.log_mean_exp`."""
    top, total, _ = _shares(log_w)
    bound = np.empty(top.size, log_w.dtype)
    for n in range(top.size):
        bound[n] = top[n] + np.log(total[n] / log_w.shape[0])  # (log_mean_exp.2)
    return bound


@kernel
def log_mean_exp_backward(dbound, log_w):  # type: ignore[no-untyped-def]
    """Twin of `ops.log_mean_exp_backward`."""
    samples, rows = log_w.shape
    if dbound.size != rows:
        raise ValueError("dbound and log_w do not fit; give one number for each column")
    _, _, w = _shares(log_w)
    for k in range(samples):
        for n in range(rows):
            w[k, n] *= dbound[n]  # (log_mean_exp.3)
    return w


@kernel
def importance_weights(log_w):  # type: ignore[no-untyped-def]
    """Twin of `ops.importance_weights`."""
    _, _, w = _shares(log_w)
    return w


@kernel
def importance_weights_backward(dw, w):  # type: ignore[no-untyped-def]
    """Twin of `ops.importance_weights_backward`."""
    if dw.shape != w.shape:
        raise ValueError("dw and w have different shapes; give arrays of the same shape")
    samples, rows = w.shape
    dlog_w, inside = np.empty(w.shape, w.dtype), np.zeros(rows)
    for k in range(samples):
        for n in range(rows):
            inside[n] += dw[k, n] * w[k, n]
    for k in range(samples):
        for n in range(rows):
            dlog_w[k, n] = w[k, n] * (dw[k, n] - inside[n])  # (importance_weights.2)
    return dlog_w
