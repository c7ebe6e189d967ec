"""What a decoder's output means: the loss of a reconstruction, and the reconstruction itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scratchae import backend
from scratchae.nets.parameters import Array, Parameters


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
