"""Small figures of the variational family, and their data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import scratchae.plots

RNG = np.random.default_rng(0)
SHAPE = (3, 4)
X = RNG.random((6, 12))
GRID = RNG.random((16, 12))
MU = RNG.standard_normal((40, 2))
Y = np.arange(40) % 10
Z = RNG.standard_normal((500, 5)) * np.array([1, 1, 1, 0.5, 1])
HISTORY = {"loss": [9.0, 8.0, 7.5], "val_reconstruction": [-9.0, -6.0, -5.5], "val_kl": [0.0, 1.5, 2.0]}
WALK = RNG.random((2, 3, 12))
VALUES = np.array([[-0.25, 0.0, 0.25], [1.0, 2.0, 3.0]])

ROWS = RNG.standard_normal((40, 3)) * [1.0, 5.0, 0.1] + [0.0, 20.0, -1.0]
DRAWN = {"with noise": RNG.standard_normal((90, 3)) * [1.0, 5.0, 0.1] + [0.0, 20.0, -1.0], "means only": ROWS / 2}
COLUMNS = ["alcohol", "ash", "hue"]

plots: Any = scratchae.plots  # what stands on a figure is known here, and not to its types
PICTURES: dict[str, Callable[[], Any]] = {
    "reconstructions_by_size": lambda: plots.reconstructions_by_size(
        X, {2: X / 2, 5: X / 3}, SHAPE, measured={2: "−24.4 nats"}
    ),
    "manifold": lambda: plots.manifold(GRID, SHAPE, places=[-1.5, -0.5, 0.5, 1.5], note="a note"),
    "posterior_means": lambda: plots.posterior_means(MU, Y),
    "sample_rows": lambda: plots.sample_rows({"epoch 1": X, "epoch 20": X[:4] / 2}, SHAPE),
    "bound_terms": lambda: plots.bound_terms(HISTORY, log_likelihood=-7.0, note="a note"),
    "kl_by_dimension": lambda: plots.kl_by_dimension([0.0, 2.0, 1.0], [False, True, True]),
    "aggregate_posterior": lambda: plots.aggregate_posterior(Z),
    "attribute_walk": lambda: plots.attribute_walk(WALK, VALUES, SHAPE, steps=[-1, 0, 1], labels=["a 3", "a 7"]),
    "histograms_of_samples": lambda: plots.histograms_of_samples(
        ROWS, DRAWN, COLUMNS, columns=2, title="Features of the data", note="a note"
    ),
    "moments_of_samples": lambda: plots.moments_of_samples(
        ROWS, DRAWN, COLUMNS, title="Moments of the rows", note="a note"
    ),
    "variational_diagram": lambda: plots.variational_diagram(784, (400, 200), 20),
}
