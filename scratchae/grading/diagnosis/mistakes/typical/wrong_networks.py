"""Typical mistakes with autoencoders, denoising, stacks and classifiers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scratchae.grading.diagnosis.mistakes.typical.typical_table import typical
from scratchae.ops import (
    bernoulli_nll,
    masking_noise,
    sigmoid,
    sigmoid_backward,
    softmax,
    softmax_backward,
    softmax_cross_entropy,
    softplus,
    squared_error,
)

Array = NDArray[Any]


@typical(
    "autoencoder_loss",
    "transformed",
    "if probabilities were passed to a loss that takes logits: a sigmoid is applied twice",
)
def _sigmoid_twice(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    return bernoulli_nll(sigmoid(sigmoid(x @ W + b) @ V + c), x).mean()


@typical("autoencoder_loss", "other function", "of the squared error of the probabilities, instead of a cross-entropy")
def _squared_error_of_probabilities(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    return squared_error(sigmoid(sigmoid(x @ W + b) @ V + c), x).mean()


@typical("autoencoder_loss", "missing function", "if the code had no sigmoid")
def _linear_code(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    return bernoulli_nll((x @ W + b) @ V + c, x).mean()


@typical("autoencoder_loss", "other function", "if the code had a tanh instead of a sigmoid")
def _tanh_code(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    return bernoulli_nll(np.tanh(x @ W + b) @ V + c, x).mean()


def _autoencoder(
    target: Array, x: Array, W: Array, b: Array, V: Array, c: Array, *, output: str = "", code: str = "", back: str = ""
) -> Any:
    """Gradients of an autoencoder with a mistake at the output, at the code, or on the way back."""
    a = x @ W + b
    h = sigmoid(a)
    logits = h @ V + c
    p = sigmoid(logits)
    d = (p - target) / len(x)
    if output == "slope":
        d = d * p * (1 - p)
    elif output == "squared error":
        d = 2 * d * p * (1 - p)
    elif output == "logits":
        d = (logits - target) / len(x)
    elif output == "twice":
        d = (sigmoid(p) - target) / len(x)
    dh = d @ (W if back == "W" else V.T)
    slope = {"": h * (1 - h), "none": np.ones_like(h), "tanh": 1 - h * h, "input": a * (1 - a)}[code]
    da = dh * slope
    return x.T @ da, da.sum(axis=0), h.T @ d, d.sum(axis=0)


BESIDES = "if the derivative of the output's sigmoid were multiplied besides: it is already in the difference of probabilities and data"


@typical("autoencoder_gradients", "extra factor", BESIDES)
def _slope_besides(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    return _autoencoder(x, x, W, b, V, c, output="slope")


@typical(
    "autoencoder_gradients",
    "other function",
    "of the gradients of the squared error of the probabilities, instead of a cross-entropy",
)
def _gradients_of_the_squared_error(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    return _autoencoder(x, x, W, b, V, c, output="squared error")


@typical("autoencoder_gradients", "missing function", "if the output's sigmoid were left out: logits less data")
def _logits_less_data(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    return _autoencoder(x, x, W, b, V, c, output="logits")


@typical("autoencoder_gradients", "transformed", "if the output's sigmoid were applied twice")
def _output_twice(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    return _autoencoder(x, x, W, b, V, c, output="twice")


@typical("autoencoder_gradients", "missing derivative", "if the derivative of the code's sigmoid were left out")
def _no_slope_of_the_code(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    return _autoencoder(x, x, W, b, V, c, code="none")


@typical("autoencoder_gradients", "other function", "if the code's derivative were that of a tanh, 1 - h²")
def _slope_of_a_tanh(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    return _autoencoder(x, x, W, b, V, c, code="tanh")


@typical(
    "autoencoder_gradients",
    "input for output",
    "if the derivative h (1 - h) were taken of the code's input instead of h",
)
def _slope_at_the_input(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    return _autoencoder(x, x, W, b, V, c, code="input")


@typical(
    "autoencoder_gradients", "other array", "if the gradient passed back through W instead of V, as with tied weights"
)
def _back_through_the_encoder(x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    return _autoencoder(x, x, W, b, V, c, back="W")


@typical("denoising_loss", "other array", "if the reconstruction were compared with the corrupted input instead of x")
def _corrupted_target(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    noisy = masking_noise(x, u, level)
    return bernoulli_nll(sigmoid(noisy @ W + b) @ V + c, noisy).mean()


@typical("denoising_loss", "argument", "if the input were not corrupted: the noise has no effect")
def _clean_input(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    return bernoulli_nll(sigmoid(x @ W + b) @ V + c, x).mean()


@typical("denoising_loss", "other array", "if the input were x itself, and the target were corrupted")
def _target_for_input(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    return bernoulli_nll(sigmoid(x @ W + b) @ V + c, masking_noise(x, u, level)).mean()


@typical("denoising_loss", "comparison", "if the entries that should be dropped were kept, and the others dropped")
def _other_entries_dropped(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    return bernoulli_nll(sigmoid((x * (u < level)) @ W + b) @ V + c, x).mean()


@typical("denoising_loss", "other function", "of the squared error of the probabilities, instead of a cross-entropy")
def _denoising_squared_error(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    noisy = masking_noise(x, u, level)
    return squared_error(sigmoid(sigmoid(noisy @ W + b) @ V + c), x).mean()


@typical(
    "denoising_loss",
    "transformed",
    "if probabilities were passed to a loss that takes logits: a sigmoid is applied twice",
)
def _denoising_sigmoid_twice(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    noisy = masking_noise(x, u, level)
    return bernoulli_nll(sigmoid(sigmoid(noisy @ W + b) @ V + c), x).mean()


@typical("denoising_loss", "extra factor", "if the kept entries were divided by 1 - level, as dropout does")
def _denoising_scaled(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    noisy = masking_noise(x, u, level) / (1 - level)
    return bernoulli_nll(sigmoid(noisy @ W + b) @ V + c, x).mean()


def _pixels(mask: Array, noisy: Array, x: Array, W: Array, b: Array, V: Array, c: Array) -> Any:
    """The loss of those pixels that a mask keeps."""
    logits = sigmoid(noisy @ W + b) @ V + c
    return (mask * (softplus(logits) - x * logits)).sum(axis=1).mean()


@typical("denoising_loss", "extra factor", "if only the dropped entries counted in the loss")
def _dropped_only(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    return _pixels(u < level, masking_noise(x, u, level), x, W, b, V, c)


@typical("denoising_loss", "extra factor", "if only the kept entries counted in the loss")
def _kept_only(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    return _pixels(u >= level, masking_noise(x, u, level), x, W, b, V, c)


def _denoising(
    noisy: Array, target: Array, last: Array, W: Array, b: Array, V: Array, c: Array, counted: Array | int = 1
) -> Any:
    """Gradients of a denoising autoencoder: its input, its target, the array that meets the gradient of the first layer, and the pixels
    that count.
    """
    h = sigmoid(noisy @ W + b)
    d = counted * (sigmoid(h @ V + c) - target) / len(noisy)
    da = sigmoid_backward(d @ V.T, h)
    return last.T @ da, da.sum(axis=0), h.T @ d, d.sum(axis=0)


@typical(
    "denoising_gradients", "other array", "if the reconstruction were compared with the corrupted input instead of x"
)
def _gradients_of_a_corrupted_target(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    noisy = masking_noise(x, u, level)
    return _denoising(noisy, noisy, noisy, W, b, V, c)


@typical(
    "denoising_gradients",
    "other array",
    "if x were used in the gradient of the first layer instead of the corrupted input",
)
def _clean_input_in_the_gradient(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    return _denoising(masking_noise(x, u, level), x, x, W, b, V, c)


@typical("denoising_gradients", "argument", "if the input were not corrupted: the noise has no effect")
def _gradients_of_a_clean_input(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    return _denoising(x, x, x, W, b, V, c)


@typical("denoising_gradients", "comparison", "if the entries that should be dropped were kept, and the others dropped")
def _gradients_with_other_entries_dropped(
    x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array
) -> Any:
    noisy = x * (u < level)
    return _denoising(noisy, x, noisy, W, b, V, c)


@typical("denoising_gradients", "extra factor", "if only the dropped entries counted in the loss")
def _gradients_of_dropped_only(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    noisy = masking_noise(x, u, level)
    return _denoising(noisy, x, noisy, W, b, V, c, u < level)


@typical("denoising_gradients", "extra factor", "if only the kept entries counted in the loss")
def _gradients_of_kept_only(x: Array, u: Array, level: float, W: Array, b: Array, V: Array, c: Array) -> Any:
    noisy = masking_noise(x, u, level)
    return _denoising(noisy, x, noisy, W, b, V, c, u >= level)


@typical("tied_loss", "term", "if the decoder's bias c were left out")
def _no_bias_of_the_decoder(x: Array, W: Array, b: Array, c: Array) -> Any:
    return squared_error(np.tanh(x @ W + b) @ W.T, x).mean()


@typical("tied_loss", "transformed", "if the output passed through a tanh, too: the decoder is linear")
def _tanh_at_the_output(x: Array, W: Array, b: Array, c: Array) -> Any:
    return squared_error(np.tanh(np.tanh(x @ W + b) @ W.T + c), x).mean()


@typical("tied_loss", "missing function", "if the code had no tanh")
def _linear_tied_code(x: Array, W: Array, b: Array, c: Array) -> Any:
    return squared_error((x @ W + b) @ W.T + c, x).mean()


def _tied(
    x: Array, W: Array, b: Array, c: Array, encoder: float = 1.0, decoder: float = 1.0, *, tanh: bool = True
) -> Any:
    h = np.tanh(x @ W + b)
    e = 2 * (h @ W.T + c - x) / len(x)
    da = (e @ W) * (1 - h * h if tanh else h * (1 - h))
    return encoder * (x.T @ da) + decoder * (e.T @ h), da.sum(axis=0), e.sum(axis=0)


@typical(
    "tied_gradients",
    "term",
    "if only the encoder's use of W counted: the part of the gradient from the decoder is missing",
)
def _encoder_only(x: Array, W: Array, b: Array, c: Array) -> Any:
    return _tied(x, W, b, c, decoder=0)


@typical(
    "tied_gradients",
    "term",
    "if only the decoder's use of W counted: the part of the gradient from the encoder is missing",
)
def _decoder_only(x: Array, W: Array, b: Array, c: Array) -> Any:
    return _tied(x, W, b, c, encoder=0)


@typical("tied_gradients", "sign", "if the decoder's part of the gradient were subtracted from the encoder's")
def _decoder_subtracted(x: Array, W: Array, b: Array, c: Array) -> Any:
    return _tied(x, W, b, c, decoder=-1)


@typical(
    "tied_gradients",
    "mean for sum",
    "if the mean of the encoder's and the decoder's part were used instead of their sum",
)
def _mean_of_both(x: Array, W: Array, b: Array, c: Array) -> Any:
    return _tied(x, W, b, c, encoder=0.5, decoder=0.5)


@typical("tied_gradients", "other function", "if the code's derivative were that of a sigmoid, h (1 - h)")
def _slope_of_a_sigmoid(x: Array, W: Array, b: Array, c: Array) -> Any:
    return _tied(x, W, b, c, tanh=False)


def _second_layer(target: Array, h1: Array, W2: Array, b2: Array, V2: Array, c2: Array, first: Array) -> Any:
    h2 = sigmoid(h1 @ W2 + b2)
    d = (sigmoid(h2 @ V2 + c2) - target) / len(h1)
    da = sigmoid_backward(d @ V2.T, h2)
    return first.T @ da, da.sum(axis=0), h2.T @ d, d.sum(axis=0)


@typical("second_layer_gradients", "other array", "if the target were h1 rounded to 0 or 1, instead of h1")
def _rounded_target(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, V2: Array, c2: Array) -> Any:
    h1 = sigmoid(x @ W1 + b1)
    return _second_layer((h1 > 0.5) * 1.0, h1, W2, b2, V2, c2, h1)


@typical(
    "second_layer_gradients", "other array", "if the target were the first layer's input to its sigmoid, instead of h1"
)
def _target_before_the_sigmoid(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, V2: Array, c2: Array) -> Any:
    a1 = x @ W1 + b1
    h1 = sigmoid(a1)
    return _second_layer(a1, h1, W2, b2, V2, c2, h1)


@typical("second_layer_gradients", "missing function", "if the first layer had no sigmoid")
def _linear_first_layer(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, V2: Array, c2: Array) -> Any:
    h1 = x @ W1 + b1
    return _second_layer(h1, h1, W2, b2, V2, c2, h1)


@typical(
    "second_layer_gradients",
    "other array",
    "if the target were the data x: the second layer's target is the first layer's code",
)
def _data_as_target(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, V2: Array, c2: Array) -> Any:
    h1 = sigmoid(x @ W1 + b1)
    return _second_layer(x, h1, W2, b2, V2, c2, h1)


@typical(
    "stacked_codes", "missing function", "if the second layer got the first layer's input to its sigmoid instead of h1"
)
def _linear_between(x: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    a1 = x @ W1 + b1
    return sigmoid(a1), sigmoid(a1 @ W2 + b2)


@typical("stacked_codes", "missing function", "if the second code had no sigmoid")
def _linear_second_code(x: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    h1 = sigmoid(x @ W1 + b1)
    return h1, h1 @ W2 + b2


@typical("reconstruct", "missing function", "if the last layer had no sigmoid: logits are returned")
def _logits_returned(
    x: Array, W1: Array, b1: Array, V1: Array, c1: Array, W2: Array, b2: Array, V2: Array, c2: Array
) -> Any:
    h1 = sigmoid(x @ W1 + b1)
    return sigmoid(sigmoid(h1 @ W2 + b2) @ V2 + c2) @ V1 + c1


@typical("reconstruct", "argument", "if the second layer were left out: the code h1 is decoded at once")
def _one_layer_only(
    x: Array, W1: Array, b1: Array, V1: Array, c1: Array, W2: Array, b2: Array, V2: Array, c2: Array
) -> Any:
    return sigmoid(sigmoid(x @ W1 + b1) @ V1 + c1)


@typical("reconstruct", "missing function", "if the decoder's inner layer had no sigmoid")
def _linear_inner_decoder(
    x: Array, W1: Array, b1: Array, V1: Array, c1: Array, W2: Array, b2: Array, V2: Array, c2: Array
) -> Any:
    h1 = sigmoid(x @ W1 + b1)
    return sigmoid((sigmoid(h1 @ W2 + b2) @ V2 + c2) @ V1 + c1)


@typical("reconstruct", "missing function", "if only the last layer had a sigmoid")
def _sigmoid_at_the_end_only(
    x: Array, W1: Array, b1: Array, V1: Array, c1: Array, W2: Array, b2: Array, V2: Array, c2: Array
) -> Any:
    return sigmoid((((x @ W1 + b1) @ W2 + b2) @ V2 + c2) @ V1 + c1)


def _classifier(
    d: Array, x: Array, h1: Array, h2: Array, W2: Array, V: Array, *, slope1: bool = True, slope2: bool = True
) -> Any:
    """Gradients of a classifier from the gradient of its logits."""
    da2 = sigmoid_backward(d @ V.T, h2) if slope2 else d @ V.T
    da1 = sigmoid_backward(da2 @ W2.T, h1) if slope1 else da2 @ W2.T
    return x.T @ da1, da1.sum(axis=0), h1.T @ da2, da2.sum(axis=0), h2.T @ d, d.sum(axis=0)


def _codes(x: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array) -> tuple[Array, Array, Array]:
    h1 = sigmoid(x @ W1 + b1)
    h2 = sigmoid(h1 @ W2 + b2)
    return h1, h2, h2 @ V + c


def _difference(logits: Array, labels: Array) -> Array:
    return np.asarray((softmax(logits) - np.eye(logits.shape[1])[labels]) / len(labels))


@typical(
    "classifier_gradients",
    "extra factor",
    "if the derivative of the softmax were applied besides: it is already in the difference of probabilities and labels",
)
def _through_the_softmax_again(
    x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array
) -> Any:
    h1, h2, logits = _codes(x, W1, b1, W2, b2, V, c)
    d = softmax_backward(_difference(logits, labels), softmax(logits))
    return _classifier(d, x, h1, h2, W2, V)


@typical("classifier_gradients", "missing derivative", "if the derivatives of both sigmoids were left out")
def _no_slopes(x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array) -> Any:
    h1, h2, logits = _codes(x, W1, b1, W2, b2, V, c)
    return _classifier(_difference(logits, labels), x, h1, h2, W2, V, slope1=False, slope2=False)


@typical("classifier_gradients", "missing derivative", "if the derivative of the first layer's sigmoid were left out")
def _no_first_slope(x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array) -> Any:
    h1, h2, logits = _codes(x, W1, b1, W2, b2, V, c)
    return _classifier(_difference(logits, labels), x, h1, h2, W2, V, slope1=False)


@typical("classifier_gradients", "missing derivative", "if the derivative of the second layer's sigmoid were left out")
def _no_second_slope(x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array) -> Any:
    h1, h2, logits = _codes(x, W1, b1, W2, b2, V, c)
    return _classifier(_difference(logits, labels), x, h1, h2, W2, V, slope2=False)


@typical("classifier_gradients", "missing function", "if the softmax were left out: logits less labels")
def _logits_less_labels(x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array) -> Any:
    h1, h2, logits = _codes(x, W1, b1, W2, b2, V, c)
    d = (logits - np.eye(logits.shape[1])[labels]) / len(x)
    return _classifier(d, x, h1, h2, W2, V)


@typical(
    "classifier_gradients", "other function", "if each class had a sigmoid of its own instead of a softmax over all"
)
def _sigmoids_less_labels(
    x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array
) -> Any:
    h1, h2, logits = _codes(x, W1, b1, W2, b2, V, c)
    d = (sigmoid(logits) - np.eye(logits.shape[1])[labels]) / len(x)
    return _classifier(d, x, h1, h2, W2, V)


@typical(
    "classifier_loss",
    "transformed",
    "if probabilities were passed to a loss that takes logits: a softmax is applied twice",
)
def _softmax_twice(x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array) -> Any:
    return softmax_cross_entropy(softmax(_codes(x, W1, b1, W2, b2, V, c)[2]), labels).mean()


@typical("classifier_loss", "missing function", "if the layers had no sigmoids")
def _linear_layers(x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array) -> Any:
    return softmax_cross_entropy(((x @ W1 + b1) @ W2 + b2) @ V + c, labels).mean()


@typical("classifier_loss", "transformed", "if a sigmoid were applied to the logits")
def _sigmoid_of_the_logits(
    x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array
) -> Any:
    return softmax_cross_entropy(sigmoid(_codes(x, W1, b1, W2, b2, V, c)[2]), labels).mean()


@typical("classifier_loss", "other function", "of the share of wrong predictions, instead of the cross-entropy")
def _error_rate(x: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array, V: Array, c: Array) -> Any:
    return (_codes(x, W1, b1, W2, b2, V, c)[2].argmax(axis=1) != labels).mean()
