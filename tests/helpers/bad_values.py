"""Helpers for tests of invalid input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import scratchae as sae


def small(**options: Any) -> sae.Autoencoder:
    return sae.Autoencoder(
        **{"hidden_sizes": (4,), "latent_dim": 2, "epochs": 1, "batch_size": 16, "random_state": 0, **options}
    )


METHODS: dict[str, Callable[[sae.Autoencoder, Any], Any]] = {
    "encode": lambda model, x: model.encode(x),
    "transform": lambda model, x: model.transform(x),
    "decode": lambda model, x: model.decode(x),
    "inverse_transform": lambda model, x: model.inverse_transform(x),
    "reconstruct": lambda model, x: model.reconstruct(x),
    "score_samples": lambda model, x: model.score_samples(x),
    "score": lambda model, x: model.score(x),
    "loss_and_gradients": lambda model, x: model.loss_and_gradients(x),
    "parameters_": lambda model, x: model.parameters_,
    "save": lambda model, x: model.save("never_written.npz"),
}
