"""Small sparse and k-sparse autoencoders, and their data."""

from __future__ import annotations

from typing import Any

import numpy as np

import scratchae as sae

X = np.random.default_rng(0).random((20, 6))


def new(kind: Any, **options: Any) -> Any:
    small = {"latent_dim": 5, "batch_size": 8, "epochs": 3, "dtype": "float64", "random_state": 0}
    return kind(**{**small, **options})


def sparse(**options: Any) -> Any:
    return new(sae.SparseAutoencoder, **options)


def k_sparse(**options: Any) -> Any:
    return new(sae.KSparseAutoencoder, **{"k": 2, **options})
