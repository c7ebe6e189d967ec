"""Whose file it is where a course platform has put that into names: Canvas into those of files, Moodle into those of folders.

Sources: what "Download Submissions" of Canvas and "Download all submissions" of Moodle give. The platform's number stays in the student's name,
since two may be called the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from scratchae.grading.members import Member

_CANVAS = re.compile(r"(?P<student>[^_]+)(_LATE)?_(?P<number>\d+)_\d+_(?P<file>.+)")
_MOODLE = re.compile(r"(?P<student>.+)_(?P<number>\d+)_assignsubmission_\w*")


def by_student(members: Iterable[Member]) -> list[Member]:
    """The same members, each below a folder of its student's name where the platform says whose it is.

    Parameters
    ----------
    members : iterable of Member

    Returns
    -------
    members : list of Member
    """
    return [replace(member, parts=_parts(member)) for member in members]


def _parts(member: Member) -> tuple[str, ...]:
    top, *rest = member.parts
    if not rest and member.kind != "folder" and (match := _CANVAS.fullmatch(top)):
        return f"{match['student']}_{match['number']}", match["file"]
    if match := _MOODLE.fullmatch(top):
        return f"{match['student']}_{match['number']}", *rest
    return member.parts
