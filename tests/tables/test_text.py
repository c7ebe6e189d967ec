"""Separator, decimal sign and column names, found in the first lines of a text."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.written_tables import read, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scratchae.tables.text import dialect_of, is_missing, is_number


@pytest.mark.parametrize("cell", ["1", "-1.5", "+.5", "2.", "1e-3", "1E5", "inf", "-Infinity", " 7 "])
def test_numbers(cell: str) -> None:
    assert is_number(cell) and np.isreal(float(cell))


@pytest.mark.parametrize("cell", ["", "1_000", "0x1", "1,5", "nan", ".", "e5", "2020-01-01", "1 2", ".2O"])
def test_what_is_not_a_number(cell: str) -> None:
    assert not is_number(cell)


def test_missing_cells() -> None:
    assert all(map(is_missing, ["", " ", "NA", "n/a", "NaN", "NULL", "None", "?", "-", "<NA>", "#N/A"]))
    assert not any(map(is_missing, ["0", "no", "x", "-1"]))


TABLES: dict[str, tuple[str, list[str] | None, list[list[float]], str]] = {
    "commas": ("a,b\n1,2\n3,4\n", ["a", "b"], [[1, 2], [3, 4]], "separated by commas; line 1 gives the column names"),
    "semicolons and decimal commas": ("a;b\n1,5;2\n3;4,25\n", ["a", "b"], [[1.5, 2], [3, 4.25]], "semicolons, with decimal commas"),
    "tabs and decimal commas": ("a\tb\n1,5\t2,5\n3,5\t4,5\n", ["a", "b"], [[1.5, 2.5], [3.5, 4.5]], "tabs, with decimal commas"),
    "decimal commas and thousands": ("a;b\n1,5;1.234\n2,5;12.345\n", ["a", "b"], [[1.5, 1234], [2.5, 12345]], "with decimal commas"),
    "decimal commas and both": ("a;b\n1,5;1.234,5\n2,5;7\n", ["a", "b"], [[1.5, 1234.5], [2.5, 7]], "with decimal commas"),
    "two decimal signs": ("a;b\n1,5;1.25\n2,5;0.5\n", ["a", "b"], [[1.5, 1.25], [2.5, 0.5]], "separated by semicolons"),
    "Booleans and decimal commas": ("a;b\nTRUE;1,5\nFALSE;2,5\n", ["a", "b"], [[1, 1.5], [0, 2.5]], "semicolons, with decimal commas"),
    "bars": ("a|b\n1|2\n3|4\n", ["a", "b"], [[1, 2], [3, 4]], "separated by bars"),
    "spaces": ("  1.0   2.0\n  3.0   4.0\n", None, [[1, 2], [3, 4]], "separated by spaces; no column names (line 1 has values)"),
    "quoted": ('"a";"b"\n"1";"2"\n"3";"4"\n', ["a", "b"], [[1, 2], [3, 4]], "separated by semicolons"),
    "one column": ("a\n1\n2\n", ["a"], [[1], [2]], "one column; line 1 gives the column names"),
    "one column without a name": ("1\n2\n", None, [[1], [2]], "one column; no column names"),
    "no names": (".1,.2\n.3,.4\n", None, [[0.1, 0.2], [0.3, 0.4]], "no column names (line 1 has values)"),
    "names of pandas": ("0,1\n.5,3\n.25,7\n", ["0", "1"], [[0.5, 3], [0.25, 7]], "line 1 gives the column names"),
    "names of pandas over an index": (",0,1\n0,.5,3\n1,.25,7\n", ["0", "1"], [[0.5, 3], [0.25, 7]], "line 1 gives the column names"),
    "names of pandas beside another": ("0,1,size\n.5,3,7\n.25,7,9\n", ["0", "1", "size"], [[0.5, 3, 7], [0.25, 7, 9]], "line 1 gives"),
    "and over an index": (",0,1,size\n0,.5,3,7\n1,.25,7,9\n", ["0", "1", "size"], [[0.5, 3, 7], [0.25, 7, 9]], "line 1 gives"),
    "years, which are values": ("2019,2021\n.5,3\n.25,7\n", None, [[2019, 2021], [0.5, 3], [0.25, 7]], "if 2019, 2021 are column names, give"),
    "rising values": ("1,2\n5,3\n2,7\n", None, [[1, 2], [5, 3], [2, 7]], "no column names (line 1 has values)"),
    "Excel": ("sep=;\na;b\n1;2\n3;4\n", ["a", "b"], [[1, 2], [3, 4]], "line 2 gives the column names"),
    "a comment of NumPy": ("# a,b\n1,2\n3,4\n", ["a", "b"], [[1, 2], [3, 4]], "the comment before the rows gives the column names"),
    "another comment": ("# made today\na,b\n1,2\n3,4\n", ["a", "b"], [[1, 2], [3, 4]], "line 2 gives the column names"),
    "Windows": ("a,b\r\n1,2\r\n3,4\r\n", ["a", "b"], [[1, 2], [3, 4]], "line 1 gives the column names"),
    "blank lines": ("\n\na,b\n\n1,2\n\n3,4\n\n", ["a", "b"], [[1, 2], [3, 4]], "line 3 gives the column names"),
    "a separator at the end": ("a,b,\n1,2,\n3,4,\n", ["a", "b"], [[1, 2], [3, 4]], "line 1 gives the column names"),
    "a separator at the end of values": ("a,b\n1,2,\n3,4,\n", ["a", "b"], [[1, 2], [3, 4]], "line 1 gives the column names"),
    "names of R": ('"a" "b"\n"1" 1.5 2\n"2" 3 4\n', ["a", "b"], [[1.5, 2], [3, 4]], "which leave out the first column"),
    "commas in names": ('"a, cm";b\n1;2\n3;4\n', ["a, cm", "b"], [[1, 2], [3, 4]], "separated by semicolons"),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLES)
def test_how_it_is_written_is_found_and_said(case: str, tmp_path: Path) -> None:
    text, names, rows, words = TABLES[case]
    table = read(tmp_path, text)
    assert table.names == names and table.array().tolist() == rows
    assert words in table.notes[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    text = "größe,b\n1,2\n3,4\n"
    table = read(
        tmp_path, b"\xfe\xff" + text.encode("utf-16-be") if encoding == "big-endian" else text.encode(encoding)
    )
    assert table.names == ["größe", "b"] and table.array().tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"gr\x81\x8d,b\n1,2\n", "is not a text in UTF-8, UTF-16 or Windows-1252"),
        (b"\xff\xfea\0,\0b\0\n\0\x31", "is not a text in UTF-8"),
        (b"PAR1\x15\x04", "is not a text, but a Parquet file; name it .parquet"),
        (b"\x89PNG\r\n\x1a\n", "is not a text, but an image; give the folder of the images"),
    ],
)
def test_what_is_no_text_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        read(tmp_path, content)


def test_an_encoding_of_windows_is_said(tmp_path: Path) -> None:
    table = read(tmp_path, "größe;in €\n1;2\n3;4\n".encode("cp1252"))
    assert table.names == ["größe", "in €"] and "Windows-1252" in table.notes[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (".1,.2O\n.3,.4\n.5,.6\n", r"has numbers \(\.1\) and text \('\.2O'\) in line 1, above numbers"),
        (
            "a,410\n0.1,0.2\n0.3,0.4\n",
            "neither column names nor values; mend the cell, or give header=True or header=False",
        ),
        (
            "a\n1,5\n2,5\n",
            "one column name in line 1, but two cells in the rows below; if their commas are decimal signs",
        ),
        ("2019,2020,kind\n" + "1,2,u\n3,4,v\n" * 5, r"has numbers \(2019\) and text \('kind'\) in line 1"),
        (
            "country,2019,2020\nde,.2,.3\nfr,.2,.7\n",
            r"has 'country' in line 1.*or give header=True \(--header\) if this line",
        ),
        ("", "has no rows"),
        ("\n\n", "has no rows"),
        ("a,b,c\n1,2\n3,4\n5,6\n", "which leave out|3 column names in line 1, but 2 cells in the rows below"),
    ],
)
def test_a_first_line_that_is_neither_names_nor_values_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        read(tmp_path, text)


def test_labels_beside_small_numbers_are_values(tmp_path: Path) -> None:
    table = read(tmp_path, "0,1,u\n" + "1,2,u\n3,4,v\n" * 5)
    assert table.names is None and table.y is not None and len(table.y) == 11
    labels = read(tmp_path, "0,1,2,kind\n" + "1,2,3,u\n3,4,5,v\n" * 5)
    assert labels.names == ["0", "1", "2"] and labels.label == "kind" and labels.y is not None and len(labels.y) == 10


def test_what_is_given_is_not_guessed(tmp_path: Path) -> None:
    assert read(tmp_path, "# a,b\n1,2\n3,4\n", header=False).names is None
    numbers = "400,410\n0.5,0.6\n0.7,0.8\n"
    assert read(tmp_path, numbers).names is None
    assert read(tmp_path, numbers, header=True).names == ["400", "410"]
    assert read(tmp_path, "0,1\n2,3\n4,5\n", header=False).array().tolist() == [[0, 1], [2, 3], [4, 5]]
    assert read(tmp_path, "410,b\n.1,.2\n.3,.4\n", header=True).names == ["410", "b"]
    assert read(tmp_path, "1;2\n3;4\n", sep=";").array().shape == (2, 2)
    assert read(tmp_path, "1!2\n3!4\n", sep="!").array().tolist() == [[1, 2], [3, 4]]
    assert read(tmp_path, "a\tb\n1\t2\n3\t4\n", sep="tab").names == ["a", "b"]
    assert read(tmp_path, "a\n1,5\n2,5\n", sep="semicolon").array().tolist() == [[1.5], [2.5]]
    with pytest.raises(ValueError, match="is not one character; give one of comma"):
        read(tmp_path, "1;2\n", sep=";;")
    # A label that is named in the first line shows that it has names.
    assert read(tmp_path, "year,2001,2002\nx,1,2\ny,3,4\n", label_column="year").names == ["2001", "2002"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    rows=st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: v + 0.25), min_size=width, max_size=width),
            min_size=2,
            max_size=6,
        )
    ),
    style=st.sampled_from([(",", "."), (";", ","), (";", "."), ("\t", ","), ("\t", "."), ("|", ".")]),
    named=st.booleans(),
    quoted=st.booleans(),
)
def test_any_table_comes_back_as_it_was_written(
    rows: list[list[float]], style: tuple[str, str], named: bool, quoted: bool, tmp_path: Path
) -> None:
    separator, decimal = style
    if len(rows[0]) == 1 and decimal == ",":
        return  # 1,5 in one column may be two columns as well
    text = io.StringIO()
    writer: Any = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    if named:
        writer.writerow([f"n{j}" for j in range(len(rows[0]))])
    writer.writerows([[repr(value).replace(".", decimal) for value in row] for row in rows])
    table = read(tmp_path, text.getvalue())
    np.testing.assert_array_equal(table.array(), rows)
    assert table.names == ([f"n{j}" for j in range(len(rows[0]))] if named else None)


def test_only_the_first_lines_are_read_for_it(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n" + "1,2\n" * 200_000)
    dialect, rows = dialect_of(path, None, None, None)
    assert dialect.width == 2 and len(rows) < 100


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    "columns", [20_000, 40_000]
)  # lines of more characters than csv takes in a cell, or than are read at once
def test_very_long_lines_are_whole(columns: int, named: bool, tmp_path: Path) -> None:
    separator = ",;"[columns > 20_000]
    rows = [separator.join([f"{i}.12345"] * columns) + "\n" for i in range(6)]
    names = [f"gene{j}" for j in range(columns)]
    path = written(tmp_path, (separator.join(names) + "\n" if named else "") + "".join(rows))
    dialect, found = dialect_of(path, None, None, None)
    assert (dialect.width, dialect.names, dialect.skip) == (columns, names if named else None, int(named))
    assert dialect.separator == separator
    assert found and all(len(cells) == columns for cells in found)


def test_a_line_that_is_too_long_for_a_cell_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Line 2 cannot be divided into cells"):
        read(tmp_path, "a\n" + "x" * 200_000 + "\n")


def test_a_class_of_a_single_row_is_not_a_column_name(tmp_path: Path) -> None:
    table = read(tmp_path, "5.1,a\n4.9,b\n6.2,b\n5.5,c\n4.7,c\n5.0,b\n")
    assert table.names is None and table.y is not None and table.y.tolist() == list("abbccb")


def test_names_may_go_over_two_lines(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,"b\n(cm)"\n1,2\n3,4\n')
    assert table.names == ["a", "b\n(cm)"] and table.array().tolist() == [[1, 2], [3, 4]]
    assert table.where(1, 0) == "line 4, column 'a'"
    table = read(tmp_path, '# 5" wide\n# made today\na,b\n1,2\n3,4\n')
    assert table.names == ["a", "b"] and table.array().tolist() == [[1, 2], [3, 4]]
