"""Compiled twins of `scratchae.ops.activations`, for real arrays of any shape, float32 or float64."""

from __future__ import annotations

import numpy as np

from scratchae.kernels import scalars
from scratchae.kernels.compile import kernel


@kernel
def identity(x):  # type: ignore[no-untyped-def]
    """Twin of `ops.identity`."""
    return x  # (identity.1)


@kernel
def identity_backward(dy):  # type: ignore[no-untyped-def]
    """Twin of `ops.identity_backward`."""
    return dy  # (identity.2)


@kernel
def sigmoid(x):  # type: ignore[no-untyped-def]
    """Twin of `ops.sigmoid`."""
    y = np.empty(x.shape, x.dtype)
    x_flat, y_flat = x.ravel(), y.ravel()
    for i in range(x.size):
        y_flat[i] = scalars.sigmoid(x_flat[i])  # (sigmoid.2)
    return y


@kernel
def sigmoid_backward(dy, y):  # type: ignore[no-untyped-def]
    """Twin of `ops.sigmoid_backward`."""
    dx = np.empty(y.shape, y.dtype)
    dy_flat, y_flat, dx_flat = dy.ravel(), y.ravel(), dx.ravel()
    for i in range(y.size):
        dx_flat[i] = dy_flat[i] * scalars.sigmoid_slope(y_flat[i])  # (sigmoid.4)
    return dx


@kernel
def tanh(x):  # type: ignore[no-untyped-def]
    """Twin of `ops.tanh`."""
    y = np.empty(x.shape, x.dtype)
    x_flat, y_flat = x.ravel(), y.ravel()
    for i in range(x.size):
        y_flat[i] = scalars.tanh(x_flat[i])  # (tanh.1)
    return y


@kernel
def tanh_backward(dy, y):  # type: ignore[no-untyped-def]
    """Twin of `ops.tanh_backward`."""
    dx = np.empty(y.shape, y.dtype)
    dy_flat, y_flat, dx_flat = dy.ravel(), y.ravel(), dx.ravel()
    for i in range(y.size):
        dx_flat[i] = dy_flat[i] * scalars.tanh_slope(y_flat[i])  # (tanh.3)
    return dx


@kernel
def relu(x):  # type: ignore[no-untyped-def]
    """Twin of `ops.relu`."""
    y = np.empty(x.shape, x.dtype)
    x_flat, y_flat = x.ravel(), y.ravel()
    for i in range(x.size):
        y_flat[i] = scalars.relu(x_flat[i])  # (relu.1)
    return y


@kernel
def relu_backward(dy, y):  # type: ignore[no-untyped-def]
    """Twin of `ops.relu_backward`."""
    dx = np.empty(y.shape, y.dtype)
    dy_flat, y_flat, dx_flat = dy.ravel(), y.ravel(), dx.ravel()
    for i in range(y.size):
        dx_flat[i] = dy_flat[i] * scalars.relu_slope(y_flat[i])  # (relu.3)
    return dx


@kernel
def softplus(x):  # type: ignore[no-untyped-def]
    """Twin of `ops.softplus`."""
    y = np.empty(x.shape, x.dtype)
    x_flat, y_flat = x.ravel(), y.ravel()
    for i in range(x.size):
        y_flat[i] = scalars.softplus(x_flat[i])  # (softplus.2)
    return y


@kernel
def softplus_backward(dy, x):  # type: ignore[no-untyped-def]
    """Twin of `ops.softplus_backward`."""
    dx = np.empty(x.shape, x.dtype)
    dy_flat, x_flat, dx_flat = dy.ravel(), x.ravel(), dx.ravel()
    for i in range(x.size):
        dx_flat[i] = dy_flat[i] * scalars.sigmoid(x_flat[i])  # (softplus.4)
    return dx
