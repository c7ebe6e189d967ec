"""A small model and its data, for tests of training."""

from __future__ import annotations

from typing import Any

import numpy as np

import scratchae as sae

X = np.random.default_rng(0).random((50, 9), dtype=np.float32)


SMALL: dict[str, Any] = {"hidden_sizes": (7,), "latent_dim": 3, "batch_size": 8, "random_state": 0}


def fit(x: np.ndarray = X, **options: Any) -> sae.Autoencoder:
    """Fit a small model; takes options of `fit` and of the constructor."""
    training = {
        name: options.pop(name) for name in ("validation_data", "callbacks", "checkpoint", "resume") if name in options
    }
    return sae.Autoencoder(**{**SMALL, "epochs": 3, **options}).fit(x, **training)
