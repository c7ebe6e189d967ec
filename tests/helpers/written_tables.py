"""Helpers for tests of tables: files with a given content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import scratchae as sae

IRIS = "sepal,petal,species\n5.1,1.4,setosa\n4.9,1.3,setosa\n6.2,4.3,virginica\n5.9,4.2,virginica\n"


def written(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    """A file in a folder."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(folder: Path, content: str | bytes, name: str = "t.csv", **options: Any) -> sae.tables.DataTable:
    """The table of a file with this content."""
    return sae.read_table(written(folder, content, name), **options)
