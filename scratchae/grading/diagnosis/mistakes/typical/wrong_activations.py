"""Typical mistakes with activations and their derivatives."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchae.grading.diagnosis.mistakes.typical.typical_table import typical
from scratchae.ops import sigmoid, softplus

Array = NDArray[Any]


@typical("sigmoid", "term", "if there were no brackets around the sum in the denominator")
def _sum_outside_the_quotient(x: Array) -> Any:
    return 1 / 1 + np.exp(-x)


@typical("sigmoid", "other function", "of exp(x): the 1 in the denominator is left out")
def _without_the_one(x: Array) -> Any:
    return np.exp(x)


@typical("sigmoid", "sign", "if one of the two exponentials had the opposite sign in its exponent")
def _exponents_of_two_signs(x: Array) -> Any:
    return np.exp(x) / (1 + np.exp(-x))


@typical(
    "sigmoid", "power", "if both signs of x were treated as one of them is, so that only the absolute value of x counts"
)
def _both_halves_alike(x: Array) -> Any:
    return sigmoid(np.abs(x))


@typical(
    "sigmoid", "power", "if both signs of x were treated as one of them is, so that only the absolute value of x counts"
)
def _both_halves_alike_falling(x: Array) -> Any:
    return sigmoid(-np.abs(x))


@typical("sigmoid_backward", "term", "if there were no brackets around the difference")
def _difference_without_brackets(dy: Array, y: Array) -> Any:
    return dy * y * 1 - y


@typical(
    "sigmoid_backward",
    "input for output",
    "of exp(-y) / (1 + exp(-y))², the derivative computed as if y were the input",
)
def _from_the_input(dy: Array, y: Array) -> Any:
    s = sigmoid(y)
    return dy * s * (1 - s)


@typical("sigmoid_backward", "missing factor", "if the factor 1 - y were left out")
def _sigmoid_for_its_derivative(dy: Array, y: Array) -> Any:
    return dy * y


@typical("tanh", "term", "if there were no brackets around the numerator and the denominator")
def _quotient_without_brackets(x: Array) -> Any:
    return np.exp(x) - np.exp(-x) / np.exp(x) + np.exp(-x)


@typical("tanh", "term", "if there were no brackets around the denominator")
def _denominator_without_brackets(x: Array) -> Any:
    return (np.exp(x) - np.exp(-x)) / np.exp(x) + np.exp(-x)


@typical("tanh", "other function", "of the tangent, instead of the hyperbolic tangent")
def _tangent(x: Array) -> Any:
    return np.tan(x)


@typical("tanh", "other function", "of the hyperbolic sine: the denominator is left out or constant")
def _hyperbolic_sine(x: Array) -> Any:
    return np.sinh(x)


@typical("tanh", "other function", "of the hyperbolic cotangent: numerator and denominator are exchanged")
def _upside_down(x: Array) -> Any:
    return 1 / np.tanh(x)


@typical("tanh", "scaled", "if x were half as large: a factor 2 in the exponents is left out")
def _exponents_without_two(x: Array) -> Any:
    return np.tanh(x / 2)


@typical("tanh_backward", "term", "of 1 - dy y²: there are no brackets around the derivative")
def _one_is_not_multiplied(dy: Array, y: Array) -> Any:
    return 1 - dy * y**2


@typical("tanh_backward", "term", "of dy - y²: there are no brackets around the derivative")
def _square_is_not_multiplied(dy: Array, y: Array) -> Any:
    return dy - y**2


@typical("tanh_backward", "missing derivative", "if the function itself were used instead of its derivative")
def _tanh_for_its_derivative(dy: Array, y: Array) -> Any:
    return dy * y


@typical("tanh_backward", "other function", "of the derivative of a sigmoid, y (1 - y)")
def _slope_of_a_sigmoid(dy: Array, y: Array) -> Any:
    return dy * y * (1 - y)


@typical(
    "relu_backward",
    "comparison",
    "if the gradient passed everywhere, also where the output y is 0: y is never negative, so that y ≥ 0 holds for all entries",
)
def _passes_everywhere(dy: Array, y: Array) -> Any:
    return dy * (y >= 0)


def _leaky(slope: float, x: Array) -> Any:
    return np.where(x > 0, x, slope * x)


def _leaky_backward(slope: float, dy: Array, y: Array) -> Any:
    return np.where(y > 0, dy, slope * dy)


for _slope in (0.01, 0.1, 0.2, 0.05, 0.3, 0.001):
    _words = f"of a leaky ReLU, with the slope {_slope:g} for negative entries"
    typical("relu", "other function", _words)(partial(_leaky, _slope))
    typical("relu_backward", "other function", _words)(partial(_leaky_backward, _slope))


@typical("relu", "other function", "of an ELU: negative entries become exp(x) - 1 instead of 0")
def _exponential_linear(x: Array) -> Any:
    return np.where(x > 0, x, np.expm1(x))


@typical("relu", "other function", "of x sigmoid(x), a SiLU")
def _sigmoid_linear(x: Array) -> Any:
    return x * sigmoid(x)


@typical("relu", "comparison", "if the condition itself, 1 or 0, were returned")
def _step(x: Array) -> Any:
    return (x > 0) * 1.0


@typical("relu", "part", "if negative entries became 1 instead of 0")
def _one_for_zero(x: Array) -> Any:
    return np.where(x > 0, x, 1.0)


@typical("relu", "other function", "if entries above 1 were cut off, too")
def _cut_above(x: Array) -> Any:
    return np.clip(x, 0, 1)


@typical("relu_backward", "upstream", "of the derivative alone: the upstream gradient dy has no effect")
def _derivative_alone(dy: Array, y: Array) -> Any:
    return (y > 0) * 1.0


@typical("relu_backward", "swapped", "if the sign of dy decided instead of the sign of y")
def _sign_of_the_upstream_gradient(dy: Array, y: Array) -> Any:
    return np.where(dy > 0, dy, 0)


def _straight_above(bound: float, x: Array) -> Any:
    return np.where(x > bound, x, softplus(x))


for _bound in (0, 1, 2, 3, 4, 5, 10):
    _words = f"if entries of x above {_bound} were returned as they are"
    typical("softplus", "comparison", _words)(partial(_straight_above, float(_bound)))


@typical("softplus", "missing function", "of log(exp(x)) = x: the 1 inside the logarithm is left out")
def _logarithm_of_the_exponential(x: Array) -> Any:
    return 1.0 * x


@typical("softplus", "other function", "of log(1 + exp(-x)): the exponent has the opposite sign, or x is not added")
def _exponent_of_the_other_sign(x: Array) -> Any:
    return softplus(-x)


@typical("softplus", "term", "of 1 + exp(x): the logarithm is left out")
def _no_logarithm(x: Array) -> Any:
    return 1 + np.exp(x)


@typical(
    "softplus_backward", "extra factor", "of the derivative of a sigmoid, where the sigmoid itself is the derivative"
)
def _second_derivative(dy: Array, x: Array) -> Any:
    s = sigmoid(x)
    return dy * s * (1 - s)


@typical("softplus_backward", "missing derivative", "if the function itself were used instead of its derivative")
def _softplus_for_its_derivative(dy: Array, x: Array) -> Any:
    return dy * softplus(x)


@typical("softplus_backward", "input for output", "if x were the output of the softplus")
def _from_the_output(dy: Array, x: Array) -> Any:
    return dy * (1 - np.exp(-x))


@typical("softplus_backward", "sign", "if the sigmoid were taken of -x instead of x")
def _reciprocal_alone(dy: Array, x: Array) -> Any:
    return dy * sigmoid(-x)


@typical("softplus_backward", "missing factor", "of dy exp(x): the denominator is left out")
def _no_denominator(dy: Array, x: Array) -> Any:
    return dy * np.exp(x)


@typical("softplus_backward", "transformed", "if the sigmoid were taken of the softplus of x")
def _sigmoid_of_the_output(dy: Array, x: Array) -> Any:
    return dy * sigmoid(softplus(x))


@typical("softplus", "term", "of log(1 + exp(-|x|)) alone: the term max(x, 0) is left out")
def _correction_alone(x: Array) -> Any:
    return np.log1p(np.exp(-np.abs(x)))
