"""Members of a folder: ordinary files and folders below it, never through a link."""

from __future__ import annotations

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
    """All files and folders below a folder, in the order of their names; of each student no more than 100,000, and a note of the rest.

    Raises
    ------
    OSError
        If the folder itself cannot be read.
    """
    found: list[Member] = []
    with os.scandir(folder):  # whether it can be read at all
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
    """The bytes of one ordinary file, or the trouble with it."""
    try:
        with open_ordinary(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MOST_BYTES:
                return None, too_large(size)
            content = file.read(MOST_BYTES + 1)
    except ValueError:
        return None, "is no ordinary file; hand in source code"
    except OSError as error:
        return None, f"cannot be read ({error.strerror})"
    return (None, too_large(None)) if len(content) > MOST_BYTES else (content, "")


def open_ordinary(path: Path, *, follow: bool = False) -> BinaryIO:
    """Open a file that is one: no pipe, which would be waited for, no device; and no link, unless the teacher named it.

    Raises
    ------
    ValueError
        If it is none.
    OSError
        If it cannot be opened.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(path, flags | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    if not stat.S_ISREG(os.fstat(handle).st_mode):  # of what was opened, whatever the name stands for by now
        os.close(handle)
        raise ValueError(f"{path} is no ordinary file")
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
