"""Missing values: an error with its place, rows dropped, means."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from helpers.written_tables import read

import scratchae as sae
from scratchae.tables import missing

pytest.importorskip("pandas")
TEXT = "a,b\n1,NA\n\n3,4\nNULL,6\n5,8\n"


def test_the_first_place_is_named_and_the_others_counted(tmp_path: Path) -> None:
    words = "There is no value in line 2, column 'b' (2 missing values in 2 of 4 rows); fill it in, or give missing=\"drop\""
    with pytest.raises(ValueError, match=re.escape(words)):
        read(tmp_path, TEXT)
    with pytest.raises(ValueError, match="missing='men' is unknown"):
        read(tmp_path, TEXT, missing="men")


def place(row: int, column: int) -> str:
    return f"row {row}, column {column}"


@pytest.mark.parametrize("block", [1, 3, 65536])
def test_rows_are_counted_through_all_blocks(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing, "_BLOCK", block)
    x = np.arange(24.0).reshape(8, 3)
    x[4, 1] = x[6, 0] = x[6, 2] = np.nan
    assert missing.incomplete(x).tolist() == [0, 0, 0, 0, 1, 0, 2, 0]
    words = re.escape("no value in row 4, column 1 (3 missing values in 2 of 8 rows)")
    with pytest.raises(ValueError, match=words):
        missing.check_complete(x, place)
    missing.check_columns(np.where(np.arange(8)[:, None] < 7, np.nan, x), place)  # a value in the last row alone
    means = missing.means_of(x)
    np.testing.assert_allclose(means, np.nanmean(x, axis=0))
    filled = x.copy()
    assert missing.fill(filled, means) == 3 and not np.isnan(filled).any()
    assert (filled[4, 1], filled[6, 0], filled[6, 2]) == (means[1], means[0], means[2])
    missing.check_infinite(x, place)
    x[5, 2] = -np.inf
    with pytest.raises(ValueError, match="infinite number in row 5, column 2"):
        missing.check_infinite(x, place)


def test_rows_are_dropped(tmp_path: Path) -> None:
    table = read(tmp_path, TEXT, missing="drop")
    assert table.array().tolist() == [[3, 4], [5, 8]] and "2 of 4 rows left out" in table.notes[-1]
    assert table.where(1, 0) == "line 6, column 'a'"
    labelled = read(tmp_path, "a,label\n1,x\n2,\n,x\n4,y\n5,y\n", missing="drop")
    assert labelled.y is not None and labelled.y.tolist() == ["x", "y", "y"] and len(labelled.x) == 3


def test_means_are_kept_for_later_rows(tmp_path: Path) -> None:
    table = read(tmp_path, TEXT, missing="mean")
    assert table.array().tolist() == [[1, 6], [3, 4], [3, 6], [5, 8]] and table.means is not None
    assert table.means.tolist() == [3, 6] and "2 missing values replaced by the mean of the column" in table.notes[-1]
    later = read(tmp_path, "c,b,a\n0,,\n0,1,\n", missing="mean", like=table, drop_columns=["c"])
    assert later.where(1, 0) == "line 3, column 'a'"  # in the order of the earlier table
    assert later.names == ["a", "b"] and later.array().tolist() == [[3, 6], [3, 1]]
    with pytest.raises(ValueError, match="The file has no column 'b'"):
        read(tmp_path, "a,bb\n1,2\n", like=table)
    kept = read(tmp_path, TEXT, missing="keep").array()
    assert np.isnan(kept).sum() == 2


@pytest.mark.parametrize("missing", ["error", "drop", "mean"])
def test_a_column_without_any_value_is_named(missing: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line 2, column 'b', nor anywhere else in that column; leave it out"):
        read(tmp_path, "a,b\n1,\n2,NA\n", missing=missing)
    np.save(tmp_path / "x.npy", np.array([[1, np.nan], [2, np.nan]]))
    with pytest.raises(ValueError, match=r"row 1 \(counted from 1\), column 2, nor anywhere else"):
        sae.read_table(tmp_path / "x.npy", missing=missing)


def test_arrays_as_text(tmp_path: Path) -> None:
    x = np.array([[1, np.nan], [3, 4], [5, 8]])
    np.savez(tmp_path / "x.npz", x=x, y=[0, 1, 1])
    with pytest.raises(ValueError, match=r"There is no value in row 1 \(counted from 1\), column 2; fill it in"):
        sae.read_table(tmp_path / "x.npz")
    table = sae.read_table(tmp_path / "x.npz", missing="drop")
    assert (
        table.y is not None and table.y.tolist() == [1, 1] and table.where(0, 1) == "row 2 (counted from 1), column 2"
    )
    assert sae.read_table(tmp_path / "x.npz", missing="mean").array().tolist() == [[1, 6], [3, 4], [5, 8]]
    no_row = np.array([[1, np.nan], [np.nan, 4]])
    np.save(tmp_path / "x.npy", no_row)
    with pytest.raises(ValueError, match="Every one of the 2 rows has a missing value"):
        sae.read_table(tmp_path / "x.npy", missing="drop")
