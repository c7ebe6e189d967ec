"""Compiled twins of `scratchae.ops.sparsity`."""

from __future__ import annotations

import numpy as np

from scratchae.kernels.compile import inner, kernel


@inner
def _mean_activation(h):  # type: ignore[no-untyped-def]
    """Mean of each column, accumulated in double precision and clipped to the nearest numbers to 0 and 1 that its type can distinguish."""
    rows, columns = h.shape
    mean, flat = np.zeros(columns), h.ravel()
    for n in range(rows):
        for j in range(columns):
            mean[j] += flat[n * columns + j]
    lowest, highest = np.finfo(h.dtype).tiny, 1 - np.finfo(h.dtype).eps
    for j in range(columns):
        mean[j] = min(max(mean[j] / rows, lowest), highest)  # (sparsity_kl.1)
    return mean


@kernel
def sparsity_kl(h, rho):  # type: ignore[no-untyped-def]
    """Twin of `ops.sparsity_kl`."""
    mean, total = _mean_activation(h), 0.0
    for j in range(mean.size):
        total += rho * np.log(rho / mean[j]) + (1 - rho) * np.log((1 - rho) / (1 - mean[j]))
    return h.dtype.type(total)  # (sparsity_kl.2)


@kernel
def sparsity_kl_backward(dpenalty, h, rho):  # type: ignore[no-untyped-def]
    """Twin of `ops.sparsity_kl_backward`."""
    rows, columns = h.shape
    mean, dh = _mean_activation(h), np.empty(h.shape, h.dtype)
    for j in range(columns):
        dmean = dpenalty * ((1 - rho) / (1 - mean[j]) - rho / mean[j])  # (sparsity_kl.3)
        dh[0, j] = h.dtype.type(dmean / rows)
    for n in range(1, rows):
        for j in range(columns):
            dh[n, j] = dh[0, j]  # (sparsity_kl.4)
    return dh


@inner
def _keep_largest(row, values, k, kept):  # type: ignore[no-untyped-def]
    """Set kept to `values` at the k largest entries of `row` (among ties, the first), and to 0 elsewhere."""
    threshold = np.partition(row, row.size - k)[row.size - k]
    ties = k  # number of entries equal to the threshold that are kept
    for j in range(row.size):
        if row[j] > threshold:
            ties -= 1
    for j in range(row.size):
        keep = row[j] > threshold
        if row[j] == threshold and ties > 0:
            keep, ties = True, ties - 1
        kept[j] = values[j] if keep else values.dtype.type(0)  # (k_sparse.1), (k_sparse.2)


@inner
def _check_k(k, columns):  # type: ignore[no-untyped-def]
    if k < 1 or k > columns:
        raise ValueError("k is out of range; give an integer from 1 to the number of columns")


@kernel
def k_sparse(h, k):  # type: ignore[no-untyped-def]
    """Twin of `ops.k_sparse`."""
    rows, y = np.ascontiguousarray(h), np.empty(h.shape, h.dtype)
    _check_k(k, h.shape[1])
    for n in range(h.shape[0]):
        _keep_largest(rows[n], rows[n], k, y[n])  # (k_sparse.1)
    return y


@kernel
def k_sparse_backward(dy, h, k):  # type: ignore[no-untyped-def]
    """Twin of `ops.k_sparse_backward`."""
    if dy.shape != h.shape:
        raise ValueError("dy and h have different shapes; give arrays of the same shape")
    _check_k(k, h.shape[1])
    rows, upstream, dh = np.ascontiguousarray(h), np.ascontiguousarray(dy), np.empty(h.shape, h.dtype)
    for n in range(h.shape[0]):
        _keep_largest(rows[n], upstream[n], k, dh[n])  # (k_sparse.2)
    return dh
