"""Whose file it is where a course platform has put that into names: Canvas into those of files, Moodle into those of folders.

Sources: what "Download Submissions" of Canvas and "Download all submissions" of Moodle give. The platform's number stays in the student's name,
since two may be called the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from scratchae.grading.members import Member

_CANVAS = re.compile(r"(?P<student>[^_]+)(_LATE)?_(?P<number>\d+)_(?P<id>\d{3,})_(?P<file>.+)")
_MOODLE = re.compile(r"(?P<student>.+)_(?P<number>\d+)_assignsubmission_\w*")


def by_student(members: Iterable[Member]) -> list[Member]:
    """The same members, each below a folder of its student's name where the platform says whose it is.

    Parameters
    ----------
    members : iterable of Member

    Returns
    -------
    members : list of Member
        Those with other names know the old ones: `origin`.
    """
    members = list(members)
    canvas = _from_canvas(members)
    return [replace(m, parts=parts, origin=m.parts) if (parts := _parts(m, canvas)) != m.parts else m for m in members]


def _from_canvas(members: Iterable[Member]) -> bool:
    """Whether all files that lie in no folder are named as Canvas does, where each file has a number of its own."""
    names = [m.name for m in members if len(m.parts) == 1 and m.kind == "file"]
    matches = [_CANVAS.fullmatch(name) for name in names]
    numbers = [match["id"] for match in matches if match]
    return bool(names) and len(set(numbers)) == len(names)


def _parts(member: Member, canvas: bool) -> tuple[str, ...]:
    top, *rest = member.parts
    if canvas and not rest and (match := _CANVAS.fullmatch(top)):
        return f"{match['student']}_{match['number']}", match["file"]
    if match := _MOODLE.fullmatch(top):
        return f"{match['student']}_{match['number']}", *rest
    return member.parts
