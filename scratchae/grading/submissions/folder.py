"""Members of a folder: regular files and folders below it; links are not followed."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import BinaryIO

from scratchae.grading.submissions.members import (
    DEEPEST,
    MOST_BYTES,
    MOST_MEMBERS,
    MOST_OTHERS,
    Allowance,
    Member,
    is_archive,
    is_litter,
    is_python,
    too_large,
)


def members_of_folder(folder: Path) -> list[Member]:
    """All files and folders below a folder, sorted by name; at most 100,000 per student, with a note if there are more.

    Raises
    ------
    OSError
        If the folder itself cannot be read.
    """
    found: list[Member] = []
    with os.scandir(folder):  # raises OSError if the folder cannot be read
        pass
    for student, its in groupby(_below(folder, (), Allowance()), key=lambda member: member.parts[:1]):
        kept = list(islice(its, MOST_MEMBERS + 1))
        wanted = [m for m in kept[:MOST_MEMBERS] if _matters(m)]
        found += wanted + [m for m in kept if not _matters(m)][:MOST_OTHERS]
        if len(kept) > MOST_MEMBERS:
            trouble = f"holds more than {MOST_MEMBERS:,} files, and the rest is not read; hand in source code"
            found.append(Member((*student, *student), "refused", trouble=trouble))
    return found


def _matters(member: Member) -> bool:
    return member.kind != "file" or is_python(member.name) or is_archive(member.name)


def read_file(path: Path) -> tuple[bytes | None, str]:
    """The bytes of a regular file, or the problem with it."""
    try:
        with open_ordinary(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MOST_BYTES:
                return None, too_large(size)
            content = file.read(MOST_BYTES + 1)
    except ValueError:
        return None, "is not a regular file; hand in source code"
    except OSError as error:
        return None, f"cannot be read ({error.strerror})"
    return (None, too_large(None)) if len(content) > MOST_BYTES else (content, "")


def open_ordinary(path: Path, *, follow: bool = False) -> BinaryIO:
    """Open a regular file: not a pipe, which would block, nor a device, nor a link, unless the teacher named it.

    Raises
    ------
    ValueError
        If it is not a regular file.
    OSError
        If the file cannot be opened, or has a second name (a hard link).
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(path, flags | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    if not stat.S_ISREG(os.fstat(handle).st_mode):  # of the opened file, even if the name has changed meanwhile
        os.close(handle)
        raise ValueError(f"{path} is not a regular file")
    if not follow and os.fstat(handle).st_nlink > 1:  # it may be anybody's, and an error would quote a line of it
        os.close(handle)
        raise OSError(errno.EMLINK, "it is a hard link, so that the file has another name elsewhere: hand in a copy")
    return os.fdopen(handle, "rb")


def _below(folder: Path, parts: tuple[str, ...], allowance: Allowance) -> Iterator[Member]:
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        yield Member(parts, "refused", trouble=f"cannot be read ({error.strerror})")
        return
    for entry in entries:
        if is_litter([entry.name]):
            continue
        path = (*parts, entry.name)
        if entry.is_symlink():
            yield Member(path, "refused", trouble="is a symbolic link; hand in the file itself")
        elif entry.is_dir(follow_symlinks=False):
            yield Member(path, "folder")
            if len(path) < DEEPEST:
                yield from _below(folder / entry.name, path, allowance)
        else:
            yield _file(folder / entry.name, path, allowance)


def _file(path: Path, parts: tuple[str, ...], allowance: Allowance) -> Member:
    if not is_python(parts[-1]):
        return Member(parts)
    trouble = allowance.refusal(parts[0])
    content: bytes | None = None
    if not trouble:
        content, trouble = read_file(path)
        allowance.take(parts[0], len(content or b""))
    return Member(parts, "refused" if trouble else "file", content, trouble)
