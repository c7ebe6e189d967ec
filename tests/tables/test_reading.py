"""Whole ways: what people write with pandas, NumPy and the package itself is read and fits; whatever cannot is one sentence."""

from __future__ import annotations

import contextlib
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.written_tables import written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scratchae as sae
from scratchae.tables.reading import is_readable

pandas = pytest.importorskip("pandas")
SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120)
TINY: dict[str, Any] = {"hidden_sizes": (), "latent_dim": 1, "likelihood": "gaussian", "epochs": 1, "random_state": 0}


def test_names() -> None:
    for name in ("a.csv", "a.CSV", "a.tsv.gz", "a.parquet", "a.npz", "train-images.idx3-ubyte", "a.txt.zip"):
        assert is_readable(name)
    assert not any(map(is_readable, ["a.xlsx", "a", "a.gz", "mnist"]))


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="There is no file 'nowhere.csv'"):
        sae.read_table("nowhere.csv")
    with pytest.raises(ValueError, match="t.xlsx is not of a known kind.*save it as .csv"):
        sae.read_table(written(tmp_path, b"PK", "t.xlsx"))
    with pytest.raises(ValueError, match=r"t.cvs is not of a known kind \(did you mean '.csv'\?\)"):
        sae.read_table(written(tmp_path, b"1,2", "t.cvs"))
    with pytest.raises(ValueError, match="transpose=True is for images"):
        np.save(tmp_path / "x.npy", np.ones((2, 2)))
        sae.read_table(tmp_path / "x.npy", transpose=True)


def test_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "USERPROFILE"):  # the latter on Windows
        monkeypatch.setenv(variable, str(tmp_path))
    written(tmp_path, "a,b\n1,2\n")
    assert sae.read_table("~/t.csv").names == ["a", "b"]


def test_the_table_fits_and_its_names_are_compared(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b,label\n.1,.2,x\n.3,.5,y\n.2,.9,x\n.4,.4,y\n")
    table = sae.read_table(path)
    with sae.use_backend("numpy"):
        model = sae.Autoencoder(**TINY).fit(table.x)
        classifier = sae.StackedClassifier((), epochs=1, random_state=0).fit(table.x, table.y)
    assert list(model.feature_names_in_) == ["a", "b"] and list(classifier.classes_) == ["x", "y"]
    turned = sae.read_table(written(tmp_path, "b,a\n.2,.1\n.5,.3\n", "u.csv"))
    with pytest.raises(ValueError, match="must be in the same order"):
        model.encode(turned.x)
    np.testing.assert_array_equal(
        model.encode(sae.read_table(tmp_path / "u.csv", like=table).x), model.encode(table.x.iloc[:2])
    )


# Numbers as they are found in tables; names as people give them.
NUMBERS = st.floats(-1e5, 1e5, allow_nan=False, width=32).map(float)
NAMES = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=8).filter(
    lambda name: (
        name.strip() == name and name.strip("'\"# ") == name and not name.lower().startswith(("sep=", "unnamed"))
    )
)


@SAME_FOLDER
@given(
    names=st.lists(NAMES, min_size=2, max_size=4, unique=True).filter(
        lambda names: not any(re.fullmatch(r"[\d.,+-]*|inf.*|nan", n, re.I) for n in names)
    ),
    rows=st.integers(2, 5),
    data=st.data(),
    index=st.booleans(),
    sep=st.sampled_from([",", ";", "\t"]),
)
def test_what_pandas_writes_comes_back(
    names: list[str], rows: int, data: st.DataObject, index: bool, sep: str, tmp_path: Path
) -> None:
    x = np.array(
        data.draw(st.lists(st.lists(NUMBERS, min_size=len(names), max_size=len(names)), min_size=rows, max_size=rows))
    )
    x = x + np.linspace(0.25, 0.5, rows)[:, None]  # no column counts the rows, none holds classes
    frame = pandas.DataFrame(x, columns=names)
    frame.to_csv(tmp_path / "t.csv", index=index, sep=sep)
    table = sae.read_table(tmp_path / "t.csv", sep=sep, label_column=False)
    assert table.names == names
    np.testing.assert_array_equal(table.array(), x)
    assert ("index" in "\n".join(table.notes)) == index


