"""Files that may be compressed: gzip, bzip2, xz or zip, by their first bytes and not by their names."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

SUFFIXES = (".gz", ".bz2", ".xz", ".zip")


def bare_name(path: Path) -> str:
    """Return the file name without the ending of a compressed file."""
    return path.name[: -len(path.suffix)] if path.suffix.lower() in SUFFIXES else path.name


def opened(path: Path) -> BinaryIO:
    """Open a file for reading its decompressed bytes.

    Raises
    ------
    ValueError
        If a zip archive does not contain exactly one file.
    """
    with path.open("rb") as file:
        start = file.read(6)
    if start.startswith(b"\x1f\x8b"):
        return cast(BinaryIO, gzip.open(path, "rb"))
    if start.startswith(b"BZh"):
        return cast(BinaryIO, bz2.open(path, "rb"))
    if start.startswith(b"\xfd7zXZ\x00"):
        return cast(BinaryIO, lzma.open(path, "rb"))
    if start.startswith(b"PK\x03\x04"):
        return _only_member(path)
    return path.open("rb")


def _only_member(path: Path) -> BinaryIO:
    archive = zipfile.ZipFile(path)
    names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
    if len(names) != 1:
        archive.close()
        raise ValueError(f"{path} contains {len(names)} files; give an archive of one, or the file itself.")
    return cast(BinaryIO, archive.open(names[0]))


def text_of(path: Path, encoding: str) -> io.TextIOWrapper:
    """Open a file for reading its decompressed text, with its line ends as they are."""
    return io.TextIOWrapper(opened(path), encoding=encoding, newline="")
