import numpy as np


def gaussian_kl_trace(mu, covariance):
    trace = np.trace(covariance, axis1=1, axis2=2)
    _, log_det = np.linalg.slogdet(covariance)
    return (trace + (mu**2).sum(axis=1) - mu.shape[1] - log_det) / 2


def gaussian_kl_trace_backward(dkl, mu, covariance):
    slope = np.identity(mu.shape[1]) - np.transpose(np.linalg.inv(covariance), (0, 2, 1))
    return dkl.reshape(-1, 1) * mu, 0.5 * dkl.reshape(-1, 1, 1) * slope


def gaussian_kl_sums(mu, variance):
    return (variance + mu**2 - 1 - np.log(variance)).sum(axis=1) / 2


def gaussian_kl_sums_backward(dkl, mu, variance):
    return dkl[:, None] * mu, dkl[:, None] * (1 - 1 / variance) / 2


def gaussian_kl(mu, logvar):
    return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2


def gaussian_kl_backward(dkl, mu, logvar):
    return (dkl * mu.T).T, (dkl * np.expm1(logvar).T).T / 2
