"""Small variational autoencoders and their data."""

from __future__ import annotations

from typing import Any

import numpy as np

import scratchae as sae

X = np.random.default_rng(0).random((40, 9))
Y = np.arange(40) % 3


def new(kind: str = "VariationalAutoencoder", **options: Any) -> Any:
    """A small model, not yet fitted."""
    small = {"hidden_sizes": (7,), "latent_dim": 3, "batch_size": 8, "epochs": 3, "dtype": "float64", "random_state": 0}
    return getattr(sae, kind)(**{**small, **options})


def fitted(kind: str = "VariationalAutoencoder", **options: Any) -> Any:
    """The same, trained for three epochs."""
    return new(kind, **options).fit(X, Y)
