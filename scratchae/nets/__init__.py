"""Networks of dense layers, and their parameters."""

from scratchae.nets.initialisation import glorot_uniform, he_normal
from scratchae.nets.network import ACTIVATIONS, Layer, Network
from scratchae.nets.parameters import Parameters

__all__ = ["ACTIVATIONS", "Layer", "Network", "Parameters", "glorot_uniform", "he_normal"]
