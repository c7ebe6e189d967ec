"""The basic autoencoder: training, use, its objective and its gradient on both backends."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from helpers.basic_runs import fitted
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchae as sae

OPTIMIZERS = ("adam", "momentum", "sgd", "lbfgs")


# Training.


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("tied", [False, True])
def test_each_optimizer_lowers_the_loss(optimizer: str, tied: bool, backend: str) -> None:
    x = sae.load_digits().x_test[:60]
    with sae.use_backend(backend):
        model = fitted(x, optimizer=optimizer, tied_weights=tied, epochs=15, learning_rate=0.01)
    losses = model.history_["loss"]
    assert len(losses) == 15 and losses[-1] < losses[0]
    assert -model.score(x) < losses[0]
    if optimizer == "lbfgs":
        assert (np.diff(losses) <= 0).all()


@pytest.mark.parametrize(
    "options",
    [
        {"likelihood": "gaussian"},
        {"likelihood": "bernoulli"},
        {"likelihood": "gaussian", "tied_weights": True, "activation": "tanh"},
    ],
)
def test_ten_examples_can_be_overfitted(options: dict[str, Any]) -> None:
    x = np.random.default_rng(0).integers(0, 2, (10, 12)).astype(float)
    model = fitted(
        x,
        **{"hidden_sizes": (60,), "latent_dim": 12, "epochs": 1500, "batch_size": 10, "learning_rate": 0.01, **options},
    )
    assert np.abs(model.reconstruct(x) - x).max() < 0.05
    assert model.score(x) > -0.1


def test_tied_weights_stay_tied(x: np.ndarray) -> None:
    model = fitted(x, hidden_sizes=(6, 5), tied_weights=True, activation="identity", likelihood="gaussian", epochs=3)
    p = model.parameters_
    assert [name for name in p if name.endswith(".W")] == ["encoder.0.W", "encoder.1.W", "encoder.2.W"]
    h = x
    for i in range(3):
        h = h @ p[f"encoder.{i}.W"] + p[f"encoder.{i}.b"]
    np.testing.assert_allclose(model.encode(x), h, rtol=1e-4, atol=1e-5)
    for i in range(3):
        h = h @ p[f"encoder.{2 - i}.W"].T + p[f"decoder.{i}.b"]
    np.testing.assert_allclose(model.reconstruct(x), h, rtol=1e-4, atol=1e-5)


def test_names_and_shapes(x: np.ndarray) -> None:
    p = fitted(x, hidden_sizes=(6, 5)).parameters_
    assert {name: array.shape for name, array in p.items() if name.endswith("W")} == {
        "encoder.0.W": (11, 6),
        "encoder.1.W": (6, 5),
        "encoder.2.W": (5, 3),
        "decoder.0.W": (3, 5),
        "decoder.1.W": (5, 6),
        "decoder.2.W": (6, 11),
    }
    assert all(p[name.replace("W", "b")].shape == (p[name].shape[1],) for name in p if name.endswith("W"))


def test_parameters_changed_in_place_change_every_answer(x: np.ndarray) -> None:
    model = fitted(x, dtype="float64")
    for name in model.parameters_:
        before = model.loss_and_gradients(x)[0], model.score(x)
        model.parameters_[name][...] += 0.5
        after = model.loss_and_gradients(x)[0], model.score(x)
        assert before[0] != after[0] and before[1] != after[1], name
        model.parameters_[name][...] -= 0.5
    with pytest.raises(KeyError):
        model.parameters_["encoder.7.W"] = 0


def test_gradients_are_the_callers(x: np.ndarray) -> None:
    model = fitted(x)
    _, gradients = model.loss_and_gradients(x)
    kept = {name: g.copy() for name, g in gradients.items()}
    _, again = model.loss_and_gradients(x)
    for g in again.values():
        g[...] = 0
    for name, g in gradients.items():
        np.testing.assert_array_equal(g, kept[name])
        assert not np.shares_memory(g, model.parameters_[name])


# Answers.


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_answers_have_the_models_type_and_leave_the_data_alone(dtype: str, x: np.ndarray) -> None:
    data = x.astype(dtype)
    model = fitted(data, dtype=dtype, activation="identity", likelihood="gaussian", hidden_sizes=())
    for answer in (
        model.encode(data),
        model.decode(model.encode(data)),
        model.score_samples(data),
        model.parameters_.flat,
    ):
        assert answer.dtype == dtype
        assert not np.shares_memory(answer, data)
    np.testing.assert_array_equal(data, x.astype(dtype))
    assert isinstance(model.score(data), float) and isinstance(model.loss_and_gradients(data)[0], float)
    assert model.loss_and_gradients(data, None, 3)[0] == model.loss_and_gradients(data, seed=4)[0]


def test_the_last_layer_may_have_units_of_its_own(x: np.ndarray) -> None:
    trained = []
    for backend in ("numba", "numpy"):
        with sae.use_backend(backend):
            options: dict[str, Any] = {"likelihood": "gaussian", "output_activation": "tanh", "dtype": "float64"}
            model = sae.Autoencoder((4,), 2, epochs=3, random_state=0, **options).fit(x)
            trained.append(model)
    assert abs(trained[0].reconstruct(x)).max() <= 1
    np.testing.assert_allclose(trained[0].parameters_.flat, trained[1].parameters_.flat, atol=1e-12)
    with pytest.raises(ValueError, match="logits"):
        sae.Autoencoder(output_activation="tanh").fit(x)


ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu")


def as_initialised(x: np.ndarray, **options: Any) -> sae.Autoencoder:
    """A model whose only step was too small to be seen."""
    return fitted(x, optimizer="sgd", learning_rate=1e-300, batch_size=len(x), **options)


def largest_difference(a: np.ndarray, b: np.ndarray) -> float:
    """Relative to the largest entry."""
    return float(np.abs(np.asarray(a, float) - b).max() / max(np.abs(b).max(), np.finfo(float).tiny))


def kink_is_near(model: sae.Autoencoder, x: np.ndarray) -> bool:
    """Return True if a step of a central difference could move a ReLU unit across its kink."""
    network = model._network(x.shape[1])
    h = x
    for layer in network.layers:
        a = h @ network._weights(model.parameters_, layer) + model.parameters_[f"{layer.name}.b"]
        if layer.activation == "relu" and np.abs(a).min() < 2e-2:
            return True
        h = (
            np.maximum(a, 0)
            if layer.activation == "relu"
            else {"identity": a, "tanh": np.tanh(a)}.get(layer.activation, 1 / (1 + np.exp(-a)))
        )
    return False


def slope(
    model: sae.Autoencoder, x: np.ndarray, array: np.ndarray, index: tuple[int, ...], step: float = 1e-3
) -> float:
    """Central difference of fourth order of the loss."""
    value, losses = array[index], {}
    for k in (-2, -1, 1, 2):
        array[index] = value + k * step
        losses[k] = model.loss_and_gradients(x)[0]
    array[index] = value
    return (8 * (losses[1] - losses[-1]) - (losses[2] - losses[-2])) / (12 * step)


@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_gradient_is_a_derivative(activation: str, likelihood: str, tied: bool, trained: bool) -> None:
    x = np.random.default_rng(1).random((6, 4))
    options: dict[str, Any] = {
        "hidden_sizes": (5, 4),
        "activation": activation,
        "code_activation": activation,
        "likelihood": likelihood,
        "tied_weights": tied,
        "weight_decay": 0.3,
        "dtype": "float64",
    }
    model = fitted(x, **options, epochs=30, learning_rate=0.01) if trained else as_initialised(x, **options)
    biases = np.random.default_rng(2)
    for name, array in model.parameters_.items():  # away from the kinks, and from a bias of exactly 0
        array += 0.3 * biases.standard_normal(array.shape)
        assert array.base is not None, name
    while kink_is_near(model, x):
        model.parameters_.flat[:] += 5e-2 * biases.standard_normal(model.parameters_.flat.size)
    _, gradients = model.loss_and_gradients(x)
    assert list(gradients) == list(model.parameters_)
    for name, array in model.parameters_.items():
        numeric = np.empty_like(array)
        for index in np.ndindex(array.shape):
            numeric[index] = slope(model, x, array, index)
        assert gradients[name].shape == array.shape and gradients[name].any()
        assert largest_difference(gradients[name], numeric) < 1e-7, name


@pytest.mark.parametrize("name", ["numba", "numpy"])
def test_a_loss_that_forgets_a_term_would_be_noticed(name: str, x: np.ndarray) -> None:
    with sae.use_backend(name):
        model = fitted(x, weight_decay=0.5, tied_weights=True, dtype="float64")
        loss, gradients = model.loss_and_gradients(x)
        weights = [W for key, W in model.parameters_.items() if key.endswith(".W")]
        assert loss == pytest.approx(-model.score(x) + 0.25 * sum((W**2).sum() for W in weights), rel=1e-12)
        plain, without = model.set_params(weight_decay=0.0).loss_and_gradients(x)
        assert plain == pytest.approx(-model.score(x), rel=1e-12)
    for key in gradients:
        penalty = 0.5 * model.parameters_[key] if key.endswith(".W") else 0
        np.testing.assert_allclose(gradients[key] - without[key], penalty, atol=1e-12)


@settings(max_examples=30)
@given(
    rows=st.integers(1, 40),
    times=st.integers(2, 5),
    seed=st.integers(0, 99),
    likelihood=st.sampled_from(["bernoulli", "gaussian"]),
)
def test_repeating_every_row_changes_neither_loss_nor_gradient(
    rows: int, times: int, seed: int, likelihood: str
) -> None:
    x = np.random.default_rng(seed).random((rows, 7))
    model = fitted(x, likelihood=likelihood, dtype="float64", weight_decay=0.1)
    once, again = model.loss_and_gradients(x), model.loss_and_gradients(np.repeat(x, times, axis=0))
    assert again[0] == pytest.approx(once[0], rel=1e-13)
    for name in once[1]:
        assert largest_difference(again[1][name], once[1][name]) < 1e-12, name


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
@pytest.mark.parametrize("tied", [False, True])
def test_backends_agree(dtype: str, likelihood: str, tied: bool) -> None:
    tolerance = 1e-12 if dtype == "float64" else 4e-6
    x = np.random.default_rng(0).random((90, 33)).astype(dtype)
    for activation, hidden in itertools.product(ACTIVATIONS, [(), (40,), (20, 17)]):
        model = fitted(
            x,
            activation=activation,
            hidden_sizes=hidden,
            tied_weights=tied,
            likelihood=likelihood,
            dtype=dtype,
            weight_decay=0.01,
        )
        results = []
        for name in ("numba", "numpy"):
            with sae.use_backend(name):
                loss, gradients = model.loss_and_gradients(x)
                results.append(
                    [loss, *gradients.values(), model.encode(x), model.reconstruct(x), model.score_samples(x)]
                )
        for fast, slow in zip(*results, strict=True):
            assert np.shape(fast) == np.shape(slow) and np.asarray(fast).dtype == np.asarray(slow).dtype
            assert largest_difference(np.asarray(fast), np.asarray(slow)) < tolerance, (activation, hidden)


@pytest.mark.parametrize(
    "rule", [sae.SGD(), sae.Momentum(0.5), sae.Adam(0.8, 0.9, 1e-3), sae.LBFGS(memory=3, restart=2)]
)
def test_settings_of_a_rule_reach_both_backends(rule: Any, x: np.ndarray) -> None:
    models = []
    for name in ("numba", "numpy"):
        with sae.use_backend(name):
            models.append(
                fitted(x, optimizer=rule, epochs=4, dtype="float64", activation="sigmoid", learning_rate=0.02)
            )
    assert largest_difference(models[0].parameters_.flat, models[1].parameters_.flat) < 1e-9
    if rule.name in ("momentum", "adam"):
        usual = fitted(x, optimizer=rule.name, epochs=4, dtype="float64", activation="sigmoid", learning_rate=0.02)
        assert largest_difference(models[0].parameters_.flat, usual.parameters_.flat) > 1e-3
