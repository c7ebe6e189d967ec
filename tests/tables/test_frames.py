"""Text and Parquet as columns: places of bad rows, and a machine without pandas."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.written_tables import read, written

import scratchae as sae

pandas = pytest.importorskip("pandas")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n3\n5,6\n", "1 cells in line 3, but 2 in the first row"),
        ("a,b\n1,2\n3,4,5\n5,6\n", "3 cells in line 3, but 2 in the first row"),
        ("a,b\n\n1,2\n\n\n3,4,5\n5,6\n7,8\n", "3 cells in line 6"),
        ("a,b\n", "has column names only|has no rows"),
        ("a,b\n1,2\n3,x\n5,6\n7,8\n", "Column 'b' has 'x' in line 3, which is not a number"),
        ("a,b\n\n1,2\n\n3,x\n5,6\n7,8\n", "in line 5"),
        ('a,b\n"1",2\n"3\n",4\n5,x\n6,7\n', "in line 5"),  # a cell may go over two lines
        ("# c\na b\n1 2\n3 x\n5 6\n7 8\n9 8\n1 1\n", "in line 4"),
        ("# c\na b\n1 2\n# d\n3 4\n3 x\n5 6\n7 8\n9 8\n1 1\n", "in line 6"),  # comments count
        ("1,2\n3,x\n5,6\n7,8\n", "Column 2 has 'x' in line 2"),
        ("a\n1\n   \n2\n3\nx\n5\n6\n7\n", "in line 6"),  # blank, with spaces
        ('a\n1\n""\n2\n3\n', "There is no value in line 3"),  # as pandas writes a missing value in one column
    ],
)
def test_a_bad_row_is_named_by_its_line(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        read(tmp_path, text)


def test_numbers_are_the_nearest_ones(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(300, 2)) * 10.0 ** np.arange(-150, 150)[:, None]
    text = "\n".join(",".join(map(repr, row)) for row in x.tolist())
    np.testing.assert_array_equal(read(tmp_path, text).array(), x)


def test_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    frame = pandas.DataFrame(
        {
            "a": [1, 2, None],
            "b": pandas.array([0.5, None, 1.5], "Float32"),
            "c": [True, False, True],
            "d": pandas.Categorical(["x", "y", "x"]),
            "e": pandas.array([1, 2, None], "Int64"),
        },
        index=pandas.Index([7, 8, 9], name="key"),
    )
    frame.to_parquet(tmp_path / "t.parquet")
    table = sae.read_table(tmp_path / "t.parquet", missing="mean", label_column="d")
    np.testing.assert_array_equal(table.array(), [[1, 0.5, 1, 1], [2, 1, 0, 2], [1.5, 1.5, 1, 1.5]])
    assert table.y is not None and table.y.tolist() == ["x", "y", "x"]
    assert "the index 'key' was left out" in table.notes[0] and "column 'c': true and false are 1 and 0" in table.notes
    with pytest.raises(ValueError, match=r"There is no value in row 2 \(counted from 1\), column 'b'"):
        sae.read_table(tmp_path / "t.parquet", label_column="d")
    frame.assign(f=pandas.Timestamp("2020-01-01")).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="Column 'f' has '2020-01-01.*dates"):
        sae.read_table(tmp_path / "t.parquet", label_column="d")
    with pytest.raises(ValueError, match="is not a readable Parquet file"):
        sae.read_table(written(tmp_path, b"PAR1 no", "bad.parquet"))


def test_parquet_with_two_columns_of_one_name_and_with_dates(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table([[1.0, 2.0], [3.0, 4.0]], names=["a", "a"]), tmp_path / "t.parquet")
    with pytest.raises(ValueError, match="Two columns are named 'a', the 1st and the 2nd; rename one of them"):
        sae.read_table(tmp_path / "t.parquet")
    days = [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)] * 2
    pandas.DataFrame({"a": [1.0, 2, 3, 4], "day": days}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(ValueError, match=r"Column 'day' has '2020-01-01' in row 1 \(counted from 1\).*\(dates\)"):
        sae.read_table(tmp_path / "t.parquet")  # dates that occur again are no labels


WITHOUT = """
import sys
sys.modules["pandas"] = None
import numpy as np, pathlib
import scratchae as sae
folder = pathlib.Path(sys.argv[1])
table = sae.read_table(folder / "plain.csv")
assert isinstance(table.x, np.ndarray) and table.x.tolist() == [[1.5, 2], [3, 4]] and table.names == ["a", "b"], table
assert sae.read_table(folder / "row.csv").x.tolist() == [[1.5, 2]]
assert sae.read_table(folder / "column.csv").x.tolist() == [[1.5], [3]]
try:
    sae.read_table(folder / "text.csv")
except ImportError as error:
    print(error)
from scratchae.cli.main import main
sae.use_backend("numpy").__enter__()
assert main(["train", "--data", str(folder / "plain.csv"), "--likelihood", "gaussian", "--epochs", "1", "--code", "1"]) == 0
assert main(["train", "--data", str(folder / "text.csv")]) == 2
"""


def test_plain_numbers_need_no_pandas(run_python: Callable[..., str], tmp_path: Path) -> None:
    written(tmp_path, "a;b\n1.5;2\n3;4\n", "plain.csv")
    written(tmp_path, "a;b\n1.5;2\n", "row.csv")
    written(tmp_path, "a\n1.5\n3\n", "column.csv")
    written(tmp_path, "a;b\n1.5;x\n3;y\n", "text.csv")
    printed = run_python(WITHOUT, str(tmp_path))
    assert re.search(r"read with pandas, which is not installed: pip install 'scratchae\[table\]'", printed)
