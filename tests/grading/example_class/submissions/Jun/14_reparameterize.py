import numpy as np


def reparameterize(mu, logvar, eps):
    return mu + np.exp(logvar / 2) * eps


def reparameterize_backward(dz, logvar, eps):
    draws = tuple(range(dz.ndim - logvar.ndim))
    return np.sum(dz, axis=draws), 0.5 * np.exp(0.5 * logvar) * np.sum(dz * eps, axis=draws)
