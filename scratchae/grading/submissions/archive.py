"""Members of a zip archive. Nothing is unpacked to disk: Python files are inflated into memory, and declared sizes are not trusted."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import BinaryIO

from scratchae.grading.submissions.folder import open_ordinary
from scratchae.grading.submissions.members import (
    DEEPEST,
    MOST_MEMBERS,
    MOST_TABLE_BYTES,
    Allowance,
    Member,
    clean,
    is_litter,
    is_python,
    most_bytes,
    too_large,
)

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # other methods may allocate gigabytes before the first byte


def members_of_archive(path: Path, *, whole: bool = False, allowance: Allowance | None = None) -> list[Member]:
    """All members of a zip archive, in order; invalid members are refused one by one.

    Parameters
    ----------
    path : pathlib.Path
    whole : bool
        True if the archive belongs to one student; otherwise each student has a folder or a file, possibly inside one outer folder.
    allowance : Allowance, optional
        The student's remaining allowance, if there are further files.

    Raises
    ------
    ValueError
        If the file is not a zip archive, or has more than 100,000 members.
    OSError
        If the file cannot be read.
    """
    try:
        with open_ordinary(path, follow=not whole) as file, zipfile.ZipFile(_checked(path, file)) as archive:
            infos = archive.infolist()
            if len(infos) > MOST_MEMBERS:
                raise ValueError(
                    f"{path} has {len(infos):,} members, more than {MOST_MEMBERS:,}; hand in source code only"
                )
            copies, allowance = Counter(info.filename for info in infos), allowance or Allowance()
            depth = -1 if whole else _depth_of_students(infos)
            found = [_member(archive, info, copies[info.filename] > 1, allowance, depth) for info in infos]
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a readable zip archive ({error}); give another, or a folder") from None
    return [member for member in found if not is_litter(member.parts)]


def _checked(path: Path, file: BinaryIO) -> BinaryIO:
    """The same file, after a check of its table of contents: the names of millions of members would fill the memory."""
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # what ZipFile itself begins with
    if end and end[5] > MOST_TABLE_BYTES:
        raise ValueError(f"{path} has a table of contents of {end[5]:,} bytes; hand in source code only")
    file.seek(0)
    return file


def _depth_of_students(infos: list[zipfile.ZipInfo]) -> int:
    """Position of the student's name in a path: first, or second if there is one outer folder."""
    paths = [info.filename.replace("\\", "/").strip("/").split("/") for info in infos]
    paths = [path for path in paths if not is_litter(tuple(path))]
    return int(len({path[0] for path in paths}) == 1 and any(len(path) > 2 for path in paths))


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, twice: bool, allowance: Allowance, depth: int) -> Member:
    name = info.filename.replace("\\", "/")
    raw = name.split("/")
    parts = tuple(part for part in raw if part not in ("", ".", ".."))
    if not parts:
        return Member(("?",), "refused", trouble="has no name; pack the archive anew")
    if name.startswith("/") or ".." in raw or ":" in parts[0]:
        # The part of the path before ".." may name the student.
        owner = () if name.startswith("/") or ":" in parts[0] else tuple(raw[: raw.index("..")])
        owner = tuple(part for part in owner if part not in ("", "."))
        trouble = f"points outside the archive, to {clean(info.filename)}; pack the archive anew"
        return Member((*owner, parts[-1]), "refused" if owner else "outside", trouble=trouble)
    if info.is_dir():
        return Member(parts, "folder")
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return Member(parts, "refused", trouble="is a symbolic link; hand in the file itself")
    if not is_python(parts[-1]) or is_litter(parts):
        return Member(parts)
    whose = (
        "" if depth < 0 else parts[min(depth, len(parts) - 1)]
    )  # the limit applies to all files of a student together
    content, trouble = _inflated(archive, info, twice, len(parts), allowance, whose)
    return Member(parts, "refused" if trouble else "file", content, trouble)


def _inflated(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, twice: bool, depth: int, allowance: Allowance, owner: str
) -> tuple[bytes | None, str]:
    """The bytes of a Python file, counted while they are inflated; or the problem with it."""
    if twice:
        return None, "is in the archive twice; hand in one"
    if depth > DEEPEST:
        return None, f"lies more than {DEEPEST} folders deep; put it higher"
    if info.flag_bits & 0x1:
        return None, "is encrypted; pack the archive without a password"
    if info.compress_type not in _METHODS:
        return None, "is packed in an unusual way; pack the archive as an ordinary zip"
    if trouble := allowance.refusal(owner):
        return None, trouble
    most = most_bytes(info.filename)
    try:
        with archive.open(info) as file:
            content = file.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        return None, f"cannot be unpacked ({error}); pack the archive anew"
    allowance.take(owner, len(content))
    return (None, too_large(None, most)) if len(content) > most else (content, "")
