"""Compiled twins of `scratchae.ops.gaussian_kl`."""

from __future__ import annotations

import numpy as np

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel


@inner
def _same_shape(a, b):  # type: ignore[no-untyped-def]
    """Check the shapes: compiled code does not check array bounds."""
    if a.shape != b.shape:
        raise ValueError("the moments have different shapes; give two arrays (N, J)")


@inner
def _one_each(upstream, rows):  # type: ignore[no-untyped-def]
    if upstream.size != rows:
        raise ValueError("the upstream gradient and the moments differ in their number of rows; give one number each")


@inner
def _eliminated(covariance, mu):  # type: ignore[no-untyped-def]
    """Return [L U | inverse of L] of every matrix by Gaussian elimination in double precision; positive definite matrices need no pivoting."""
    rows, size = mu.shape
    if covariance.shape != (rows, size, size):
        raise ValueError("mu and covariance do not fit; give arrays (N, J) and (N, J, J)")
    work = np.zeros((rows, size, 2 * size))
    for n in range(rows):
        for i in range(size):
            work[n, i, size + i] = 1
            for j in range(size):
                work[n, i, j] = covariance[n, i, j]
        for pivot in range(size):
            for i in range(pivot + 1, size):
                factor = work[n, i, pivot] / work[n, pivot, pivot]
                for j in range(pivot, 2 * size):
                    work[n, i, j] -= factor * work[n, pivot, j]
    return work


@kernel
def gaussian_kl_trace(mu, covariance):  # type: ignore[no-untyped-def]
    """Twin of `ops.gaussian_kl_trace`."""
    rows, size = mu.shape
    upper, kl = _eliminated(covariance, mu), np.empty(rows, mu.dtype)
    for n in range(rows):
        total = 0.0
        for j in range(size):  # the determinant is the product of the pivots
            total += covariance[n, j, j] + np.float64(mu[n, j]) * mu[n, j] - 1 - np.log(upper[n, j, j])
        kl[n] = total / 2  # (gaussian_kl_trace.1)
    return kl


@kernel
def gaussian_kl_trace_backward(dkl, mu, covariance):  # type: ignore[no-untyped-def]
    """Twin of `ops.gaussian_kl_trace_backward`."""
    rows, size = mu.shape
    _one_each(dkl, rows)
    work = _eliminated(covariance, mu)
    dmu, dcovariance = np.empty(mu.shape, mu.dtype), np.empty(covariance.shape, mu.dtype)
    for n in range(rows):
        for pivot in range(size - 1, -1, -1):  # back substitution; the inverse ends up in the right half
            for j in range(size, 2 * size):
                for k in range(pivot + 1, size):
                    work[n, pivot, j] -= work[n, pivot, k] * work[n, k, j]
                work[n, pivot, j] /= work[n, pivot, pivot]
        for i in range(size):
            dmu[n, i] = dkl[n] * mu[n, i]  # (gaussian_kl_trace.2)
            for j in range(size):
                delta = 1.0 if i == j else 0.0
                dcovariance[n, i, j] = dkl[n] * (delta - work[n, j, size + i]) / 2  # (gaussian_kl_trace.3)
    return dmu, dcovariance


@kernel
def gaussian_kl_sums(mu, variance):  # type: ignore[no-untyped-def]
    """Twin of `ops.gaussian_kl_sums`."""
    _same_shape(mu, variance)
    rows, size = mu.shape
    kl = np.empty(rows, mu.dtype)
    for n in range(rows):
        total = 0.0
        for j in range(size):
            v = np.float64(variance[n, j])
            total += v + np.float64(mu[n, j]) * mu[n, j] - 1 - np.log(v)
        kl[n] = total / 2  # (gaussian_kl_sums.1)
    return kl


@kernel
def gaussian_kl_sums_backward(dkl, mu, variance):  # type: ignore[no-untyped-def]
    """Twin of `ops.gaussian_kl_sums_backward`."""
    _same_shape(mu, variance)
    rows, size = mu.shape
    _one_each(dkl, rows)
    dmu, dvariance, half = np.empty(mu.shape, mu.dtype), np.empty(mu.shape, mu.dtype), mu.dtype.type(0.5)
    for n in range(rows):
        for j in range(size):
            dmu[n, j] = dkl[n] * mu[n, j]  # (gaussian_kl_sums.2)
            dvariance[n, j] = dkl[n] * half * (1 - 1 / variance[n, j])  # (gaussian_kl_sums.3)
    return dmu, dvariance


@kernel
def gaussian_kl_terms(mu, logvar):  # type: ignore[no-untyped-def]
    """Twin of `ops.gaussian_kl_terms`."""
    _same_shape(mu, logvar)
    terms = np.empty(mu.shape, mu.dtype)
    m, v, flat, one, half = mu.ravel(), logvar.ravel(), terms.ravel(), mu.dtype.type(1), mu.dtype.type(0.5)
    for i in range(m.size):
        flat[i] = half * (m[i] * m[i] + scalars.exp(v[i]) - v[i] - one)  # (gaussian_kl_terms.1)
    return terms


