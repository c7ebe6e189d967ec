"""Compiled twins of `scratchae.ops.gaussian`."""

from __future__ import annotations

import numpy as np

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel

LOG_2_PI = float(np.log(2 * np.pi))


@inner
def _check_draws(size, draws, moments):  # type: ignore[no-untyped-def]
    """Check the shapes: compiled code does not check array bounds."""
    if size != draws or moments == 0 or draws % moments != 0:
        raise ValueError("noise and moments do not fit; give moments (N, J) and noise (N, J) or (L, N, J)")


@inner
def _stride(x_hat, logvar, x):  # type: ignore[no-untyped-def]
    """Return the distance between the log-variances of two rows: D, or 0 if all rows share them; check the shapes."""
    rows, columns = x.shape
    shared = logvar.ndim == 1
    if x_hat.shape != x.shape or logvar.size != (columns if shared else rows * columns):
        raise ValueError("x_hat, logvar and x do not fit; give x_hat and x (N, D), and logvar (N, D) or (D,)")
    if logvar.shape[logvar.ndim - 1] != columns:
        raise ValueError("x_hat, logvar and x do not fit; give x_hat and x (N, D), and logvar (N, D) or (D,)")
    return 0 if shared else columns


@inner
def _precisions(v):  # type: ignore[no-untyped-def]
    """Return e^-v, each entry computed once."""
    precision = np.empty(v.size, v.dtype)
    for i in range(v.size):
        precision[i] = scalars.exp(-v[i])
    return precision


@kernel
def reparameterize(mu, logvar, eps):  # type: ignore[no-untyped-def]
    """Twin of `ops.reparameterize`."""
    if mu.shape != logvar.shape:
        raise ValueError("mu and logvar have different shapes; give arrays of the same shape")
    _check_draws(eps.size, eps.size, mu.size)
    if eps.ndim < mu.ndim or eps.shape[eps.ndim - 1] != mu.shape[mu.ndim - 1]:
        raise ValueError("noise and moments do not fit; give moments (N, J) and noise (N, J) or (L, N, J)")
    z, std = np.empty(eps.shape, mu.dtype), np.empty(mu.size, mu.dtype)
    mu_flat, logvar_flat, eps_flat, z_flat = mu.ravel(), logvar.ravel(), eps.ravel(), z.ravel()
    half = mu.dtype.type(0.5)
    for i in range(mu.size):
        std[i] = scalars.exp(logvar_flat[i] * half)  # (reparameterize.1)
    for start in range(0, eps.size, mu.size):
        for i in range(mu.size):
            z_flat[start + i] = mu_flat[i] + std[i] * eps_flat[start + i]  # (reparameterize.2)
    return z


@kernel
def reparameterize_backward(dz, logvar, eps):  # type: ignore[no-untyped-def]
    """Twin of `ops.reparameterize_backward`."""
    _check_draws(dz.size, eps.size, logvar.size)
    dmu, dlogvar = np.zeros(logvar.shape, logvar.dtype), np.zeros(logvar.shape, logvar.dtype)
    dmu_flat, dlogvar_flat = dmu.ravel(), dlogvar.ravel()
    dz_flat, logvar_flat, eps_flat = dz.ravel(), logvar.ravel(), eps.ravel()
    half = logvar.dtype.type(0.5)
    for start in range(0, eps.size, logvar.size):
        for i in range(logvar.size):
            dmu_flat[i] += dz_flat[start + i]  # (reparameterize.3)
            dlogvar_flat[i] += dz_flat[start + i] * eps_flat[start + i]
    for i in range(logvar.size):
        dlogvar_flat[i] *= scalars.exp(logvar_flat[i] * half) * half  # (reparameterize.4)
    return dmu, dlogvar


@kernel
def gaussian_nll(x_hat, logvar, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.gaussian_nll`."""
    stride, (rows, columns) = _stride(x_hat, logvar, x), x.shape
    loss, mean, v, data = np.empty(rows, x_hat.dtype), x_hat.ravel(), logvar.ravel(), x.ravel()
    constant, precision = x_hat.dtype.type(LOG_2_PI), _precisions(v)
    for n in range(rows):
        total = 0.0  # in double precision: terms of both signs cancel
        for j in range(columns):
            at, own = n * columns + j, n * stride + j
            r = data[at] - mean[at]
            total += constant + v[own] + r * r * precision[own]
        loss[n] = total / 2  # (gaussian_nll.2)
    return loss


@kernel
def gaussian_nll_backward(dloss, x_hat, logvar, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.gaussian_nll_backward`."""
    stride, (rows, columns) = _stride(x_hat, logvar, x), x.shape
    if dloss.size != rows:
        raise ValueError("dloss and x differ in their number of rows; give one number for each row")
    dx_hat, dlogvar, total = np.empty(x.shape, x_hat.dtype), np.empty(logvar.shape, x_hat.dtype), np.zeros(logvar.size)
    dmean, dv, mean, data = dx_hat.ravel(), dlogvar.ravel(), x_hat.ravel(), x.ravel()
    one, half, precision = x_hat.dtype.type(1), x_hat.dtype.type(0.5), _precisions(logvar.ravel())
    for n in range(rows):
        upstream = dloss[n]
        for j in range(columns):
            at, own = n * columns + j, n * stride + j
            r = mean[at] - data[at]
            dmean[at] = upstream * r * precision[own]  # (gaussian_nll.3)
            total[own] += upstream * half * (one - r * r * precision[own])  # (gaussian_nll.4), (gaussian_nll.5)
    for i in range(logvar.size):
        dv[i] = total[i]  # sums of many rows, rounded once
    return dx_hat, dlogvar
