"""The sparse autoencoder: few units are active by a penalty; runs and files, also those of the k-sparse one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.sparse_runs import X, k_sparse, new, sparse

import scratchae as sae
from scratchae.models import blocks
from scratchae.models.fitting import Data, ModelProblem
from scratchae.training import loop
from scratchae.verify.autoencoder import model_gradient_error


def divergence(rho: float, mean: np.ndarray) -> float:
    """Sum over the units of KL(rho || mean)."""
    return float((rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))).sum())


# Sparse: the objective.


@pytest.mark.parametrize("backend", ["numba", "numpy"])
@pytest.mark.parametrize("hidden", [(), (7,)])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_the_objective_is_reconstruction_and_weighted_divergence(
    likelihood: str, hidden: tuple[int, ...], backend: str
) -> None:
    options: dict[str, Any] = {"likelihood": likelihood, "hidden_sizes": hidden, "sparsity": 0.2}
    with sae.use_backend(backend):
        model = sparse(**options, sparsity_weight=2.5, weight_decay=0.1).fit(X, validation_data=X[:7])
        for rows, loss in ((X, model.loss_and_gradients(X)[0]), (X[:7], model.history_["val_loss"][-1])):
            penalty = 2.5 * divergence(0.2, model.encode(rows).mean(axis=0))
            decay = 0.05 * sum((W**2).sum() for name, W in model.parameters_.items() if name.endswith("W"))
            assert loss == pytest.approx(-model.score(rows) + penalty + decay, rel=1e-12)
            assert penalty > 1e-3 and decay > 1e-3


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("hidden", [(), (7,)])
def test_gradient_of_every_parameter_of_the_sparse_one(hidden: tuple[int, ...], tied: bool) -> None:
    model = sparse(hidden_sizes=hidden, tied_weights=tied, sparsity=0.1, weight_decay=0.1).fit(X)
    assert model_gradient_error(model, X[:9]) < 1e-7


def test_repeating_every_row_changes_neither_loss_nor_gradient() -> None:
    model = sparse(weight_decay=0.1).fit(X)
    (once, gradients), (again, repeated) = (model.loss_and_gradients(np.repeat(X, n, axis=0)) for n in (1, 3))
    assert again == pytest.approx(once, rel=1e-13)
    for name in gradients:
        np.testing.assert_allclose(repeated[name], gradients[name], atol=1e-13)


def test_without_weight_it_is_the_basic_autoencoder() -> None:
    for backend in ("numpy", "numba"):
        with sae.use_backend(backend):
            basic = new(sae.Autoencoder, hidden_sizes=(), activation="sigmoid", epochs=5).fit(X)
            model = sparse(sparsity_weight=0, epochs=5).fit(X)
            heavy = sparse(sparsity_weight=0.1, epochs=5).fit(X)
        if backend == "numpy":  # the basic autoencoder of the other one runs on steps of its own
            assert np.array_equal(model.parameters_.flat, basic.parameters_.flat)
        np.testing.assert_allclose(model.parameters_.flat, basic.parameters_.flat, atol=1e-10)
        np.testing.assert_allclose(model.history_["loss"], basic.history_["loss"], rtol=1e-12)
        assert not np.allclose(heavy.parameters_.flat, basic.parameters_.flat, atol=1e-4)


def test_the_code_is_sigmoid_whatever_the_hidden_layers_are() -> None:
    for activation, f in (("relu", lambda a: np.maximum(a, 0)), ("tanh", np.tanh)):
        model = sparse(likelihood="gaussian", activation=activation, hidden_sizes=(7,)).fit(X)
        p = model.parameters_
        a = f(X @ p["encoder.0.W"] + p["encoder.0.b"]) @ p["encoder.1.W"] + p["encoder.1.b"]
        np.testing.assert_allclose(model.encode(X), 1 / (1 + np.exp(-a)), atol=1e-12)
    explicit = sparse(activation="relu", code_activation="sigmoid", likelihood="gaussian").fit(X)
    implicit = sparse(activation="relu", likelihood="gaussian").fit(X)
    assert np.array_equal(explicit.parameters_.flat, implicit.parameters_.flat)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_units_that_are_always_on_or_off_leave_the_objective_finite(backend: str, dtype: str) -> None:
    with sae.use_backend(backend):
        model = sparse(dtype=dtype, sparsity=0.1).fit(X)
        before, _ = model.loss_and_gradients(X)
        model.parameters_["encoder.0.b"][:2] = [300, -300]
        loss, gradients = model.loss_and_gradients(X)
    assert np.isfinite(loss) and loss > before + 3.0
    assert all(np.isfinite(g).all() for g in gradients.values())


# Sparse: training.


def test_the_penalty_lowers_the_mean_activation_towards_the_target() -> None:
    x = sae.load_digits().x_train[:300]
    means = {}
    for weight in (0.0, 0.3, 10.0):
        options: dict[str, Any] = {"latent_dim": 20, "epochs": 60, "learning_rate": 0.02, "batch_size": 100}
        model = sparse(sparsity=0.1, sparsity_weight=weight, dtype="float32", **options).fit(x)
        means[weight] = model.encode(x).mean(axis=0)
    away = {weight: float(np.abs(mean - 0.1).mean()) for weight, mean in means.items()}
    assert means[0.0].mean() > 0.3
    assert away[10.0] < 0.5 * away[0.3] and away[0.3] < 0.5 * away[0.0]
    assert away[10.0] < 0.02


def test_lbfgs_sees_the_mean_over_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 7)
    for kind, options in ((sae.SparseAutoencoder, {}), (sae.KSparseAutoencoder, {"k": 2})):
        model = new(kind, optimizer="lbfgs", weight_decay=0.1, **options)
        model.fit(X)
        expected, gradients = model.loss_and_gradients(X)
        state = model._first_state(6, 0)
        state.parameters.flat[:] = model.parameters_.flat
        whole = ModelProblem(model, Data(X), None, sae.LBFGS(), None, {})
        loss, gradient = whole.full_gradient(state, state.parameters.flat)
        assert loss == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(gradient, np.concatenate([g.ravel() for g in gradients.values()]), atol=1e-12)
        losses = model.history_["loss"]
        assert (np.diff(losses) < 0).all() and losses[-1] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", [sparse, k_sparse])
@pytest.mark.parametrize("optimizer", ["adam", "momentum", "lbfgs"])
def test_backends_agree(kind: Any, optimizer: str) -> None:
    models = []
    for backend in ("numba", "numpy"):
        with sae.use_backend(backend):
            options = {"optimizer": optimizer, "hidden_sizes": (7,), "activation": "tanh", "learning_rate": 0.01}
            models.append(kind(**options).fit(X, validation_data=X[:9]))
    fast, slow = models
    np.testing.assert_allclose(fast.parameters_.flat, slow.parameters_.flat, atol=1e-8)
    np.testing.assert_allclose(fast.encode(X), slow.encode(X), atol=1e-8)
    for column in ("loss", "val_loss"):
        np.testing.assert_allclose(fast.history_[column], slow.history_[column], rtol=1e-9)


@pytest.mark.parametrize("kind", [sparse, k_sparse])
def test_resumed_gives_the_same_bits(kind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)
    path = tmp_path / "run.npz"
    kind(epochs=3).fit(X, checkpoint=path)
    resumed, whole = kind(epochs=6).fit(X, checkpoint=path, resume=True), kind(epochs=6).fit(X)
    assert np.array_equal(resumed.parameters_.flat, whole.parameters_.flat)
    other = {"sparsity": 0.3} if kind is sparse else {"k": 3}
    with pytest.raises(ValueError, match=f"has {next(iter(other))}="):
        kind(epochs=6, **other).fit(X, checkpoint=path, resume=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *(({"sparsity": bad}, "sparsity=.* is not allowed; give a number between 0 and 1") for bad in (0, 1, 0.0, 1.0)),
        *(({"sparsity": bad}, "sparsity=.* is not allowed") for bad in (-1, 1.5, np.nan, np.inf, True, None, "0.1")),
        *(({"sparsity_weight": bad}, "sparsity_weight=.* is not allowed") for bad in (-1, np.nan, np.inf, True)),
        *(
            ({"code_activation": bad}, f"code_activation='{bad}' is not allowed")
            for bad in ("tanh", "relu", "identity")
        ),
        ({"code_activation": "sigmoyd"}, "did you mean 'sigmoid'"),
    ],
)
def test_bad_options_of_the_sparse_one_are_refused(options: dict[str, Any], message: str) -> None:
    fresh = sparse(**options)
    with pytest.raises(ValueError, match=message):
        fresh.fit(X)
    assert set(vars(fresh)) == set(fresh.get_params())


# Saved: the k-sparse one, too.


@pytest.mark.parametrize("kind", [sparse, k_sparse])
def test_a_saved_model_is_the_same_model(kind: Any, tmp_path: Path) -> None:
    model = kind(hidden_sizes=(7,)).fit(X)
    model.save(tmp_path / "model.npz")
    loaded = sae.load(tmp_path / "model.npz")
    assert type(loaded) is type(model) and loaded.get_params() == model.get_params()
    assert np.array_equal(loaded.encode(X), model.encode(X))
    assert loaded.loss_and_gradients(X)[0] == model.loss_and_gradients(X)[0]
