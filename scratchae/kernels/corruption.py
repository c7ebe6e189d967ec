"""Compiled twins of `scratchae.ops.corruption`."""

from __future__ import annotations

import numpy as np

from scratchae.kernels.compile import inner, kernel


@inner
def _same_size(x, noise):  # type: ignore[no-untyped-def]
    """Check the shapes: compiled code does not check array bounds."""
    if x.shape != noise.shape:
        raise ValueError("the noise and the array have different shapes; draw the noise in the shape of the array")


@inner
def _zero_where_below(values, u, level):  # type: ignore[no-untyped-def]
    """Return the values, set to zero where u is below the level."""
    _same_size(values, u)
    kept = np.empty(values.shape, values.dtype)
    values_flat, u_flat, kept_flat = values.ravel(), u.ravel(), kept.ravel()
    threshold, zero = u.dtype.type(level), values.dtype.type(0)
    for i in range(values.size):
        kept_flat[i] = zero if u_flat[i] < threshold else values_flat[i]
    return kept


@kernel
def masking_noise(x, u, level):  # type: ignore[no-untyped-def]
    """Twin of `ops.masking_noise`."""
    return _zero_where_below(x, u, level)  # (masking_noise.1)


@kernel
def masking_noise_backward(dy, u, level):  # type: ignore[no-untyped-def]
    """Twin of `ops.masking_noise_backward`."""
    return _zero_where_below(dy, u, level)  # (masking_noise.2)


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
    return _zero_where_below(dy, u, level)  # (salt_and_pepper_noise.2)


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
