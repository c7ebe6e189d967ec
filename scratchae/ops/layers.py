"""The dense layer: y = x W + b, and the same followed by an activation."""

from __future__ import annotations

from collections.abc import Callable

from scratchae.ops.activations import (
    Array,
    identity,
    identity_backward,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    tanh,
    tanh_backward,
)

# name: (f, f_backward(dh, h)), with the derivative in terms of the output h
ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array, Array], Array]]] = {
    "identity": (identity, lambda dh, h: identity_backward(dh)),
    "sigmoid": (sigmoid, sigmoid_backward),
    "tanh": (tanh, tanh_backward),
    "relu": (relu, relu_backward),
}


def dense(x: Array, W: Array, b: Array) -> Array:
    """A dense (fully connected) layer, y = x W + b (dense.1).

    Parameters
    ----------
    x : array, shape (N, D_in)
    W : array, shape (D_in, D_out)
    b : array, shape (D_out,)

    Returns
    -------
    y : array, shape (N, D_out)
    """
    return x @ W + b  # (dense.1)


def dense_backward(dy: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    """Gradients of `dense` with respect to x, W and b (dense.4), (dense.6), (dense.8).

    Parameters
    ----------
    dy : array, shape (N, D_out)
        Upstream gradient.
    x : array, shape (N, D_in)
    W : array, shape (D_in, D_out)

    Returns
    -------
    dx : array, shape (N, D_in)
    dW : array, shape (D_in, D_out)
        Summed over the batch; for a mean, divide the loss by N.
    db : array, shape (D_out,)
    """
    dx = dy @ W.T  # (dense.4)
    dW = x.T @ dy  # (dense.6)
    db = dy.sum(axis=0)  # (dense.8)
    return dx, dW, db


def layer(x: Array, W: Array, b: Array, activation: str) -> Array:
    """A dense layer with its activation, h = f(x W + b) (layer.1).

    Parameters
    ----------
    x : array, shape (N, D_in)
    W : array, shape (D_in, D_out)
    b : array, shape (D_out,)
    activation : {"identity", "sigmoid", "tanh", "relu"}

    Returns
    -------
    h : array, shape (N, D_out)
    """
    f, _ = ACTIVATIONS[activation]
    return f(dense(x, W, b))  # (layer.1)


def layer_backward(dh: Array, x: Array, W: Array, h: Array, activation: str) -> tuple[Array, Array, Array]:
    """Gradients of `layer` with respect to x, W and b (layer.2), (layer.3).

    Parameters
    ----------
    dh : array, shape (N, D_out)
        Upstream gradient.
    x : array, shape (N, D_in)
    W : array, shape (D_in, D_out)
    h : array, shape (N, D_out)
        Output of `layer`.
    activation : {"identity", "sigmoid", "tanh", "relu"}

    Returns
    -------
    dx : array, shape (N, D_in)
    dW : array, shape (D_in, D_out)
    db : array, shape (D_out,)
    """
    _, f_backward = ACTIVATIONS[activation]
    da = f_backward(dh, h)  # (layer.2)
    return dense_backward(da, x, W)  # (layer.3)
