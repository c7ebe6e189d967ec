"""The first parameters that depend on the data, in every model: first outputs, scale of the inputs, and the warning about it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.models.data_initialisation import (
    constant_up_to_rounding,
    in_unit_interval,
    receive_standardised,
    start_at_the_mean,
    start_at_the_shares,
)
from scratchae.nets import Parameters
from scratchae.nets.network import Layer
from scratchae.registry import REGISTRY

AUTOENCODERS = [entry.name for entry in REGISTRY if entry.name != "StackedClassifier"]
BRIEF: dict[str, dict[str, Any]] = {
    "StackedAutoencoder": {"hidden_sizes": (6, 3), "pretrain_epochs": 1},
    "StackedClassifier": {"hidden_sizes": (6,)},
    "KSparseAutoencoder": {"latent_dim": 4, "k": 2},
}


def new(name: str, **options: Any) -> Any:
    start = BRIEF.get(name, {"latent_dim": 3})
    return getattr(sae, name)(**{**start, "random_state": 0, "epochs": 1, **options})


def table(scale: float = 1.0, rows: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows, 3)) @ rng.standard_normal((3, 5))
    return x * [1, scale, 1, 1, 1] + [0, 3 * scale, -2, 0, 1], np.arange(rows) % 3


def error(model: Any, x: np.ndarray, y: np.ndarray) -> float:
    back = model.reconstruct(x, y) if "Conditional" in type(model).__name__ else model.reconstruct(x)
    return float(((back - x) ** 2).sum(axis=1).mean())


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_weights_of_zero_reconstruct_the_mean(name: str) -> None:
    x, y = table(50.0)
    model = new(name, likelihood="gaussian", learning_rate=1e-30, optimizer="sgd", dtype="float64").fit(x, y)
    last = [key for key in model.parameters_ if key.startswith("decoder") and key.endswith(".W")][-1]
    model.parameters_[last][...] = 0
    assert error(model, x, y) == pytest.approx(((x - x.mean(axis=0)) ** 2).sum(axis=1).mean(), rel=1e-6)


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_every_model_warns_once_of_features_that_are_too_large_at_the_line_of_the_user(name: str) -> None:
    x, y = table(400.0)
    options = {} if name == "StackedClassifier" else {"likelihood": "gaussian"}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        new(name, **options).fit(x, y)
    large = [warning for warning in said if "Feature 1 of the data has a standard deviation of" in str(warning.message)]
    assert len(large) == 1 and large[0].filename == __file__


@pytest.mark.parametrize("name", [entry.name for entry in REGISTRY])
def test_no_model_warns_of_usual_features(name: str) -> None:
    x, y = table()
    options = {} if name == "StackedClassifier" else {"likelihood": "gaussian"}
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Feature ")
        new(name, **options).fit(x, y)


def test_data_too_small_for_the_steps_are_remarked_and_constant_data_are_not() -> None:
    x, y = table()
    with pytest.warns(
        UserWarning, match="largest standard deviation of a feature of the data is .*, which is too small"
    ):
        new("Autoencoder", likelihood="gaussian").fit(1e-4 * x)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "The largest standard deviation")
        new("Autoencoder", likelihood="gaussian").fit(np.zeros((9, 3)))
        new("StackedClassifier").fit(1e-4 * x, y)


@pytest.mark.slow
@pytest.mark.parametrize("name", AUTOENCODERS)
def test_raw_tables_end_below_the_error_of_their_mean(name: str) -> None:
    data = pytest.importorskip("sklearn.datasets").load_breast_cancer()
    x, y = data.data, data.target
    options: dict[str, Any] = {"StackedAutoencoder": {"hidden_sizes": (32, 8), "pretrain_epochs": 40}}.get(name, {})
    with pytest.warns(UserWarning, match="standard deviation"):
        model = getattr(sae, name)(**options, likelihood="gaussian", epochs=60, random_state=0).fit(x, y)
    assert error(model, x, y) < ((x - x.mean(axis=0)) ** 2).sum(axis=1).mean()


def test_layers_of_a_stack_begin_at_the_mean_of_their_own_data_and_fine_tuning_leaves_them() -> None:
    x, _ = table()
    still = {"learning_rate": 1e-30, "optimizer": "sgd", "dtype": "float64"}
    stack = new("StackedAutoencoder", likelihood="gaussian", base="basic", **still).fit(x)
    low, high = stack.layers_
    share = low.encode(x).mean(axis=0)
    assert np.allclose(low.parameters_["decoder.0.b"], x.mean(axis=0))
    assert np.allclose(high.parameters_["decoder.0.b"], np.log(share / (1 - share)))
    for k, layer in enumerate(stack.layers_):
        for kind in "Wb":
            for side, place in (("encoder", k), ("decoder", 1 - k)):
                whole, own = stack.parameters_[f"{side}.{place}.{kind}"], layer.parameters_[f"{side}.0.{kind}"]
                assert np.allclose(whole, own, rtol=0, atol=1e-25)


def test_copied_layers_of_a_classifier_are_not_rescaled() -> None:
    x, y = table(50.0)
    stack = new("StackedAutoencoder", likelihood="gaussian").fit(x)
    model = stack.to_classifier(epochs=1, learning_rate=1e-30, optimizer="sgd").fit(x, y)
    assert np.array_equal(model.parameters_["encoder.0.W"], stack.parameters_["encoder.0.W"])
    assert np.allclose(model.parameters_["softmax.0.b"], np.log([1 / 3] * 3))


@pytest.mark.parametrize("unit", [1e-3, 1.0, 50.0])
def test_a_classifier_learns_rows_in_any_unit(unit: float) -> None:
    x = np.random.default_rng(0).standard_normal((300, 4))
    y = (x[:, 0] > x[:, 1]).astype(int)
    model = sae.StackedClassifier(hidden_sizes=(16,), activation="tanh", epochs=60, random_state=0).fit(unit * x, y)
    assert model.score(unit * x, y) > 0.9


def test_years_are_remarked_although_they_vary_little() -> None:
    x, y = table()
    x[:, 3] += 2000
    with pytest.warns(UserWarning, match="Feature 3 of the data has a standard deviation of .* and a mean of 2e.03"):
        new("StackedClassifier").fit(x, y)


def test_classes_without_examples_begin_with_a_finite_logit() -> None:
    last = Layer("softmax.0", 2, 3, "identity")
    parameters = Parameters({"softmax.0.b": (3,)}, "float64")
    start_at_the_shares(np.array([0, 0, 2, 2]), last, parameters)
    assert np.allclose(np.exp(parameters["softmax.0.b"]), [0.5, 0.001, 0.5])


@pytest.mark.parametrize("model", [sae.Autoencoder, sae.VariationalAutoencoder, sae.StackedAutoencoder])
def test_the_warning_names_the_column_of_a_data_frame(model: Any) -> None:
    pandas = pytest.importorskip("pandas")
    x = np.random.default_rng(0).normal(size=(40, 3)) + [0, 0, 2000]
    frame = pandas.DataFrame(x, columns=["length", "width", "price"])
    with sae.use_backend("numpy"):
        with pytest.warns(UserWarning, match="Column 'price' of the data has a standard deviation of"):
            model(likelihood="gaussian", epochs=1, random_state=0).fit(frame)
        with pytest.warns(UserWarning, match="Feature 2 of the data has a standard deviation of"):
            model(likelihood="gaussian", epochs=1, random_state=0).fit(x)


OUTPUTS: dict[str, tuple[Any, list[float]]] = {  # activations, and the limits of the first output
    "sigmoid": (lambda a: 1 / (1 + np.exp(-a)), [0.001, 0.999]),
    "tanh": (np.tanh, [-0.998, 0.998]),
    "relu": (lambda a: np.maximum(a, 0), [0, np.inf]),
    "identity": (lambda a: a, [-np.inf, np.inf]),
}


@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
@pytest.mark.parametrize("activation", OUTPUTS)
def test_a_first_output_is_the_mean_within_the_range_of_its_activation(activation: str, likelihood: str) -> None:
    mean = np.array([0, 0.004, 0.3, 0.997, 1] if likelihood == "bernoulli" else [-3, -0.995, 0, 0.4, 0.9985, 2.5])
    x = mean + np.array([[-1e-4], [1e-4]])
    last, parameters = Layer("decoder.0", 2, len(mean), activation), Parameters({"decoder.0.b": mean.shape}, "float64")
    start_at_the_mean(x, likelihood, last, parameters)
    compute, limits = OUTPUTS["sigmoid" if likelihood == "bernoulli" else activation]
    np.testing.assert_allclose(compute(parameters["decoder.0.b"]), np.clip(mean, *limits), rtol=1e-9)
    if activation == "relu" and likelihood == "gaussian":
        assert (parameters["decoder.0.b"] >= 0).all()  # at the edge, from which it can move


@pytest.mark.parametrize("shrink", [True, False])
@pytest.mark.parametrize("enlarge", [True, False])
def test_a_first_layer_receives_standardised_data(enlarge: bool, shrink: bool) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 4)) * [0.02, 1, 30, 0] + [5, 0, -200, 7]
    x = np.hstack([x, 100.1 + 1e-6 * rng.standard_normal((400, 1))])  # constant up to rounding
    first = Layer("encoder.0", 6, 3, "identity")  # the last input is not a feature, such as a class
    parameters = Parameters({"encoder.0.W": (6, 3), "encoder.0.b": (3,)}, "float64")
    W, b = rng.standard_normal((6, 3)), rng.standard_normal(3)
    parameters["encoder.0.W"], parameters["encoder.0.b"] = W, b
    deviation = receive_standardised(x, first, parameters, enlarge=enlarge, shrink=shrink)
    np.testing.assert_allclose(deviation, x.std(axis=0), atol=1e-12)
    scale = np.where([True, True, True, False, False], x.std(axis=0), 1)
    scale = np.maximum(scale, 0 if enlarge else 1)
    scale = np.minimum(scale, np.inf if shrink else 1)
    whole = np.hstack([x, np.ones((400, 1))])
    expected = np.hstack([(x - x.mean(axis=0)) / scale, np.ones((400, 1))]) @ W + b
    np.testing.assert_allclose(whole @ parameters["encoder.0.W"] + parameters["encoder.0.b"], expected, atol=1e-8)


def test_constants_up_to_rounding_and_the_unit_interval() -> None:
    mean, deviation = np.array([1e3, -1e3, 1e3, 0, 0]), np.array([1e-5, 1e-5, 1e-2, 0, 1e-30])
    assert constant_up_to_rounding(mean, deviation).tolist() == [True, True, False, True, False]
    for x, inside in (([[0, 1]], True), ([[0.5, 1.001]], False), ([[-0.001, 1]], False)):
        assert in_unit_interval(np.array(x)) is inside


@pytest.mark.parametrize("sign", [1, -1])
def test_a_large_mean_of_either_sign_is_remarked_with_its_feature(sign: int) -> None:
    x, _ = table()
    x[:, 0] *= 40  # varies most
    x[:, 2] += sign * 900
    with pytest.warns(UserWarning, match=rf"Feature 2 of the data has .* a mean of {'-' if sign < 0 else ''}\d"):
        new("Autoencoder", likelihood="gaussian").fit(x)


def test_one_small_feature_among_others_is_not_remarked() -> None:
    x, _ = table()
    x[:, 0] *= 1e-5
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "The largest standard deviation")
        new("Autoencoder", likelihood="gaussian").fit(x)
