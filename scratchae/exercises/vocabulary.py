"""Other names in use for the functions, arguments and outputs of the exercises, from which variants draw."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Names of functions; that of a gradient follows from that of its function.
FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "dense": ("affine", "linear_layer", "fully_connected"),
    "dense_by_unit": ("affine_by_unit", "linear_by_unit", "fully_connected_by_unit"),
    "dense_with_gain": ("affine_with_gain", "linear_with_gain", "scaled_layer"),
    "sigmoid": ("logistic", "expit"),
    "tanh": ("hyperbolic_tangent", "tanh_units"),
    "scaled_tanh": ("stretched_tanh", "tanh_of_height"),
    "relu": ("rectifier", "positive_part"),
    "leaky_relu": ("leaky_rectifier", "leaky_units"),
    "exponential_unit": ("elu", "exponential_linear"),
    "softplus": ("smooth_rectifier", "log_one_plus_exp"),
    "sharp_softplus": ("sharp_rectifier", "scaled_softplus"),
    "bernoulli_nll": ("binary_cross_entropy", "bce_of_logits"),
    "weighted_bernoulli_nll": ("weighted_cross_entropy", "weighted_bce"),
    "tempered_bernoulli_nll": ("tempered_cross_entropy_of_pixels", "tempered_bce"),
    "squared_error": ("sum_of_squares", "squared_distance"),
    "huber_error": ("huber", "huber_distance"),
    "log_cosh_error": ("log_cosh", "log_cosh_distance"),
    "autoencoder": ("shallow_autoencoder", "one_layer"),
    "penalised": ("decayed", "weight_decay"),
    "tied": ("shared", "tied_weights"),
    "masking_noise": ("zero_mask", "masked"),
    "dropout_noise": ("dropout", "inverted_dropout"),
    "salt_and_pepper_noise": ("black_and_white_noise", "impulse_noise"),
    "uneven_noise": ("uneven_impulses", "salt_with_less_pepper"),
    "gaussian_noise": ("normal_noise", "additive_noise"),
    "relative_noise": ("multiplicative_noise", "proportional_noise"),
    "denoising": ("cleaning", "denoiser"),
    "sparsity_kl": ("sparsity_penalty", "sparsity_divergence"),
    "sparsity_kl_of_mean": ("reverse_sparsity_penalty", "reverse_sparsity_divergence"),
    "sparsity_squares": ("squared_sparsity", "sparsity_deviation"),
    "k_sparse": ("keep_largest", "top_k"),
    "k_strongest": ("keep_strongest", "top_k_in_size"),
    "contractive_penalty": ("contraction", "jacobian_penalty"),
    "contraction_by_unit": ("jacobian_norm_by_unit", "jacobian_penalty_by_unit"),
    "contraction_with_gain": ("jacobian_norm_with_gain", "jacobian_penalty_with_gain"),
    "stacked_codes": ("codes_of_both", "two_codes"),
    "tanh_codes": ("tanh_codes_of_both", "two_tanh_codes"),
    "second_layer": ("second_autoencoder", "upper_layer"),
    "second_tanh_layer": ("second_tanh_autoencoder", "upper_tanh_layer"),
    "unroll": ("unfold", "join_stack"),
    "reconstruct": ("decode_encoded", "through_stack"),
    "reconstruct_linearly": ("decode_linearly", "through_linear_stack"),
    "softmax": ("class_probabilities", "softmax_of_rows"),
    "tempered_softmax": ("softmax_at_temperature", "softened_probabilities"),
    "softmax_cross_entropy": ("class_nll", "cross_entropy_of_logits"),
    "tempered_cross_entropy": ("class_nll_at_temperature", "softened_cross_entropy"),
    "smoothed_cross_entropy": ("smoothed_class_nll", "label_smoothing_loss"),
    "classifier": ("fine_tuned", "deep_classifier"),
    "gaussian_kl_trace": ("normal_kl_trace", "kl_by_trace"),
    "gaussian_kl_sums": ("normal_kl_sums", "kl_by_sums"),
    "gaussian_kl": ("normal_kl", "kl_to_prior"),
    "wide_kl_trace": ("scaled_prior_kl_trace", "kl_by_trace_to_wide"),
    "wide_kl_sums": ("scaled_prior_kl_sums", "kl_by_sums_to_wide"),
    "wide_kl": ("scaled_prior_kl", "kl_to_wide"),
    "shifted_kl_trace": ("shifted_prior_kl_trace", "kl_by_trace_to_shifted"),
    "shifted_kl_sums": ("shifted_prior_kl_sums", "kl_by_sums_to_shifted"),
    "shifted_kl": ("shifted_prior_kl", "kl_to_shifted"),
    "reparameterize": ("draw_latent", "sample_normal"),
    "normal_draw": ("draw_normal", "sample_with_deviation"),
    "tempered_draw": ("draw_tempered", "sample_at_temperature"),
    "bernoulli_log_product": ("log_of_product", "pixel_log_product"),
    "bernoulli_log_powers": ("log_of_powers", "pixel_log_powers"),
    "bernoulli_log_likelihood": ("pixel_log_likelihood", "log_likelihood_of_pixels"),
    "flipped_log_product": ("noisy_log_product", "log_product_after_flips"),
    "flipped_log_powers": ("noisy_log_powers", "log_powers_after_flips"),
    "flipped_log_likelihood": ("noisy_log_likelihood", "log_likelihood_after_flips"),
    "elbo": ("lower_bound", "evidence_bound"),
    "weighted_bound": ("weighted_elbo", "beta_bound"),
    "variational": ("vae", "variational_autoencoder"),
    "sampled_kl": ("log_ratio", "kl_of_draws"),
    "importance_weights": ("normalised_weights", "self_normalised"),
    "tempered_weights": ("tempered_normalised_weights", "renyi_weights"),
    "log_mean_exp": ("log_mean_weight", "importance_bound"),
    "renyi_bound": ("bound_of_order", "tempered_bound"),
    "linear_path": ("straight_path", "line_between"),
    "eased_path": ("smooth_path", "slow_path"),
    "spherical_path": ("arc_between", "slerp_path"),
    "attribute_vector": ("attribute_direction", "difference_of_means"),
    "unit_direction": ("attribute_unit_vector", "normalised_difference"),
    "change_attribute": ("move_along", "shift_code"),
    "walk_by_length": ("move_by_length", "shift_by_length"),
}
_ENDINGS = ("_backward", "_gradients", "_loss")

# Names of variables: of each line one set is drawn. A number at the end of a name, the d of a gradient in front of it, and what follows
# an underscore are kept: with W also W1, dW and dW_encoder are renamed.
VARIABLES: tuple[tuple[Mapping[str, str], ...], ...] = (
    (
        {"x": "inputs", "x_hat": "outputs"},
        {"x": "data", "x_hat": "reconstruction"},
        {"x": "X", "x_hat": "X_hat"},
    ),
    (
        {"W": "weights", "b": "bias", "V": "weights_out", "c": "bias_out"},
        {"W": "kernel", "b": "offset", "V": "kernel_out", "c": "offset_out"},
        {"W": "matrix", "b": "shift", "V": "matrix_out", "c": "shift_out"},
    ),
    ({"h": "hidden"}, {"h": "act"}, {}),
    ({"z": "latent"}, {"z": "code"}, {}),
    (
        {"mu": "mean", "logvar": "log_variance", "logstd": "log_deviation"},
        {"mu": "loc", "logvar": "log_var", "logstd": "log_std"},
        {"mu": "centre", "logvar": "logvariance", "logstd": "logdeviation"},
    ),
    ({"eps": "noise"}, {"eps": "epsilon"}),
    ({"u": "uniform"}, {"u": "randoms"}),
    ({"rho": "target"}, {"rho": "goal"}),
    ({"p": "probs"}, {"p": "prob"}, {}),
    ({"log_w": "log_weights"}, {"log_w": "log_ratios"}),
    ({"n": "count"}, {"n": "number"}),
)
KEPT_IN = {"interpolation": frozenset("b")}  # the two ends of a path, a and b


def parts(function: str) -> tuple[str, str]:
    """The base and the ending of a function's name, such as ("dense", "_backward")."""
    ending = next((end for end in _ENDINGS if function.endswith(end)), "")
    return function.removesuffix(ending), ending


def other_name(variable: str, names: Mapping[str, str]) -> str:
    """The new name of a variable, by that of the variable from which it is derived.

    Parameters
    ----------
    variable : str
    names : mapping of str to str
        New names of some variables.
    """
    for base in sorted(names, key=len, reverse=True):
        if match := re.fullmatch(rf"(d?){base}(\d*(?:_\w+)?)", variable):
            return f"{match[1]}{names[base]}{match[2]}"
    return variable
