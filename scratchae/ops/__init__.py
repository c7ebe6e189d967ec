"""The mathematics in readable form: every operation as a pair of pure NumPy functions, forward and backward.

`y = op(x, ...)`; `op_backward(dy, ...)` takes the upstream gradient first, then exactly the arrays in its formula. A comment
such as `(dense.4)` is the label of the equation in `docs/derivations/` that the line implements. `scratchae.kernels` has a
compiled twin of every function here, with the same name and signature.
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
from scratchae.ops.bernoulli import (
    bernoulli_log_likelihood,
    bernoulli_log_likelihood_backward,
    bernoulli_log_powers,
    bernoulli_log_powers_backward,
    bernoulli_log_product,
    bernoulli_log_product_backward,
)
from scratchae.ops.contraction import (
    contractive_penalty,
    contractive_penalty_backward,
)
from scratchae.ops.corruption import (
    gaussian_noise,
    gaussian_noise_backward,
    masking_noise,
    masking_noise_backward,
    salt_and_pepper_noise,
    salt_and_pepper_noise_backward,
)
from scratchae.ops.gaussian import (
    gaussian_nll,
    gaussian_nll_backward,
    reparameterize,
    reparameterize_backward,
)
from scratchae.ops.gaussian_kl import (
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
from scratchae.ops.importance import (
    importance_weights,
    importance_weights_backward,
    log_mean_exp,
    log_mean_exp_backward,
)
from scratchae.ops.layers import dense, dense_backward, layer, layer_backward
from scratchae.ops.losses import bernoulli_nll, bernoulli_nll_backward, squared_error, squared_error_backward
from scratchae.ops.softmax import (
    softmax,
    softmax_backward,
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
)
from scratchae.ops.sparsity import (
    k_sparse,
    k_sparse_backward,
    sparsity_kl,
    sparsity_kl_backward,
)
from scratchae.ops.updates import adam, momentum, sgd, weight_decay, weight_decay_backward

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
