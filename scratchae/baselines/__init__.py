"""Baselines for autoencoders, and measures for the comparison.

================  =====================================================================================
file              idea
================  =====================================================================================
pca               principal components: the least squared error of a linear code
linear_gaussian   probabilistic principal components: log p(x), posterior and bound in closed form
comparison        errors of a model and its baseline, measured in the same way; minimum of the Bernoulli loss
================  =====================================================================================
"""

from scratchae.baselines.comparison import (
    angle_to_pca,
    code_size,
    cross_entropy_floor,
    is_linear,
    squared_error,
    with_labels,
)
from scratchae.baselines.linear_gaussian import LinearGaussian
from scratchae.baselines.pca import PrincipalComponents

__all__ = [
    "LinearGaussian",
    "PrincipalComponents",
    "angle_to_pca",
    "code_size",
    "cross_entropy_floor",
    "is_linear",
    "squared_error",
    "with_labels",
]
