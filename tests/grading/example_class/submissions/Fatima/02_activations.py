import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_backward(dy, y):
    return (1 - y) * y * dy


def tanh(x):
    t = np.exp(-2 * np.abs(x))
    return np.sign(x) * (1 - t) / (1 + t)


def tanh_backward(dy, y):
    return dy * (1 - y) * (1 + y)


def relu(x):
    return np.maximum(x, 0)


def relu_backward(dy, y):
    dx = dy.copy()
    dx[y <= 0] = 0
    return dx


def softplus(x):
    return np.log(1 + np.exp(x))


def softplus_backward(dy, x):
    return dy * sigmoid(x)
