"""Members of a zip archive. Nothing is unpacked to disk: contents are inflated into memory, and declared sizes are not trusted."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections import Counter
from functools import partial
from typing import BinaryIO

from scratchae.grading.submissions.containers.file_kinds import is_code, is_environment, is_litter, kind_of
from scratchae.grading.submissions.containers.members import (
    DEEPEST,
    MOST_MEMBERS,
    MOST_TABLE_BYTES,
    Member,
    UnreadableError,
    clean,
    most_bytes,
    too_large,
)
from scratchae.grading.submissions.containers.zip_names import WithoutFlags, name_in

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # other methods may allocate gigabytes before the first byte


def members_of_zip(file: BinaryIO) -> list[Member]:
    """All members of a zip archive, in order; invalid members are refused one by one.

    Parameters
    ----------
    file : binary file
        It stays open as long as members are read.

    Raises
    ------
    ValueError
        If the file is not a zip archive, or has too many members; the message is the end of a sentence.
    """
    try:
        archive = _opened(file)
        infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, OSError) as error:
        raise ValueError(f"is not a readable zip archive ({error}); give another, or a folder") from None
    if len(infos) > MOST_MEMBERS:
        raise ValueError(f"has {len(infos):,} members, more than {MOST_MEMBERS:,}; hand in source code only")
    names = [name_in(info) for info in infos]
    copies = Counter(names)
    found = [_member(archive, info, name, copies[name] > 1) for info, name in zip(infos, names, strict=True)]
    return without_leftovers(found)


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    """The archive, after a check of its table of contents: the names of millions of members would fill the memory."""
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # what ZipFile itself begins with
    if end and end[5] > MOST_TABLE_BYTES:
        raise ValueError(f"has a table of contents of {end[5]:,} bytes; hand in source code only")
    file.seek(0)
    try:
        return zipfile.ZipFile(file)
    except UnicodeDecodeError:
        return zipfile.ZipFile(WithoutFlags(file, end))  # type: ignore[arg-type]


def without_leftovers(members: list[Member]) -> list[Member]:
    """The members of an archive without leftovers of systems; folders of installed packages become one member each."""
    kept: dict[tuple[str, ...], Member] = {}
    found = []
    for member in members:
        folders = member.parts if member.kind == "folder" else member.parts[:-1]
        at = next((i for i, part in enumerate(folders) if is_environment(part) or is_litter([part])), None)
        if at is None:
            found += [] if is_litter(member.parts[-1:]) else [member]
        elif at or is_environment(folders[0]):
            kept.setdefault(folders[: at + 1], Member(folders[: at + 1], "environment"))
    return [*found, *(member for parts, member in kept.items() if parts[-1].casefold() != "__macosx")]


def place_in_archive(name: str) -> tuple[tuple[str, ...], Member | None]:
    """The path of a member, and a refused member in its place if the path is empty or leads out of the archive."""
    raw = name.replace("\\", "/").split("/")
    parts = tuple(part for part in raw if part not in ("", ".", ".."))
    if not parts:
        return parts, Member(("?",), "refused", "has no name; pack the archive anew")
    absolute = raw[0] == "" or (len(parts[0]) == 2 and parts[0][1] == ":")
    if absolute or ".." in raw:
        # The part of the path before ".." may name the student.
        owner = () if absolute else tuple(part for part in raw[: raw.index("..")] if part not in ("", "."))
        trouble = f"points outside the archive, to {clean(name)}; pack the archive anew"
        return parts, Member((*owner, parts[-1]), "refused" if owner else "outside", trouble)
    return parts, None


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, twice: bool) -> Member:
    parts, refused = place_in_archive(name)
    if refused is not None:
        return refused
    if name.endswith(("/", "\\")):
        return Member(parts, "folder")
    if stat.S_ISLNK(info.external_attr >> 16):
        return Member(parts, "refused", "is a symbolic link; hand in the file itself")
    if kind_of(parts[-1]) == "other":
        return Member(parts, read=partial(_read, archive, info))
    trouble = _trouble(info, twice, len(parts))
    if not trouble and is_code(parts[-1]) and info.file_size > most_bytes(parts[-1]):
        trouble = too_large(None, most_bytes(parts[-1]))
    return Member(parts, "refused" if trouble else "file", trouble, partial(_read, archive, info))


def _trouble(info: zipfile.ZipInfo, twice: bool, depth: int) -> str:
    if twice:
        return "is in the archive twice; hand in one"
    if depth > DEEPEST:
        return f"lies more than {DEEPEST} folders deep; put it higher"
    if info.flag_bits & 0x1:
        return "is encrypted; pack the archive without a password"
    if info.compress_type not in _METHODS:
        return "is packed in an unusual way; pack the archive as an ordinary zip"
    return ""


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    if info.compress_type not in _METHODS or info.flag_bits & 0x1:
        raise UnreadableError("is packed in an unusual way; pack the archive as an ordinary zip")
    try:
        with archive.open(info) as file:
            return file.read(most)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UnreadableError(f"cannot be unpacked ({error}); pack the archive anew") from None
