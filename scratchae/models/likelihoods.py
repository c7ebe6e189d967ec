"""What a decoder's output means: the loss of a reconstruction, and the reconstruction itself."""

from __future__ import annotations

from dataclasses import dataclass

from scratchae import backend
from scratchae.nets.parameters import Array


@dataclass(frozen=True)
class Likelihood:
    """A distribution of x given the decoder's output.

    Parameters
    ----------
    name : {"bernoulli", "gaussian"}
    loss_op : str
        The op that is its negative log-likelihood (up to a constant for the Gaussian).
    unit : str
        Of the loss, per example.
    """

    name: str
    loss_op: str
    unit: str

    def loss(self, output: Array, x: Array) -> Array:
        """Loss per example, shape (N,), of the decoder's output (N, D)."""
        return getattr(backend.active(), self.loss_op)(output, x)

    def loss_backward(self, dloss: Array, output: Array, x: Array) -> Array:
        """Gradient of `loss` with respect to the output, shape (N, D)."""
        return getattr(backend.active(), f"{self.loss_op}_backward")(dloss, output, x)

    def mean(self, output: Array) -> Array:
        """The reconstruction: the mean of x, shape (N, D)."""
        return backend.active().sigmoid(output) if self.name == "bernoulli" else output


LIKELIHOODS = {
    "bernoulli": Likelihood("bernoulli", "bernoulli_nll", "nats"),
    "gaussian": Likelihood("gaussian", "squared_error", "pixels²"),
}
