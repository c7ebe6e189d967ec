"""Benchmark cases: training steps of autoencoders with ReLU layers, linear code, Bernoulli loss and Adam, in float32."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scratchae.nets.network import Array


@dataclass(frozen=True)
class Workload:
    """An autoencoder and a batch size.

    Parameters
    ----------
    encoder : tuple of int
        Sizes from input to code; the decoder mirrors them.
    batch_size, batches : int
        Batch size, and batches per epoch.
    """

    encoder: tuple[int, ...]
    batch_size: int
    batches: int

    @property
    def name(self) -> str:
        return f"{'-'.join(map(str, self.encoder))}, batch {self.batch_size}"

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return the sizes of all layers, input first."""
        return self.encoder + self.encoder[-2::-1]

    @property
    def flops(self) -> int:
        """Return the floating-point operations of a step's matrix products: three per layer, except the gradient of the input."""
        weights = [a * b for a, b in zip(self.sizes[:-1], self.sizes[1:], strict=True)]
        return 2 * self.batch_size * (3 * sum(weights) - weights[0])

    def data(self) -> Array:
        """Return rows in [0, 1], shape (batches * batch_size, D), float32."""
        rng = np.random.default_rng(0)
        return rng.random((self.batches * self.batch_size, self.encoder[0]), dtype=np.float32)


CASES = (
    Workload((64, 32, 2), 32, 45),  # an epoch of the embedded digits
    Workload((784, 400, 20), 128, 60),
    Workload((784, 1000, 500, 250, 30), 100, 30),
    Workload((784, 1000, 500, 250, 30), 1000, 6),
)
