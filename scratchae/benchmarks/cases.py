"""Benchmark cases: a model, a batch size and data. All networks have ReLU layers, are trained by Adam, and compute in float32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchae.nets.network import Array, Layer

if TYPE_CHECKING:  # imports matplotlib's parts and all models
    from scratchae.models.model import Model

FACTORS = 12  # of the data: their rank before the sigmoid
LEVEL = 0.3  # fraction of the pixels that a denoising autoencoder does not see
KINDS = {
    "autoencoder": "",
    "variational": "variational, ",
    "denoising": "denoising, ",
    "classifier": "classifier, ",
    "encode": "encode, ",
}


@dataclass(frozen=True)
class Workload:
    """A model, a batch size, and the number of batches in its data.

    Parameters
    ----------
    encoder : tuple of int
        Sizes from input to code (or to the classes of a classifier); a decoder mirrors them.
    batch_size, batches : int
        Batch size, and batches per epoch.
    kind : {"autoencoder", "variational", "denoising", "classifier", "encode"}
        The model that is trained; "encode" is not trained: it computes the codes of all rows.
    """

    encoder: tuple[int, ...]
    batch_size: int
    batches: int
    kind: str = "autoencoder"

    @property
    def name(self) -> str:
        sizes = "-".join(map(str, self.encoder))
        return f"{KINDS[self.kind]}{sizes}, " + (
            f"{self.rows:,} rows" if self.trains_nothing else f"batch {self.batch_size}"
        )

    @property
    def rows(self) -> int:
        return self.batch_size * self.batches

    @property
    def trains_nothing(self) -> bool:
        return self.kind == "encode"

    @property
    def has_noise(self) -> bool:
        return self.kind in ("variational", "denoising")

    @property
    def unit(self) -> str:
        """Return the unit of the rates."""
        return "rows/s" if self.trains_nothing else "steps/s"

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Return all dense layers, from input to output; the encoder of a variational model ends with both moments of the code."""
        networks = self.model().networks(self.encoder[0]) if self.kind != "classifier" else self._classifying()
        return tuple(layer for network in networks[: 1 if self.trains_nothing else None] for layer in network.layers)

    def _classifying(self) -> Any:
        model: Any = self.model()
        model.classes_ = np.arange(self.encoder[-1])
        return model.networks(self.encoder[0])

    @property
    def encoder_layers(self) -> int:
        """Return the number of layers up to the code."""
        return len(self.encoder) - 1

    @property
    def parameters(self) -> int:
        """Return the number of weights and biases."""
        return sum((layer.d_in + 1) * layer.d_out for layer in self.layers)

    @property
    def flops(self) -> int:
        """Return the floating-point operations of a step's matrix products: three per layer, except the gradient of the input.

        For "encode", those of one row.
        """
        weights = [layer.d_in * layer.d_out for layer in self.layers]
        return 2 * sum(weights) if self.trains_nothing else 2 * self.batch_size * (3 * sum(weights) - weights[0])

    def model(self, **options: Any) -> Model:
        """Return the model, not fitted, with the given options besides those of the case."""
        from scratchae import models

        hidden, code = self.encoder[1:-1], self.encoder[-1]
        options = {"hidden_sizes": hidden, "batch_size": self.batch_size, "random_state": 0, **options}
        if self.kind == "classifier":
            return models.StackedClassifier(activation="relu", n_classes=code, **options)
        if self.kind == "denoising":
            return models.DenoisingAutoencoder("masking", LEVEL, latent_dim=code, **options)
        if self.kind == "variational":
            return models.VariationalAutoencoder(latent_dim=code, **options)
        return models.Autoencoder(latent_dim=code, **options)

    def data(self, rows: int | None = None) -> tuple[Array, Array | None]:
        """Return rows in (0, 1), shape (rows, D), float32, and the labels of a classifier, shape (rows,).

        The rows depend on a few factors, so that training soon lowers the loss, and a contestant that skips work has another loss.

        Parameters
        ----------
        rows : int, optional
            The first rows only; they do not depend on their number.
        """
        rows = self.rows if rows is None else rows
        loadings = np.random.default_rng(0).standard_normal((FACTORS, self.encoder[0]), np.float32)
        factors = np.random.default_rng(1).standard_normal((rows, FACTORS), np.float32)
        x = factors @ loadings
        np.negative(x, out=x)  # in place, since several processes have such rows
        np.exp(x, out=x)
        x += 1
        np.reciprocal(x, out=x)
        return x, factors[:, : self.encoder[-1]].argmax(axis=1) if self.kind == "classifier" else None


CASES = (
    Workload((64, 32, 2), 32, 45),  # an epoch of the embedded digits
    Workload((784, 400, 20), 128, 60),
    Workload((784, 1000, 500, 250, 30), 100, 30),
    Workload((784, 1000, 500, 250, 30), 1000, 6),
    Workload((784, 400, 20), 128, 60, "variational"),
    Workload((784, 200, 200, 50), 20, 150, "variational"),
    Workload((784, 1000), 100, 30, "denoising"),
    Workload((784, 500, 250, 10), 100, 60, "classifier"),
    Workload((784, 1000, 500, 250, 30), 4000, 25, "encode"),
)
