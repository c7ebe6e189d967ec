"""Networks of dense layers, and their parameters."""

from scratchae.nets.initialisation import glorot_uniform, he_normal
from scratchae.nets.network import (
    ACTIVATIONS,
    Layer,
    Network,
    Parameters,
    add_weight_decay_gradients,
    weight_decay,
)

__all__ = [
    "ACTIVATIONS",
    "Layer",
    "Network",
    "Parameters",
    "add_weight_decay_gradients",
    "glorot_uniform",
    "he_normal",
    "weight_decay",
]
