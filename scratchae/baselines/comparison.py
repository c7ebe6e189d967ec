"""Comparison of a model with its baselines: PCA of the same size, and the floor of its own loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchae.models import blocks

if TYPE_CHECKING:
    from scratchae.baselines.pca import PrincipalComponents
    from scratchae.nets.network import Array


def squared_error(model: Any, x: Array, target: Array | None = None, y: Any = None) -> float:
    """Measure the squared error of the reconstruction of x, beside x or another target: summed over the features, averaged over the rows.

    A conditional model is given the labels y too.
    """
    target, total = x if target is None else target, 0.0
    for first in range(0, len(x), blocks.BLOCK):
        part = slice(first, first + blocks.BLOCK)
        x_hat = model.reconstruct(*with_labels(model, x[part], None if y is None else y[part]))
        total += float(((x_hat.astype(np.float64) - target[part]) ** 2).sum())
    return total / len(x)


def with_labels(model: Any, x: Array, y: Any) -> tuple[Any, ...]:
    """Collect what the model's functions are given: the rows, and their labels if it is conditional."""
    return (x, y) if hasattr(model, "classes_") else (x,)


def code_size(model: Any) -> int:
    """Count the entries of a code of a fitted autoencoder."""
    if hasattr(model, "posterior"):  # two numbers for each entry come out of such an encoder
        return int(model.latent_dim)
    return int(model._encoder(model.n_features_in_).layers[-1].d_out)


def cross_entropy_floor(x: Array) -> float:
    """Average over the rows the summed entropies of their entries, in nats: no Bernoulli reconstruction of grey x has less loss.

    The cross-entropy of x and x̂ is the entropy of x plus a divergence, which is zero where x̂ = x and positive elsewhere.
    """
    from scipy.special import entr  # here, as it takes a while to import

    total = 0.0
    for first in range(0, len(x), blocks.BLOCK):
        rows = x[first : first + blocks.BLOCK].astype(np.float64)
        total += float((entr(rows) + entr(1 - rows)).sum())
    return total / len(x)


def is_linear(model: Any) -> bool:
    """Tell whether encoder and decoder are affine maps, so that PCA is the best that the model can do."""
    layers = model._network(model.n_features_in_).layers
    # A selection of entries is not linear, a draw is another objective.
    other = hasattr(model, "k") or hasattr(model, "posterior")
    return model.likelihood == "gaussian" and not other and all(layer.activation == "identity" for layer in layers)


def angle_to_pca(model: Any, pca: PrincipalComponents) -> float:
    """Measure the largest principal angle (radians) between what a linear decoder can make and the span of the components."""
    units = np.eye(code_size(model))
    return pca.largest_angle(model.decode(units) - model.decode(np.zeros_like(units)))
