"""Members of a folder: regular files and folders below it; links are not followed."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import BinaryIO

from scratchae.grading.submissions.containers.file_kinds import is_code, is_environment, is_litter, kind_of
from scratchae.grading.submissions.containers.members import (
    DEEPEST,
    MOST_MEMBERS,
    MOST_OTHERS,
    Allowance,
    Member,
    UnreadableError,
    most_bytes,
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
    for student, its in groupby(_below(folder, ()), key=lambda member: member.parts[:1]):
        kept = list(islice(its, MOST_MEMBERS + 1))
        wanted = [m for m in kept[:MOST_MEMBERS] if _matters(m)]
        found += wanted + [m for m in kept if not _matters(m)][:MOST_OTHERS]
        if len(kept) > MOST_MEMBERS:
            trouble = f"holds more than {MOST_MEMBERS:,} files, and the rest is not read; hand in source code"
            found.append(Member((*student, *student), "refused", trouble))
    return found


def _matters(member: Member) -> bool:
    return member.kind != "file" or kind_of(member.name) != "other"


def member_at(path: Path) -> Member:
    """One file as a member, followed if it is a link, since the user named it.

    Parameters
    ----------
    path : pathlib.Path
    """
    return _file(path.resolve(), (path.name,))


def read_file(path: Path) -> tuple[bytes | None, str]:
    """The content of a file that the user named, or the problem with it.

    Parameters
    ----------
    path : pathlib.Path
    """
    return Allowance().content(member_at(path))


def _read(path: Path, most: int) -> bytes:
    try:
        with open_ordinary(path) as file:
            return file.read(most)
    except OSError as error:
        raise UnreadableError(f"cannot be read ({error.strerror})") from None
    except ValueError:
        raise UnreadableError("is not a regular file; hand in source code") from None


def open_ordinary(path: Path, *, follow: bool = False) -> BinaryIO:
    """Open a regular file: not a pipe, which would block, nor a device, nor a link, unless the teacher named it.

    Raises
    ------
    ValueError
        If it is not a regular file.
    OSError
        If the file cannot be opened, or has a second name (a hard link).
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    if not stat.S_ISREG(os.fstat(handle).st_mode):  # of the opened file, even if the name has changed meanwhile
        os.close(handle)
        raise ValueError(f"{path} is not a regular file")
    if not follow and os.fstat(handle).st_nlink > 1:  # it may be anybody's, and an error would quote a line of it
        os.close(handle)
        raise OSError(errno.EMLINK, "it is a hard link, so that the file has another name elsewhere: hand in a copy")
    return os.fdopen(handle, "rb")


def _below(folder: Path, parts: tuple[str, ...]) -> Iterator[Member]:
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        yield Member(parts, "refused", f"cannot be read ({error.strerror})")
        return
    for entry in entries:
        path = (*parts, entry.name)
        is_folder = entry.is_dir(follow_symlinks=False)
        if is_folder and (is_environment(entry.name) or (parts and is_litter([entry.name]))):
            yield Member(path, "environment")
        elif is_litter([entry.name]):
            continue
        elif entry.is_symlink():
            yield Member(path, "refused", "is a symbolic link; hand in the file itself")
        elif is_folder:
            yield Member(path, "folder")
            if len(path) < DEEPEST:
                yield from _below(folder / entry.name, path)
            else:
                yield Member(path, "refused", f"lies {DEEPEST} folders deep and is not opened; put its files higher")
        else:
            yield _file(folder / entry.name, path)


def _file(path: Path, parts: tuple[str, ...]) -> Member:
    try:
        its = os.stat(path, follow_symlinks=False)
    except OSError as error:
        return Member(parts, "refused", f"cannot be read ({error.strerror})")
    if not stat.S_ISREG(its.st_mode):
        return Member(parts, "refused", "is not a regular file; hand in source code")
    if is_code(parts[-1]) and its.st_size > (most := most_bytes(parts[-1])):
        return Member(parts, "refused", too_large(its.st_size, most))
    return Member(parts, "file", read=partial(_read, path), path=path)
