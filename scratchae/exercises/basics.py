"""The exercises of the first chapter: layers, activations, losses, and an autoencoder's gradient."""

from __future__ import annotations

import numpy as np

from scratchae import ops
from scratchae.exercises import worked
from scratchae.exercises.exercise import Arguments, Exercise, Inputs, Sizes, Task
from scratchae.exercises.inputs import (
    extreme_logits,
    first,
    layer,
    normal,
    signs,
    steered,
    switched,
    weights,
    with_upstream,
)


def _dense(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"x": normal(rng, s.N, s.D), "W": weights(rng, s.D, s.H), "b": normal(rng, s.H)}


DENSE = Exercise(
    1,
    "dense",
    "A dense layer, forward and backward",
    "Every autoencoder is made of dense layers. Write one, and the gradients that flow back through it.",
    ("dense",),
    (
        Task(ops.dense, ("y",), _dense),
        Task(
            ops.dense_backward,
            ("dx", "dW", "db"),
            with_upstream("dy", _dense, "N", "H", drop="b"),
            hints=(
                "Each gradient has the shape of its array: that alone rules out most wrong products.",
                "The layer does not average over the batch, and neither does its gradient.",
            ),
            points=3,
        ),
    ),
)


def _x(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"x": 2 * normal(rng, s.N, s.D)}


def _extreme_x(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"x": extreme_logits(rng, s.N, s.D)}


def _output(f: str) -> Inputs:
    def backward(rng: np.random.Generator, s: Sizes) -> Arguments:
        return {"dy": normal(rng, s.N, s.D), "y": getattr(ops, f)(2 * normal(rng, s.N, s.D))}

    return backward


_BEYOND = {"entries of ±3,000": _extreme_x}
_IN_TERMS_OF_OUTPUT = "y is the output: the derivative can be written in terms of it, and x is not needed."
ACTIVATIONS = Exercise(
    2,
    "activations",
    "Activations and their derivatives",
    "Without activations, a network is a single matrix. Write four of them so that no input overflows, and their gradients.",
    ("sigmoid", "tanh", "relu", "softplus"),
    (
        Task(ops.sigmoid, ("y",), _x, _BEYOND, hints=("exp(-x) overflows for large negative x; exp(x) does not.",)),
        Task(ops.sigmoid_backward, ("dx",), _output("sigmoid"), hints=(_IN_TERMS_OF_OUTPUT,)),
        Task(ops.tanh, ("y",), _x, _BEYOND),
        Task(ops.tanh_backward, ("dx",), _output("tanh"), hints=(_IN_TERMS_OF_OUTPUT,)),
        Task(ops.relu, ("y",), _x, _BEYOND),
        Task(ops.relu_backward, ("dx",), _output("relu"), hints=("At the kink itself take 0.",)),
        Task(
            ops.softplus,
            ("y",),
            _x,
            _BEYOND,
            hints=("For large x it is x, for large negative x it is 0: write it as one of them and a correction.",),
        ),
        Task(
            ops.softplus_backward,
            ("dx",),
            with_upstream("dy", _x, "N", "D"),
            {"entries of ±3,000": with_upstream("dy", _extreme_x, "N", "D")},
        ),
    ),
)


def _logits(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"logits": normal(rng, s.N, s.D), "x": rng.random((s.N, s.D))}


def _extreme_logits(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {**_logits(rng, s), "logits": extreme_logits(rng, s.N, s.D)}


def _reconstruction(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"x_hat": normal(rng, s.N, s.D), "x": normal(rng, s.N, s.D)}


_PER_EXAMPLE = "There is one upstream number per example: add an axis, so that it multiplies its row."
LOSSES = Exercise(
    3,
    "losses",
    "The losses of a reconstruction",
    "Two losses that measure the reconstruction error: for pixels between 0 and 1, and for real numbers. Each is a sum over the features, "
    "one number for each example.",
    ("bernoulli_nll", "squared_error"),
    (
        Task(
            ops.bernoulli_nll,
            ("loss",),
            _logits,
            {"logits of ±3,000": _extreme_logits},
            hints=("Do not compute the probability first: its logarithm is what overflows.",),
            points=2,
        ),
        Task(
            ops.bernoulli_nll_backward,
            ("dlogits",),
            with_upstream("dloss", _logits, "N"),
            {"logits of ±3,000": with_upstream("dloss", _extreme_logits, "N")},
            hints=(_PER_EXAMPLE,),
            points=2,
        ),
        Task(ops.squared_error, ("loss",), _reconstruction),
        Task(
            ops.squared_error_backward,
            ("dx_hat",),
            with_upstream("dloss", _reconstruction, "N"),
            hints=(_PER_EXAMPLE,),
        ),
    ),
)


def _autoencoder(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {
        "x": rng.random((s.N, s.D)),
        **layer(rng, s.D, s.H, "W", "b"),
        **layer(rng, s.H, s.D, "V", "c"),
    }


def _certain(rng: np.random.Generator, s: Sizes) -> Arguments:
    ordinary = _autoencoder(rng, s)
    hidden = steered({**ordinary, "x": switched(rng, ordinary["x"])}, "W", "b", first(s.H))
    return steered(hidden, "V", "c", signs(rng, s.D))


_CERTAIN: dict[str, Inputs] = {"units and logits of ±3,000": _certain}

AUTOENCODER = Exercise(
    4,
    "autoencoder",
    "The gradient of an autoencoder with one hidden layer",
    "Encoder, decoder, loss, mean over the batch, and the chain rule back through all of them.",
    ("autoencoder",),
    (
        Task(worked.autoencoder_loss, ("loss",), _autoencoder, _CERTAIN),
        Task(
            worked.autoencoder_gradients,
            ("dW", "db", "dV", "dc"),
            _autoencoder,
            _CERTAIN,
            hints=(
                "Repeat the forward pass and keep the intermediate values; then go backward line by line.",
                "The mean over the batch enters once, at the very beginning of the backward pass.",
            ),
            points=4,
        ),
    ),
)


def _tied(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {"x": normal(rng, s.N, s.D), **layer(rng, s.D, s.H, "W", "b"), "c": normal(rng, s.D)}


def _saturated(rng: np.random.Generator, s: Sizes) -> Arguments:
    return {**_tied(rng, s), "b": extreme_logits(rng, s.H)}


_SATURATED: dict[str, Inputs] = {"units of ±3,000": _saturated}
TIED = Exercise(
    5,
    "tied_weights",
    "Tied weights",
    "The decoder uses the encoder's weights, transposed. One matrix is used twice: what is its gradient?",
    ("autoencoder",),
    (
        Task(worked.tied_loss, ("loss",), _tied, _SATURATED),
        Task(
            worked.tied_gradients,
            ("dW", "db", "dc"),
            _tied,
            _SATURATED,
            hints=("Pretend that the two uses are different matrices; then ask what one change of W does to both.",),
            points=3,
        ),
    ),
)
EXERCISES = (DENSE, ACTIVATIONS, LOSSES, AUTOENCODER, TIED)
