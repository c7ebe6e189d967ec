"""Inputs: rows from files of each kind, images made rows, and what does not fit together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.cli.inputs import LoadedData, check_classes, load_data, load_model
from scratchae.console.parser import UsageError

X = np.random.default_rng(0).random((5, 6))


def test_rows_from_one_array(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    np.savetxt(tmp_path / "x.csv", X, delimiter=",")
    for name in ("x.npy", "x.csv"):
        data = load_data(str(tmp_path / name), None, (2, 3))
        np.testing.assert_allclose(data.x_train, X)
        assert (data.name, data.image_shape, data.words) == (name, (2, 3), ("image", "pixel"))
    assert load_data(str(tmp_path / "x.npy"), None, None).words == ("row", "feature")


def test_bytes_and_images_from_an_archive(tmp_path: Path) -> None:
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    np.savez(tmp_path / "d.npz", x_train=images, y_train=[0, 1], x_test=images[:1], y_test=[1])
    data = load_data(str(tmp_path / "d.npz"), None, None)
    assert data.x_train.shape == (2, 12) and data.x_test is not None and data.x_test.shape == (1, 12)
    assert data.image_shape == (3, 4) and "x_train contains bytes, which were divided by 255" in data.notes
    assert data.x_train[1, -1] == pytest.approx(23 / 255) and data.y_train is not None


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x_train": X, "x_test": X[:, :5]}, "x_test has shape .*; give test rows with the same columns"),
        ({"x_train": X, "x_test": X[:0]}, "x_test has shape"),
        ({"x_train": X, "y_train": [1, 2]}, "y_train has shape .*; give one label for each row, or none"),
        ({"x_train": X, "y_test": [1, 2]}, "y_test has shape .* does not match x_test"),
        ({"x_train": X, "image_shape": [2, 2]}, "an image shape of 2x2 does not match rows of 6 numbers"),
        ({"x_train": X, "image_shape": [2, 1.5]}, "give two whole numbers, height and width"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays: dict[str, Any], message: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises((UsageError, ValueError), match=message):
        load_data(str(tmp_path / "d.npz"), None, None)


@pytest.mark.parametrize(
    ("name", "folder", "message"),
    [
        ("mnst", None, r"--data 'mnst' is not a data set \(did you mean 'mnist'\?\)"),
        ("nowhere.npy", None, "--data nowhere.npy: there is no such file"),
        ("nowhere.npy", "folder", "--data-dir is for mnist and fashion-mnist"),
        ("digits", "folder", "--data digits is part of the package"),
    ],
)
def test_data_that_are_not_there_are_refused(name: str, folder: str | None, message: str) -> None:
    with pytest.raises((UsageError, ValueError), match=message):
        load_data(name, folder, None)


def test_models_are_loaded_by_path(tmp_path: Path) -> None:
    with sae.use_backend("numpy"):
        sae.Autoencoder((), 2, epochs=1).fit(X).save(tmp_path / "m.npz")
    assert type(load_model(str(tmp_path / "m.npz"))) is sae.Autoencoder
    with pytest.raises(UsageError, match="there is no such file; give a model that `scratchae train --out` saved"):
        load_model(str(tmp_path / "n.npz"))


def test_classes_that_were_not_trained_are_found_before() -> None:
    check_classes(np.array([0, 1, 2]), {"y_test": np.array([2, 2]), "held out": None})
    with pytest.raises(ValueError, match="y_test has the class 3"):
        check_classes(np.array([0, 1, 2]), {"y_test": np.array([2, 3])})
    assert LoadedData("d", X).words == ("row", "feature")
