"""Likelihoods: the loss of the decoder's output, its gradient, and the mean of x."""

from __future__ import annotations

from typing import ClassVar, Protocol

from scratchae import backend
from scratchae.nets.network import Array


class Likelihood(Protocol):
    """A distribution of x given the decoder's output."""

    unit: ClassVar[str]  # of the loss, per example

    def loss(self, output: Array, x: Array) -> Array:
        """Return the negative log-likelihood per example, shape (N,), of the decoder's output (N, D); up to a constant for the Gaussian."""

    def loss_backward(self, dloss: Array, output: Array, x: Array) -> Array:
        """Return the gradient of `loss` with respect to the output, shape (N, D)."""

    def mean(self, output: Array) -> Array:
        """Return the reconstruction: the mean of x, shape (N, D)."""


class Bernoulli:
    """Bernoulli likelihood of pixels in [0, 1]; the decoder's outputs are logits."""

    unit: ClassVar[str] = "nats"

    def loss(self, output: Array, x: Array) -> Array:
        """Return the cross-entropy of x and the probabilities, shape (N,)."""
        return backend.active().bernoulli_nll(output, x)

    def loss_backward(self, dloss: Array, output: Array, x: Array) -> Array:
        """Return the gradient of `loss` with respect to the output, shape (N, D)."""
        return backend.active().bernoulli_nll_backward(dloss, output, x)

    def mean(self, output: Array) -> Array:
        """Return the probabilities, shape (N, D)."""
        return backend.active().sigmoid(output)


class SquaredError:
    """Gaussian likelihood with variance 1/2 around the output, up to a constant."""

    unit: ClassVar[str] = "pixels²"

    def loss(self, output: Array, x: Array) -> Array:
        """Return the squared error summed over the features, shape (N,)."""
        return backend.active().squared_error(output, x)

    def loss_backward(self, dloss: Array, output: Array, x: Array) -> Array:
        """Return the gradient of `loss` with respect to the output, shape (N, D)."""
        return backend.active().squared_error_backward(dloss, output, x)

    def mean(self, output: Array) -> Array:
        """Return the output itself, shape (N, D)."""
        return output


LIKELIHOODS: dict[str, Likelihood] = {"bernoulli": Bernoulli(), "gaussian": SquaredError()}
