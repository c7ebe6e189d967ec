import numpy as np


def gaussian_kl_trace(mu, covariance):
	eigenvalues = np.linalg.eigvalsh(covariance)
	return 0.5 * np.sum(eigenvalues - np.log(eigenvalues) - 1 + mu**2, axis=1)


def gaussian_kl_trace_backward(dkl, mu, covariance):
	inverse = np.linalg.inv(covariance).swapaxes(1, 2)
	return dkl[:, None] * mu, dkl[:, None, None] * (np.eye(mu.shape[1]) - inverse) / 2


def gaussian_kl_sums(mu, variance):
	return (variance + mu**2 - 1 - np.log(variance)).sum(axis=1) / 2


def gaussian_kl_sums_backward(dkl, mu, variance):
	dkl = dkl.reshape(-1, 1)
	return mu * dkl, 0.5 * dkl - 0.5 * dkl / variance


def gaussian_kl(mu, logvar):
	return -0.5 * np.sum(1 + logvar - mu * mu - np.exp(logvar), axis=1)


def gaussian_kl_backward(dkl, mu, logvar):
	return dkl[:, None] * mu, dkl[:, None] * (np.exp(logvar) - 1) / 2
