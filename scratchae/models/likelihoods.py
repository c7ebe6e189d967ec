"""Likelihoods: the loss of a reconstruction given the decoder's output, its gradient, and the mean of x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from scratchae import backend
from scratchae.nets.parameters import Array, Parameters


class Likelihood(Protocol):
    """A distribution of x given the decoder's output."""

    unit: ClassVar[str]  # of the loss, per example

    def loss(self, output: Array, x: Array) -> Array:
        """Negative log-likelihood per example, shape (N,), of the decoder's output (N, D); up to a constant for the Gaussian."""

    def loss_backward(self, dloss: Array, output: Array, x: Array) -> Array:
        """Gradient of `loss` with respect to the output, shape (N, D)."""

    def mean(self, output: Array) -> Array:
        """The reconstruction: the mean of x, shape (N, D)."""


class Bernoulli:
    """Pixels in [0, 1]; the output is logits."""

    unit: ClassVar[str] = "nats"

    def loss(self, output: Array, x: Array) -> Array:
        """The cross-entropy of x and the output's probabilities, shape (N,)."""
        return backend.active().bernoulli_nll(output, x)

    def loss_backward(self, dloss: Array, output: Array, x: Array) -> Array:
        """Its gradient with respect to the output, shape (N, D)."""
        return backend.active().bernoulli_nll_backward(dloss, output, x)

    def mean(self, output: Array) -> Array:
        """The probabilities, shape (N, D)."""
        return backend.active().sigmoid(output)


class SquaredError:
    """A Gaussian of variance 1/2 around the output, up to its constant."""

    unit: ClassVar[str] = "pixels²"

    def loss(self, output: Array, x: Array) -> Array:
        """The squared error, summed over the features, shape (N,)."""
        return backend.active().squared_error(output, x)

    def loss_backward(self, dloss: Array, output: Array, x: Array) -> Array:
        """Its gradient with respect to the output, shape (N, D)."""
        return backend.active().squared_error_backward(dloss, output, x)

    def mean(self, output: Array) -> Array:
        """The output itself, shape (N, D)."""
        return output


LIKELIHOODS: dict[str, Likelihood] = {"bernoulli": Bernoulli(), "gaussian": SquaredError()}


@dataclass(frozen=True)
class NormalLikelihood:
    """A normal distribution of x around the decoder's output, with one variance for all features.

    Parameters
    ----------
    logvar : float
        Its logarithm, if it is fixed.
    learned : str
        The name of the parameter, shape (1,), that holds it if it is learned; else "".
    """

    logvar: float = 0.0
    learned: str = ""

    def loss(self, output: Array, x: Array, parameters: Parameters) -> Array:
        """Negative log-likelihood per example in nats, shape (N,)."""
        return backend.active().gaussian_nll(output, self._logvar(output, parameters), x)

    def loss_backward(
        self, dloss: Array, output: Array, x: Array, parameters: Parameters, gradients: Parameters
    ) -> Array:
        """Gradient of `loss` with respect to the output; that of a learned variance is added to `gradients`."""
        doutput, dlogvar = backend.active().gaussian_nll_backward(dloss, output, self._logvar(output, parameters), x)
        if self.learned:
            gradients[self.learned][...] += dlogvar.sum(dtype=np.float64)
        return doutput

    def _logvar(self, output: Array, parameters: Parameters) -> Array:
        value = parameters[self.learned][0] if self.learned else self.logvar
        return np.full(output.shape, value, output.dtype)
