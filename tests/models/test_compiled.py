"""Compiled steps are found in one table, by exact class and options; all else is trained by its own objective."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.models.compiled import TABLE

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
        (sae.VariationalAutoencoder, {"likelihood": "gaussian"}),
        (sae.VariationalAutoencoder, {"kl": "sampled"}),
        (sae.VariationalAutoencoder, {"free_bits": 0.1}),
        (sae.ImportanceWeightedAutoencoder, {"likelihood": "gaussian"}),
        (sae.SparseAutoencoder, {}),
        (sae.ConditionalVariationalAutoencoder, {}),
    ],
)
def test_options_that_no_compiled_step_knows_are_trained_by_the_objective(kind: Any, options: dict[str, Any]) -> None:
    with sae.use_backend("numba"):
        assert fitted(kind, **options).trained_by_ == "its objective with numba ops"


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
