"""Numbers from cells of every form."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae.tables.cells import absent_in, as_cells, different

pandas = pytest.importorskip("pandas")


def column(*cells: Any) -> np.ndarray:
    made = np.empty(len(cells), object)
    made[:] = cells
    return made


@pytest.mark.parametrize(
    ("cells", "values", "note"),
    [
        (("1", "2.5"), [1, 2.5], ""),
        (("'1'", '"2"', "\u22123"), [1, 2, -3], ""),
        (("1,5", "2"), [1.5, 2], "commas are decimal signs"),
        (("1.234,5", "2,25"), [1234.5, 2.25], "commas are decimal signs"),
        (("1.234", "2,25", "1.234.567"), [1234, 2.25, 1234567], "commas are decimal signs; points part thousands"),
        (("1.234", "2,25", "'7'"), [1234, 2.25, 7], "commas are decimal signs; points part thousands"),
        (("1,234", "12,345,678.5"), [1234, 12345678.5], "commas and spaces part thousands"),
        (("1 234", "7"), [1234, 7], "commas and spaces part thousands"),
        (("0,123", "1,456"), [0.123, 1.456], "commas are decimal signs"),  # no thousands, since the first cannot be
        (("1.234.567", "2.345"), [1234567, 2345], "points part thousands"),
        (("1.234", "2,5"), [1234, 2.5], "commas are decimal signs; points part thousands"),
        (("1\u2019234.5", "2\u202f000"), [1234.5, 2000], "commas and spaces part thousands"),
        (("TRUE", "false", "NA"), [1, 0, np.nan], "true and false are 1 and 0"),
        (("yes", "No", None), [1, 0, np.nan], "true and false are 1 and 0"),
        (("t", "F"), [1, 0], "true and false are 1 and 0"),
        (("N", "y"), [0, 1], "true and false are 1 and 0"),
        ((True, False), [1, 0], "true and false are 1 and 0"),
        ((1, "2", None, float("nan"), decimal.Decimal("0.5")), [1, 2, np.nan, np.nan, 0.5], ""),
        ((pandas.NA, pandas.NaT, "?"), [np.nan] * 3, ""),
    ],
)
def test_cells_that_are_numbers(cells: tuple[Any, ...], values: list[float], note: str) -> None:
    found = as_cells(column(*cells))
    np.testing.assert_array_equal(found.values, values)
    assert found.note == note


@pytest.mark.parametrize(
    ("cells", "bad", "kind"),
    [
        (("1", "x"), 1, "text"),
        (("1_000", "2"), 0, "text"),
        (("true", "maybe"), 0, "text"),
        (("1", "2020-01-01"), 1, "text"),
        ((1, datetime.date(2020, 1, 1)), 1, "dates"),
        ((1, [2]), 1, "entries of type list"),
        ((1, np.array([2.0])), 1, "entries of type ndarray"),  # float() takes it
        ((1, b"12"), 1, "entries of type bytes"),  # this, too
        ((1, 1j), 1, "entries of type complex"),
        (("2,25", "1.2,5"), 1, "text"),  # the point can part nothing
        (("1,23,4", "x"), 0, "text"),
        (("1,5", "2.5"), 1, "a decimal point among decimal commas"),
        (("1.5", "2,25", "-.5", "1.234,5"), 0, "a decimal point among decimal commas"),  # never 15
        (("1,5", "0.123"), 1, "a decimal point among decimal commas"),
        (("2.5", "hello, world"), 1, "text"),
        (("1 2", "1,5"), 0, "text"),
    ],
)
def test_the_first_cell_that_is_none_is_found(cells: tuple[Any, ...], bad: int, kind: str) -> None:
    found = as_cells(column(*cells))
    assert found.values is None and (found.bad, found.kind) == (bad, kind)


def test_the_decimal_sign_of_the_file_decides_about_points() -> None:
    cells = column("1.234", "-12.345.678", "7")
    np.testing.assert_array_equal(as_cells(cells, european=True).values, [1234, -12345678, 7])
    assert as_cells(cells, european=True).note == "points part thousands"
    np.testing.assert_array_equal(as_cells(column("1.234", "7")).values, [1.234, 7])


def test_blocks_of_cells_are_converted_as_one_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scratchae.tables.cells._BLOCK", 3)
    cells = column(*"123456", "7,5", None, "9", "10")
    found = as_cells(cells)
    np.testing.assert_array_equal(found.values, [1, 2, 3, 4, 5, 6, 7.5, np.nan, 9, 10])
    assert found.note == "commas are decimal signs"
    cells[8] = "x"
    assert (as_cells(cells).bad, as_cells(cells).shown) == (8, "x")


def test_columns_of_pandas() -> None:
    for made, values in (
        (pandas.Series([1, 2], dtype="Int8"), [1, 2]),
        (pandas.Series([1, None], dtype="Int64"), [1, np.nan]),
        (pandas.Series([True, None], dtype="boolean"), [1, np.nan]),
        (pandas.Series(["1", "2"], dtype="string"), [1, 2]),
        (pandas.Series(["1", None], dtype="category"), [1, np.nan]),
        (pandas.Series([None, None], dtype="datetime64[ns]"), [np.nan, np.nan]),
    ):
        np.testing.assert_array_equal(as_cells(made).values, values)
    dates = as_cells(pandas.Series(pandas.to_datetime([None, "2020-01-02"])))
    assert dates.values is None and dates.bad == 1 and dates.kind == "dates"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20), st.booleans())
def test_text_of_floats_comes_back(values: list[float], quoted: bool) -> None:
    cells = [f"'{value!r}'" if quoted else repr(value) for value in values]
    np.testing.assert_array_equal(as_cells(column(*cells)).values, values)


@pytest.mark.parametrize(
    ("made", "values", "absent"),
    [
        (pandas.Series([1.0, None, 0.0, 1.0]), ["0.0", "1.0"], [False, True, False, False]),
        (np.array([2, 1, 2]), ["1", "2"], [False] * 3),
        (pandas.Series(["b", "NA", None, "a", "b"]), ["a", "b"], [False, True, True, False, False]),
        (pandas.Series([True, None], dtype="boolean"), ["True"], [False, True]),
        (column("x", pandas.NA, 3), ["3", "x"], [False, True, False]),
    ],
)
def test_different_values_and_absent_ones(made: Any, values: list[str], absent: list[bool]) -> None:
    assert different(made).tolist() == values and absent_in(made).tolist() == absent
