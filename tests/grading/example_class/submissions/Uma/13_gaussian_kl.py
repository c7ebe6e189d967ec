import numpy as np


def gaussian_kl_trace(mu, covariance):
    eigenvalues = np.linalg.eigvalsh(covariance)
    return 0.5 * np.sum(eigenvalues - np.log(eigenvalues) - 1 + mu**2, axis=1)


def gaussian_kl_trace_backward(dkl, mu, covariance):
    slope = np.identity(mu.shape[1]) - np.transpose(np.linalg.inv(covariance), (0, 2, 1))
    return dkl.reshape(-1, 1) * mu, 0.5 * dkl.reshape(-1, 1, 1) * slope


def gaussian_kl_sums(mu, variance):
    return (variance + mu**2 - 1 - np.log(variance)).sum(axis=1) / 2


def gaussian_kl_sums_backward(dkl, mu, variance):
    dkl = dkl.reshape(-1, 1)
    return mu * dkl, 0.5 * dkl - 0.5 * dkl / variance


def gaussian_kl(mu, logvar):
    return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2


def gaussian_kl_backward(dkl, mu, logvar):
    return dkl[:, None] * mu, dkl[:, None] * (np.exp(logvar) - 1) / 2
