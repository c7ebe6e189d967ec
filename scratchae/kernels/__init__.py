"""The same mathematics, compiled: a twin for every op, of the same name and signature, and the machinery behind them.

From the inside out: `scalars` (functions of one number that vectorise), `tile` (the innermost piece of a matrix product), `matrix`
(windows on memory), `product` (the blocked, parallel product), `layers`, `activations`, `losses`, `corruption`, `softmax`,
`sparsity`, `contraction`, `updates` (the twins), `steps` (whole
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
from scratchae.kernels.contraction import (
    contractive_penalty,
    contractive_penalty_backward,
)
from scratchae.kernels.corruption import (
    gaussian_noise,
    gaussian_noise_backward,
    masking_noise,
    masking_noise_backward,
    salt_and_pepper_noise,
    salt_and_pepper_noise_backward,
)
from scratchae.kernels.layers import dense, dense_backward, layer, layer_backward
from scratchae.kernels.losses import bernoulli_nll, bernoulli_nll_backward, squared_error, squared_error_backward
from scratchae.kernels.softmax import (
    softmax,
    softmax_backward,
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
)
from scratchae.kernels.sparsity import (
    k_sparse,
    k_sparse_backward,
    sparsity_kl,
    sparsity_kl_backward,
)
from scratchae.kernels.updates import adam, momentum, sgd, weight_decay, weight_decay_backward

__all__ = [
    "adam",
    "bernoulli_nll",
    "bernoulli_nll_backward",
    "contractive_penalty",
    "contractive_penalty_backward",
    "dense",
    "dense_backward",
    "gaussian_noise",
    "gaussian_noise_backward",
    "identity",
    "identity_backward",
    "k_sparse",
    "k_sparse_backward",
    "layer",
    "layer_backward",
    "masking_noise",
    "masking_noise_backward",
    "momentum",
    "relu",
    "relu_backward",
    "salt_and_pepper_noise",
    "salt_and_pepper_noise_backward",
    "sgd",
    "sigmoid",
    "sigmoid_backward",
    "softmax",
    "softmax_backward",
    "softmax_cross_entropy",
    "softmax_cross_entropy_backward",
    "softplus",
    "softplus_backward",
    "sparsity_kl",
    "sparsity_kl_backward",
    "squared_error",
    "squared_error_backward",
    "tanh",
    "tanh_backward",
    "weight_decay",
    "weight_decay_backward",
]
