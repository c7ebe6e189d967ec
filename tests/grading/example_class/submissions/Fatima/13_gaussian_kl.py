import numpy as np


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
    dkl = dkl.reshape(-1, 1)
    return mu * dkl, 0.5 * dkl - 0.5 * dkl / variance


def gaussian_kl(mu, logvar):
    return -0.5 * np.sum(1 + logvar - mu * mu - np.exp(logvar), axis=1)


def gaussian_kl_backward(dkl, mu, logvar):
    return dkl[:, None] * mu, dkl[:, None] * (np.exp(logvar) - 1) / 2
