"""Training and use of the basic autoencoder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.basic_runs import fitted

import scratchae as sae
from scratchae.models.blocks import BLOCK

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


@pytest.mark.parametrize("rows", [1, BLOCK, BLOCK + 1])
def test_many_rows_are_answered_in_blocks(rows: int, x: np.ndarray) -> None:
    model, many = fitted(x), np.tile(x, (60, 1))[:rows]
    assert model.encode(many).shape == (rows, 3) and model.reconstruct(many).shape == (rows, 11)
    assert model.score_samples(many).shape == (rows,)
    np.testing.assert_allclose(model.reconstruct(many)[-1], model.reconstruct(many[-1:])[0], rtol=1e-5)
    np.testing.assert_allclose(model.score_samples(many)[-1:], model.score_samples(many[-1:]), rtol=1e-5)


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


def test_bernoulli_reconstructions_are_probabilities(x: np.ndarray) -> None:
    model = fitted(x, epochs=30, learning_rate=0.1)
    p = model.reconstruct(x)
    assert p.min() >= 0 and p.max() <= 1
    assert (model.decode(np.full((3, 3), 1e6)) <= 1).all()
    assert np.isfinite(model.score(np.round(x)))


def test_fit_transform_is_fit_then_transform(x: np.ndarray) -> None:
    model = sae.Autoencoder((5,), 3, epochs=2, random_state=0)
    codes = model.fit_transform(x, validation_data=x[:9])
    np.testing.assert_array_equal(codes, model.encode(x))
    assert "val_loss" in model.history_


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
