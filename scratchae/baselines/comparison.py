"""Comparison of a model with its baselines: PCA of the same size, and the minimum of the Bernoulli loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scratchae.models import blocks

if TYPE_CHECKING:
    from scratchae.baselines.pca import PrincipalComponents
    from scratchae.models.reconstruction import BaseAutoencoder
    from scratchae.nets.network import Array


def squared_error(model: BaseAutoencoder, x: Array, target: Array | None = None, y: Array | None = None) -> float:
    """Measure the squared error of the reconstruction of x against x or another target: summed over features, averaged over rows.

    A conditional model also needs the labels y.
    """
    target, total = x if target is None else target, 0.0
    for first in range(0, len(x), blocks.BLOCK):
        part = slice(first, first + blocks.BLOCK)
        x_hat = model.reconstruct(*with_labels(model, x[part], None if y is None else y[part]))
        total += float(((x_hat.astype(np.float64) - target[part]) ** 2).sum())
    return total / len(x)


def with_labels(model: object, x: Array, y: Array | None) -> tuple[Any, ...]:
    """Return the arguments of the model's functions: the rows and, for a conditional model, their labels."""
    return (x, y) if hasattr(model, "classes_") else (x,)


def code_size(model: BaseAutoencoder) -> int:
    """Return the code size of a fitted autoencoder."""
    # The encoder of a model with a posterior has two outputs per latent dimension.
    if hasattr(model, "posterior") and hasattr(model, "latent_dim"):
        return int(model.latent_dim)
    return int(model._encoder(model.n_features_in_).layers[-1].d_out)


def cross_entropy_floor(x: Array) -> float:
    """Compute the mean over the rows of their summed entropies, in nats: the minimum of the Bernoulli loss for grey x.

    The cross-entropy of x and x̂ is the entropy of x plus a divergence, which is zero where x̂ = x and positive elsewhere.
    """
    from scipy.special import entr  # imported here because it is slow to import

    total = 0.0
    for first in range(0, len(x), blocks.BLOCK):
        rows = x[first : first + blocks.BLOCK].astype(np.float64)
        total += float((entr(rows) + entr(1 - rows)).sum())
    return total / len(x)


def is_linear(model: BaseAutoencoder) -> bool:
    """Return whether encoder and decoder are affine maps, so that PCA is optimal."""
    layers = model._network(model.n_features_in_).layers
    # A selection of entries is not linear, and a model with draws has another objective.
    other = hasattr(model, "k") or hasattr(model, "posterior")
    return model.likelihood == "gaussian" and not other and all(layer.activation == "identity" for layer in layers)


def angle_to_pca(model: BaseAutoencoder, pca: PrincipalComponents) -> float:
    """Measure the largest principal angle (radians) between the range of a linear decoder and the span of the components."""
    units = np.eye(code_size(model))
    return pca.largest_angle(model.decode(units) - model.decode(np.zeros_like(units)))