@kernel
def gaussian_kl_terms_backward(dterms, mu, logvar):  # type: ignore[no-untyped-def]
    """Twin of `ops.gaussian_kl_terms_backward`."""
    _same_shape(mu, logvar)
    _same_shape(dterms, mu)
    dmu, dlogvar = np.empty(mu.shape, mu.dtype), np.empty(mu.shape, mu.dtype)
    d, m, v, one, half = dterms.ravel(), mu.ravel(), logvar.ravel(), mu.dtype.type(1), mu.dtype.type(0.5)
    dmu_flat, dlogvar_flat = dmu.ravel(), dlogvar.ravel()
    for i in range(m.size):
        dmu_flat[i] = d[i] * m[i]  # (gaussian_kl_terms.2)
        dlogvar_flat[i] = d[i] * half * (scalars.exp(v[i]) - one)  # (gaussian_kl_terms.3)
    return dmu, dlogvar


@kernel
def gaussian_kl(mu, logvar):  # type: ignore[no-untyped-def]
    """Twin of `ops.gaussian_kl`."""
    _same_shape(mu, logvar)
    rows, size = mu.shape
    kl, m, v = np.empty(rows, mu.dtype), mu.ravel(), logvar.ravel()
    one, half = mu.dtype.type(1), mu.dtype.type(0.5)
    for n in range(rows):
        total = one - one
        for j in range(n * size, (n + 1) * size):
            total += m[j] * m[j] + scalars.exp(v[j]) - v[j] - one
        kl[n] = half * total  # (gaussian_kl.1)
    return kl


@kernel
def gaussian_kl_backward(dkl, mu, logvar):  # type: ignore[no-untyped-def]
    """Twin of `ops.gaussian_kl_backward`."""
    _same_shape(mu, logvar)
    rows, size = mu.shape
    _one_each(dkl, rows)
    dmu, dlogvar = np.empty(mu.shape, mu.dtype), np.empty(mu.shape, mu.dtype)
    dmu_flat, dlogvar_flat, m, v = dmu.ravel(), dlogvar.ravel(), mu.ravel(), logvar.ravel()
    one, half = mu.dtype.type(1), mu.dtype.type(0.5)
    for n in range(rows):
        for j in range(n * size, (n + 1) * size):
            dmu_flat[j] = dkl[n] * m[j]  # (gaussian_kl.2)
            dlogvar_flat[j] = dkl[n] * half * (scalars.exp(v[j]) - one)  # (gaussian_kl.3)
    return dmu, dlogvar


@kernel
def sampled_kl(z, logvar, eps):  # type: ignore[no-untyped-def]
    """Twin of `ops.sampled_kl`."""
    _same_shape(z, eps)
    if z.shape[-2:] != logvar.shape:
        raise ValueError("z and logvar do not fit; give arrays (N, J) or (L, N, J), and (N, J)")
    size, kl = logvar.shape[1], np.empty(z.shape[:-1], z.dtype)
    z_flat, eps_flat, v, kl_flat, half = z.ravel(), eps.ravel(), logvar.ravel(), kl.ravel(), z.dtype.type(0.5)
    for i in range(kl.size):
        draw, row, total = i * size, i % logvar.shape[0] * size, half - half
        for j in range(size):
            # As a product, which loses fewer digits to cancellation than the difference of the squares.
            total += (z_flat[draw + j] - eps_flat[draw + j]) * (z_flat[draw + j] + eps_flat[draw + j]) - v[row + j]
        kl_flat[i] = half * total  # (sampled_kl.2)
    return kl


@kernel
def sampled_kl_backward(dkl, z):  # type: ignore[no-untyped-def]
    """Twin of `ops.sampled_kl_backward`."""
    if dkl.shape != z.shape[:-1]:
        raise ValueError("dkl and z do not fit; give one number for each draw")
    rows, size = z.shape[-2:]
    dz, dlogvar, half = np.empty(z.shape, z.dtype), np.zeros((rows, size), z.dtype), z.dtype.type(0.5)
    d, z_flat, dz_flat = dkl.ravel(), z.ravel(), dz.ravel()
    for i in range(d.size):
        for j in range(size):
            dz_flat[i * size + j] = d[i] * z_flat[i * size + j]  # (sampled_kl.3)
            dlogvar[i % rows, j] -= half * d[i]  # (sampled_kl.4)
    return dz, dlogvar


@inner
def _column_means(terms):  # type: ignore[no-untyped-def]
    rows, size = terms.shape
    mean, flat = np.zeros(size), terms.ravel()
    for n in range(rows):
        for j in range(size):
            mean[j] += flat[n * size + j]
    for j in range(size):
        mean[j] /= rows  # (free_bits.1)
    return mean


@kernel
def free_bits(terms, floor):  # type: ignore[no-untyped-def]
    """Twin of `ops.free_bits`."""
    mean, total = _column_means(terms), 0.0
    for j in range(mean.size):
        total += max(mean[j], floor)
    return terms.dtype.type(total)  # (free_bits.2)


@kernel
def free_bits_backward(dpenalty, terms, floor):  # type: ignore[no-untyped-def]
    """Twin of `ops.free_bits_backward`."""
    rows, size = terms.shape
    mean, dterms = _column_means(terms), np.zeros(terms.shape, terms.dtype)
    for n in range(rows):
        for j in range(size):
            if mean[j] > floor:
                dterms[n, j] = dpenalty / rows  # (free_bits.3)
    return dterms
