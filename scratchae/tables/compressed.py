"""Files that may be compressed: gzip, bzip2, xz or zip, by their first bytes and not by their names."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

SUFFIXES = (".gz", ".bz2", ".xz", ".zip")
_ENCRYPTED = 1  # flag of a member of a zip archive


def bare_name(path: Path) -> str:
    """Return the file name without the ending of a compressed file."""
    return path.name[: -len(path.suffix)] if path.suffix.lower() in SUFFIXES else path.name


def opened(path: Path) -> BinaryIO:
    """Open a file for reading its decompressed bytes.

    Raises
    ------
    ValueError
        If a zip archive does not contain exactly one file, or is encrypted.
    """
    with path.open("rb") as file:
        start = file.read(6)
    if start.startswith(b"\x1f\x8b"):
        return cast(BinaryIO, gzip.open(path, "rb"))
    if start.startswith(b"BZh"):
        return cast(BinaryIO, bz2.open(path, "rb"))
    if start.startswith(b"\xfd7zXZ\x00"):
        return cast(BinaryIO, lzma.open(path, "rb"))
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):  # the second is the start of an empty archive
        return _only_member(path)
    return path.open("rb")


@contextlib.contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn the errors of a compressed file that is damaged into a ValueError with its name."""
    try:
        yield
    except (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the operating system
            raise
        what = "truncated" if isinstance(error, EOFError) else f"damaged ({error})"
        raise ValueError(f"{path} is {what}; copy, download or compress it again.") from None


def _only_member(path: Path) -> BinaryIO:
    archive = zipfile.ZipFile(path)
    members = [part for part in archive.infolist() if not part.is_dir() and not part.filename.startswith("__MACOSX/")]
    problem = ""
    if any(part.filename == "xl/workbook.xml" for part in members):
        problem = f"{path} is a workbook of Excel; save its sheet as .csv."
    elif len(members) != 1:
        problem = f"{path} contains {len(members)} files; give an archive of one, or the file itself."
    elif members[0].flag_bits & _ENCRYPTED:
        problem = f"{path} is encrypted; unpack it, and give the file itself."
    if problem:
        archive.close()
        raise ValueError(problem)
    return cast(BinaryIO, archive.open(members[0]))


def text_of(path: Path, encoding: str) -> io.TextIOWrapper:
    """Open a file for reading its decompressed text, with its line ends as they are."""
    return io.TextIOWrapper(opened(path), encoding=encoding, newline="")
