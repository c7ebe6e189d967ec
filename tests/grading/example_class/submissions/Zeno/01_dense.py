import numpy as np


def dense(x, W, b):
    return x @ W + b


def dense_backward(dy, x, W):
    return dy @ W.T, x.T @ dy, dy.sum(axis=0)


assert dense(np.eye(2), np.eye(2), np.ones(2)).sum() == 4
