import numpy as np


def dense(x, W, b):
    return x @ W + b


def dense_backward(dy, x, W):
    dx = dy @ W.T
    dW = x.T @ dy
    db = dy.sum(axis=0)
    return dx, dW, db


import numpy as np


def sigmoid(x):
    t = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + t), t / (1 + t))


def sigmoid_backward(dy, y):
    return dy * y * (1 - y)


def tanh(x):
    return np.tanh(x)


def tanh_backward(dy, y):
    return dy * (1 - y**2)


def relu(x):
    return np.maximum(x, 0)


def relu_backward(dy, y):
    return dy * (y > 0)


def softplus(x):
    return np.logaddexp(0, x)


def softplus_backward(dy, x):
    return dy * sigmoid(x)


import numpy as np


def sigmoid(x):
    t = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + t), t / (1 + t))


def bernoulli_nll(logits, x):
    return (np.logaddexp(0, logits) - x * logits).sum(axis=1)


def bernoulli_nll_backward(dloss, logits, x):
    return dloss[:, None] * (sigmoid(logits) - x)


def squared_error(x_hat, x):
    return ((x_hat - x) ** 2).sum(axis=1)


def squared_error_backward(dloss, x_hat, x):
    return dloss[:, None] * 2 * (x_hat - x)


import numpy as np


def gaussian_kl_trace(mu, covariance):
    trace = np.trace(covariance, axis1=1, axis2=2)
    _, log_det = np.linalg.slogdet(covariance)
    return (trace + (mu**2).sum(axis=1) - mu.shape[1] - log_det) / 2


def gaussian_kl_trace_backward(dkl, mu, covariance):
    inverse = np.linalg.inv(covariance).swapaxes(1, 2)
    return dkl[:, None] * mu, dkl[:, None, None] * (np.eye(mu.shape[1]) - inverse) / 2


def gaussian_kl_sums(mu, variance):
    return (variance + mu**2 - 1 - np.log(variance)).sum(axis=1) / 2


def gaussian_kl_sums_backward(dkl, mu, variance):
    return dkl[:, None] * mu, dkl[:, None] * (1 - 1 / variance) / 2


def gaussian_kl(mu, logvar):
    return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2


def gaussian_kl_backward(dkl, mu, logvar):
    return dkl[:, None] * mu, dkl[:, None] * (np.exp(logvar) - 1) / 2


import numpy as np


def reparameterize(mu, logvar, eps):
    return mu + np.exp(logvar / 2) * eps


def reparameterize_backward(dz, logvar, eps):
    dz, eps = dz.reshape(-1, *logvar.shape), eps.reshape(-1, *logvar.shape)
    return dz.sum(axis=0), (dz * eps).sum(axis=0) * np.exp(logvar / 2) / 2
