"""Stacked sparse autoencoder 784-200-200-10 (UFLDL): 87.7 % before and 97.6 % after fine-tuning, 150 minutes in a NumPy port."""

from _common import Reproduction

import scratchae as sae

run = Reproduction(__doc__)
data = run.data

stack = sae.StackedAutoencoder(
    hidden_sizes=(200, 200), base="sparse", sparsity=0.1, sparsity_weight=3.0, pretrain_epochs=30, batch_size=500,
    **run.common(),
)  # fmt: skip
stack.pretrain(data.x_train, **run.kept("stack"))
run.note("two sparse layers are trained, without labels")

model = stack.to_classifier(n_classes=10, epochs=30, batch_size=100, weight_decay=1e-5)
model.fit_softmax(data.x_train, data.y_train, **run.kept("softmax"))
before = 100 * model.score(data.x_test, data.y_test)
run.row("before fine-tuning: softmax on the codes", "87.7 % (UFLDL)", before, 87.7)

model.fit(data.x_train, data.y_train, **run.kept("fine-tuning"))
after = 100 * model.score(data.x_test, data.y_test)
run.row("after fine-tuning all layers", "97.6 % (UFLDL)", after, 97.6)
run.row("time", "150 minutes (a NumPy port)", run.seconds() / 60, 10, above=False, unit="minutes")
run.finish()
