"""The contractive autoencoder: the norm of the Jacobian is the one that differences find, and training makes it smaller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.models import blocks
from scratchae.models.fitting import Data, ModelProblem
from scratchae.training import loop
from scratchae.verify.autoencoder import model_gradient_error

X = np.random.default_rng(0).random((20, 6))


def new(kind: Any = sae.ContractiveAutoencoder, **options: Any) -> Any:
    small = {"hidden_sizes": (), "latent_dim": 4, "activation": "sigmoid", "batch_size": 8, "epochs": 3}
    return kind(**{**small, "dtype": "float64", "random_state": 0, **options})


def squared_norms(model: Any, x: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """The squared Frobenius norm of the Jacobian of `encode` at each row, by central differences."""
    total = np.zeros(len(x))
    for column in np.eye(x.shape[1]) * step:
        total += (((model.encode(x + column) - model.encode(x - column)) / (2 * step)) ** 2).sum(axis=1)
    return total


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_the_contraction_is_the_squared_norm_of_the_jacobian(activation: str, backend: str) -> None:
    with sae.use_backend(backend):
        model = new(activation=activation, likelihood="gaussian").fit(X)
        model.parameters_.flat[:] *= 3  # away from where the units are linear
        norms = model.contraction_of(X)
        assert norms.shape == (20,)
        np.testing.assert_allclose(norms, squared_norms(model, X), rtol=1e-8)
        assert norms.max() > 1.1 * norms.min()  # rows differ


def test_the_code_activation_counts() -> None:
    # Of the only layer, `code_activation` is the activation if it is given.
    model = new(activation="relu", code_activation="tanh", likelihood="gaussian").fit(X)
    np.testing.assert_allclose(model.contraction_of(X), squared_norms(model, X), rtol=1e-8)
    assert model.encode(X).min() < 0


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_the_objective_is_reconstruction_and_weighted_norm(activation: str, backend: str) -> None:
    with sae.use_backend(backend):
        model = new(activation=activation, likelihood="gaussian", contraction=0.7, weight_decay=0.1)
        model.fit(X, validation_data=X[:7])
        decay = 0.05 * sum((W**2).sum() for name, W in model.parameters_.items() if name.endswith("W"))
        for rows, loss in ((X, model.loss_and_gradients(X)[0]), (X[:7], model.history_["val_loss"][-1])):
            penalty = 0.7 * squared_norms(model, rows).mean()
            assert loss == pytest.approx(-model.score(rows) + penalty + decay, rel=1e-8)
            assert penalty > 1e-2 and decay > 1e-2


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_gradient_of_every_parameter(activation: str, tied: bool, backend: str) -> None:
    with sae.use_backend(backend):
        options = {"activation": activation, "likelihood": "gaussian", "tied_weights": tied}
        model = new(**options, contraction=5.0, weight_decay=0.1).fit(X)
        assert ("decoder.0.W" in model.parameters_) is not tied
        model.parameters_.flat[:] *= 3
        assert model_gradient_error(model, X[:9]) < 1e-7


@pytest.mark.parametrize("tied", [False, True])
def test_without_contraction_it_is_the_basic_autoencoder(tied: bool) -> None:
    options: dict[str, Any] = {"tied_weights": tied, "epochs": 5}
    for backend in ("numpy", "numba"):
        with sae.use_backend(backend):
            basic, model = new(sae.Autoencoder, **options).fit(X), new(contraction=0, **options).fit(X)
            other = new(contraction=0.5, **options).fit(X)
        if backend == "numpy":  # the basic autoencoder of the other one runs on steps of its own
            assert np.array_equal(model.parameters_.flat, basic.parameters_.flat)
        np.testing.assert_allclose(model.parameters_.flat, basic.parameters_.flat, atol=1e-10)
        np.testing.assert_allclose(model.history_["loss"], basic.history_["loss"], rtol=1e-12)
        assert not np.allclose(other.parameters_.flat, basic.parameters_.flat, atol=1e-4)


@pytest.mark.parametrize("tied", [False, True])
def test_more_contraction_makes_the_jacobian_smaller(tied: bool) -> None:
    data = sae.load_digits()
    norms = []
    for contraction in (0.0, 0.1, 1.0, 10.0):
        options: dict[str, Any] = {"latent_dim": 20, "dtype": "float32", "epochs": 30, "learning_rate": 0.01}
        model = new(contraction=contraction, tied_weights=tied, batch_size=50, **options)
        norms.append(model.fit(data.x_train[:300]).contraction_of(data.x_test).mean())
    assert (np.array(norms[:-1]) > 1.1 * np.array(norms[1:])).all()
    assert norms[3] < 0.05 * norms[0]


def test_many_rows_are_answered_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    model = new().fit(X)
    whole, score = model.contraction_of(X), model.fit(X, validation_data=X).history_["val_loss"]
    monkeypatch.setattr(blocks, "BLOCK", 7)
    np.testing.assert_allclose(model.contraction_of(X), whole, rtol=1e-13)
    np.testing.assert_allclose(model.fit(X, validation_data=X).history_["val_loss"], score, rtol=1e-13)


def test_lbfgs_in_blocks_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 7)
    model = new(optimizer="lbfgs", contraction=2.0, weight_decay=0.1).fit(X)
    expected, gradients = model.loss_and_gradients(X)
    state = model._first_state(6, 0)
    state.parameters.flat[:] = model.parameters_.flat
    in_blocks = ModelProblem(model, Data(X), None, sae.LBFGS(), None, {})
    loss, gradient = in_blocks.full_gradient(state, state.parameters.flat)
    assert loss == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient, np.concatenate([g.ravel() for g in gradients.values()]), atol=1e-12)
    assert (np.diff(model.history_["loss"]) < 0).all()


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_backends_agree(activation: str, optimizer: str) -> None:
    models = []
    for backend in ("numba", "numpy"):
        with sae.use_backend(backend):
            model = new(activation=activation, optimizer=optimizer, learning_rate=0.01, contraction=1.0)
            models.append(model.fit(X, validation_data=X[:9]))
    fast, slow = models
    np.testing.assert_allclose(fast.parameters_.flat, slow.parameters_.flat, atol=1e-8)
    np.testing.assert_allclose(fast.contraction_of(X), slow.contraction_of(X), atol=1e-8)
    for column in ("loss", "val_loss"):
        np.testing.assert_allclose(fast.history_[column], slow.history_[column], rtol=1e-9)


def test_resumed_gives_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)
    path = tmp_path / "run.npz"
    new(epochs=3).fit(X, checkpoint=path)
    resumed, whole = new(epochs=6).fit(X, checkpoint=path, resume=True), new(epochs=6).fit(X)
    assert np.array_equal(resumed.parameters_.flat, whole.parameters_.flat)
    with pytest.raises(ValueError, match=r"has contraction=0\.1, but this run has 0\.2"):
        new(epochs=6, contraction=0.2).fit(X, checkpoint=path, resume=True)


def test_a_saved_model_is_the_same_model(tmp_path: Path) -> None:
    model = new(activation="tanh", tied_weights=True, contraction=0.3).fit(X)
    model.save(tmp_path / "model.npz")
    loaded = sae.load(tmp_path / "model.npz")
    assert type(loaded) is sae.ContractiveAutoencoder and loaded.get_params() == model.get_params()
    assert np.array_equal(loaded.contraction_of(X), model.contraction_of(X))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *(
            ({"contraction": bad}, "contraction=.* is not allowed; give a number of at least 0")
            for bad in (-0.1, np.nan)
        ),
        *(({"contraction": bad}, "contraction=.* is not allowed") for bad in (np.inf, True, None, "0.1")),
        ({"hidden_sizes": (5,)}, r"hidden_sizes=\(5,\) is not allowed: .*; give \(\), or stack layers with Stacked"),
        ({"activation": "relu"}, 'activation=\'relu\' is not allowed here: .* "sigmoid" and "tanh"; use one of them'),
        ({"activation": "identity"}, "activation='identity' is not allowed here"),
        ({"activation": "sigmoid", "code_activation": "relu"}, "code_activation='relu' is not allowed here"),
    ],
)
def test_bad_options_are_refused_and_nothing_changes(options: dict[str, Any], message: str) -> None:
    fresh = new(**options)
    with pytest.raises(ValueError, match=message):
        fresh.fit(X)
    assert set(vars(fresh)) == set(fresh.get_params())


def test_the_contraction_needs_a_fitted_model_and_its_features() -> None:
    with pytest.raises(sae.NotFittedError, match="call fit first"):
        new().contraction_of(X)
    with pytest.raises(ValueError, match="expecting 6 features"):
        new().fit(X).contraction_of(X[:, :3])
