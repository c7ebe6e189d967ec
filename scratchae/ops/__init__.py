"""The mathematics, to be read: every operation as a pair of pure NumPy functions, forward and backward.

`y = op(x, ...)`; `op_backward(dy, ...)` takes the upstream gradient first, then exactly the arrays that its formula names. A comment
such as `(dense.4)` is the label of the equation in `docs/derivations/` that the line implements. `scratchae.kernels` holds a
compiled twin of every function here, of the same name and signature.
"""

from scratchae.ops.activations import (
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
from scratchae.ops.layers import dense, dense_backward, layer, layer_backward
from scratchae.ops.losses import bernoulli_nll, bernoulli_nll_backward, squared_error, squared_error_backward
from scratchae.ops.updates import adam, momentum, sgd, weight_decay, weight_decay_backward

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
