"""The contraction penalty: how strongly a layer's output changes with its input."""

from __future__ import annotations

from scratchae.ops.activations import Array

# name: (f' in terms of the output h, and its derivative with respect to h)
_SLOPES = {
    "sigmoid": (lambda h: h * (1 - h), lambda h: 1 - 2 * h),
    "tanh": (lambda h: 1 - h * h, lambda h: -2 * h),
}


def contractive_penalty(h: Array, W: Array, activation: str) -> Array:
    """Squared Frobenius norm of the Jacobian dh/dx of a layer h = f(x W + b) (contractive_penalty.3).

    Parameters
    ----------
    h : array, shape (N, H)
        Output of the layer.
    W : array, shape (D, H)
    activation : {"sigmoid", "tanh"}

    Returns
    -------
    penalty : array, shape (N,)
        Per example, in (units of h / units of x)².

    References
    ----------
    Rifai, S., Vincent, P., Muller, X., Glorot, X., Bengio, Y. (2011). Contractive auto-encoders. ICML. Eq. 6.
    """
    slope, _ = _SLOPES[activation]
    s = slope(h)  # (contractive_penalty.1)
    w = (W * W).sum(axis=0)  # (contractive_penalty.2)
    return s * s @ w  # (contractive_penalty.3)


def contractive_penalty_backward(dpenalty: Array, h: Array, W: Array, activation: str) -> tuple[Array, Array]:
    """Gradients of `contractive_penalty` with respect to h and W (contractive_penalty.5), (contractive_penalty.6).

    dW is the direct gradient, with h held fixed. W also acts through h; that part comes from dh, which contains the second derivative of the
    activation, and the backward of the layer.

    Parameters
    ----------
    dpenalty : array, shape (N,)
        Upstream gradient.
    h : array, shape (N, H)
    W : array, shape (D, H)
    activation : {"sigmoid", "tanh"}

    Returns
    -------
    dh : array, shape (N, H)
    dW : array, shape (D, H)
    """
    slope, slope_backward = _SLOPES[activation]
    s = slope(h)
    w = (W * W).sum(axis=0)
    ds = dpenalty[:, None] * 2 * s * w  # (contractive_penalty.4)
    dh = ds * slope_backward(h)  # (contractive_penalty.5)
    dW = 2 * W * (dpenalty @ (s * s))  # (contractive_penalty.6)
    return dh, dW
