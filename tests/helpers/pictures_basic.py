"""Small figures of reconstructions, filters, losses and codes, and their data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import scratchae.plots

RNG = np.random.default_rng(0)
X = RNG.random((5, 12))
Z = RNG.standard_normal((40, 2))
Y = np.arange(40) % 10
HISTORY = {"loss": [3.0, 2.0, 1.5], "val_loss": [3.1, 2.3, 2.0], "seconds": [0.1, 0.2, 0.3]}

plots: Any = scratchae.plots  # what stands on a figure is known here, and not to its types
PICTURES: dict[str, Callable[[], Any]] = {
    "reconstructions": lambda: plots.reconstructions(X, X / 2, (3, 4), also={"PCA": X / 3}),
    "filters": lambda: plots.filters(np.outer(np.arange(12) - 6.0, np.arange(1.0, 8)), (3, 4)),
    "loss_curves": lambda: plots.loss_curves(HISTORY, "nats per image", floor=1.2),
    "codes": lambda: plots.codes(Z, Y, Z * 2),
}
