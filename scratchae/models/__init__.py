"""Models, one file each, listed in `scratchae.registry`; shared code is in `model`, `reconstruction`, `fitting` and `compiled`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from scratchae.models import compiled  # noqa: F401 - so that fitting knows of the compiled steps
from scratchae.models.loading import load
from scratchae.registry import BY_NAME

if TYPE_CHECKING:  # type checkers cannot read the registry
    from scratchae.models.autoencoder import Autoencoder as Autoencoder
    from scratchae.models.classifier import StackedClassifier as StackedClassifier
    from scratchae.models.conditional import ConditionalVariationalAutoencoder as ConditionalVariationalAutoencoder
    from scratchae.models.contractive import ContractiveAutoencoder as ContractiveAutoencoder
    from scratchae.models.denoising import DenoisingAutoencoder as DenoisingAutoencoder
    from scratchae.models.importance_weighted import ImportanceWeightedAutoencoder as ImportanceWeightedAutoencoder
    from scratchae.models.k_sparse import KSparseAutoencoder as KSparseAutoencoder
    from scratchae.models.sparse import SparseAutoencoder as SparseAutoencoder
    from scratchae.models.stacked import StackedAutoencoder as StackedAutoencoder
    from scratchae.models.variational import VariationalAutoencoder as VariationalAutoencoder
    from scratchae.models.wasserstein import WassersteinAutoencoder as WassersteinAutoencoder

__all__ = ["load", *BY_NAME]
_BASELINES = ("LinearGaussian", "PrincipalComponents")  # of scratchae.baselines, which once were here


def __getattr__(name: str) -> Any:
    if name in BY_NAME:
        place = f"scratchae.models.{BY_NAME[name].module}"
    elif name in _BASELINES:
        place = "scratchae.baselines"
    else:
        raise AttributeError(f"scratchae.models has no {name!r}")
    value = getattr(importlib.import_module(place), name)
    globals()[name] = value
    return value
