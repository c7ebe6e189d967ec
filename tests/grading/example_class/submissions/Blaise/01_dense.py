import numpy as np


def dense(x, W, b):
    y = np.empty((len(x), len(b)))
    for n in range(len(x)):
        for k in range(len(b)):
            y[n, k] = sum(x[n, d] * W[d, k] for d in range(len(W))) + b[k]
    return y


def dense_backward(dy, x, W):
    return np.einsum("nk,dk->nd", dy, W), np.einsum("nd,nk->dk", x, dy), np.einsum("nk->k", dy)
