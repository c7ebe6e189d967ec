"""Mutants: scratchae with one classic mistake in it. Each must be found out by a named claim.

Several are taken from well-read code that passes a gradient check: there the wrong function is differentiated correctly, and only a claim about
the value or the meaning can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchae import ops
from scratchae.models import Autoencoder
from scratchae.nets import Parameters
from scratchae.verify.claims import CLAIMS, Result, Subject, run_claim
from scratchae.verify.derivatives import Array


@dataclass(frozen=True)
class Mutant:
    """One mistake.

    Parameters
    ----------
    name : str
        What is wrong.
    changes : tuple of (room, name, function)
        Which functions it replaces.
    killer : str
        The claim that must fail.
    """

    name: str
    changes: tuple[tuple[str, str, Any], ...]
    killer: str

    def subject(self) -> Subject:
        """scratchae with this mistake in it."""
        subject = Subject.genuine()
        for room, name, function in self.changes:
            subject = subject.with_changed(room, name, function)
        return subject


MUTANTS: list[Mutant] = []


def _op(mistake: str, killer: str, **functions: Callable[..., Any]) -> None:
    MUTANTS.append(Mutant(mistake, tuple(("ops", name, f) for name, f in functions.items()), killer))


def _kernel(mistake: str, killer: str, **functions: Callable[..., Any]) -> None:
    MUTANTS.append(Mutant(mistake, tuple(("kernels", name, f) for name, f in functions.items()), killer))


def _model(mistake: str, killer: str, model: type[Autoencoder]) -> None:
    MUTANTS.append(Mutant(mistake, (("models", "Autoencoder", model),), killer))


# Activations.

_op("sigmoid' without its second factor", "sigmoid gradient by complex step", sigmoid_backward=lambda dy, y: dy * y)
_op(
    "sigmoid' taken at the output as if it were the input",
    "sigmoid gradient by complex step",
    sigmoid_backward=lambda dy, y: dy * ops.sigmoid(y) * (1 - ops.sigmoid(y)),
)
_op(
    "sigmoid of probabilities clipped away from 0 and 1",
    "sigmoid is 1 / (1 + exp(-x))",
    sigmoid=lambda x: np.clip(ops.sigmoid(x), 1e-7, 1 - 1e-7),
)
_op("sigmoid that overflows", "sigmoid is 1 / (1 + exp(-x))", sigmoid=lambda x: 1 / (1 + np.exp(-x)))
_op("tanh' with y in place of y²", "tanh gradient by complex step", tanh_backward=lambda dy, y: dy * (1 - y))
_op("relu' that lets everything through", "relu gradient by central differences", relu_backward=lambda dy, y: dy)
_op("relu that leaks, its gradient too", "relu is (x + |x|) / 2", relu=lambda x: np.where(x < 0, 0.01 * x, x))
_op(
    "softplus' with the sign of x turned",
    "softplus gradient by complex step",
    softplus_backward=lambda dy, x: dy * ops.sigmoid(-x),
)
_op("softplus that overflows", "softplus is the integral of the sigmoid", softplus=lambda x: np.log(1 + np.exp(x)))


def _relu_in_place(dy: Array, y: Array) -> Array:
    dy[y <= 0] = 0
    return dy


_op("relu' written over the upstream gradient", "relu is pure", relu_backward=_relu_in_place)
_op("upstream gradient ignored", "tanh gradient by complex step", tanh_backward=lambda dy, y: 1 - y * y)

# Layers.


def _dense_backward(**wrong: Callable[[Array, Array, Array], Array]) -> Callable[..., Any]:
    def backward(dy: Array, x: Array, W: Array) -> tuple[Array, ...]:
        right = dict(zip(("dx", "dW", "db"), ops.dense_backward(dy, x, W), strict=True))
        return tuple(wrong[name](dy, x, W) if name in wrong else value for name, value in right.items())

    return backward


_DENSE = "dense gradient by complex step"
_op("db a mean over the batch, dW a sum", _DENSE, dense_backward=_dense_backward(db=lambda dy, x, W: dy.mean(axis=0)))
_op("db summed over the wrong axis", _DENSE, dense_backward=_dense_backward(db=lambda dy, x, W: dy.sum(axis=1)))
_op("db from the first example only", _DENSE, dense_backward=_dense_backward(db=lambda dy, x, W: dy[0]))
_op("dW divided by the batch size", _DENSE, dense_backward=_dense_backward(dW=lambda dy, x, W: x.T @ dy / len(x)))
_op(
    "dW reshaped where it should be transposed",
    _DENSE,
    dense_backward=_dense_backward(dW=lambda dy, x, W: (dy.T @ x).reshape(W.shape)),
)
_op(
    "dx with reshaped weights",
    _DENSE,
    dense_backward=_dense_backward(dx=lambda dy, x, W: dy @ W.reshape(W.shape[::-1])),
)
_op("the bias is forgotten", "dense is a sum over inputs", dense=lambda x, W, b: x @ W + 0 * b)
_op(
    "activation's derivative forgotten in a layer",
    "layer[tanh] gradient by complex step",
    layer_backward=lambda dh, x, W, h, activation: ops.dense_backward(dh, x, W),
)

# Losses: the first four are consistent pairs, right for any gradient check.

_op(
    "Bernoulli loss averaged over the pixels, its gradient too",
    "bernoulli_nll gives probabilities that sum to one",
    bernoulli_nll=lambda a, x: ops.bernoulli_nll(a, x) / x.shape[1],
    bernoulli_nll_backward=lambda d, a, x: ops.bernoulli_nll_backward(d, a, x) / x.shape[1],
)
_op(
    "squared error halved, its gradient too",
    "squared_error is a Gaussian's, of variance 1/2",
    squared_error=lambda x_hat, x: ops.squared_error(x_hat, x) / 2,
    squared_error_backward=lambda d, x_hat, x: ops.squared_error_backward(d, x_hat, x) / 2,
)
_op(
    "weight decay without the half, its gradient too",
    "weight_decay is half the sum of squares",
    weight_decay=lambda W, strength: 2 * ops.weight_decay(W, strength),
    weight_decay_backward=lambda d, W, strength: 2 * ops.weight_decay_backward(d, W, strength),
)
_op(
    "weight decay by a whole-number division, which has no slope",
    "weight_decay is half the sum of squares",
    weight_decay=lambda W, strength: (strength / 2 * (W * W).sum()) // 1,
    weight_decay_backward=lambda d, W, strength: 0 * W,
)


def _clipped_nll(logits: Array, x: Array) -> Array:
    p = np.clip(ops.sigmoid(logits), 1e-7, 1 - 1e-7)
    return -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)


_op(
    "Bernoulli loss of clipped probabilities",
    "bernoulli_nll is the product of the pixels' probabilities",
    bernoulli_nll=_clipped_nll,
)
_op(
    "Bernoulli loss without its second half",
    "bernoulli_nll gives probabilities that sum to one",
    bernoulli_nll=lambda a, x: (x * ops.softplus(-a)).sum(axis=1),
)
_op(
    "Bernoulli gradient with the sign turned",
    "bernoulli_nll gradient by complex step",
    bernoulli_nll_backward=lambda d, a, x: d[:, None] * (x - ops.sigmoid(a)),
)
_op(
    "Bernoulli gradient that ignores which example it belongs to",
    "bernoulli_nll gradient by complex step",
    bernoulli_nll_backward=lambda d, a, x: d.mean() * (ops.sigmoid(a) - x),
)
_op(
    "squared error's gradient without the factor 2",
    "squared_error gradient by complex step",
    squared_error_backward=lambda d, x_hat, x: d[:, None] * (x_hat - x),
)

# Updates: no gradient check looks at these.


def _adam_uncorrected(
    theta: Array, m: Array, v: Array, g: Array, t: int, rate: float, b1: float, b2: float, eps: float
) -> Any:
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
    return theta - rate * m / (np.sqrt(v) + eps), m, v


def _adam_epsilon_inside(
    theta: Array, m: Array, v: Array, g: Array, t: int, rate: float, b1: float, b2: float, eps: float
) -> Any:
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
    return theta - rate * m / (1 - b1**t) / np.sqrt(v / (1 - b2**t) + eps), m, v


_op("Adam without the correction of its means", "adam normalises unbiased means", adam=_adam_uncorrected)
_op("Adam with epsilon under the root", "adam normalises unbiased means", adam=_adam_epsilon_inside)
_op(
    "momentum that forgets its velocity",
    "momentum sums past gradients",
    momentum=lambda theta, v, g, rate, decay: ops.momentum(theta, 0 * v, g, rate, decay),
)
_op("gradient ascent", "sgd shrinks a quadratic geometrically", sgd=lambda theta, g, rate: theta + rate * g)

# Kernels.

_kernel("a twin that drops the bias", "dense twin in float64", dense=lambda x, W, b: x @ W)
_kernel(
    "a twin computed in single precision",
    "tanh twin in float64",
    tanh=lambda x: np.tanh(x.astype(np.float32)).astype(x.dtype),
)
_kernel(
    "a twin that returns double precision",
    "sigmoid twin in float32",
    sigmoid=lambda x: ops.sigmoid(x.astype(np.float64)),
)
_kernel(
    "a twin without Adam's correction",
    "adam twin in float64",
    adam=_adam_uncorrected,
)

# Models.


class _TiedGradientOnce(Autoencoder):
    """The decoder's use of a tied weight sends no gradient back."""

    def _loss_and_gradient(self, parameters: Parameters, x: Array) -> tuple[float, Parameters]:
        loss, gradients = super()._loss_and_gradient(parameters, x)
        if self.tied_weights:
            untied = Autoencoder(**{**self.get_params(), "tied_weights": False})
            apart = Parameters(
                {
                    n: s
                    for net in (untied._encoder(x.shape[1]), untied._decoder(x.shape[1]))
                    for n, s in net.shapes().items()
                },
                self._dtype(),
            )
            depth = len(self.hidden_sizes) + 1
            for name in apart:
                mirror = f"encoder.{depth - 1 - int(name.split('.')[1])}.W"
                apart[name] = parameters[name] if name in parameters else parameters[mirror].T
            _, separate = untied._loss_and_gradient(apart, x)
            for name in gradients:
                gradients[name] = separate[name]
        return loss, gradients


