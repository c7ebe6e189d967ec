"""Variational autoencoder 784-200-200-50 on black and white pixels: -log p(x); 86.76 nats after 3,280 epochs (Burda et al., 2016)."""

from _common import Reproduction

import scratchae as sae

run = Reproduction(__doc__, epochs=400, samples=1000)
x = run.data.x_test

# The paper's schedule is 3,280 epochs in eight stages, each three times as long as the one before, with learning rates from 1e-3 to 1e-4; its length
# is --epochs 3280. Here the rate decays exponentially to a hundredth, for any number of epochs.
model = sae.VariationalAutoencoder(
    (200, 200), 50, activation="tanh", binarize="dynamic", batch_size=20, epochs=run.epochs,
    learning_rate=1e-3, learning_rate_decay=0.01 ** (1 / run.epochs), **run.common(),
)  # fmt: skip
model.fit(run.data.x_train, **run.kept("training"))
minutes = model.history_["seconds"][-1] / 60
run.note(f"{run.epochs} epochs; minus the bound on the training images {model.history_['loss'][-1]:.2f} nats")

estimate = model.log_likelihood(x, run.samples)
error = float((estimate.log_likelihood.std() ** 2 / len(x)) ** 0.5)
run.note(
    f"standard error over the test images {error:.2f} nats, of an image's estimate {estimate.standard_error.mean():.2f} nats on average"
)
run.row("-log p(x)", "86.76 nats", -estimate.log_likelihood.mean(), 88.5, above=False, unit="nats")
run.row("active units of 50", "19 to 20", model.latent_statistics(x).active.sum(), 10, unit="units")
run.row("training", "", minutes, 40, above=False, unit="minutes")
run.finish()
