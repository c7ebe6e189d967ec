"""Arrays of NumPy's files, by their names."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchae as sae

X = np.random.default_rng(0).random((6, 4))
Y = np.array([0, 1, 0, 1, 0, 1])


@pytest.mark.parametrize(
    ("arrays", "test"),
    [
        ({"x": X, "y": Y}, False),
        ({"X": X, "target": Y}, False),
        ({"data": X, "labels": Y}, False),
        ({"x_train": X, "y_train": Y, "x_test": X[:2], "y_test": Y[:2]}, True),
        ({"train_images": X, "train_labels": Y[:, None], "test_images": X[:2], "test_labels": Y[:2, None]}, True),
    ],
)
def test_arrays_are_found_by_the_usual_names(arrays: dict[str, Any], test: bool, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", **arrays)
    table = sae.read_table(tmp_path / "d.npz")
    np.testing.assert_array_equal(table.x, X)
    np.testing.assert_array_equal(table.y, Y)
    assert (table.x_test is not None) == (table.y_test is not None) == test
    if "x" in arrays:
        assert table.notes == ("took x for the rows, y for the labels",)


def test_one_array_names_and_images(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", whatever=X)
    np.testing.assert_array_equal(sae.read_table(tmp_path / "d.npz").x, X)
    np.savez(tmp_path / "d.npz", x_train=X, y_train=Y)
    assert sae.read_table(tmp_path / "d.npz").notes == ()  # what is named as it is used is not remarked
    np.savez(tmp_path / "d.npz", x=X, names=["a", "b", "c", "d"], extra=Y)
    table = sae.read_table(tmp_path / "d.npz")
    assert table.names == ["a", "b", "c", "d"] and "not used: extra" in table.notes
    np.save(tmp_path / "d.npy", np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    table = sae.read_table(tmp_path / "d.npy")
    assert table.image_shape == (3, 4) and table.x.shape == (2, 12) and table.x.max() == np.float32(23 / 255)
    turned = sae.read_table(tmp_path / "d.npy", transpose=True)
    assert turned.image_shape == (4, 3) and turned.x[0, 1] == table.x[0, 4]
    fields = np.zeros(3, [("a", "f4"), ("b", "i2")])
    fields["b"] = 7
    np.save(tmp_path / "d.npy", fields)
    table = sae.read_table(tmp_path / "d.npy")
    assert table.names == ["a", "b"] and table.array().tolist() == [[0, 7]] * 3


def test_a_column_of_an_array_may_hold_the_labels(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", np.c_[X, Y])
    for which in (-1, "last", "5", 4):
        table = sae.read_table(tmp_path / "d.npy", label_column=which)
        np.testing.assert_array_equal(table.array(), X)
        np.testing.assert_array_equal(table.y, Y)
    np.save(tmp_path / "first.npy", np.c_[Y, X])
    for which in (0, "1"):
        np.testing.assert_array_equal(sae.read_table(tmp_path / "first.npy", label_column=which).y, Y)
    table = sae.read_table(tmp_path / "d.npy", label_column=-1, drop_columns=[0], index_column="2")
    np.testing.assert_array_equal(table.array(), X[:, 2:])
    assert sae.read_table(tmp_path / "d.npy").y is None


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        (
            "d.npz",
            {"label_column": 1},
            "label_column is for tables, and d.npz has images, labels or test rows of its own",
        ),
        ("d.npy", {"sep": ";"}, "sep=';' is for text, which d.npy is not; leave it out"),
        ("d.npy", {"header": True}, "header=True is for text"),
        ("d.npy", {"label_column": "z"}, "label_column='z' is not a column"),
        ("d.csv", {"transpose": True}, "transpose=True is for images, which d.csv is not"),
    ],
)
def test_options_that_mean_nothing_are_refused(name: str, options: dict[str, Any], words: str, tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", X)
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    np.savetxt(tmp_path / "d.csv", X, delimiter=",")
    with pytest.raises(ValueError, match=re.escape(words)):
        sae.read_table(tmp_path / name, **options)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"a": X, "b": X}, r"has no array x_train \(it has a, b\); name the array to train on x_train"),
        ({"x": X, "y": Y[:3]}, r"y_train in .*d.npz has shape \(3,\), which does not match x_train of 6 rows"),
        ({"x": X, "y": np.append(Y, 0)}, "y_train in .* has shape .* does not match x_train"),
        ({"x": X, "x_test": X, "y_test": np.append(Y, 0)}, "y_test in .* has shape .* does not match x_test"),
        ({"x": X, "image_shape": [3, 3]}, "an image shape of 3x3 does not match rows of 4 numbers"),
        ({"x": X, "x_test": X[:0]}, r"x_test in .* has shape \(0, 4\)"),
        ({"x": X, "names": ["a"]}, "has 1 names for rows"),
        ({"x": X, "names": ["a", "b", "a", "c"]}, "Two columns are named 'a', the 1st and the 3rd"),
        ({"x": X.astype(str)}, "x_train in .*d.npz has dtype <U32, which is not numeric; give numbers"),
        ({"x": X * 1j}, "has dtype complex128, which is not numeric"),
        ({"x": np.array(3.0)}, r"has shape \(\); give rows of shape \(N, D\)"),
        ({"x": X.reshape(6, 2, 2, 1)}, r"has shape \(6, 2, 2, 1\); give rows of shape \(N, D\), or images"),
        ({"x": X[:0]}, r"has shape \(0, 4\), so no values"),
        ({"x": np.where(X[2, 3] == X, np.inf, X)}, r"an infinite number in row 3 \(counted from 1\), column 4;"),
        (
            {"x": np.where(X[2, 3] == X, np.inf, X), "names": list("abcd")},
            r"number in row 3 \(counted from 1\), column 'd'",
        ),
        ({"x": X, "x_test": np.where(X[1, 1] == X, np.nan, X)}, r"row 2 \(counted from 1\), column 2 of x_test; fill"),
        ({"x": X, "x_test": X[:, :2]}, r"x_test in .*d.npz has shape \(6, 2\)"),
        ({"x": X, "names": list("abcde")}, "has 5 names for rows"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays: dict[str, Any], words: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(ValueError, match=words):
        sae.read_table(tmp_path / "d.npz")


def test_one_column_may_have_one_dimension(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", X[:, 0])
    table = sae.read_table(tmp_path / "d.npy")
    np.testing.assert_array_equal(table.x, X[:, :1])
    assert table.notes == ("x_train is one column of 6 numbers",)


def test_missing_values_of_test_rows_are_treated_as_those_of_the_rows(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=X, y=Y, x_test=np.where(X[1, 1] == X, np.nan, X), y_test=Y)
    table = sae.read_table(tmp_path / "d.npz", missing="mean")
    assert table.x_test[1, 1] == pytest.approx(X[:, 1].mean())
    assert "1 missing value replaced by the mean of the column (test rows)" in table.notes
    table = sae.read_table(tmp_path / "d.npz", missing="drop")
    np.testing.assert_array_equal(table.x_test, np.delete(X, 1, axis=0))
    np.testing.assert_array_equal(table.y_test, np.delete(Y, 1))
    assert len(table.x) == 6


def test_only_bytes_are_divided(tmp_path: Path) -> None:
    for dtype in (np.uint16, np.int8, np.float64):
        np.save(tmp_path / "x.npy", np.array([[0, 100], [50, 7]], dtype))
        assert sae.read_table(tmp_path / "x.npy").x.tolist() == [[0, 100], [50, 7]]
    np.save(tmp_path / "x.npy", np.array([[0, 255], [51, 0]], np.uint8))
    np.testing.assert_allclose(sae.read_table(tmp_path / "x.npy").x, [[0, 1], [0.2, 0]], rtol=1e-6)


def test_nothing_is_guessed_about_arrays(tmp_path: Path) -> None:
    x = np.column_stack([np.arange(6), np.arange(6) % 2, np.linspace(0, 1, 6), np.ones(6)])
    np.savez(tmp_path / "x.npz", x=x, names=["id", "label", "a", "b"])
    table = sae.read_table(tmp_path / "x.npz", drop_columns=["b"])
    assert table.names == ["id", "label", "a"] and table.y is None


def test_compressed_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", X)
    (tmp_path / "d.npy.gz").write_bytes(gzip.compress((tmp_path / "d.npy").read_bytes()))
    np.testing.assert_array_equal(sae.read_table(tmp_path / "d.npy.gz").x, X)


def test_what_is_not_data_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.npy"
    np.save(path, np.array([1, "a", None], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="is not a readable .npy file of numbers"):
        sae.read_table(path)
    path.write_bytes(b"no")
    with pytest.raises(ValueError, match="is not a readable .npy file of numbers"):
        sae.read_table(path)
    with sae.use_backend("numpy"):
        sae.Autoencoder((), 2, epochs=1).fit(X).save(tmp_path / "m.npz")
    with pytest.raises(ValueError, match="is a model or a checkpoint that scratchae saved, not data"):
        sae.read_table(tmp_path / "m.npz")
    np.save(path, np.zeros(2, [("a", "f4"), ("b", "U3")]))
    with pytest.raises(ValueError, match="The field 'b' has dtype <U3, which is not numeric"):
        sae.read_table(path)