class _TopOnly(Autoencoder):
    """Only the last layer is trained: no gradient reaches the others."""

    def _loss_and_gradient(self, parameters: Parameters, x: Array) -> tuple[float, Parameters]:
        loss, gradients = super()._loss_and_gradient(parameters, x)
        for name in gradients:
            if not name.startswith(f"decoder.{len(self.hidden_sizes)}."):
                gradients[name][...] = 0
        return loss, gradients


class _SummedOverBatch(Autoencoder):
    """Loss and gradient are sums over the batch, so that both grow with it."""

    def _loss_and_gradient(self, parameters: Parameters, x: Array) -> tuple[float, Parameters]:
        loss, gradients = super()._loss_and_gradient(parameters, x)
        gradients.flat[:] *= len(x)
        return loss * len(x), gradients


class _DecayedBiases(Autoencoder):
    """Weight decay on the biases as well, loss and gradient alike."""

    def _loss_and_gradient(self, parameters: Parameters, x: Array) -> tuple[float, Parameters]:
        loss, gradients = super()._loss_and_gradient(parameters, x)
        for name in gradients:
            if name.endswith(".b"):
                gradients[name] += self.weight_decay * parameters[name]
                loss += self.weight_decay / 2 * float((parameters[name] ** 2).sum())
        return loss, gradients


class _UntiedDecoder(Autoencoder):
    """tied_weights is accepted and does nothing."""

    def _decoder(self, features: int) -> Any:
        return Autoencoder(**{**self.get_params(), "tied_weights": False})._decoder(features)


_model(
    "a tied weight's gradient from one of its two uses",
    "Autoencoder gradient on ops: tied, sigmoid, decayed",
    _TiedGradientOnce,
)
_model("training that moves the last layer only", "training moves every parameter", _TopOnly)
_model("a loss that grows with the batch", "repeating every row changes nothing", _SummedOverBatch)
_model("weight decay on biases", "weight decay is in the loss, and acts on weights only", _DecayedBiases)
_model("tied weights that are not tied", "tied weights stay tied", _UntiedDecoder)


def run_mutants() -> Iterator[tuple[Mutant, Result]]:
    """Run each mutant's killer on it; a result that passed is a mutant that lives.

    Yields
    ------
    mutant : Mutant
    result : Result
    """
    for mutant in MUTANTS:
        yield mutant, run_claim(CLAIMS[mutant.killer], mutant.subject())
