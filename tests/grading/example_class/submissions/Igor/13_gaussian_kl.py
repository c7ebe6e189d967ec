import numpy as np


def gaussian_kl_trace(mu, covariance):
    log_det = np.linalg.slogdet(covariance)[1]
    return 0.5 * (np.einsum("nii->n", covariance) + np.sum(mu * mu, axis=1) - len(mu.T) - log_det)


def gaussian_kl_trace_backward(dkl, mu, covariance):
    slope = np.identity(mu.shape[1]) - np.transpose(np.linalg.inv(covariance), (0, 2, 1))
    return dkl.reshape(-1, 1) * mu, 0.5 * dkl.reshape(-1, 1, 1) * slope


def gaussian_kl_sums(mu, variance):
    return 0.5 * np.sum(np.square(mu) - np.log(variance) + variance - 1, axis=1)


def gaussian_kl_sums_backward(dkl, mu, variance):
    dkl = dkl.reshape(-1, 1)
    return mu * dkl, 0.5 * dkl - 0.5 * dkl / variance


def gaussian_kl(mu, logvar):
    return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2


def gaussian_kl_backward(dkl, mu, logvar):
    return (dkl * mu.T).T, (dkl * np.expm1(logvar).T).T / 2
