"""Tiny models: numbers that were computed by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from scratchae import tracing
from scratchae.models.labels import described
from scratchae.tracing.tiny_models import MODELS
from scratchae.verify import central_differences


def softplus(a: float) -> float:
    return math.log(1 + math.exp(a))


NLL = 2 * softplus(-1)  # of the row (1, 0) at the logits (1, -1)
HALF = 2 * math.log(2)  # of any row at the logits (0, 0)
KL = (1 / 4 + 1 / 4 + math.log(4) - 1) / 2
LOG_WEIGHTS = [
    -NLL - (1 + math.log(4) - 1) / 2,
    -HALF - (0 + math.log(4) - 1) / 2,
]  # (z² - v - eps²) / 2, at z = 1 and z = 0
LOSSES = {
    "autoencoder": NLL + 0.1 / 2 * (4 + 1 + 1 + 1),
    "tied-weights": NLL,
    "denoising": softplus(-1) + softplus(1),
    "sparse": (NLL + 2 * softplus(0.5)) / 2 + 0.25 * math.log(0.25 / 0.375) + 0.75 * math.log(0.75 / 0.625),
    "k-sparse": NLL,
    "contractive": NLL + 0.5 * 2 / 16,
    "wasserstein": NLL + 1 / 5 + 1 / 2 - 2 * (1 + 1 / 2 + 1 / 5 + 1 / 2) / 4,
    "stacked": NLL,
    "classifier": softplus(-2),
    "variational": (NLL + HALF) / 2 + KL,
    "sampled-kl": (NLL + HALF) / 2 + KL,  # the draws 1 and -1 have exactly the moments of the standard normal
    "free-bits": (NLL + HALF) / 2 + 0.5,
    "learned-variance": math.log(2 * math.pi) + 2 * math.log(1 / 2) + (0 + 1 + 1 + 0) / 2 * 4 / 2 + KL,
    "importance-weighted": -math.log(sum(map(math.exp, LOG_WEIGHTS)) / 2),
    # the class moves the first logit by 1: (2, -1) and (1, 0)
    "conditional": (softplus(-2) + softplus(-1) + softplus(-1) + math.log(2)) / 2 + KL,
}


def test_every_model_is_here() -> None:
    assert set(LOSSES) == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_losses_by_hand(name: str) -> None:
    assert tracing.tiny(name).loss == pytest.approx(LOSSES[name], abs=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_gradients_are_derivatives(name: str) -> None:
    example = MODELS[name]()
    model: Any = example.fitted()
    x, y = np.array(example.x), None if example.y is None else np.array(example.y)

    def loss(theta: np.ndarray) -> float:
        return float(model.objective(model.parameters_.like(theta), x, y, example.noise)[0])

    numeric, smooth = central_differences(loss, model.parameters_.flat.copy())
    analytic = np.concatenate([gradient.ravel() for gradient in tracing.tiny(name).gradients.values()])
    np.testing.assert_allclose(analytic[smooth], numeric[smooth], atol=1e-8)
    assert smooth.any() and np.abs(analytic).max() > 0.01


def test_the_variational_example_on_paper() -> None:
    found = tracing.tiny("variational")
    about = {name: pytest.approx(np.array(value), abs=5e-5) for name, value in {
        "z": [[[1]], [[0]]], "nll": [[0.6265], [1.3863]], "kl": 0.4431, "doutput": [[-0.1345, 0.1345], [-0.25, 0.25]],
        "dinputs": [[-0.2689], [-0.5]], "dW": [[-0.1345, 0.1345]],
    }.items()}  # fmt: skip
    assert found.values("variational.1") == {"mu": [[0.5]], "logvar": [[-math.log(4)]]}
    assert found.values("variational.2")["z"] == about["z"]
    assert found.values("variational.4")["nll"] == about["nll"]
    assert found.values("variational.5")["kl"] == about["kl"]
    assert found.loss == pytest.approx(1.4496, abs=5e-5)
    assert found.values("variational.8")["doutput"] == about["doutput"]
    assert found.values("variational.9")["dinputs"] == about["dinputs"]
    assert found.values("variational.9")['gradients["decoder.0.W"]'] == about["dW"]
    # Both paths together: the gradients of the moments are those of the encoder's biases.
    assert found.gradients["encoder.0.b"] == pytest.approx(np.array([-0.2689, -0.3172]), abs=5e-5)
    assert found.gradients["decoder.0.W"] == about["dW"]
    given = {value.name: value.array for value in found.inputs}
    assert np.array_equal(given["x"], [[1, 0]]) and np.array_equal(given["noise[0]"], [[[1]], [[-1]]])
    assert np.array_equal(given['parameters["decoder.0.W"]'], [[1, -1]])


def test_free_bits_leave_the_divergence_without_a_gradient() -> None:
    free, usual = tracing.tiny("free-bits"), tracing.tiny("variational")
    drawn = usual.values("variational.11")
    assert free.gradients["encoder.0.b"] == pytest.approx(np.hstack([drawn["dmu_drawn"], drawn["dlogvar_drawn"]])[0])


def test_classes_as_they_are_saved() -> None:
    assert MODELS["classifier"]().learned == described(np.array([0, 1]))
