"""Where the students are: what packing has put around them is taken away, and an archive in a student's folder is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scratchae.exercises import Exercise
from scratchae.grading.archive import members_of_archive
from scratchae.grading.members import Budget, Member, is_archive, is_python
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
    own = {m.parts[0] for m in members if is_python(m.name) and m.kind != "folder"}
    budgets: dict[str, Budget] = {}
    found: list[Member] = []
    for member in members:
        student = member.parts[0]
        if len(member.parts) == 1 or student in own or member.kind != "file" or not is_archive(member.name):
            found.append(member)
        elif student in budgets:
            trouble = "is not opened, because there is another archive; hand in one"
            found.append(replace(member, kind="refused", trouble=trouble))
        else:
            budgets[student] = Budget()
            found += _inside(place.joinpath(*(member.origin or member.parts)), member, budgets[student])
    return found


def _inside(path: Path, member: Member, budget: Budget) -> list[Member]:
    try:
        inside = members_of_archive(path, whole=True, budget=budget)
    except (ValueError, OSError) as error:
        why = str(error).replace(str(path), "").strip()
        return [replace(member, kind="refused", trouble=f"cannot be opened: it {why}")]
    folder = member.parts[:-1]
    return [replace(m, parts=(*folder, *m.parts), kind="refused" if m.kind == "outside" else m.kind) for m in inside]


def unwrapped(members: list[Member], exercises: Sequence[Exercise]) -> list[Member]:
    """Without the one folder around everything that packing a class makes: one in which several folders or Python files lie.

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
    """Whether it says nothing of where the students are: a list of grades beside the folder, a path that leads out."""
    alone = len(member.parts) == 1 and member.kind == "file" and not is_python(member.name)
    return member.kind == "outside" or alone
