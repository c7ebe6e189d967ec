"""Compiled twins of `scratchae.ops.corruption`."""

from __future__ import annotations

import numpy as np

from scratchae.kernels.compile import inner, kernel


@inner
def _same_size(x, noise):  # type: ignore[no-untyped-def]
    """Compiled code reads memory where the shapes say: they have to fit."""
    if x.shape != noise.shape:
        raise ValueError("the noise has another shape than what it is applied to; draw it in the same shape")


@kernel
def masking_noise(x, u, level):  # type: ignore[no-untyped-def]
    """Twin of `ops.masking_noise`."""
    _same_size(x, u)
    y = np.empty(x.shape, x.dtype)
    x_flat, u_flat, y_flat = x.ravel(), u.ravel(), y.ravel()
    threshold, zero = u.dtype.type(level), x.dtype.type(0)
    for i in range(x.size):
        y_flat[i] = zero if u_flat[i] < threshold else x_flat[i]  # (masking_noise.1)
    return y


@kernel
def masking_noise_backward(dy, u, level):  # type: ignore[no-untyped-def]
    """Twin of `ops.masking_noise_backward`."""
    _same_size(dy, u)
    dx = np.empty(dy.shape, dy.dtype)
    dy_flat, u_flat, dx_flat = dy.ravel(), u.ravel(), dx.ravel()
    threshold, zero = u.dtype.type(level), dy.dtype.type(0)
    for i in range(dy.size):
        dx_flat[i] = zero if u_flat[i] < threshold else dy_flat[i]  # (masking_noise.2)
    return dx


@kernel
def salt_and_pepper_noise(x, u, level):  # type: ignore[no-untyped-def]
    """Twin of `ops.salt_and_pepper_noise`."""
    _same_size(x, u)
    y = np.empty(x.shape, x.dtype)
    x_flat, u_flat, y_flat = x.ravel(), u.ravel(), y.ravel()
    threshold, half = u.dtype.type(level), u.dtype.type(level / 2)
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for i in range(x.size):
        extreme = zero if u_flat[i] < half else one
        y_flat[i] = extreme if u_flat[i] < threshold else x_flat[i]  # (salt_and_pepper_noise.1)
    return y


@kernel
def salt_and_pepper_noise_backward(dy, u, level):  # type: ignore[no-untyped-def]
    """Twin of `ops.salt_and_pepper_noise_backward`."""
    _same_size(dy, u)
    dx = np.empty(dy.shape, dy.dtype)
    dy_flat, u_flat, dx_flat = dy.ravel(), u.ravel(), dx.ravel()
    threshold, zero = u.dtype.type(level), dy.dtype.type(0)
    for i in range(dy.size):
        dx_flat[i] = zero if u_flat[i] < threshold else dy_flat[i]  # (salt_and_pepper_noise.2)
    return dx


@kernel
def gaussian_noise(x, eps, level):  # type: ignore[no-untyped-def]
    """Twin of `ops.gaussian_noise`."""
    _same_size(x, eps)
    y = np.empty(x.shape, x.dtype)
    x_flat, eps_flat, y_flat = x.ravel(), eps.ravel(), y.ravel()
    deviation = x.dtype.type(level)
    for i in range(x.size):
        y_flat[i] = x_flat[i] + deviation * eps_flat[i]  # (gaussian_noise.1)
    return y


@kernel
def gaussian_noise_backward(dy):  # type: ignore[no-untyped-def]
    """Twin of `ops.gaussian_noise_backward`."""
    return dy  # (gaussian_noise.2)