CELLS = st.one_of(
    NUMBERS,
    st.integers(-(2**70), 2**70),
    st.none(),
    st.booleans(),
    st.text(max_size=5),
    st.sampled_from(["NA", "1,5", "1.5", "yes", "no", "inf", "2020-01-01", "1e400", "'3'", "-", "=SUM(A1)"]),
    st.dates(),
    st.datetimes(),
    st.complex_numbers(max_magnitude=10),
    st.binary(max_size=3),
    st.just(pandas.NA),
    st.just(pandas.NaT),
    st.just(float("nan")),
)
COLUMN_NAMES = st.one_of(st.text(max_size=4), st.integers(0, 5), st.floats(0, 1), st.none(), st.just("a"))


@st.composite
def frames(draw: st.DrawFn) -> Any:
    """A data frame with strange columns: of text, dates, mixed types, empty, all missing; with equal names, and names that are numbers."""
    rows, width = draw(st.integers(0, 5)), draw(st.integers(0, 4))
    frame = pandas.DataFrame(index=range(rows))
    kinds = [CELLS, NUMBERS, st.none(), st.booleans(), st.dates(), st.sampled_from(["x", "y"]), st.integers(0, 9)]
    columns = []
    for _ in range(width):
        kind = draw(st.sampled_from(kinds))
        column = pandas.Series(draw(st.lists(kind, min_size=rows, max_size=rows)), dtype=object)
        if draw(st.booleans()):
            column = column.infer_objects()
        if draw(st.booleans()):
            with contextlib.suppress(Exception):  # errors of pandas itself
                column = column.convert_dtypes()
        columns.append(column)
    if columns:
        frame = pandas.concat(columns, axis=1)
    frame.columns = draw(st.lists(COLUMN_NAMES, min_size=frame.shape[1], max_size=frame.shape[1]))
    if draw(st.booleans()) and rows:
        frame.index = [f"row {i}" for i in range(rows)]
    return frame


@settings(max_examples=300)
@given(frame=frames())
def test_any_frame_is_fitted_or_refused_in_one_sentence_with_its_column(frame: Any) -> None:
    model = sae.Autoencoder(**TINY)
    try:
        with sae.use_backend("numpy"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(frame)
    except (ValueError, TypeError) as error:
        text = str(error)
        assert "\n" not in text.strip() and "Traceback" not in text
        if frame.shape[0] and frame.shape[1]:
            named = re.search("column (.+?)(;|,| \\(|$)| named (.+?), at positions", text)
            assert named, text
    except sae.DivergenceError:
        pass  # numbers as large as 2**70
    else:
        assert all(np.isfinite(frame.iloc[:, j].to_numpy(dtype=float)).all() for j in range(frame.shape[1]))


@SAME_FOLDER
@given(frame=frames(), index=st.booleans(), missing=st.sampled_from(["error", "drop", "mean"]))
def test_any_file_of_a_frame_is_read_or_refused_in_words(frame: Any, index: bool, missing: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    try:
        frame.to_csv(path, index=index)
    except Exception:  # what pandas cannot write
        return
    try:
        table = sae.read_table(path, missing=missing)
    except ValueError as error:
        assert re.search("column|line|no rows|no column|There is no", str(error)), str(error)
    else:
        assert np.isfinite(table.array()).all() and table.notes


@pytest.mark.slow
def test_ten_million_rows_of_one_column(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((10_000_000, 1), np.float32)
    np.save(tmp_path / "x.npy", x)
    table = sae.read_table(tmp_path / "x.npy")
    assert table.x.shape == x.shape
    (tmp_path / "x.csv").write_bytes(b"a\n" + b"0.25\n1e-3\n" * 5_000_000)
    table = sae.read_table(tmp_path / "x.csv")
    assert table.x.shape == x.shape and table.names == ["a"] and table.array()[:2, 0].tolist() == [0.25, 1e-3]
    (tmp_path / "x.csv").write_bytes(b"label;a\n" + b"0;0,25\n1;0,5\n" * 1_000_000)
    table = sae.read_table(tmp_path / "x.csv")
    assert table.x.shape == (2_000_000, 1) and table.y is not None and table.y[:3].tolist() == [0, 1, 0]
    x[-1] = np.nan
    np.save(tmp_path / "x.npy", x)
    with pytest.raises(ValueError, match=r"row 10000000 \(counted from 1\), column 1"):
        sae.read_table(tmp_path / "x.npy")
