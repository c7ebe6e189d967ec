import numpy as np


def gaussian_kl_trace(mu, covariance):
    log_det = np.linalg.slogdet(covariance)[1]
    return 0.5 * (np.einsum("nii->n", covariance) + np.sum(mu * mu, axis=1) - len(mu.T) - log_det)


def gaussian_kl_trace_backward(dkl, mu, covariance):
    inverse = np.linalg.inv(covariance).swapaxes(1, 2)
    return dkl[:, None] * mu, dkl[:, None, None] * (np.eye(mu.shape[1]) - inverse) / 2


def gaussian_kl_sums(mu, variance):
    return 0.5 * np.sum(np.square(mu) - np.log(variance) + variance - 1, axis=1)


def gaussian_kl_sums_backward(dkl, mu, variance):
    dkl = dkl.reshape(-1, 1)
    return mu * dkl, 0.5 * dkl - 0.5 * dkl / variance


def gaussian_kl(mu, logvar):
    return (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1)


def gaussian_kl_backward(dkl, mu, logvar):
    return dkl[:, None] * mu, dkl[:, None] * (np.exp(logvar) - 1) / 2
