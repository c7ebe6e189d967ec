"""Members of a tar archive, also compressed by gzip: regular files and folders only, read within limits.

A small reader of our own: the standard one decodes all that the format ever contained, with patterns whose running time is not linear.
Source: the format "ustar" of POSIX.1-2017 (pax, extended header), and GNU's long names.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from scratchae.grading.submissions.containers.members import DEEPEST, MOST_ARCHIVE_BYTES, MOST_MEMBERS, Member
from scratchae.grading.submissions.containers.zipped import place_in_archive, without_leftovers

_BLOCK = 512
_LONGEST_NAME = 4096


def members_of_tar(file: BinaryIO) -> list[Member]:
    """All members of a tar archive, in order; links and devices are refused one by one.

    Parameters
    ----------
    file : binary file

    Raises
    ------
    ValueError
        If the file is not a tar archive, or is too large; the message is the end of a sentence.
    """
    return without_leftovers(list(_members(_content(file))))


def _content(file: BinaryIO) -> bytes:
    """The archive without compression, of limited size."""
    head = file.read(2)
    file.seek(0)
    content = _inflated(file) if head == b"\x1f\x8b" else file.read(MOST_ARCHIVE_BYTES + 1)
    if len(content) > MOST_ARCHIVE_BYTES:
        raise ValueError(f"contains more than {MOST_ARCHIVE_BYTES >> 20} MB; hand in source code only")
    if not is_tar(content):
        raise ValueError("is not a readable tar archive; hand in the files themselves, or a zip archive")
    return content


def is_tar(content: bytes) -> bool:
    """True if the content begins with the header of a tar archive, whose checksum is right."""
    header = content[:_BLOCK]
    return len(header) == _BLOCK and _number(header[148:156]) == sum(header[:148]) + 8 * ord(" ") + sum(header[156:])


def _inflated(file: BinaryIO) -> bytes:
    pieces, left = [], MOST_ARCHIVE_BYTES + 1
    unpacker = zlib.decompressobj(wbits=31)
    try:
        while left > 0 and not unpacker.eof:
            packed = unpacker.unconsumed_tail or file.read(1 << 16)
            if not packed:
                break
            pieces.append(unpacker.decompress(packed, left))
            left -= len(pieces[-1])
    except zlib.error as error:
        raise ValueError(f"cannot be unpacked ({error}); pack it anew") from None
    return b"".join(pieces)


def _number(field: bytes) -> int:
    """A number of a header: octal digits, or bytes if the first bit is set; -1 if it is neither."""
    if field[:1] and field[0] & 0x80:
        return int.from_bytes(field, "big") & ((1 << (8 * len(field) - 1)) - 1)
    digits = field.strip(b" \0")
    return int(digits, 8) if digits and not digits.strip(b"01234567") else 0 if not digits else -1


def _members(content: bytes) -> Iterator[Member]:
    at, name, count = 0, "", 0
    while at + _BLOCK <= len(content) and any(content[at : at + _BLOCK]):
        header = content[at : at + _BLOCK]
        size, kind = _number(header[124:136]), header[156:157]
        if size < 0 or not is_tar(header) or count >= MOST_MEMBERS:
            yield Member(("archive",), "outside", "is damaged or too long, and its rest is not read; pack it anew")
            return
        start = at + _BLOCK
        at, count = start + -(-size // _BLOCK) * _BLOCK, count + 1
        if kind == b"L":
            name = _text(content[start : start + min(size, _LONGEST_NAME)])
        elif kind in (b"x", b"X"):
            name = _path_in(content[start : start + min(size, 1 << 16)]) or name
        elif kind not in (b"g", b"K"):
            yield _member(name or _short_name(header), kind, content, start, size)
            name = ""


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _short_name(header: bytes) -> str:
    before = _text(header[345:500]) if header[257:262] == b"ustar" and header[262:263] == b"\0" else ""
    return f"{before}/{_text(header[:100])}" if before else _text(header[:100])


def _path_in(records: bytes) -> str:
    """The path in an extended header, whose records are "length keyword=value" and a line break."""
    at = 0
    while at < len(records):
        digits, blank, _ = records[at : at + 12].partition(b" ")
        if not blank or not digits.isdigit() or not int(digits):
            return ""
        record = records[at : at + int(digits)]
        keyword, _, value = record[len(digits) + 1 :].partition(b"=")
        if keyword == b"path":
            return _text(value.rstrip(b"\n")[:_LONGEST_NAME])
        at += int(digits)
    return ""


def _member(name: str, kind: bytes, content: bytes, start: int, size: int) -> Member:
    parts, refused = place_in_archive(name)
    if refused is not None:
        return refused
    if kind == b"5" or name.endswith("/"):
        return Member(parts, "folder")
    if kind in (b"1", b"2"):
        return Member(parts, "refused", "is a link; hand in the file itself")
    if kind not in (b"0", b"\0", b"7"):
        return Member(parts, "refused", "is not a regular file; hand in source code")
    if len(parts) > DEEPEST:
        return Member(parts, "refused", f"lies more than {DEEPEST} folders deep; put it higher")
    if start + size > len(content):
        return Member(parts, "refused", "is cut off; pack the archive anew")
    return Member(parts, read=lambda most: content[start : start + min(size, most)])
