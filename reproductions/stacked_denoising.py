"""Stacked denoising autoencoder 784-1000-1000-1000-10 (LISA's recipe): test error 1.3 %, after 585 + 444 minutes."""

from _common import Reproduction

import scratchae as sae

run = Reproduction(__doc__)
x, y = run.data.x_train, run.data.y_train

# The recipe holds out 10,000 of the 60,000 training images for early stopping, and uses one image per step, with a learning rate of 0.1. Here
# all images are used for training, for the number of epochs of the recipe, in small batches with a decaying rate; there is no model selection.
stack = sae.StackedAutoencoder(
    hidden_sizes=(1000, 1000, 1000), base="denoising", corruption_level=(0.1, 0.2, 0.3), tied_weights=True,
    pretrain_epochs=15, batch_size=100, **run.common(),
)  # fmt: skip
stack.pretrain(x, **run.kept("stack"))
run.note("three denoising layers are trained, without labels")
pretraining = run.seconds() / 60

model = stack.to_classifier(
    n_classes=10, optimizer="sgd", learning_rate=1.0, learning_rate_decay=0.92, batch_size=20, epochs=36
)
model.fit(x, y, **run.kept("fine-tuning"))

error = 100 * (1 - model.score(run.data.x_test, run.data.y_test))
run.row("test error after the last epoch", "1.3 % (LISA)", error, 1.35, above=False)
run.row("pre-training", "585 minutes", pretraining, 60, above=False, unit="minutes")
run.row("all", "1029 minutes", run.seconds() / 60, 60, above=False, unit="minutes")
run.finish()
