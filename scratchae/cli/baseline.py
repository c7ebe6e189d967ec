"""A model beside PCA of the same size, and beside the floor of its own loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import entr

if TYPE_CHECKING:
    from scratchae.models import Autoencoder, PrincipalComponents
    from scratchae.nets.parameters import Array

BLOCK = 4096  # rows in working memory


def squared_error(model: Autoencoder, x: Array) -> float:
    """Squared error of the reconstruction, summed over the features and averaged over the rows, in float64."""
    total = 0.0
    for first in range(0, len(x), BLOCK):
        rows = x[first : first + BLOCK]
        total += float(((model.reconstruct(rows).astype(np.float64) - rows) ** 2).sum())
    return total / len(x)


def cross_entropy_floor(x: Array) -> float:
    """Mean over the rows of the summed entropies of their entries, in nats: no Bernoulli reconstruction of grey x has less loss.

    The cross-entropy of x and x̂ is the entropy of x plus a divergence, which is zero where x̂ = x and positive elsewhere.
    """
    total = 0.0
    for first in range(0, len(x), BLOCK):
        rows = x[first : first + BLOCK].astype(np.float64)
        total += float((entr(rows) + entr(1 - rows)).sum())
    return total / len(x)


def is_linear(model: Autoencoder) -> bool:
    """Whether encoder and decoder are affine maps, so that PCA is the best that the model can do."""
    inner = model.activation == "identity" or len(model.hidden_sizes) == 0
    code = model.code_activation or ("identity" if len(model.hidden_sizes) else model.activation)
    return model.likelihood == "gaussian" and inner and code == "identity"


def angle_to_pca(model: Autoencoder, pca: PrincipalComponents) -> float:
    """The largest principal angle (radians) between what a linear decoder can make and the span of the components."""
    units = np.eye(int(model.latent_dim))
    return pca.largest_angle(model.decode(units) - model.decode(np.zeros_like(units)))
