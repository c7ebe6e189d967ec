"""A tiny example of each model: a network of two or three numbers, whose steps can be followed with pencil and paper.

Nothing is trained: parameters, rows and noise are given. The encoder of most of them turns the row (1, 0) into the code 1, which the decoder
turns into the logits (1, -1), so that the probabilities of the pixels are 0.7311 and 0.2689.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from scratchae.models.autoencoder import Autoencoder
from scratchae.models.classifier import StackedClassifier
from scratchae.models.conditional import ConditionalVariationalAutoencoder
from scratchae.models.contractive import ContractiveAutoencoder
from scratchae.models.denoising import DenoisingAutoencoder
from scratchae.models.fitting import with_attributes
from scratchae.models.importance_weighted import ImportanceWeightedAutoencoder
from scratchae.models.k_sparse import KSparseAutoencoder
from scratchae.models.labels import described
from scratchae.models.model import Model
from scratchae.models.sparse import SparseAutoencoder
from scratchae.models.stacked import StackedAutoencoder
from scratchae.models.variational import VariationalAutoencoder
from scratchae.models.wasserstein import WassersteinAutoencoder
from scratchae.nets.network import Array
from scratchae.tracing.tracer import TinyExample, traced
from scratchae.tracing.traces import Trace

LN2, LN3 = float(np.log(2)), float(np.log(3))
COMMON: dict[str, Any] = {"hidden_sizes": (), "latent_dim": 1, "dtype": "float64"}
ENCODER = {"encoder.0.W": [[2.0], [1.0]], "encoder.0.b": [-1.0]}
DECODER = {"decoder.0.W": [[1.0, -1.0]], "decoder.0.b": [0.0, 0.0]}
# Moments of q(z|x): mu is half the first pixel, and the variance is 1/4 for every row.
MOMENTS = {"encoder.0.W": [[0.5, 0.0], [0.0, 0.0]], "encoder.0.b": [0.0, -2 * LN2]}
ROW, TWO_ROWS = [[1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]
DRAWS = [[[1.0]], [[-1.0]]]


class TinyModel(NamedTuple):
    """A model with given parameters, rows and noise.

    Attributes
    ----------
    about : str
    model : Model
        Not fitted.
    parameters : dict of str to list
    x : list
        The rows.
    noise : object, optional
        As the model's `draw_noise` returns it.
    y : list of int, optional
        The classes of the rows, out of 0 and 1.
    learned : dict, optional
        Other learned attributes, as they are saved.
    """

    about: str
    model: Model
    parameters: Mapping[str, Any]
    x: list[list[float]]
    noise: Any = None
    y: list[int] | None = None
    learned: Mapping[str, Any] = {}

    def fitted(self) -> Model:
        """Return the model with its parameters."""
        features = len(self.x[0])
        learned = self.model._restored(self.learned)
        parameters = with_attributes(self.model, learned)._first_state(features, 0).parameters
        for name in parameters:
            parameters[name] = self.parameters[name]
        self.model._set_fitted_state(parameters, {"loss": [], "seconds": []}, features, None, learned)
        return self.model

    def trace(self, name: str) -> Trace:
        """Return the trace of its objective."""
        model, x = self.fitted(), np.array(self.x)
        y = None if self.y is None else np.array(self.y)

        def run() -> tuple[float, dict[str, Array]]:
            loss, gradients = model.objective(model.parameters_, x, y, self.noise)
            return loss, dict(gradients)

        return traced(model, run, name, self.about)


def _variational(kind: type[VariationalAutoencoder] = VariationalAutoencoder, **options: Any) -> VariationalAutoencoder:
    return kind(**COMMON, **({"n_samples": 2} | options))


CLASSES = described(np.array([0, 1]))
EPS = (np.array(DRAWS), None)
MODELS: dict[str, Callable[[], TinyModel]] = {
    "autoencoder": lambda: TinyModel(
        "One row, a ReLU code, and weight decay.",
        Autoencoder(**COMMON, activation="relu", weight_decay=0.1), {**ENCODER, **DECODER}, ROW,
    ),
    "tied-weights": lambda: TinyModel(
        "A basic autoencoder whose decoder uses the transposed weights of the encoder.",
        Autoencoder(**COMMON, activation="relu", tied_weights=True),
        {"encoder.0.W": [[1.0], [-1.0]], "encoder.0.b": [0.0], "decoder.0.b": [0.0, 0.0]}, ROW,
    ),
    "denoising": lambda: TinyModel(
        "The second pixel of a white row is lost; the target is the clean row.",
        DenoisingAutoencoder(**COMMON, activation="relu"), {**ENCODER, **DECODER}, [[1.0, 1.0]], np.array([[0.9, 0.1]]),
    ),
    "sparse": lambda: TinyModel(
        "Two rows with the codes 1/2 and 1/4, whose mean should be 1/4.",
        SparseAutoencoder(0.25, 1.0, (), 1, dtype="float64"),
        {"encoder.0.W": [[0.0], [-LN3]], "encoder.0.b": [0.0], "decoder.0.W": [[2.0, -2.0]], "decoder.0.b": [0.0, 0.0]},
        TWO_ROWS,
    ),
    "k-sparse": lambda: TinyModel(
        "A code of two entries, of which the larger is kept.",
        KSparseAutoencoder(1, (), 2, dtype="float64"),
        {
            "encoder.0.W": [[2.0, 1.0], [0.0, 0.0]], "encoder.0.b": [0.0, 0.0],
            "decoder.0.W": [[0.5, -0.5], [1.0, 1.0]], "decoder.0.b": [0.0, 0.0],
        },
        ROW,
    ),
    "contractive": lambda: TinyModel(
        "A sigmoid code of 1/2, where the slope is 1/4.",
        ContractiveAutoencoder(0.5, (), 1, dtype="float64"),
        {"encoder.0.W": [[1.0], [1.0]], "encoder.0.b": [-1.0], "decoder.0.W": [[2.0, -2.0]], "decoder.0.b": [0.0, 0.0]},
        ROW,
    ),
    "wasserstein": lambda: TinyModel(
        "Two rows with the codes 1 and -1, beside the draws 1 and 0 from the prior.",
        WassersteinAutoencoder(1.0, 1.0, (), 1, dtype="float64"),
        {"encoder.0.W": [[1.0], [-1.0]], "encoder.0.b": [0.0], **DECODER}, TWO_ROWS, np.array([[1.0], [0.0]]),
    ),
    "stacked": lambda: TinyModel(
        "Two layers in a row, trained as one network.",
        StackedAutoencoder((1, 1), activation="relu", dtype="float64"),
        {
            **ENCODER, "encoder.1.W": [[1.0]], "encoder.1.b": [0.0], "decoder.0.W": [[1.0]], "decoder.0.b": [0.0],
            "decoder.1.W": [[1.0, -1.0]], "decoder.1.b": [0.0, 0.0],
        },
        ROW, learned={"pretraining_history": []},
    ),
    "classifier": lambda: TinyModel(
        "One row of class 0, whose logits are 1 and -1.",
        StackedClassifier((1,), "relu", dtype="float64"),
        {**ENCODER, "softmax.0.W": [[1.0, -1.0]], "softmax.0.b": [0.0, 0.0]}, ROW, y=[0], learned=CLASSES,
    ),
    "variational": lambda: TinyModel(
        "One row with mu = 1/2 and sigma² = 1/4, and two draws.", _variational(), {**MOMENTS, **DECODER}, ROW, EPS,
    ),
    "sampled-kl": lambda: TinyModel(
        "The row and draws of `variational`, with a divergence from the draws.",
        _variational(kl="sampled"), {**MOMENTS, **DECODER}, ROW, EPS,
    ),
    "free-bits": lambda: TinyModel(
        "The row and draws of `variational`; 0.5 nats of KL are free, so its 0.4431 have no gradient.",
        _variational(free_bits=0.5), {**MOMENTS, **DECODER}, ROW, EPS,
    ),
    "learned-variance": lambda: TinyModel(
        "The row and draws of `variational`, with normal features whose variance is learned.",
        _variational(likelihood="gaussian", variance="learned"),
        {**MOMENTS, **DECODER, "decoder.logvar": [-2 * LN2]}, ROW, EPS,
    ),
    "importance-weighted": lambda: TinyModel(
        "The row and draws of `variational`; each draw has an importance weight.",
        _variational(ImportanceWeightedAutoencoder), {**MOMENTS, **DECODER}, ROW, EPS,
    ),
    "conditional": lambda: TinyModel(
        "The row and draws of `variational`, with class 1, which encoder and decoder receive as (0, 1).",
        _variational(ConditionalVariationalAutoencoder),
        {
            "encoder.0.W": [[0.5, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]], "encoder.0.b": [0.0, -2 * LN2],
            "decoder.0.W": [[1.0, -1.0], [0.0, 0.0], [1.0, 0.0]], "decoder.0.b": [0.0, 0.0],
        },
        ROW, EPS, [1], CLASSES,
    ),
}  # fmt: skip


def examples() -> Iterator[TinyExample]:
    """Yield the examples, in the order of the registry."""
    for name, make in MODELS.items():
        yield TinyExample(name, make().about, lambda name=name, make=make: make().trace(name))  # type: ignore[misc]
