"""The record of what was read."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.written_tables import IRIS, read

from scratchae.tables import DataTable


def test_places_and_representation(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    table = read(tmp_path, IRIS)
    assert table.where(2, 1) == "line 4, column 'petal'"
    lines = repr(table).splitlines()
    assert lines[0] == "<DataTable: 4 rows of 2 columns, 2 different labels>" and lines[1:] == list(table.notes)
    assert read(tmp_path, "0.5;1\n2;3\n").where(1, 0) == "line 2, column 1"
    assert DataTable(table.array()).where(2, 1) == "row 3 (counted from 1), column 2"
    assert DataTable(table.array(), names=["a", "b"]).where(0, 1) == "row 1 (counted from 1), column 'b'"
