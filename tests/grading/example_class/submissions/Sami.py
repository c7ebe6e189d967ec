import numpy as np


def dense(x, W, b):
    return x @ W + b


def dense_backward(dy, x, W):
    dx = dy @ W.T
    dW = np.dot(x.T, dy)
    db = np.sum(dy, 0)
    return dx, dW, db


def sigmoid(x):
    t = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + t), t / (1 + t))


def sigmoid_backward(dy, y):
    return (1 - y) * y * dy


def tanh(x):
    return np.tanh(x)


def tanh_backward(dy, y):
    return dy * (1 - y) * (1 + y)


def relu(x):
    return np.clip(x, 0, None)


def relu_backward(dy, y):
    return dy * (y > 0)


def softplus(x):
    return np.logaddexp(0, x)


def softplus_backward(dy, x):
    return dy * sigmoid(x)


def logistic(a):
    return (1 + np.tanh(a / 2)) / 2


def bernoulli_nll(logits, x):
    each = x * np.logaddexp(0, -logits) + (1 - x) * np.logaddexp(0, logits)
    return np.sum(each, axis=1)


def bernoulli_nll_backward(dloss, logits, x):
    p = logistic(logits)
    return (dloss * (p - x).T).T


def squared_error(x_hat, x):
    d = x_hat - x
    return np.einsum("nd,nd->n", d, d)


def squared_error_backward(dloss, x_hat, x):
    return 2 * (dloss * (x_hat - x).T).T


def gaussian_kl_trace(mu, covariance):
    trace = np.trace(covariance, axis1=1, axis2=2)
    _, log_det = np.linalg.slogdet(covariance)
    return (trace + (mu**2).sum(axis=1) - mu.shape[1] - log_det) / 2


def gaussian_kl_trace_backward(dkl, mu, covariance):
    slope = np.identity(mu.shape[1]) - np.transpose(np.linalg.inv(covariance), (0, 2, 1))
    return dkl.reshape(-1, 1) * mu, 0.5 * dkl.reshape(-1, 1, 1) * slope


def gaussian_kl_sums(mu, variance):
    return 0.5 * np.sum(np.square(mu) - np.log(variance) + variance - 1, axis=1)


def gaussian_kl_sums_backward(dkl, mu, variance):
    return dkl[:, None] * mu, dkl[:, None] * (1 - 1 / variance) / 2


def gaussian_kl(mu, logvar):
    return -0.5 * np.sum(1 + logvar - mu * mu - np.exp(logvar), axis=1)


def gaussian_kl_backward(dkl, mu, logvar):
    return (dkl * mu.T).T, (dkl * np.expm1(logvar).T).T / 2


def reparameterize(mu, logvar, eps):
    return mu + np.exp(logvar / 2) * eps


def reparameterize_backward(dz, logvar, eps):
    draws = tuple(range(dz.ndim - logvar.ndim))
    return np.sum(dz, axis=draws), 0.5 * np.exp(0.5 * logvar) * np.sum(dz * eps, axis=draws)
