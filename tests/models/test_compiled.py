"""Compiled steps are found in one table, by exact class and options; all else is trained by its own objective."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.models.compiled import TABLE
from scratchae.models.fitting import Data, ModelProblem
from scratchae.training import as_optimizer

X = np.random.default_rng(0).random((20, 6), np.float32)
Y = np.arange(20) % 2


def fitted(kind: type[Any], **options: Any) -> Any:
    return kind(epochs=1, random_state=0, **options).fit(X, Y)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.model.__name__)
def test_exactly_the_classes_of_the_table_are_trained_by_compiled_steps(row: Any) -> None:
    own = type("Own", (row.model,), {})
    with sae.use_backend("numba"):
        assert fitted(row.model).trained_by_.startswith("compiled steps (scratchae.kernels.")
        assert fitted(own).trained_by_ == "its objective with numba ops"
    with sae.use_backend("numpy"):
        assert fitted(row.model).trained_by_ == "its objective with numpy ops"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (sae.Autoencoder, {"likelihood": "gaussian", "output_activation": "tanh"}),
        (sae.DenoisingAutoencoder, {"likelihood": "gaussian", "output_activation": "sigmoid"}),
        (sae.SparseAutoencoder, {"tied_weights": True}),
        (sae.KSparseAutoencoder, {"k": 2}),
        (sae.ContractiveAutoencoder, {"activation": "tanh"}),
        (sae.WassersteinAutoencoder, {"kernel_scale": 3.0}),
    ],
)
def test_all_options_of_chains_have_compiled_steps(kind: Any, options: dict[str, Any]) -> None:
    with sae.use_backend("numba"):
        assert fitted(kind, **options).trained_by_ == "compiled steps (scratchae.kernels.steps)"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (sae.VariationalAutoencoder, {"likelihood": "gaussian", "variance": np.full(6, 0.5)}),
        (sae.VariationalAutoencoder, {"likelihood": "gaussian", "variance": "learned_per_feature"}),
        (sae.VariationalAutoencoder, {"kl": "sampled", "n_samples": 2}),
        (sae.VariationalAutoencoder, {"free_bits": 0.1, "warm_up": 2}),
        (sae.ImportanceWeightedAutoencoder, {"likelihood": "gaussian"}),
        (sae.ConditionalVariationalAutoencoder, {"likelihood": "gaussian", "variance": 0.5}),
    ],
)
def test_all_options_of_variational_models_have_compiled_steps(kind: Any, options: dict[str, Any]) -> None:
    with sae.use_backend("numba"):
        assert fitted(kind, **options).trained_by_ == "compiled steps (scratchae.kernels.variational_steps)"


@pytest.mark.parametrize("variance", ["learned", "learned_per_feature"])
@pytest.mark.parametrize("kind", [sae.VariationalAutoencoder, sae.ImportanceWeightedAutoencoder])
def test_a_learned_variance_stays_above_its_floor(kind: Any, variance: str) -> None:
    x = np.concatenate([X[:1], X[:1] + np.arange(1, 7) / 10, X[:1] - np.arange(1, 7) / 10]).astype(np.float32)
    floor = 1e-4 * x.var(axis=0)
    for backend in ("numba", "numpy"):
        with sae.use_backend(backend):
            model = kind((), 2, likelihood="gaussian", variance=variance, learning_rate=100.0, random_state=0)
            problem, state = ModelProblem(model, Data(x), None, as_optimizer("sgd")), model._first_state(6, 0)
            model._initialise_from_data(Data(x), state.parameters)
            state.parameters["decoder.0.W"] = (
                0  # the output is the mean, which is row 0: without a floor, its variance is 0
            )
            assert problem.take_steps(state, np.zeros(3, np.intp), np.empty(1)) == 1
            problem.release()
        expected = floor if variance == "learned_per_feature" else floor.mean()
        np.testing.assert_allclose(np.exp(state.parameters["decoder.logvar"]), expected, rtol=1e-5)


def test_a_subclass_is_trained_by_its_own_objective() -> None:
    calls = []

    class Watched(sae.Autoencoder):
        def objective(self, *arguments: Any, **options: Any) -> Any:
            calls.append(1)
            return super().objective(*arguments, **options)

    with sae.use_backend("numba"):
        Watched(batch_size=5, epochs=2).fit(X)
    assert len(calls) == 8


def test_verbose_2_tells_which_of_the_two_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    fitted(sae.Autoencoder, verbose=2)
    assert "Autoencoder is trained by compiled steps (scratchae.kernels.steps).\n" in capsys.readouterr().err
    fitted(sae.SparseAutoencoder, verbose=1)
    assert "is trained by" not in capsys.readouterr().err


def test_it_is_kept_in_files(tmp_path: Any) -> None:
    model = fitted(sae.Autoencoder)
    model.save(tmp_path / "m.npz")
    assert sae.load(tmp_path / "m.npz").trained_by_ == model.trained_by_
