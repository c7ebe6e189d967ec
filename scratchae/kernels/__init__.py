"""Hand-written Numba kernels: a twin for every op, with the same name and signature, and the code behind them.

From the inside out: `scalars` (functions of one number that vectorise), `tile` (the innermost piece of a matrix product), `matrix`
(views of memory), `product` (the blocked, parallel product), `layers`, `activations`, `losses`, `corruption`, `softmax`,
`sparsity`, `contraction`, `gaussian`, `gaussian_kl`, `importance`, `bernoulli`, `updates` (the twins), `steps` (whole
training steps in one call); `compile` compiles all of them, and `threads` chooses the number of threads.
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
from scratchae.kernels.bernoulli import (
    bernoulli_log_likelihood,
    bernoulli_log_likelihood_backward,
    bernoulli_log_powers,
    bernoulli_log_powers_backward,
    bernoulli_log_product,
    bernoulli_log_product_backward,
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
from scratchae.kernels.gaussian import (
    gaussian_nll,
    gaussian_nll_backward,
    reparameterize,
    reparameterize_backward,
)
from scratchae.kernels.gaussian_kl import (
    free_bits,
    free_bits_backward,
    gaussian_kl,
    gaussian_kl_backward,
    gaussian_kl_sums,
    gaussian_kl_sums_backward,
    gaussian_kl_terms,
    gaussian_kl_terms_backward,
    gaussian_kl_trace,
    gaussian_kl_trace_backward,
    sampled_kl,
    sampled_kl_backward,
)
from scratchae.kernels.importance import (
    importance_weights,
    importance_weights_backward,
    log_mean_exp,
    log_mean_exp_backward,
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
    "bernoulli_log_likelihood",
    "bernoulli_log_likelihood_backward",
    "bernoulli_log_powers",
    "bernoulli_log_powers_backward",
    "bernoulli_log_product",
    "bernoulli_log_product_backward",
    "bernoulli_nll",
    "bernoulli_nll_backward",
    "contractive_penalty",
    "contractive_penalty_backward",
    "dense",
    "dense_backward",
    "free_bits",
    "free_bits_backward",
    "gaussian_kl",
    "gaussian_kl_backward",
    "gaussian_kl_sums",
    "gaussian_kl_sums_backward",
    "gaussian_kl_terms",
    "gaussian_kl_terms_backward",
    "gaussian_kl_trace",
    "gaussian_kl_trace_backward",
    "gaussian_nll",
    "gaussian_nll_backward",
    "gaussian_noise",
    "gaussian_noise_backward",
    "identity",
    "identity_backward",
    "importance_weights",
    "importance_weights_backward",
    "k_sparse",
    "k_sparse_backward",
    "layer",
    "layer_backward",
    "log_mean_exp",
    "log_mean_exp_backward",
    "masking_noise",
    "masking_noise_backward",
    "momentum",
    "relu",
    "relu_backward",
    "reparameterize",
    "reparameterize_backward",
    "salt_and_pepper_noise",
    "salt_and_pepper_noise_backward",
    "sampled_kl",
    "sampled_kl_backward",
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
