"""Variational autoencoder 784-400-20, ten epochs: minus the bound on the test images; 105.6 nats (examples of PyTorch and Flax)."""

import numpy as np
from _common import Reproduction

import scratchae as sae

run = Reproduction(__doc__)
x = run.data.x_test

model = sae.VariationalAutoencoder((400,), 20, learning_rate=1e-3, batch_size=128, epochs=10, **run.common())
model.fit(run.data.x_train, **run.kept("training"))

bound = model.elbo(x, n_samples=1)
p = np.clip(model.reconstruct(x).astype(np.float64), 1e-12, 1 - 1e-7)  # decoded from the mean of z, not from a draw
mistaken = -sae.ops.bernoulli_log_likelihood(p, x.astype(np.float64)).mean() + bound.kl.mean()

one = model.log_likelihood(x, n_samples=1).log_likelihood  # the importance-weighted bound of one draw
apart = np.abs(one - model.elbo(x, n_samples=1, kl="sampled").elbo).max()
grey = x.astype(np.float64)
floor = -sae.ops.bernoulli_log_likelihood(np.clip(grey, 1e-12, 1 - 1e-12), grey).mean()
run.note(
    f"grey pixels: the cross-entropy of any model is at least {floor:.2f} nats per image, the entropy of the pixels"
)

run.row("minus the bound, grey pixels", "105.6 nats", -bound.elbo.mean(), 106.0, above=False, unit="nats")
run.row("the same by mistake, mean of z decoded", "96.5 nats", mistaken, 100.0, above=False, unit="nats")
run.row("bound of one draw against the bound, same noise", "equal", apart, 1e-12, above=False, unit="nats")
run.row("ten epochs", "", model.history_["seconds"][-1], 40, above=False, unit="seconds")
run.finish()
