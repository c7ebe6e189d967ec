"""Names in zip archives that do not say in which encoding they are.

The format knows UTF-8, marked by a flag, and code page 437. Archives of other systems contain UTF-8 without the flag, or repeat the name in
an extra field. Source: APPNOTE.TXT of PKWARE, sections 4.4.4 and 4.6.9.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import BinaryIO

_UTF8 = 0x800  # flag of names in UTF-8
_UNICODE_PATH = 0x7075
_ENTRY, _HEADER = 46, 30  # sizes of the fixed parts of a table entry and of a member's header
_END64 = 56 + 20  # size of the two records of large archives


def name_in(info: zipfile.ZipInfo) -> str:
    """The name of a member: the marked or repeated UTF-8 name, a name that is UTF-8 all the same, or one in code page 437.

    Names in the code pages of Windows are shown with the wrong letters, but always with the same ones.
    """
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:  # decoded by other rules than ours
        return info.filename
    return _repeated(info.extra, raw) or _utf8(raw) or info.filename


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8").partition("\0")[0]
    except UnicodeDecodeError:
        return ""


def _repeated(extra: bytes, raw: bytes) -> str:
    """The name in the extra field, if it belongs to this name."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(field) >= 5:
            version, crc = struct.unpack_from("<BI", field)
            if version == 1 and crc == zlib.crc32(raw):
                return _utf8(field[5:])
        at += 4 + size
    return ""


class WithoutFlags(io.RawIOBase):
    """A zip archive in which no name is marked as UTF-8, so that `zipfile` reads names that are marked and are not UTF-8.

    Parameters
    ----------
    file : binary file
    end : list
        The end record, as read by `zipfile`: sizes and places of the table.
    """

    def __init__(self, file: BinaryIO, end: list[int]) -> None:
        self._file, size = file, end[5]
        large = end[0] == b"PK\x06\x06"  # type: ignore[comparison-overlap]
        self._start = max(end[9] - size - (_END64 if large else 0), 0)
        file.seek(self._start)
        self._table = bytearray(file.read(size))
        at = 0
        while self._table[at : at + 4] == b"PK\x01\x02" and at + _ENTRY <= len(self._table):
            flags, *_, name, extra, comment = struct.unpack_from("<H18x3H", self._table, at + 8)
            struct.pack_into("<H", self._table, at + 8, flags & ~_UTF8)
            at += _ENTRY + name + extra + comment
        file.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        at = self._file.tell()
        content = bytearray(self._file.read(len(buffer)))
        first, last = max(at, self._start), min(at + len(content), self._start + len(self._table))
        if first < last:
            content[first - at : last - at] = self._table[first - self._start : last - self._start]
        if len(content) == _HEADER and content.startswith(b"PK\x03\x04"):
            content[7] &= ~(_UTF8 >> 8)
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._file.close()
        super().close()
