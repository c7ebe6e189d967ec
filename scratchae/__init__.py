"""scratchae: autoencoders from nothing but arrays, with derived and checked gradients and hand-written Numba kernels."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from scratchae.registry import BY_NAME

__version__ = "0.1.0"

# Imported when first used, so that `import scratchae` is quick.
_PLACES = {
    **dict.fromkeys(BY_NAME, "scratchae.models"),
    "load": "scratchae.models",
    "load_digits": "scratchae.datasets",
    "load_idx": "scratchae.datasets",
    "load_mnist": "scratchae.datasets",
    "load_fashion_mnist": "scratchae.datasets",
    "make_strokes": "scratchae.datasets",
    "read_table": "scratchae.tables",
    "EarlyStopping": "scratchae.training",
    "SGD": "scratchae.training",
    "Momentum": "scratchae.training",
    "Adam": "scratchae.training",
    "LBFGS": "scratchae.training",
    "trace": "scratchae.tracing",
    "use_backend": "scratchae.backend",
    "backend_name": "scratchae.backend",
    "ConvergenceWarning": "scratchae.errors",
    "DivergenceError": "scratchae.errors",
    "FileFormatError": "scratchae.errors",
    "NotFittedError": "scratchae.errors",
}
_ROOMS = (
    "baselines",
    "datasets",
    "explore",
    "kernels",
    "models",
    "nets",
    "ops",
    "plots",
    "studies",
    "tables",
    "tracing",
    "training",
    "verify",
)

__all__ = ["__version__", *_PLACES, *_ROOMS]

if TYPE_CHECKING:
    from scratchae.backend import backend_name, use_backend
    from scratchae.datasets import load_digits, load_fashion_mnist, load_idx, load_mnist, make_strokes
    from scratchae.errors import ConvergenceWarning, DivergenceError, FileFormatError, NotFittedError
    from scratchae.models import (
        Autoencoder,
        ConditionalVariationalAutoencoder,
        ContractiveAutoencoder,
        DenoisingAutoencoder,
        ImportanceWeightedAutoencoder,
        KSparseAutoencoder,
        SparseAutoencoder,
        StackedAutoencoder,
        StackedClassifier,
        VariationalAutoencoder,
        WassersteinAutoencoder,
        load,
    )
    from scratchae.tables import read_table
    from scratchae.tracing import trace
    from scratchae.training import LBFGS, SGD, Adam, EarlyStopping, Momentum


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        value = getattr(importlib.import_module(_PLACES[name]), name)
    elif name in _ROOMS:
        value = importlib.import_module(f"scratchae.{name}")
    else:
        from scratchae.errors import nearest

        raise AttributeError(f"scratchae has no {name!r}{nearest(name, __all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
