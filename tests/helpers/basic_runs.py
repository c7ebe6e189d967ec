"""A small basic autoencoder, trained for one epoch."""

from __future__ import annotations

from typing import Any

import numpy as np

import scratchae as sae


def fitted(x: np.ndarray, **options: Any) -> sae.Autoencoder:
    return sae.Autoencoder(
        **{"hidden_sizes": (5,), "latent_dim": 3, "epochs": 1, "batch_size": 16, "random_state": 0, **options}
    ).fit(x)
