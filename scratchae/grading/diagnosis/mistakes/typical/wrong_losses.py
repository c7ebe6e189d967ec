"""Typical mistakes with reconstruction losses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchae.grading.diagnosis.mistakes.typical.typical_table import typical
from scratchae.ops import sigmoid, softplus

Array = NDArray[Any]


@typical(
    "bernoulli_nll", "transformed", "if the probabilities, sigmoid(logits), were passed to a formula that takes logits"
)
def _probabilities_as_logits(logits: Array, x: Array) -> Any:
    p = sigmoid(logits)
    return (softplus(p) - x * p).sum(axis=1)


@typical("bernoulli_nll", "missing function", "if the logits were taken for probabilities: the sigmoid is left out")
def _logits_as_probabilities(logits: Array, x: Array) -> Any:
    return -(x * np.log(logits) + (1 - x) * np.log(1 - logits)).sum(axis=1)


@typical("bernoulli_nll", "term", "if only the term with log p were kept: the one with log(1 - p) is left out")
def _white_pixels_only(logits: Array, x: Array) -> Any:
    return (x * softplus(-logits)).sum(axis=1)


@typical("bernoulli_nll", "term", "if only the term with log(1 - p) were kept: the one with log p is left out")
def _black_pixels_only(logits: Array, x: Array) -> Any:
    return ((1 - x) * softplus(logits)).sum(axis=1)


@typical("bernoulli_nll", "swapped", "if the data x and the probabilities were exchanged")
def _data_and_probabilities_exchanged(logits: Array, x: Array) -> Any:
    p = sigmoid(logits)
    return -(p * np.log(x) + (1 - p) * np.log(1 - x)).sum(axis=1)


@typical("bernoulli_nll", "sign", "if the second of the two terms had the opposite sign")
def _terms_subtracted(logits: Array, x: Array) -> Any:
    return (x * softplus(-logits) - (1 - x) * softplus(logits)).sum(axis=1)


@typical("bernoulli_nll", "missing function", "if p itself were used instead of its logarithm")
def _no_logarithms(logits: Array, x: Array) -> Any:
    p = sigmoid(logits)
    return -(x * p + (1 - x) * (1 - p)).sum(axis=1)


@typical("bernoulli_nll_backward", "missing function", "of logits - x: the sigmoid is left out")
def _logits_less_data(dloss: Array, logits: Array, x: Array) -> Any:
    return dloss[:, None] * (logits - x)


@typical(
    "bernoulli_nll_backward",
    "extra factor",
    "if the derivative of the sigmoid were multiplied besides: it is already in the difference of probabilities and data",
)
def _slope_besides(dloss: Array, logits: Array, x: Array) -> Any:
    p = sigmoid(logits)
    return dloss[:, None] * (p - x) * p * (1 - p)


@typical(
    "bernoulli_nll_backward",
    "missing derivative",
    "of the gradient for the probabilities: the derivative of the sigmoid is left out",
)
def _gradient_of_the_probabilities(dloss: Array, logits: Array, x: Array) -> Any:
    p = sigmoid(logits)
    return dloss[:, None] * (p - x) / (p * (1 - p))


@typical("bernoulli_nll_backward", "transformed", "if the sigmoid were applied twice")
def _sigmoid_twice(dloss: Array, logits: Array, x: Array) -> Any:
    return dloss[:, None] * (sigmoid(sigmoid(logits)) - x)


@typical("squared_error_backward", "normalised", "of the gradient of a length: the square root was differentiated, too")
def _gradient_of_the_length(dloss: Array, x_hat: Array, x: Array) -> Any:
    e = x_hat - x
    return dloss[:, None] * e / np.linalg.norm(e, axis=1, keepdims=True)


@typical("squared_error_backward", "power", "if the square were kept: 2 (x_hat - x)², not differentiated in full")
def _square_kept(dloss: Array, x_hat: Array, x: Array) -> Any:
    return 2 * dloss[:, None] * (x_hat - x) ** 2


@typical("squared_error_backward", "transformed", "of the gradient of absolute differences, a sign")
def _of_absolute_differences(dloss: Array, x_hat: Array, x: Array) -> Any:
    return dloss[:, None] * np.sign(x_hat - x)


@typical("squared_error", "power", "of a length: a square root was taken of the sum of squares")
def _length(x_hat: Array, x: Array) -> Any:
    return np.sqrt(((x_hat - x) ** 2).sum(axis=1))


@typical("squared_error", "power", "if the differences were summed before they are squared")
def _squared_sum(x_hat: Array, x: Array) -> Any:
    return (x_hat - x).sum(axis=1) ** 2


@typical("squared_error", "power", "if x_hat and x were squared before the difference is taken")
def _difference_of_squares(x_hat: Array, x: Array) -> Any:
    return (x_hat**2 - x**2).sum(axis=1)


@typical("bernoulli_log_product", "other function", "if the probabilities of a row were added instead of multiplied")
def _logarithm_of_a_sum(p: Array, x: Array) -> Any:
    return np.log(np.where(x == 1, p, 1 - p).sum(axis=1))


@typical(
    "bernoulli_log_product",
    "term",
    "if only the white pixels counted: black ones have the probability 1 instead of 1 - p",
)
def _product_of_white_pixels(p: Array, x: Array) -> Any:
    return np.log(np.where(x == 1, p, 1).prod(axis=1))


@typical(
    "bernoulli_log_product", "term", "if only the black pixels counted: white ones have the probability 1 instead of p"
)
def _product_of_black_pixels(p: Array, x: Array) -> Any:
    return np.log(np.where(x == 1, 1, 1 - p).prod(axis=1))


@typical("bernoulli_log_powers", "missing factor", "if only the power of p were there: the one of 1 - p is left out")
@typical(
    "bernoulli_log_likelihood", "term", "if only the term with log p were kept: the one with log(1 - p) is left out"
)
def _logarithm_of_white(p: Array, x: Array) -> Any:
    return (x * np.log(p)).sum(axis=1)


@typical("bernoulli_log_powers", "missing factor", "if only the power of 1 - p were there: the one of p is left out")
@typical(
    "bernoulli_log_likelihood", "term", "if only the term with log(1 - p) were kept: the one with log p is left out"
)
def _logarithm_of_black(p: Array, x: Array) -> Any:
    return ((1 - x) * np.log(1 - p)).sum(axis=1)


@typical("bernoulli_log_powers", "axis", "of the logarithm of a sum, where a sum of logarithms is wanted")
def _logarithm_of_a_sum_of_powers(p: Array, x: Array) -> Any:
    return np.log((p**x * (1 - p) ** (1 - x)).sum(axis=1))


@typical("bernoulli_log_likelihood", "axis", "of the logarithm of a sum, where a sum of logarithms is wanted")
def _logarithm_of_a_sum_of_probabilities(p: Array, x: Array) -> Any:
    return np.log((x * p + (1 - x) * (1 - p)).sum(axis=1))


@typical(
    "bernoulli_log_powers",
    "inverse",
    "if p to the power x and (1 - p) to the power 1 - x were added instead of multiplied",
)
def _powers_added(p: Array, x: Array) -> Any:
    return np.log(p**x + (1 - p) ** (1 - x)).sum(axis=1)


@typical(
    "bernoulli_log_powers", "missing function", "if the logarithm were left out, and the powers of a row multiplied"
)
def _product_of_powers(p: Array, x: Array) -> Any:
    return (p**x * (1 - p) ** (1 - x)).prod(axis=1)


@typical("bernoulli_log_powers", "missing function", "if the logarithm were left out")
def _sum_of_powers(p: Array, x: Array) -> Any:
    return (p**x * (1 - p) ** (1 - x)).sum(axis=1)


@typical("bernoulli_log_likelihood", "transformed", "if x were first rounded to 0 or 1")
def _data_in_black_and_white(p: Array, x: Array) -> Any:
    return np.log(np.where(x > 0.5, p, 1 - p)).sum(axis=1)


@typical("bernoulli_log_powers", "transformed", "if x were first rounded to 0 or 1")
def _powers_in_black_and_white(p: Array, x: Array) -> Any:
    return np.log(np.where(x > 0.5, p, 1 - p)).sum(axis=1)


@typical("bernoulli_log_likelihood", "swapped", "if p and x were exchanged")
def _exchanged(p: Array, x: Array) -> Any:
    return (p * np.log(x) + (1 - p) * np.log(1 - x)).sum(axis=1)


@typical(
    "bernoulli_log_likelihood_backward",
    "missing derivative",
    "if the logarithms were kept: they are not differentiated",
)
def _logarithms_kept(dlog_likelihood: Array, p: Array, x: Array) -> Any:
    return dlog_likelihood[:, None] * (x * np.log(p) + (1 - x) * np.log(1 - p))


@typical(
    "bernoulli_log_likelihood_backward",
    "sign",
    "if the second term had the opposite sign: the derivative of 1 - p is -1",
)
def _inner_derivative_left_out(dlog_likelihood: Array, p: Array, x: Array) -> Any:
    return dlog_likelihood[:, None] * (x / p + (1 - x) / (1 - p))


@typical(
    "bernoulli_log_likelihood_backward",
    "missing derivative",
    "if the logarithms were kept: they are not differentiated",
)
def _difference_of_logarithms(dlog_likelihood: Array, p: Array, x: Array) -> Any:
    return dlog_likelihood[:, None] * (x * np.log(p) - (1 - x) * np.log(1 - p))


@typical("bernoulli_log_likelihood_backward", "inverse", "if the quotients were upside down, p / x")
def _quotients_upside_down(dlog_likelihood: Array, p: Array, x: Array) -> Any:
    return dlog_likelihood[:, None] * (p / x - (1 - p) / (1 - x))


@typical("bernoulli_log_likelihood_backward", "extra factor", "of x - p: it is not divided by p (1 - p)")
def _difference_alone(dlog_likelihood: Array, p: Array, x: Array) -> Any:
    return dlog_likelihood[:, None] * (x - p)
