"""Compressed files, recognised by their first bytes."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
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


@pytest.mark.parametrize("cut", [30, 200, -3])
@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_damaged_file_is_named(pack: Callable[[bytes], bytes], cut: int, tmp_path: Path) -> None:
    whole = pack(b"a,b\n" + b"".join(b"%d,%d\n" % (i * i, i % 7) for i in range(500)))
    with pytest.raises(ValueError, match="t.csv.gz is truncated; copy, download or compress it again"):
        read(tmp_path, whole[:cut], "t.csv.gz")
    with pytest.raises(
        ValueError, match=r"t.csv.gz is (damaged \(.*\)|truncated); copy, download or compress it again"
    ):
        read(tmp_path, whole[:cut] + b"\xff" * 400, "t.csv.gz")


def test_a_damaged_archive_and_other_archives_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.zip"
    with zipfile.ZipFile(path, "w") as archive:
        pass
    with pytest.raises(ValueError, match="contains 0 files"):
        sae.read_table(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("t.csv", TEXT)
    whole = path.read_bytes()
    path.write_bytes(whole[:40])
    with pytest.raises(ValueError, match=r"t.csv.zip is damaged \(File is not a zip file\)"):
        sae.read_table(path)
    locked = bytearray(whole)
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # of the member and of the directory
        locked[locked.index(start) + flags] |= 1
    path.write_bytes(locked)
    with pytest.raises(ValueError, match="is encrypted; unpack it"):
        sae.read_table(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", b"")
    with pytest.raises(ValueError, match="is a workbook of Excel; save its sheet as .csv"):
        sae.read_table(path)
    with pytest.raises(ValueError, match="if it contains one text, name it t.csv.zip, otherwise unpack it"):
        sae.read_table(path.rename(tmp_path / "t.zip"))
