"""Inputs: rows from files of each kind, images made rows, and what does not fit together."""

from __future__ import annotations

import inspect
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import scratchae as sae
from scratchae.cli.inputs import (
    READING,
    LoadedData,
    check_classes,
    check_names,
    load_data,
    load_for,
    load_model,
    prepared,
    reading_of,
)
from scratchae.console.parser import UsageError
from scratchae.models.preparation import Preparation

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
        ({"x_train": X, "x_test": X[:, :5]}, "x_test in .* has shape .*; give test rows with the same columns"),
        ({"x_train": X, "x_test": X[:0]}, "x_test in .* has shape"),
        ({"x_train": X, "y_train": [1, 2]}, "y_train in .* has shape .*; give one label for each row, or none"),
        ({"x_train": X, "y_test": [1, 2]}, "y_test in .* has shape .* does not match x_test"),
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


def test_what_was_taken_for_what_is_kept(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",a,b,species\n0,1,2,x\n1,3,4,y\n2,5,6,x\n3,7,8,y\n")
    data = load_data(str(tmp_path / "t.csv"), None, None)
    assert data.names == ["a", "b"] and data.y_train is not None and data.y_train.tolist() == list("xyxy")
    assert any("index" in note for note in data.notes) and any("labels" in note for note in data.notes)
    assert data.where is not None and data.where(1, 1) == "line 3, column 'b'"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"label_column": "none"}, {"label_column": False}),
        ({"label_column": "2"}, {"label_column": "2"}),
        ({"missing": "mean"}, {"missing": "keep"}),
        ({"drop_columns": ("a",), "sep": ";", "header": False}, {"drop_columns": ("a",), "sep": ";", "header": False}),
        ({}, {}),
    ],
)
def test_arguments_of_reading(given: dict[str, Any], words: dict[str, Any]) -> None:
    defaults = {
        "label_column": None,
        "index_column": None,
        "drop_columns": (),
        "sep": None,
        "header": None,
        "transpose": False,
    }
    found = reading_of(Namespace(**{**defaults, "missing": "error", **given}))
    assert found == {"header": None, "missing": "error", **words}


def test_options_of_files_are_refused_for_data_sets() -> None:
    with pytest.raises(UsageError, match="--label-column is for files, and --data digits is a data set; leave it out"):
        load_data("digits", None, None, {"header": None, "missing": "error", "label_column": "y"})
    assert load_data("digits", None, None, {"header": None, "missing": "keep"}).name == "digits"


def test_columns_are_compared_with_those_of_the_model(tmp_path: Path) -> None:
    with sae.use_backend("numpy"):
        model = sae.Autoencoder((), 1, epochs=1).fit(X[:, :2])
    model.feature_names_in_ = np.array(["a", "b"], object)
    check_names(model, LoadedData("d", X, names=["a", "b"]))
    check_names(model, LoadedData("d", X))
    with pytest.raises(UsageError, match="d has the columns b, a, the model a, b; give them in the same order"):
        check_names(model, LoadedData("d", X, names=["b", "a"]))
    with pytest.raises(
        UsageError, match=r"d has no column 'b' \(did you mean 'bb'\?\), which the model was trained on"
    ):
        check_names(model, LoadedData("d", X, names=["a", "bb"]))


def test_rows_are_prepared_as_those_of_the_training(tmp_path: Path) -> None:
    rows = X[:, :2] * [10, 100]
    with sae.use_backend("numpy"):
        model = sae.Autoencoder((), 1, epochs=1, likelihood="gaussian").fit(rows)
    assert prepared(model, LoadedData("d", rows)).x_train is rows
    model.preparation_ = Preparation().fit(rows)
    made = prepared(model, LoadedData("d", rows, x_test=rows[:1]))
    np.testing.assert_allclose(made.x_train.std(axis=0), 1)
    np.testing.assert_allclose(made.x_test, made.x_train[:1])


def arguments(path: Path, **options: Any) -> Namespace:
    """Return arguments of a command that reads rows for a saved model."""
    usual = {**dict.fromkeys(READING), "drop_columns": (), "missing": "error", "transpose": False}
    return Namespace(**{**usual, "data": str(path), "data_dir": None, "image_shape": None, **options})


def test_missing_values_become_means_of_the_training_rows_or_of_the_file(tmp_path: Path) -> None:
    path, rows = tmp_path / "x.npy", np.array([[1.0, 5.0], [3.0, np.nan], [8.0, 9.0]])
    np.save(path, rows)
    model: Any = SimpleNamespace()
    assert load_for(model, arguments(path, missing="mean")).x_train[1].tolist() == [3, 7]
    assert load_for(model, arguments(path, missing="drop")).x_train.tolist() == [[1, 5], [8, 9]]
    model.preparation_ = Preparation(standardize=False).fit(np.array([[0.0, 100.0], [0.0, 300.0]]))
    assert load_for(model, arguments(path, missing="mean")).x_train[1].tolist() == [3, 200]


def test_rows_for_a_model_have_its_columns(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    path = tmp_path / "t.csv"
    path.write_text("b,a\n1,2.5\n3,4.5\n")
    model: Any = SimpleNamespace(feature_names_in_=np.array(["a", "b"]))
    with pytest.raises(UsageError, match="t.csv has the columns b, a, the model a, b; give them in the same order"):
        load_for(model, arguments(path))


def test_every_argument_of_reading_reaches_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.arange(12.0).reshape(2, 2, 3) / 12)
    plain, turned = (load_for(SimpleNamespace(), arguments(path, transpose=way)) for way in (False, True))  # type: ignore[arg-type]
    assert plain.image_shape == (2, 3) and turned.image_shape == (3, 2)
    np.testing.assert_array_equal(turned.x_train[0], plain.x_train[0].reshape(2, 3).T.ravel())
    taken = inspect.signature(sae.read_table).parameters
    assert {*READING} == {*taken} - {"path", "like"}


def test_a_shape_of_images_that_are_none_of_this_shape_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((4, 2, 3)))
    assert load_data(str(tmp_path / "x.npy"), None, (2, 3)).image_shape == (2, 3)
    with pytest.raises(
        UsageError, match="--image-shape does not match the images in x.npy, which are 2x3; leave it out"
    ):
        load_data(str(tmp_path / "x.npy"), None, (3, 2))


def test_rows_of_another_width_are_left_as_they_are() -> None:
    model: Any = SimpleNamespace(preparation_=Preparation().fit(X))
    data = LoadedData("d", X[:, :1])
    assert prepared(model, data) is data  # the command refuses them in words
