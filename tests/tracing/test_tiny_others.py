"""Tiny examples of first parameters, noise, weights of rows and the exact model."""

from __future__ import annotations

import numpy as np
import pytest

from scratchae import tracing


def test_first_parameters() -> None:
    weights = tracing.tiny("weight_initialisation")
    assert weights.values("glorot.5")["limit"] == pytest.approx(np.sqrt(2)) and weights.values("he.3")["W"].shape == (
        2,
        1,
    )
    first = tracing.tiny("initialisation")
    assert first.values("initialisation.2")['parameters["softmax.0.b"]'] == pytest.approx(np.log([0.25, 0.75]))
    # The pixels 4 and 0 have mean and deviation 2: the weight 1 becomes 1/2, and the bias -2 · 1/2.
    assert first.values("initialisation.3")["W"][0] == 0.5 and first.values("initialisation.3")["b"] == [-1]
    assert [value.name for value in first.inputs] == ["x", "y"]


def test_a_stack_is_trained_layer_by_layer() -> None:
    found = tracing.tiny("pretraining")
    layers = [step for step in found.steps if "stacked.1" in step.labels]
    assert len(layers) == 2 and found.values("stacked.2")["codes"].shape == (2, 1)
    trained = {value.name: value.array for value in layers[1].values}
    unrolled = found.values("stacked.3")
    assert np.array_equal(unrolled['parameters["encoder.1.W"]'], trained['layer.parameters_["encoder.0.W"]'])
    assert tracing.tiny("copied_layers").values("stacked_classifier.7")['state.parameters["encoder.0.b"]'] == [-1]


def test_weights_of_rows() -> None:
    found = tracing.tiny("sample_weights")
    assert found.values("sample_weights.1")["return"] == 9 / 4
    assert found.values("sample_weights.3")["return"].tolist() == [0.75, 0.75, 1.5]
    assert found.values("sample_weights.2")["return"] == pytest.approx(9 / 4)  # the expectation is the weighted mean
    visits = [
        s.values[0].array for s in found.steps if "sample_weights.4" in s.labels and s.values[0].array is not None
    ]
    assert np.mean(visits, axis=0).tolist() == [0.75, 0.75, 1.5]


def test_the_exact_model() -> None:
    found = tracing.tiny("linear_gaussian")
    bound, gap = found.values("linear_gaussian.6"), found.values("linear_gaussian.7")["return"]
    log_likelihood = found.values("linear_gaussian.3")["return"]
    assert bound["bound.elbo"] + gap == pytest.approx(log_likelihood)
    assert gap > 0


def test_the_second_epoch_of_four() -> None:
    assert tracing.tiny("warm_up").values("variational.13")["early.beta"] == 0.5
