"""A small stack, callbacks that end its training in any layer, and a comparison of runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import scratchae as sae

X = np.random.default_rng(0).random((20, 6))
TOP = "all"  # the stage in which all layers are trained


def new(**options: Any) -> sae.StackedAutoencoder:
    small = {"hidden_sizes": (5, 4, 3), "pretrain_epochs": 3, "epochs": 3, "batch_size": 8, "learning_rate": 0.01}
    return sae.StackedAutoencoder(**{**small, "dtype": "float64", "random_state": 0, **options})  # type: ignore[arg-type]


class KilledError(Exception):
    """Simulates a killed process, of which only the files are left."""


def stage(model: Any) -> Any:
    """The layer being trained, counted from 1, or TOP."""
    return TOP if isinstance(model, sae.StackedAutoencoder) else 6 - model.latent_dim


def at(where: Any, epoch: int, error: type[BaseException], seen: list[Any] | None = None) -> Callable[[Any], None]:
    """A callback that raises the error after that epoch of that stage, and records all epochs in `seen`."""

    def callback(model: Any) -> None:
        now = (stage(model), len(model.history_["loss"]))
        if seen is not None:
            seen.append(now)
        if now == (where, epoch):
            raise error

    return callback


def watching(seen: list[Any]) -> Callable[[Any], None]:
    return at(None, 0, KilledError, seen)


def epochs(*stages: Any, first: int = 1) -> list[Any]:
    """(stage, epoch) of whole stages; the first stage begins at epoch `first`."""
    return [(s, e) for s in stages for e in range(first if s == stages[0] else 1, 4)]


def same_bits(one: sae.StackedAutoencoder, two: sae.StackedAutoencoder) -> bool:
    """True if parameters, layers and histories are equal bit for bit."""

    def losses(stack: sae.StackedAutoencoder) -> list[Any]:
        histories = [*stack.pretraining_history_, stack.history_]
        return [{name: h[name] for name in h if name != "seconds"} for h in histories]

    layers = [
        np.array_equal(a.parameters_.flat, b.parameters_.flat) for a, b in zip(one.layers_, two.layers_, strict=True)
    ]
    return np.array_equal(one.parameters_.flat, two.parameters_.flat) and losses(one) == losses(two) and all(layers)
