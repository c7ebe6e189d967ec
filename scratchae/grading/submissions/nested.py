"""Archives in a student's submission, also within each other, opened within limits."""

from __future__ import annotations

import io
from contextlib import ExitStack
from dataclasses import replace

from scratchae.grading.submissions.archive import members_of_archive
from scratchae.grading.submissions.file_kinds import kind_of
from scratchae.grading.submissions.folder import open_ordinary
from scratchae.grading.submissions.members import MOST_ARCHIVES, MOST_MEMBERS, Allowance, Member, below

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
        With paths below the archive's folder.
    """
    trouble = _limit(allowance, depth)
    inside: list[Member] = []
    if not trouble:
        allowance.archives += 1
        try:
            if archive.path is not None:
                file = files.enter_context(open_ordinary(archive.path))
            else:
                content, trouble = allowance.content(archive)
                file = io.BytesIO(content or b"")
            inside = [] if trouble else members_of_archive(file, tar=not archive.name.casefold().endswith(".zip"))
        except OSError as error:
            trouble = f"cannot be opened ({error.strerror})"
        except ValueError as error:
            trouble = str(error)
    allowance.members += len(inside)
    if not trouble and allowance.members > MOST_MEMBERS:
        trouble = (
            f"is not opened, because the archives have more than {MOST_MEMBERS:,} members; hand in source code only"
        )
    if trouble:
        return [replace(archive, kind="refused", trouble=trouble)]
    found = []
    for member in inside:
        its = below(archive.parts[:-1], replace(member, order=archive.order))
        nested = its.kind == "file" and kind_of(its.name) == "archive"
        found += opened(its, allowance, files, depth + 1) if nested else [its]
    return found or [replace(archive, kind="refused", trouble="is an empty archive; pack it anew")]


def _limit(allowance: Allowance, depth: int) -> str:
    if depth > DEEPEST_ARCHIVE:
        return f"is not opened, because it lies in {DEEPEST_ARCHIVE} other archives; hand in one"
    if allowance.archives >= MOST_ARCHIVES:
        return f"is not opened, because there are more than {MOST_ARCHIVES} archives; hand in one"
    return ""
