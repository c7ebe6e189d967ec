"""Normalise the layout of submissions: remove outer folders, open an archive in a student's folder, and extract the student's name from
file or folder names made by course platforms.

Canvas puts it into file names, Moodle into folder names. Sources: the downloads of "Download Submissions" in Canvas and "Download all
submissions" in Moodle. The platform's number is kept in the student's name, since two students may have the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from scratchae.exercises import Exercise
from scratchae.grading.submissions.archive import members_of_archive
from scratchae.grading.submissions.members import Allowance, Member, is_archive, is_python
from scratchae.grading.submissions.recognition import names_of

_CANVAS = re.compile(r"(?P<student>[^_]+)(_LATE)?_(?P<number>\d+)_(?P<id>\d{3,})_(?P<file>.+)")
_MOODLE = re.compile(r"(?P<student>.+)_(?P<number>\d+)_assignsubmission_\w*")


def opened(place: Path, members: list[Member]) -> list[Member]:
    """Replace an archive in a student's folder by its members, if there is no Python file beside it.

    Parameters
    ----------
    place : pathlib.Path
        The folder that contains the members.
    members : list of Member

    Returns
    -------
    members : list of Member
    """
    own = {m.parts[0] for m in members if is_python(m.name) and m.kind != "folder"}
    allowances: dict[str, Allowance] = {}
    found: list[Member] = []
    for member in members:
        student = member.parts[0]
        if len(member.parts) == 1 or student in own or member.kind != "file" or not is_archive(member.name):
            found.append(member)
        elif student in allowances:
            trouble = "is not opened, because there is another archive; hand in one"
            found.append(replace(member, kind="refused", trouble=trouble))
        else:
            allowances[student] = Allowance()
            found += _inside(place.joinpath(*(member.origin or member.parts)), member, allowances[student])
    return found


def _inside(path: Path, member: Member, allowance: Allowance) -> list[Member]:
    try:
        inside = members_of_archive(path, whole=True, allowance=allowance)
    except (ValueError, OSError) as error:
        why = str(error).replace(str(path), "").strip()
        return [replace(member, kind="refused", trouble=f"cannot be opened: it {why}")]
    folder = member.parts[:-1]
    return [replace(m, parts=(*folder, *m.parts), kind="refused" if m.kind == "outside" else m.kind) for m in inside]


def unwrapped(members: list[Member], exercises: Sequence[Exercise]) -> list[Member]:
    """Remove a single outer folder, as made by packing a class: one that contains several folders or Python files.

    Parameters
    ----------
    members : list of Member
    exercises : sequence of Exercise

    Returns
    -------
    members : list of Member
    """
    loose = [m for m in members if _is_loose(m)]
    inside = [m for m in members if not _is_loose(m)]
    folders = {m.parts[1] for m in inside if len(m.parts) > 2 or (len(m.parts) == 2 and m.kind == "folder")}
    students = folders | {m.parts[1] for m in inside if len(m.parts) == 2 and is_python(m.name)}
    below = {m.parts[1] for m in inside if len(m.parts) > 1}
    ours = {name for exercise in exercises for name in names_of(exercise)}
    one_around = len({m.parts[0] for m in inside}) == 1 and all(len(m.parts) > 1 or m.kind == "folder" for m in inside)
    if not one_around or below & ours or not folders or len(students) < 2:
        return members
    return [*loose, *(replace(m, parts=m.parts[1:]) for m in inside if len(m.parts) > 1)]


def _is_loose(member: Member) -> bool:
    """True if a member does not belong to the layout: a list of grades beside the folder, a path outside the archive."""
    alone = len(member.parts) == 1 and member.kind == "file" and not is_python(member.name)
    return member.kind == "outside" or alone


def by_student(members: Iterable[Member]) -> list[Member]:
    """Move each member into a folder with its student's name, if the platform gives the name.

    Parameters
    ----------
    members : iterable of Member

    Returns
    -------
    members : list of Member
        Renamed members keep their old path in `origin`.
    """
    members = list(members)
    canvas = _from_canvas(members)
    return [replace(m, parts=parts, origin=m.parts) if (parts := _parts(m, canvas)) != m.parts else m for m in members]


def _from_canvas(members: Iterable[Member]) -> bool:
    """True if all top-level files have names as made by Canvas, with a unique number each."""
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
