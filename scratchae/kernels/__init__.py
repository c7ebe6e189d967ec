"""The same mathematics, compiled: a twin for every op, of the same name and signature, and the machinery behind them.

From the inside out: `scalars` (functions of one number that vectorise), `tile` (the innermost piece of a matrix product), `matrix`
(windows on memory), `product` (the blocked, parallel product), `layers`, `activations`, `losses`, `updates` (the twins), `steps` (whole
training steps in one call); and `compile`, through which all of them are compiled, and `threads`, which
says on how many they run.
"""

from scratchae.kernels.activations import (
    identity,
    identity_backward,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    softplus,
    softplus_backward,
    tanh,
    tanh_backward,
)
from scratchae.kernels.layers import dense, dense_backward, layer, layer_backward
from scratchae.kernels.losses import bernoulli_nll, bernoulli_nll_backward, squared_error, squared_error_backward
from scratchae.kernels.updates import adam, momentum, sgd, weight_decay, weight_decay_backward

__all__ = [
    "adam",
    "bernoulli_nll",
    "bernoulli_nll_backward",
    "dense",
    "dense_backward",
    "identity",
    "identity_backward",
    "layer",
    "layer_backward",
    "momentum",
    "relu",
    "relu_backward",
    "sgd",
    "sigmoid",
    "sigmoid_backward",
    "softplus",
    "softplus_backward",
    "squared_error",
    "squared_error_backward",
    "tanh",
    "tanh_backward",
    "weight_decay",
    "weight_decay_backward",
]
