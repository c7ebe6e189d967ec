"""Generated images: rows and their names, classes by name, files written at once or not at all."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import scratchae as sae
from scratchae.cli.generated import classes_asked, draws, in_rows, places, plane, walk_between
from scratchae.cli.inputs import LoadedData
from scratchae.console.parser import UsageError
from scratchae.models.preparation import Preparation

X = np.arange(28.0).reshape(7, 4)


def test_images_are_arranged_in_a_square() -> None:
    made = in_rows(X, "title")
    assert made.rows is not None and {name: len(rows) for name, rows in made.rows.items()} == {"0": 3, "3": 3, "6": 1}
    assert np.array_equal(np.concatenate(list(made.rows.values())), X)
    assert list(in_rows(X, "title", columns=5).rows or {}) == ["0", "5"]


def test_places_are_in_equal_steps_of_probability() -> None:
    np.testing.assert_allclose(norm.cdf(places(4)), [0.125, 0.375, 0.625, 0.875])


@pytest.mark.parametrize("ending", ["npy", "npz"])
def test_arrays_are_written_whole(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{ending}"
    in_rows(X, "title", y=np.arange(7)).write(path)
    loaded = np.load(path)
    assert np.array_equal(loaded if ending == "npy" else loaded["x"], X)
    assert ending == "npy" or loaded["y"].tolist() == list(range(7))
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("ending", "separator"), [("csv", ","), ("tsv", "\t")])
def test_tables_are_written_with_names_and_every_digit(ending: str, separator: str, dtype: Any, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(5, 2)).astype(dtype)
    path = tmp_path / f"x.{ending}"
    in_rows(x, "title").write(path, ["a", f"b{separator}c"])
    table = sae.read_table(path)
    assert table.names == ["a", f"b{separator}c"] and path.read_text("utf-8").count(separator) == 5 + 2
    np.testing.assert_array_equal(table.array().astype(dtype), x)
    in_rows(x, "title", y=np.array(["u", "v", "u", "v", "u"])).write(path)
    table = sae.read_table(path)
    assert table.names == ["x0", "x1"] and table.y is not None and table.y.tolist() == list("uvuvu")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_rows_are_brought_back_into_the_units_of_the_data() -> None:
    made = in_rows(X, "title")
    assert made.in_units(None) is made
    preparation = Preparation().fit(X)
    back = made.in_units(preparation)
    np.testing.assert_allclose(back.x, preparation.inverse_transform(X))
    assert back.rows is not None
    np.testing.assert_allclose(np.concatenate(list(back.rows.values())), back.x)


def test_rows_of_a_table_are_drawn_as_histograms_by_class(tmp_path: Path) -> None:
    made = in_rows(X, "title", y=np.array([0, 1, 0, 1, 0, 1, 0]))
    figure = made._histograms(["a", "b", "c", "d"])
    assert [axes.get_title() for axes in figure.axes] == ["a", "b", "c", "d"] and len(figure.axes[0].patches) == 2
    assert len(in_rows(X[:6], "title", y=np.arange(6))._histograms(None).axes[0].patches) == 6
    assert (
        len(in_rows(X, "title", y=np.arange(7))._histograms(None).axes[0].patches) == 1
    )  # too many classes for outlines
    made.draw(tmp_path / "p.png", None)
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


class Recorded:
    """A model whose samples tell with which arguments they were drawn."""

    def sample(self, n: int, **options: Any) -> np.ndarray:
        number = 10 * options["seed"] + {None: 0, True: 1, False: 2}[options["noise"]]
        return np.full((n, 4), number) + 0.5 * (options.get("y") == "b")


@pytest.mark.parametrize(("noise", "number"), [(None, 30), (True, 31), (False, 32)])
def test_draws_have_the_seed_the_noise_and_the_classes_asked_for(noise: bool | None, number: int) -> None:
    model: Any = Recorded()
    assert draws(model, 3, None, 3, noise).x.tolist() == [[number] * 4] * 3
    made = draws(model, 2, np.array(["a", "b"]), 3, noise)
    assert made.y is not None and made.y.tolist() == ["a", "a", "b", "b"]
    assert made.x[:, 0].tolist() == [number, number, number + 0.5, number + 0.5]
    assert made.rows is not None and {label: rows[:, 0].tolist() for label, rows in made.rows.items()} == {
        "a": [number] * 2,
        "b": [number + 0.5] * 2,
    }


def test_a_picture_holds_a_thousand_images(tmp_path: Path) -> None:
    in_rows(np.zeros((1000, 1)), "title").draw(tmp_path / "x.png", (1, 1))
    with pytest.raises(UsageError, match="a picture holds at most 1,000 images"):
        in_rows(np.zeros((1001, 1)), "title").draw(tmp_path / "y.png", (1, 1))


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    for ending in ("csv", "npy"):
        broken: Any = in_rows(X, "title", y=np.arange(3))  # labels run out
        with pytest.raises((IndexError, ZeroDivisionError)):
            if ending == "npy":
                object.__setattr__(broken, "x", Unwritable())
            broken.write(tmp_path / f"x.{ending}")
    assert not list(tmp_path.iterdir())


class Unwritable:
    """Rows that cannot be written."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise ZeroDivisionError


@pytest.mark.parametrize("tested", [True, False])
def test_walks_go_between_test_rows_if_there_are_any(tested: bool) -> None:
    found = []
    model: Any = SimpleNamespace(n_features_in_=4, interpolate=lambda a, b, steps: found.extend([a, b]) or X[:steps])
    walk_between(model, LoadedData("d", X, None, 100 + X if tested else None), 1, 6, 5)
    np.testing.assert_array_equal(found, X[[1, 6]] + (100 if tested else 0))


def test_classes_by_name() -> None:
    model: Any = SimpleNamespace(classes_=np.array([0.0, 3.0, 7.0]))
    assert classes_asked(model, ["7", "0", "7"], "m.npz").tolist() == [7, 0]  # type: ignore[union-attr]
    assert classes_asked(model, None, "m.npz").tolist() == [0, 3, 7]  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="--class 4 is not a class of m.npz; its classes are 0, 3, 7"):
        classes_asked(model, ["4"], "m.npz")
    assert classes_asked(SimpleNamespace(), None, "m.npz") is None
    with pytest.raises(UsageError, match="--class is for conditional models, and m.npz holds a SimpleNamespace"):
        classes_asked(SimpleNamespace(), ["4"], "m.npz")
    with pytest.raises(UsageError, match="give one --class"):
        plane(model, 3, model.classes_)


@pytest.mark.parametrize(
    ("rows", "labels", "ends", "message"),
    [
        (
            np.ones((3, 5)),
            [0, 0, 1],
            (0, 1),
            r"the rows of d have shape \(5,\), but the model was trained on rows of 4",
        ),
        (X[:3], [0, 0, 1], (0, 3), "numbered from 0 to 2; give two of these"),
        (X[:3], None, (0, 1), "d has no labels, which a conditional model needs"),
        (X[:3], [0, 0, 1], (1, 2), "row 1 is of class 0, row 2 of class 1; a conditional model needs two rows of one"),
    ],
)
def test_walks_that_cannot_be_made_are_refused(rows: Any, labels: Any, ends: tuple[int, int], message: str) -> None:
    model = SimpleNamespace(n_features_in_=4, classes_=np.array([0, 1]))
    data = LoadedData("d", rows, None if labels is None else np.array(labels))
    with pytest.raises(UsageError, match=message):
        walk_between(model, data, *ends, 5)
