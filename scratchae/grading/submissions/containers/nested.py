"""Archives in a student's submission, also within each other, opened within limits."""

from __future__ import annotations

import io
from contextlib import ExitStack
from dataclasses import replace
from typing import BinaryIO

from scratchae.grading.submissions.containers.archive import members_of_archive
from scratchae.grading.submissions.containers.file_kinds import kind_of
from scratchae.grading.submissions.containers.folder import open_ordinary
from scratchae.grading.submissions.containers.members import (
    MOST_ARCHIVES,
    MOST_MEMBERS,
    Allowance,
    Member,
    UnreadableError,
    below,
)

DEEPEST_ARCHIVE = 3  # archives around a file


def opened(archive: Member, allowance: Allowance, files: ExitStack, depth: int = 1) -> list[Member]:
    """The members of an archive, and of those within it; if it cannot be opened, the archive itself with the reason.

    Parameters
    ----------
    archive : Member
    allowance : Allowance
        That of the student.
    files : contextlib.ExitStack
        Closes the archive when its members have been read.
    depth : int
        Number of archives around its members.

    Returns
    -------
    members : list of Member
        With paths below the archive's own.
    """
    try:
        _check(allowance, depth)
        inside = members_in(archive, allowance, files)
    except UnreadableError as error:
        return [replace(archive, kind="refused", trouble=str(error))]
    found = []
    for member in inside:
        its = below(archive.parts, replace(member, order=archive.order))
        nested = its.kind == "file" and kind_of(its.name) == "archive"
        found += opened(its, allowance, files, depth + 1) if nested else [its]
    return found


def members_in(archive: Member, allowance: Allowance, files: ExitStack) -> list[Member]:
    """The members of one archive, with paths in it, without opening those within it; the parameters are those of `opened`.

    Raises
    ------
    UnreadableError
        If it cannot be opened.
    """
    allowance.archives += 1
    try:
        inside = members_of_archive(_file(archive, allowance, files), tar=not archive.name.casefold().endswith(".zip"))
    except OSError as error:
        raise UnreadableError(f"cannot be opened ({error.strerror})") from None
    except ValueError as error:
        raise UnreadableError(str(error)) from None
    allowance.members += len(inside)
    if allowance.members > MOST_MEMBERS:
        raise UnreadableError(
            f"is not opened, because the archives have more than {MOST_MEMBERS:,} members; hand in source code only"
        )
    if not inside:
        raise UnreadableError("is an empty archive; pack it anew")
    return inside


def _file(archive: Member, allowance: Allowance, files: ExitStack) -> BinaryIO:
    if archive.path is not None:
        return files.enter_context(open_ordinary(archive.path))
    content, trouble = allowance.content(archive)
    if content is None:
        raise UnreadableError(trouble)
    return io.BytesIO(content)


def _check(allowance: Allowance, depth: int) -> None:
    if depth > DEEPEST_ARCHIVE:
        raise UnreadableError(f"is not opened, because it lies in {DEEPEST_ARCHIVE} other archives; hand in one")
    if allowance.archives >= MOST_ARCHIVES:
        raise UnreadableError(f"is not opened, because there are more than {MOST_ARCHIVES} archives; hand in one")
