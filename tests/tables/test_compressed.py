"""Compressed files, recognised by their first bytes."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from pathlib import Path

import pytest
from helpers.written_tables import read

import scratchae as sae
from scratchae.tables.compressed import bare_name

TEXT = b"a,b\n1,2\n3,4\n"


@pytest.mark.parametrize(("ending", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_text_is_read_from_compressed_files(ending: str, pack: object, tmp_path: Path) -> None:
    assert callable(pack)
    table = read(tmp_path, pack(TEXT), f"t.csv{ending}")
    assert table.names == ["a", "b"] and table.array().tolist() == [[1, 2], [3, 4]]
    assert read(tmp_path, pack(TEXT), "t.csv").names == ["a", "b"]  # whatever its name


def test_a_zip_archive_holds_one_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inside/t.csv", TEXT)
        archive.writestr("__MACOSX/t.csv", b"")
    assert sae.read_table(path).array().tolist() == [[1, 2], [3, 4]]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other.csv", TEXT)
    with pytest.raises(ValueError, match="contains 2 files; give an archive of one"):
        sae.read_table(path)


def test_names_without_the_ending() -> None:
    assert [bare_name(Path(name)) for name in ("a.csv.gz", "a.csv", "a.tsv.ZIP")] == ["a.csv", "a.csv", "a.tsv"]
