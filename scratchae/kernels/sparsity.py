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


@inner
def _divergence(mean, rho):  # type: ignore[no-untyped-def]
    """Sum of the divergences of all units."""
    total = 0.0
    for j in range(mean.size):
        total += rho * np.log(rho / mean[j]) + (1 - rho) * np.log((1 - rho) / (1 - mean[j]))
    return total  # (sparsity_kl.2)


@inner
def _divergence_backward(dpenalty, mean, rho, dh):  # type: ignore[no-untyped-def]
    """Write the gradient with respect to the activations to dh, the same for every row."""
    rows, columns = dh.shape
    for j in range(columns):
        dmean = dpenalty * ((1 - rho) / (1 - mean[j]) - rho / mean[j])  # (sparsity_kl.3)
        dh[0, j] = dh.dtype.type(dmean / rows)
    for n in range(1, rows):
        for j in range(columns):
            dh[n, j] = dh[0, j]  # (sparsity_kl.4)


@kernel
def sparsity_kl(h, rho):  # type: ignore[no-untyped-def]
    """Twin of `ops.sparsity_kl`."""
    return h.dtype.type(_divergence(_mean_activation(h), rho))  # (sparsity_kl.1), (sparsity_kl.2)


@kernel
def sparsity_kl_backward(dpenalty, h, rho):  # type: ignore[no-untyped-def]
    """Twin of `ops.sparsity_kl_backward`."""
    dh = np.empty(h.shape, h.dtype)
    _divergence_backward(dpenalty, _mean_activation(h), rho, dh)  # (sparsity_kl.3), (sparsity_kl.4)
    return dh


@inner
def sparsity_kl_both(dpenalty, h, rho, dh):  # type: ignore[no-untyped-def]
    """Return the penalty in double precision, and write its gradient to dh."""
    mean = _mean_activation(h)
    _divergence_backward(dpenalty, mean, rho, dh)
    return _divergence(mean, rho)


@inner
def _kth_largest(values, k):  # type: ignore[no-untyped-def]
    """Return the k-th largest number; `values` is reordered.

    Hoare's selection: numbers are divided at one of them, and the part with the k-th is divided again. (`np.partition` allocates memory for
    every row, and takes six seconds to compile.)
    """
    place, first, last = k - 1, 0, values.size - 1
    while first < last:
        pivot, i, j = values[(first + last) // 2], first, last
        while i <= j:
            while values[i] > pivot:
                i += 1
            while values[j] < pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i, j = i + 1, j - 1
        if place <= j:
            last = j
        elif place >= i:
            first = i
        else:  # between the parts, all numbers equal the pivot
            break
    return values[place]


@inner
def mark_largest(h, k, kept):  # type: ignore[no-untyped-def]
    """Write 1 to `kept` at the k largest entries of each row of h (among ties, the first), and 0 elsewhere; all are 2-D arrays."""
    columns = h.shape[1]
    spare = np.empty(columns, h.dtype)
    for n in range(h.shape[0]):
        for j in range(columns):
            spare[j] = h[n, j]
        threshold = _kth_largest(spare, k)
        ties = k  # entries equal to the threshold that are kept, after the larger ones
        for j in range(columns):
            if h[n, j] > threshold:
                ties -= 1
        for j in range(columns):
            equal = h[n, j] == threshold and ties > 0
            ties -= equal
            kept[n, j] = equal or h[n, j] > threshold


@inner
def keep_marked(values, kept, result):  # type: ignore[no-untyped-def]
    """Write `values` to `result` where `kept` is 1, and 0 elsewhere; `result` may be `values`."""
    for n in range(kept.shape[0]):
        for j in range(kept.shape[1]):
            result[n, j] = values[n, j] if kept[n, j] else values.dtype.type(0)  # (k_sparse.1), (k_sparse.2)


@inner
def _largest(h, k):  # type: ignore[no-untyped-def]
    """Return a mask of the k largest entries of each row; among ties, the first."""
    if k < 1 or k > h.shape[1]:
        raise ValueError("k is out of range; give an integer from 1 to the number of columns")
    kept = np.empty(h.shape, np.bool_)
    mark_largest(h, k, kept)
    return kept


@kernel
def k_sparse(h, k):  # type: ignore[no-untyped-def]
    """Twin of `ops.k_sparse`."""
    y = np.empty(h.shape, h.dtype)
    keep_marked(h, _largest(h, k), y)  # (k_sparse.1)
    return y


@kernel
def k_sparse_backward(dy, h, k):  # type: ignore[no-untyped-def]
    """Twin of `ops.k_sparse_backward`."""
    if dy.shape != h.shape:
        raise ValueError("dy and h have different shapes; give arrays of the same shape")
    dh = np.empty(h.shape, h.dtype)
    keep_marked(dy, _largest(h, k), dh)  # (k_sparse.2)
    return dh
