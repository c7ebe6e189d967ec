import numpy as np


def dense(x, W, b):
    return x @ W + b


def dense_backward(dy, x, W):
    dx = dy @ W.T
    dW = np.dot(x.T, dy)
    db = np.sum(dy, 0)
    return dx, dW, db
