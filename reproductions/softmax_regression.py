"""Softmax regression on raw MNIST pixels: the baseline of the UFLDL exercise (92.6 %) and of LISA's tutorials (7.49 % error)."""

from _common import Reproduction

import scratchae as sae

run = Reproduction(__doc__)
data = run.data

# 100 iterations of L-BFGS and a weight decay of 1e-4, as in the exercise.
model = sae.StackedClassifier(hidden_sizes=(), optimizer="lbfgs", weight_decay=1e-4, epochs=100, **run.common())
model.fit(data.x_train, data.y_train, **run.kept("softmax"))

accuracy = 100 * model.score(data.x_test, data.y_test)
run.row("softmax regression, test accuracy", "92.6 % (UFLDL), 92.51 % (LISA)", accuracy, 92.4)
run.finish()
