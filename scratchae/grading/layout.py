"""Where the students are: what packing has put around them is taken away, and an archive in a student's folder is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scratchae.exercises import Exercise
from scratchae.grading.archive import members_of_archive
from scratchae.grading.members import Member, is_python
from scratchae.grading.recognition import names_of


def opened(place: Path, members: list[Member]) -> list[Member]:
    """With what is in the archive in a student's folder, where there is no Python file beside it.

    Parameters
    ----------
    place : pathlib.Path
        The folder that the members are in.
    members : list of Member

    Returns
    -------
    members : list of Member
    """
    own = {m.parts[0] for m in members if is_python(m.name)}
    found: list[Member] = []
    for member in members:
        if len(member.parts) == 1 or member.parts[0] in own or member.kind != "file" or not is_archive(member.name):
            found.append(member)
            continue
        folder = member.parts[:-1]
        try:
            inside = members_of_archive(place.joinpath(*member.parts), whole=True)
        except (ValueError, OSError):
            trouble = "is an archive that cannot be opened; hand in Python files"
            found.append(replace(member, kind="refused", trouble=trouble))
            continue
        found += [
            replace(m, parts=(*folder, *m.parts), kind="refused" if m.kind == "outside" else m.kind) for m in inside
        ]
    return found


def is_archive(name: str) -> bool:
    """Whether it is opened as one."""
    return name.casefold().endswith(".zip")


def unwrapped(members: list[Member], exercises: Sequence[Exercise]) -> list[Member]:
    """Without the one folder around everything that packing a class makes; a lone student's folder stays, whatever is in it.

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
    folders = {m.parts[:2] for m in inside if len(m.parts) > 2 or (len(m.parts) == 2 and m.kind == "folder")}
    below = {m.parts[1] for m in inside if len(m.parts) > 1}
    ours = {name for exercise in exercises for name in names_of(exercise)}
    one_around = len({m.parts[0] for m in inside}) == 1 and all(len(m.parts) > 1 or m.kind == "folder" for m in inside)
    if not one_around or below & ours or len(folders) < 2:
        return members
    return [*loose, *(replace(m, parts=m.parts[1:]) for m in inside if len(m.parts) > 1)]


def _is_loose(member: Member) -> bool:
    """Whether it says nothing of where the students are: a list of grades beside the folder, a path that leads out."""
    alone = len(member.parts) == 1 and member.kind == "file" and not is_python(member.name)
    return member.kind == "outside" or alone
