"""Members of a folder: ordinary files and folders below it, never through a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from scratchae.grading.members import DEEPEST, MOST_BYTES, MOST_MEMBERS, Budget, Member, is_litter, is_python, too_large


def members_of_folder(folder: Path) -> list[Member]:
    """All files and folders below a folder, in the order of their names.

    Raises
    ------
    ValueError
        If there are more than 100,000.
    OSError
        If the folder itself cannot be read.
    """
    found: list[Member] = []
    with os.scandir(folder):  # whether it can be read at all
        pass
    for member in _below(folder, (), Budget()):
        found.append(member)
        if len(found) > MOST_MEMBERS:
            raise ValueError(f"{folder} has more than {MOST_MEMBERS:,} files; give the folder of the submissions only")
    return found


def read_file(path: Path) -> tuple[bytes | None, str]:
    """The bytes of one ordinary file, or the trouble with it."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        handle = os.open(path, flags)
    except OSError as error:
        return None, f"cannot be read ({error.strerror})"
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)  # of what was opened, whatever the name stands for by now
        if not stat.S_ISREG(status.st_mode):
            return None, "is no ordinary file; hand in source code"
        if status.st_size > MOST_BYTES:
            return None, too_large(status.st_size)
        try:
            content = file.read(MOST_BYTES + 1)
        except OSError as error:
            return None, f"cannot be read ({error.strerror})"
    return (None, too_large(None)) if len(content) > MOST_BYTES else (content, "")


def _below(folder: Path, parts: tuple[str, ...], budget: Budget) -> Iterator[Member]:
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
                yield from _below(folder / entry.name, path, budget)
        else:
            yield _file(folder / entry.name, path, budget)


def _file(path: Path, parts: tuple[str, ...], budget: Budget) -> Member:
    if not is_python(parts[-1]):
        return Member(parts)
    trouble = budget.refusal(parts[0])
    content: bytes | None = None
    if not trouble:
        content, trouble = read_file(path)
        budget.take(parts[0], len(content or b""))
    return Member(parts, "refused" if trouble else "file", content, trouble)
