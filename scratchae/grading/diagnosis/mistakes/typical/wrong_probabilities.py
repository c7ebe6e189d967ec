"""Typical mistakes with softmax, its cross-entropy, and importance weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchae.grading.diagnosis.mistakes.typical.typical_table import typical
from scratchae.ops import importance_weights, log_mean_exp, sigmoid, softmax, softmax_backward, softmax_cross_entropy

Array = NDArray[Any]
ALREADY = (
    "if the derivative of the softmax were applied besides: it is already in the difference of probabilities and labels"
)


def _one_hot(logits: Array, labels: Array) -> Array:
    return np.eye(logits.shape[1])[labels]


@typical("softmax", "missing factor", "of the exponentials alone: they are not divided by their sum")
def _exponentials_alone(logits: Array) -> Any:
    return np.exp(logits)


@typical(
    "softmax",
    "missing factor",
    "of exponentials of the logits less the largest of each row: they are not divided by their sum",
)
def _relative_to_the_largest(logits: Array) -> Any:
    return np.exp(logits - logits.max(axis=1, keepdims=True))


@typical("softmax", "term", "if the largest logit were subtracted in the numerator only, not in the denominator")
def _shifted_numerator(logits: Array) -> Any:
    return np.exp(logits - logits.max(axis=1, keepdims=True)) / np.exp(logits).sum(axis=1, keepdims=True)


@typical("softmax", "axis", "if the exponentials were divided by the sum over all rows and classes")
def _over_everything(logits: Array) -> Any:
    e = np.exp(logits)
    return e / e.sum()


@typical("softmax", "axis", "if the exponentials were divided by the sum over the examples instead of the classes")
def _over_the_examples(logits: Array) -> Any:
    e = np.exp(logits)
    return e / e.sum(axis=0)


@typical(
    "softmax", "missing function", "if the logits themselves were divided by their sum: the exponential is left out"
)
def _logits_over_their_sum(logits: Array) -> Any:
    return logits / logits.sum(axis=1, keepdims=True)


@typical("softmax", "missing function", "of logarithms of the probabilities, a log-softmax")
def _log_softmax(logits: Array) -> Any:
    return np.log(softmax(logits))


@typical(
    "softmax_backward",
    "missing sum",
    "if only the diagonal of the Jacobian were used, p (1 - p): the sum over the other classes is missing",
)
def _diagonal_only(dp: Array, p: Array) -> Any:
    return dp * p * (1 - p)


@typical(
    "softmax_backward",
    "other array",
    "if the Jacobian had p of the output's class twice instead of the product of both classes' probabilities",
)
def _own_probability_twice(dp: Array, p: Array) -> Any:
    return p * (dp - p * dp.sum(axis=1, keepdims=True))


@typical(
    "softmax_backward",
    "other array",
    "if the Jacobian had the square of one class's probability instead of the product of both classes' probabilities",
)
def _other_probability_twice(dp: Array, p: Array) -> Any:
    return p * dp - (p * p * dp).sum(axis=1, keepdims=True)


@typical("softmax_backward", "missing factor", "if the probabilities were missing in the sum over the classes")
def _plain_sum(dp: Array, p: Array) -> Any:
    return p * (dp - dp.sum(axis=1, keepdims=True))


@typical("softmax_backward", "sign", "if the sum over the classes were added instead of subtracted")
def _sum_added(dp: Array, p: Array) -> Any:
    return p * (dp + (dp * p).sum(axis=1, keepdims=True))


@typical("softmax_backward", "missing factor", "if the factor p in front of the difference were left out")
def _no_outer_factor(dp: Array, p: Array) -> Any:
    return dp - (dp * p).sum(axis=1, keepdims=True)


@typical("softmax_backward", "term", "if the sum over the classes were left out")
def _no_sum(dp: Array, p: Array) -> Any:
    return dp * p


@typical("softmax_backward", "axis", "if the sum ran over the examples instead of the classes")
def _sum_over_the_examples(dp: Array, p: Array) -> Any:
    return p * (dp - (dp * p).sum(axis=0))


@typical("softmax_backward", "axis", "if the sum ran over all examples and classes")
def _sum_over_everything(dp: Array, p: Array) -> Any:
    return p * (dp - (dp * p).sum())


@typical("softmax_backward", "mean for sum", "if a mean over the classes were used instead of the sum")
def _mean_over_the_classes(dp: Array, p: Array) -> Any:
    return p * (dp - (dp * p).mean(axis=1, keepdims=True))


@typical(
    "softmax_cross_entropy", "argument", "if the likeliest class of each row were the right one: labels has no effect"
)
def _likeliest_class(logits: Array, labels: Array) -> Any:
    return softmax_cross_entropy(logits, logits.argmax(axis=1))


@typical(
    "softmax_cross_entropy",
    "term",
    "if the logit of the right class were left out: only the logarithm of the sum is there",
)
def _logarithm_of_the_sum_alone(logits: Array, labels: Array) -> Any:
    return np.log(np.exp(logits).sum(axis=1))


@typical("softmax_cross_entropy", "missing function", "if the logarithm were left out")
def _no_logarithm(logits: Array, labels: Array) -> Any:
    return -softmax(logits)[np.arange(len(labels)), labels]


@typical(
    "softmax_cross_entropy", "complement", "of one minus the probability of the right class: the logarithm is left out"
)
def _one_minus_the_probability(logits: Array, labels: Array) -> Any:
    return 1 - softmax(logits)[np.arange(len(labels)), labels]


@typical(
    "softmax_cross_entropy", "transformed", "if a softmax were applied twice: to the logits, and again within the loss"
)
def _softmax_twice(logits: Array, labels: Array) -> Any:
    return softmax_cross_entropy(softmax(logits), labels)


@typical(
    "softmax_cross_entropy",
    "term",
    "if the terms with 1 - p of the other classes were added, as in a loss for several yes-or-no questions",
)
def _other_classes_besides(logits: Array, labels: Array) -> Any:
    y, p = _one_hot(logits, labels), softmax(logits)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1)


@typical(
    "softmax_cross_entropy",
    "other function",
    "if each class had a sigmoid of its own instead of a softmax over all of them",
)
def _sigmoids(logits: Array, labels: Array) -> Any:
    y, p = _one_hot(logits, labels), sigmoid(logits)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1)


@typical(
    "softmax_cross_entropy",
    "other function",
    "if the probability of the right class came from a sigmoid instead of a softmax",
)
def _sigmoid_of_the_right_class(logits: Array, labels: Array) -> Any:
    return -np.log(sigmoid(logits)[np.arange(len(labels)), labels])


@typical("softmax_cross_entropy", "other function", "of the squared error of the probabilities")
def _squared_error_of_probabilities(logits: Array, labels: Array) -> Any:
    return ((softmax(logits) - _one_hot(logits, labels)) ** 2).sum(axis=1)


@typical(
    "softmax_cross_entropy",
    "missing function",
    "if the logits themselves were used where their log-probabilities should be",
)
def _logit_alone(logits: Array, labels: Array) -> Any:
    return -logits[np.arange(len(labels)), labels]


@typical(
    "softmax_cross_entropy_backward",
    "missing sum",
    "if the sum over the classes in the denominator's gradient were missing, so that only the logit of the right class has a gradient",
)
def _denominator_of_its_own_class(dloss: Array, logits: Array, labels: Array) -> Any:
    p, y = softmax(logits), _one_hot(logits, labels)
    return dloss[:, None] * -y * (1 - p)


@typical(
    "softmax_cross_entropy_backward",
    "other array",
    "if the number of the right class were subtracted from all probabilities of its row, instead of 1 from its own",
)
def _numbers_of_the_labels(dloss: Array, logits: Array, labels: Array) -> Any:
    return dloss[:, None] * (softmax(logits) - labels[:, None])


@typical("softmax_cross_entropy_backward", "extra factor", ALREADY)
def _through_the_softmax_again(dloss: Array, logits: Array, labels: Array) -> Any:
    p = softmax(logits)
    return softmax_backward(dloss[:, None] * (p - _one_hot(logits, labels)), p)


@typical(
    "softmax_cross_entropy_backward",
    "extra factor",
    "if p (1 - p) were multiplied besides: it is already in the difference of probabilities and labels",
)
def _slope_besides(dloss: Array, logits: Array, labels: Array) -> Any:
    p = softmax(logits)
    return dloss[:, None] * (p - _one_hot(logits, labels)) * p * (1 - p)


@typical(
    "softmax_cross_entropy_backward",
    "missing derivative",
    "of the gradient for the probabilities, -1/p: the derivative of the softmax is left out",
)
def _gradient_of_the_probabilities(dloss: Array, logits: Array, labels: Array) -> Any:
    return dloss[:, None] * -_one_hot(logits, labels) / softmax(logits)


@typical("softmax_cross_entropy_backward", "missing function", "of logits less the labels: the softmax is left out")
def _logits_less_labels(dloss: Array, logits: Array, labels: Array) -> Any:
    return dloss[:, None] * (logits - _one_hot(logits, labels))


@typical(
    "softmax_cross_entropy_backward", "term", "of the probabilities alone: the 1 of the right class is not subtracted"
)
def _probabilities_alone(dloss: Array, logits: Array, labels: Array) -> Any:
    return dloss[:, None] * softmax(logits)


@typical(
    "softmax_cross_entropy_backward",
    "argument",
    "if the likeliest class of each row were the right one: labels has no effect",
)
def _likeliest_class_in_the_gradient(dloss: Array, logits: Array, labels: Array) -> Any:
    return dloss[:, None] * (softmax(logits) - _one_hot(logits, logits.argmax(axis=1)))


@typical(
    "softmax_cross_entropy_backward",
    "other function",
    "of sigmoids less labels: each class has a sigmoid of its own instead of a softmax over all",
)
def _sigmoids_less_labels(dloss: Array, logits: Array, labels: Array) -> Any:
    return dloss[:, None] * (sigmoid(logits) - _one_hot(logits, labels))


@typical("softmax_cross_entropy_backward", "part", "if the gradients of all classes but the right one were zero")
def _right_class_only(dloss: Array, logits: Array, labels: Array) -> Any:
    y = _one_hot(logits, labels)
    return dloss[:, None] * (softmax(logits) - y) * y


@typical("softmax_cross_entropy_backward", "shifted", "if labels counted the classes from one")
def _counted_from_one(dloss: Array, logits: Array, labels: Array) -> Any:
    return dloss[:, None] * (softmax(logits) - _one_hot(logits, labels - 1))


@typical("softmax_cross_entropy_backward", "shifted", "if the 1 stood in the column after the right one")
def _next_column(dloss: Array, logits: Array, labels: Array) -> Any:
    return dloss[:, None] * (softmax(logits) - _one_hot(logits, (labels + 1) % logits.shape[1]))


@typical(
    "softmax_cross_entropy_backward",
    "shifted",
    "if the 1 stood in the column after the right one, and nowhere for the last class",
)
def _next_column_or_none(dloss: Array, logits: Array, labels: Array) -> Any:
    y = np.eye(logits.shape[1] + 1)[labels + 1][:, : logits.shape[1]]
    return dloss[:, None] * (softmax(logits) - y)


@typical(
    "softmax_cross_entropy_backward", "shifted", "if labels counted the classes from one, and class 0 had no column"
)
def _counted_from_one_or_none(dloss: Array, logits: Array, labels: Array) -> Any:
    y = np.eye(logits.shape[1] + 1)[labels][:, 1:]
    return dloss[:, None] * (softmax(logits) - y)


@typical("importance_weights", "missing factor", "of the exponentials alone: they are not divided by their sum")
def _weights_not_normalised(log_w: Array) -> Any:
    return np.exp(log_w)


@typical(
    "importance_weights",
    "missing factor",
    "of exponentials of log_w less its maximum over the draws: they are not divided by their sum",
)
def _relative_to_the_best(log_w: Array) -> Any:
    return np.exp(log_w - log_w.max(axis=0))


@typical(
    "importance_weights",
    "axis",
    "if the weights of all draws and examples summed to 1, instead of those of each example",
)
def _normalised_over_everything(log_w: Array) -> Any:
    w = np.exp(log_w)
    return w / w.sum()


@typical("importance_weights", "axis", "if the weights of each draw summed to 1 over the examples")
def _normalised_over_the_examples(log_w: Array) -> Any:
    w = np.exp(log_w)
    return w / w.sum(axis=1, keepdims=True)


@typical(
    "importance_weights",
    "missing function",
    "if the logarithms themselves were divided by their sum: the exponential is left out",
)
def _logarithms_normalised(log_w: Array) -> Any:
    return log_w / log_w.sum(axis=0)


@typical("importance_weights", "missing function", "of logarithms of the weights")
def _logarithms_of_weights(log_w: Array) -> Any:
    return np.log(importance_weights(log_w))


@typical("importance_weights", "mean for sum", "if the exponentials were divided by their mean instead of their sum")
def _relative_to_the_mean(log_w: Array) -> Any:
    w = np.exp(log_w)
    return w / w.mean(axis=0)


@typical(
    "importance_weights_backward",
    "missing sum",
    "if only the diagonal of the Jacobian were used, w (1 - w): the sum over the other draws is missing",
)
def _weights_diagonal_only(dw: Array, w: Array) -> Any:
    return dw * w * (1 - w)


@typical("importance_weights_backward", "missing factor", "if the weights were missing in the sum over the draws")
def _weights_plain_sum(dw: Array, w: Array) -> Any:
    return w * (dw - dw.sum(axis=0))


@typical(
    "importance_weights_backward",
    "other array",
    "if the Jacobian had the square of one draw's weight instead of the product of both draws' weights",
)
def _own_weight_twice(dw: Array, w: Array) -> Any:
    return w * (dw - w * dw.sum(axis=0))


@typical(
    "importance_weights_backward",
    "other array",
    "if the Jacobian had the square of one draw's weight instead of the product of both draws' weights",
)
def _other_weight_twice(dw: Array, w: Array) -> Any:
    return w * dw - (w * w * dw).sum(axis=0)


@typical("importance_weights_backward", "term", "if the sum over the draws were left out")
def _weights_no_sum(dw: Array, w: Array) -> Any:
    return dw * w


@typical("importance_weights_backward", "mean for sum", "if a mean over the draws were used instead of the sum")
def _weights_mean(dw: Array, w: Array) -> Any:
    return w * (dw - (dw * w).mean(axis=0))


@typical("importance_weights_backward", "axis", "if the sum ran over the examples instead of the draws")
def _weights_sum_over_the_examples(dw: Array, w: Array) -> Any:
    return w * (dw - (dw * w).sum(axis=1, keepdims=True))


@typical("importance_weights_backward", "axis", "if the sum ran over all draws and examples")
def _weights_sum_over_everything(dw: Array, w: Array) -> Any:
    return w * (dw - (dw * w).sum())


@typical("log_mean_exp", "missing function", "of the mean of the logarithms, where the logarithm of a mean is wanted")
def _mean_of_logarithms(log_w: Array) -> Any:
    return log_w.mean(axis=0)


@typical("log_mean_exp", "mean for sum", "of the logarithm of a sum, where the logarithm of a mean is wanted")
def _logarithm_of_the_sum(log_w: Array) -> Any:
    return log_mean_exp(log_w) + np.log(len(log_w))


@typical(
    "log_mean_exp",
    "mean for sum",
    "if the logarithm of the sum were divided by the number of draws: the division belongs inside the logarithm",
)
def _divided_outside(log_w: Array) -> Any:
    return (log_mean_exp(log_w) + np.log(len(log_w))) / len(log_w)


@typical("log_mean_exp", "missing function", "if the logarithm were left out")
def _no_logarithm_of_the_mean(log_w: Array) -> Any:
    return np.exp(log_w).mean(axis=0)


@typical("log_mean_exp", "term", "if the maximum, subtracted before the exponential, were not added again")
def _maximum_not_added(log_w: Array) -> Any:
    return log_mean_exp(log_w) - log_w.max(axis=0)


@typical("log_mean_exp", "term", "if the maximum were not added again, and the mean were a sum")
def _maximum_not_added_to_a_sum(log_w: Array) -> Any:
    return log_mean_exp(log_w) - log_w.max(axis=0) + np.log(len(log_w))


@typical("log_mean_exp", "sign", "if the maximum were subtracted instead of added again")
def _maximum_subtracted(log_w: Array) -> Any:
    return log_mean_exp(log_w) - 2 * log_w.max(axis=0)


@typical("log_mean_exp", "term", "of the maximum alone")
def _maximum_alone(log_w: Array) -> Any:
    return log_w.max(axis=0)


@typical("log_mean_exp", "constant", "if the sum were divided by the number of examples instead of draws")
def _divided_by_the_examples(log_w: Array) -> Any:
    return log_mean_exp(log_w) + np.log(len(log_w)) - np.log(log_w.shape[1])


@typical("log_mean_exp", "axis", "if the mean ran over all draws and examples")
def _over_everything_at_once(log_w: Array) -> Any:
    return np.full(log_w.shape[1], np.log(np.exp(log_w).mean()))


@typical(
    "log_mean_exp_backward",
    "missing factor",
    "of the exponentials of log_w: they are not divided by their sum over the draws",
)
def _exponentials_for_weights(dbound: Array, log_w: Array) -> Any:
    return dbound * np.exp(log_w)


@typical(
    "log_mean_exp_backward",
    "missing factor",
    "of the exponentials of log_w divided by the number of draws: they are not divided by their sum",
)
def _mean_of_exponentials(dbound: Array, log_w: Array) -> Any:
    return dbound * np.exp(log_w) / len(log_w)


@typical(
    "log_mean_exp_backward", "argument", "if all draws had the same weight, one over their number: log_w has no effect"
)
def _equal_weights(dbound: Array, log_w: Array) -> Any:
    return np.ones(log_w.shape) * dbound / len(log_w)


@typical(
    "log_mean_exp_backward",
    "missing factor",
    "of exponentials of log_w less its maximum over the draws: they are not divided by their sum",
)
def _weights_relative_to_the_best(dbound: Array, log_w: Array) -> Any:
    return dbound * np.exp(log_w - log_w.max(axis=0))


@typical("log_mean_exp_backward", "other function", "if only the draw with the largest weight got a gradient")
def _best_draw_only(dbound: Array, log_w: Array) -> Any:
    return dbound * (log_w == log_w.max(axis=0))


@typical("log_mean_exp_backward", "missing function", "if log_w were divided by its sum: the exponential is left out")
def _logarithms_for_weights(dbound: Array, log_w: Array) -> Any:
    return dbound * log_w / log_w.sum(axis=0)


@typical("log_mean_exp_backward", "axis", "if the weights of each draw summed to 1 over the examples")
def _weights_over_the_examples(dbound: Array, log_w: Array) -> Any:
    w = np.exp(log_w)
    return dbound * w / w.sum(axis=1, keepdims=True)
