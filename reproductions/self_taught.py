"""Self-taught learning (UFLDL): features learned from digits 5-9 without labels, used to classify digits 0-4: 98 % against 96 % on raw pixels."""

import numpy as np
from _common import Reproduction

import scratchae as sae

run = Reproduction(__doc__)
x, y = np.concatenate([run.data.x_train, run.data.x_test]), np.concatenate([run.data.y_train, run.data.y_test])

# The exercise's split: digits 5-9 are used without labels; half of the digits 0-4 are for training, the other half for testing.
unlabelled, labelled = x[y >= 5], np.flatnonzero(y <= 4)
order = np.random.default_rng(run.seed).permutation(labelled)
train, test = order[: len(order) // 2], order[len(order) // 2 :]


def softmax_accuracy(features: np.ndarray, part: str) -> float:
    """Test accuracy (%) of softmax regression on features of all images."""
    model = sae.StackedClassifier(hidden_sizes=(), optimizer="lbfgs", weight_decay=1e-4, epochs=100, **run.common())
    model.fit(features[train], y[train], **run.kept(part))
    return 100 * model.score(features[test], y[test])


pixels = softmax_accuracy(x, "pixels")
run.note(f"raw pixels: {pixels:.2f} %")

# The exercise uses 200 sparse features and 400 iterations; 800 denoising features are learned in a fraction of the time.
model = sae.DenoisingAutoencoder(
    "masking", 0.3, hidden_sizes=(), latent_dim=800, activation="relu", epochs=20, **run.common()
).fit(unlabelled, **run.kept("features"))
learned = softmax_accuracy(model.encode(x), "softmax")

run.row("raw pixels of digits 0-4", "96 % (UFLDL)", pixels, 96.0)
run.row("features learned from digits 5-9", "98 % (UFLDL)", learned, 98.0)
run.row("gain", "2 points", learned - pixels, 1.5, unit="points")
run.finish()
