"""Data frames: errors name the column and the row; whatever stands for a missing value is NaN."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from helpers.data_files import peak_memory

import scratchae as sae
from scratchae.models.frames import frame_as_numbers
from scratchae.models.validation import check_array

pandas = pytest.importorskip("pandas")
ROWS = ["p", "q", "r"]


def frame(**columns: Any) -> Any:
    return pandas.DataFrame({"good": [0.1, 0.2, 0.3], **columns}, index=ROWS)


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "NaN": (frame(b=[0.1, np.nan, 0.2]), ValueError, "X has NaN at row 1 (index 'q'), column 'b'; remove such rows or fill them in"),
    "NA": (frame(b=[0, 1, None]).convert_dtypes(), ValueError, "X has NaN at row 2 (index 'r'), column 'b'"),
    "NA of Booleans": (frame(b=pandas.array([True, None, False], "boolean").tolist()), ValueError, "X has NaN at row 1 (index 'q'), column 'b'"),
    "None among objects": (frame(b=pandas.Series([1, None, 0], ROWS, object)), ValueError, "X has NaN at row 1 (index 'q'), column 'b'"),
    "infinity": (frame(b=[0.1, 0.2, np.inf]), ValueError, "X has infinity at row 2 (index 'r'), column 'b'"),
    "beyond float32": (frame(b=[1, 2, 1e300]), ValueError, "X has infinity at row 2 (index 'r'), column 'b'"),
    "text": (frame(b=["1", "x", "y"]), ValueError, "in column 'b', which is not numeric (row 0 (index 'p'): '1' is not a number); pass numbers"),
    "text in one cell": (frame(b=pandas.Series([1, "x", 2], ROWS, object)), ValueError, "column 'b', which is not numeric (row 1 (index 'q'): 'x'"),
    "categories": (frame(b=pandas.Categorical(["u", "v", "u"])), ValueError, "X has dtype category in column 'b', which is not numeric"),
    "dates": (frame(b=pandas.to_datetime(["2020-01-01"] * 3)), ValueError, "X has dates in column 'b' (dtype datetime64"),
    "dates with a zone": (frame(b=pandas.to_datetime(["2020-01-01"] * 3, utc=True)), ValueError, "X has dates in column 'b'"),
    "time spans": (frame(b=pandas.to_timedelta([1, 2, 3], "s")), ValueError, "X has time spans in column 'b'"),
    "complex": (frame(b=[1j, 2, 3]), ValueError, "Complex data not supported: X has complex"),
    "objects": (frame(b=[{}, 1, 2]), TypeError, "column 'b', which is not numeric (row 0 (index 'p'): an argument must be a string or a number"),
    "NaT among objects": (frame(b=pandas.Series([1, pandas.NaT, 0], ROWS, object)), ValueError, "X has NaN at row 1 (index 'q'), column 'b'"),
    "rows of a part": (pandas.DataFrame([[0.1, 0.2], [0.3, np.nan]], [40, 41]), ValueError, "X has NaN at row 1 (index 41), column 1; remove"),
    "rows in order": (pandas.DataFrame([[0.1, 0.2], [0.3, np.nan]]), ValueError, "X has NaN at row 1, column 1; remove"),
    "an empty column": (frame(b=[None] * 3), ValueError, "X has NaN at row 0 (index 'p'), column 'b'"),
    "equal names": (pandas.DataFrame(np.ones((2, 3)), columns=["a", "b", "a"]), ValueError, "two columns named 'a', at positions 0 and 2"),
    "equal numbers": (pandas.DataFrame(np.ones((2, 2)), columns=[7, 7]), ValueError, "X has two columns named 7, at positions 0 and 1"),
    "names that are numbers": (pandas.DataFrame([[1, np.nan]], columns=[5, 3]), ValueError, "X has NaN at row 0, column 3 (position 1)"),
    "levels": (pandas.DataFrame([[1, np.nan]], columns=pandas.MultiIndex.from_tuples([("a", 1), ("a", 2)])), ValueError, "row 0, column (a, 2)"),
    "outside": (frame(b=[0.5, 1.25, 1]), ValueError, "X has 1.25 at row 1 (index 'q'), column 'b', outside [0, 1]; scale it (with MinMaxScaler"),
    "bytes": (frame(b=[0.0, 255, 3]) * 10, ValueError, "column 'good', outside [0, 1]; scale it (with MinMaxScaler"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_the_column_and_the_row_are_named(case: str) -> None:
    data, kind, words = BAD[case]
    with pytest.raises(kind, match=re.escape(words)), sae.use_backend("numpy"):
        sae.Autoencoder((), 1, epochs=1).fit(data)


def test_numbers_of_every_type_are_taken() -> None:
    columns: dict[str, Any] = {
        "a": pandas.array([0, 1], "Int8"),
        "b": [True, False],
        "c": np.array([0.5, 1], np.float32),
        "d": pandas.array([True, False], "boolean"),
        "e": pandas.Series([1, 0], dtype=object),
        "f": pandas.arrays.SparseArray([0.0, 1.0]),
        "g": pandas.Categorical([1, 0]),
    }
    x = check_array(pandas.DataFrame(columns), "float32")
    np.testing.assert_array_equal(x, np.float32([[0, 1, 0.5, 1, 1, 0, 1], [1, 0, 1, 0, 0, 1, 0]]))
    assert x.dtype == np.float32 and x.flags.c_contiguous


def test_missing_values_of_pandas_in_an_array() -> None:
    with pytest.raises(ValueError, match="X has NaN at row 0, column 1"):
        check_array(np.array([[1, pandas.NA]], object), "float64")
    with pytest.raises(ValueError, match="row 1, column 0: '2020-01-01.*is not a number"):
        check_array(np.array([[1, 2], [pandas.Timestamp("2020-01-01"), 1]], object), "float64")


def test_bytes_in_an_array_are_pixels() -> None:
    with pytest.raises(ValueError, match=r"scale it \(pixels / 255\)"):
        check_array(np.arange(12).reshape(3, 4), "float32", unit_interval=True)
    with pytest.raises(
        ValueError,
        match=r"X has -0.0119 at row 1, column 0, outside \[0, 1\]; scale it \(with MinMaxScaler\(clip=True\)",
    ):
        check_array([[0.5], [-0.0119]], "float64", unit_interval=True)


def test_a_long_frame_needs_no_array_besides_its_result() -> None:
    n = 500_000
    mixed = pandas.DataFrame({"a": np.zeros(n), "b": np.zeros(n, np.int64), "c": np.zeros(n, np.float32)})
    with peak_memory() as peak:
        x = check_array(mixed, "float32")
    assert peak.bytes < x.nbytes + 2.5 * 8 * n  # the result, and one column at a time


def test_other_frames_name_the_column() -> None:
    class Frame:
        columns = ("a", "b")

        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            return np.array([[1.0, np.nan]])

    with pytest.raises(ValueError, match="X has NaN at row 0, column 'b'"):
        check_array(Frame(), "float64")


def test_frames_of_polars_name_the_column() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": [1, None, 3], "b": [0.5, 1.5, 2.5], "c": [True, False, None]})
    x = frame_as_numbers(frame, "float64", "X")
    np.testing.assert_array_equal(x, [[1, 0.5, 1], [np.nan, 1.5, 0], [3, 2.5, np.nan]])
    model = sae.Autoencoder((), 1, likelihood="gaussian", epochs=1)
    with pytest.raises(ValueError, match=r"X has NaN at row 1, column 'a'"):
        model.fit(frame)
    with pytest.raises(ValueError, match=r"X has dtype String in column 'd', which is not numeric \(row 0: 'x'"):
        model.fit(frame.with_columns(d=polars.lit("x")))
    with pytest.raises(ValueError, match=r"X has dates in column 'd' \(dtype Date\); pass numbers"):
        model.fit(frame.with_columns(d=polars.date(2020, 1, 1)))
