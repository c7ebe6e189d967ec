"""Rows in blocks: the same answers, whatever the number of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.basic_runs import fitted

import scratchae as sae
from scratchae.models import binarization, blocks
from scratchae.models.blocks import BLOCK


@pytest.mark.parametrize("rows", [1, BLOCK, BLOCK + 1])
def test_many_rows_are_answered_in_blocks(rows: int, x: np.ndarray) -> None:
    model, many = fitted(x), np.tile(x, (60, 1))[:rows]
    assert model.encode(many).shape == (rows, 3) and model.reconstruct(many).shape == (rows, 11)
    assert model.score_samples(many).shape == (rows,)
    np.testing.assert_allclose(model.reconstruct(many)[-1], model.reconstruct(many[-1:])[0], rtol=1e-5)
    np.testing.assert_allclose(model.score_samples(many)[-1:], model.score_samples(many[-1:]), rtol=1e-5)


def test_blocks_are_cut_alike_from_all_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 3)
    seen: list[tuple[list[int], list[int]]] = []

    def added(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        seen.append((a.tolist(), b.tolist()))
        return a + b

    total = blocks.in_blocks(added, np.arange(7), 10 * np.arange(7))
    assert total.tolist() == [0, 11, 22, 33, 44, 55, 66]
    assert seen == [([0, 1, 2], [0, 10, 20]), ([3, 4, 5], [30, 40, 50]), ([6], [60])]
    seen.clear()
    blocks.in_blocks(added, np.arange(3), np.arange(3))
    assert len(seen) == 1  # as many rows as one block has


@pytest.mark.parametrize(
    ("bytes_per_row", "rows"), [(0, BLOCK), (8, BLOCK), (blocks.BYTES // 10, 10), (blocks.BYTES * 2, 1)]
)
def test_blocks_of_wide_rows_have_fewer(bytes_per_row: int, rows: int) -> None:
    assert blocks.rows_at_once(bytes_per_row) == rows


def test_blocks_are_as_small_as_the_activations_of_all_layers_need() -> None:
    few = np.zeros((3, 784), np.float32)
    small = sae.Autoencoder(hidden_sizes=(400,), latent_dim=20, epochs=1).fit(few)
    assert small._at_once(784) == BLOCK  # the usual networks
    wide = sae.Autoencoder(hidden_sizes=(50_000,), latent_dim=2, epochs=1).fit(few[:, :4])
    assert wide._at_once(4) == blocks.BYTES // (4 * (4 + 50_000 + 2 + 50_000 + 4))
    assert wide.set_params(dtype="float64")._at_once(4) == wide.set_params(dtype="float32")._at_once(4) // 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
@pytest.mark.parametrize("size", [1, 3, 40, BLOCK])
def test_moments_of_columns_are_those_of_all_rows(dtype: type, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x = (np.random.default_rng(0).standard_normal((101, 4)) * [1, 10, 1000, 0] + [0, 3e5, -50, 7]).astype(dtype)
    monkeypatch.setattr(blocks, "BLOCK", size)
    mean = blocks.column_means(x)
    deviation = np.sqrt(blocks.column_variances(x, mean))
    assert mean.dtype == deviation.dtype == np.float64
    exact = x.astype(np.float64)
    np.testing.assert_allclose(mean, exact.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(deviation, exact.std(axis=0), rtol=1e-11, atol=1e-13)
    assert deviation[3] == 0


@pytest.mark.parametrize("way", ["threshold", "static"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binarisation_in_blocks_draws_the_numbers_of_one_call(
    way: str, dtype: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = (
        np.random.default_rng(0).random((50, 7)).astype(dtype)
    )  # an odd number of single-precision numbers in each block
    expected = x > (0.5 if way == "threshold" else np.random.default_rng([3, 1]).random(x.shape, dtype))
    monkeypatch.setattr(blocks, "BLOCK", 9)
    for binarised in (binarization.for_training(x, way, 3), binarization.for_evaluation(x, way, 3)):
        np.testing.assert_array_equal(binarised, expected)


def test_corruption_in_blocks_draws_the_numbers_of_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).random((50, 7))
    for corruption in ("masking", "salt_and_pepper", "gaussian"):
        model = sae.DenoisingAutoencoder(latent_dim=2, epochs=1, corruption=corruption, likelihood="gaussian").fit(x)
        whole = model.corrupt(x, seed=1)
        with monkeypatch.context() as patch:
            patch.setattr(blocks, "BLOCK", 9)
            np.testing.assert_array_equal(model.corrupt(x, seed=1), whole)


VALIDATED: list[tuple[str, dict[str, Any]]] = [
    ("Autoencoder", {}),
    ("DenoisingAutoencoder", {}),
    ("SparseAutoencoder", {"hidden_sizes": ()}),
    ("WassersteinAutoencoder", {}),
    ("StackedClassifier", {}),
    ("VariationalAutoencoder", {}),
    ("VariationalAutoencoder", {"free_bits": 0.01, "learning_rate": 0.05, "n_samples": 2}),
    ("ImportanceWeightedAutoencoder", {"n_samples": 1}),
]


@pytest.mark.parametrize(("kind", "options"), VALIDATED)
def test_validation_in_blocks_is_the_mean_over_all_rows(
    kind: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((60, 6)), np.arange(60) % 3
    held_out = (rng.random((50, 6)), np.arange(50) % 3)
    small = {"hidden_sizes": (5,), "epochs": 2, "dtype": "float64", "random_state": 0, "weight_decay": 0.01}

    def validated() -> dict[str, list[float]]:
        model = getattr(sae, kind)(**{**small, **options})
        return model.fit(x, y, validation_data=held_out).history_

    whole = validated()
    monkeypatch.setattr(blocks, "BLOCK", 8)
    for name, values in validated().items():
        if name.startswith("val_"):
            np.testing.assert_allclose(values, whole[name], rtol=1e-12, err_msg=name)
