import numpy as np


def reparameterize(mu, logvar, eps):
	return mu + np.exp(logvar / 2) * eps


def reparameterize_backward(dz, logvar, eps):
	dz, eps = dz.reshape(-1, *logvar.shape), eps.reshape(-1, *logvar.shape)
	return dz.sum(axis=0), (dz * eps).sum(axis=0) * np.exp(logvar / 2) / 2
