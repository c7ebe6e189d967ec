import numpy as np


def dense(x, W, b):
    return x @ W + b


def slope(f, a, h=1e-5):
    out = np.zeros_like(a)
    for i in np.ndindex(a.shape):
        up, down = a.copy(), a.copy()
        up[i] += h
        down[i] -= h
        out[i] = (f(up) - f(down)) / (2 * h)
    return out


def dense_backward(dy, x, W):
    b = np.zeros(W.shape[1])
    dx = slope(lambda x: (dy * dense(x, W, b)).sum(), x)
    dW = slope(lambda W: (dy * dense(x, W, b)).sum(), W)
    db = slope(lambda b: (dy * dense(x, W, b)).sum(), b)
    return dx, dW, db
