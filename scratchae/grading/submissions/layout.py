"""The layout of submissions: what belongs to which student, whatever folders, archives and platforms are around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from scratchae.errors import shortened
from scratchae.exercises import Exercise
from scratchae.grading.submissions.choice import Reader
from scratchae.grading.submissions.containers.file_kinds import is_code, is_handed_in, kind_of, stem
from scratchae.grading.submissions.containers.members import Allowance, Member, UnreadableError, clean
from scratchae.grading.submissions.gradescope_export import METADATA, MOST_METADATA, names_of_submissions
from scratchae.grading.submissions.platforms import Upload, is_receipt, uploads
from scratchae.grading.submissions.recognition import functions_in, names_of, plain

MOST_LISTED = 4  # names in a sentence

# Names of folders within one student's work, which are no students themselves.
_PARTS_OF_WORK = frozenset(
    ["code", "data", "doc", "docs", "figures", "lib", "notebooks", "scripts", "source", "src", "test", "tests", "utils"]
)
_FILES_OF_PLATFORMS = ("index.html", METADATA)
_AROUND = 3  # most outer folders that are removed
_MOST_COMPARED = 20  # loose files whose functions are compared


@dataclass
class Owner:
    """A student, and what belongs to them.

    Parameters
    ----------
    name : str
        As in the submissions; not yet made safe to display.
    entries : list of str
        Names of the folders and files that belong to the student.
    members : list of Member
        With paths relative to the student's folder.
    notes : list of str
    """

    name: str
    entries: list[str] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def owners(members: Iterable[Member], exercises: Sequence[Exercise]) -> tuple[list[Owner], list[str]]:
    """The students, and notes on what belongs to none of them.

    Parameters
    ----------
    members : iterable of Member
    exercises : sequence of Exercise

    Returns
    -------
    owners : list of Owner
        In the order of their first entries.
    notes : list of str
    """
    entries: dict[str, list[Member]] = {}
    notes = []
    for member in members:
        if member.kind == "outside":
            notes.append(f"{clean(member.name)} {member.trouble}")
        else:
            entries.setdefault(member.parts[0], []).append(member)
    real_names = _real_names(entries)
    places = uploads({name: _is_folder(its) for name, its in entries.items()}, _is_file_of(exercises))
    found: list[Owner] = []
    loose: dict[str, list[Member]] = {}
    attempts: Attempts = {}
    for name, its in entries.items():
        if name in places:
            _put(attempts, places[name], name, its)
        elif name in real_names or _is_folder(its):
            found.append(Owner(real_names.get(name, name), [name], _inside(its)))
        elif its[0].kind != "environment" and is_handed_in(name):
            bare = stem(name)
            loose.setdefault(stem(bare) if is_code(bare) else bare, []).extend(its)  # Ada.py.zip is Ada's
        elif name not in _FILES_OF_PLATFORMS or not (places or real_names):
            notes.append(f"{clean(name)} belongs to no student and is ignored")
    found += [Owner(real_names[name], [name]) for name in real_names if name not in entries]
    found += [owner for name, its in loose.items() for owner in _of_loose_files(name, its)]
    return [*found, *(_last_attempt(student, its) for student, its in attempts.items())], notes


def _is_folder(its: Sequence[Member]) -> bool:
    return any(m.kind == "folder" or len(m.parts) > 1 for m in its)


def _inside(its: Iterable[Member]) -> list[Member]:
    """The members of an entry, with paths relative to it if it is a folder."""
    shorter = (replace(m, parts=m.parts[1:] or m.parts) for m in its)
    return [new for m, new in zip(its, shorter, strict=True) if len(m.parts) > 1 or m.kind in ("file", "refused")]


def _is_file_of(exercises: Sequence[Exercise]) -> Callable[[str], bool]:
    ours = {name for exercise in exercises for name in names_of(exercise)}
    return lambda name: plain(name) in ours


def _real_names(entries: dict[str, list[Member]]) -> dict[str, str]:
    """The names that Gradescope's list gives to folders."""
    listed = entries.get(METADATA, [])
    if len(listed) != 1 or listed[0].kind != "file":
        return {}
    try:
        return names_of_submissions(listed[0].read(MOST_METADATA))
    except UnreadableError:
        return {}


def _of_loose_files(name: str, its: Sequence[Member]) -> Iterable[Owner]:
    """Loose files of one name, such as `Ada.py` and `Ada.pdf`, are one submission; an archive beside other work is another."""
    archives = [m for m in its if kind_of(m.name) == "archive"]
    others = [m for m in its if m not in archives]
    if len(archives) + any(is_code(m.name) for m in others) < 2:
        archives, others = [], list(its)
    for group in (*([archive] for archive in archives), *([others] if others else [])):
        yield Owner(name, [m.name for m in group], list(group))


Attempts = dict[str, dict[str, Owner]]  # by student and attempt


def _put(attempts: Attempts, place: Upload, entry: str, its: Sequence[Member]) -> None:
    its = _inside(its) if not place.file else [replace(m, parts=(place.file,), order=place.order) for m in its]
    owner = attempts.setdefault(place.student, {}).setdefault(place.attempt, Owner(place.student))
    owner.entries.append(entry)
    owner.members += its


def _last_attempt(student: str, attempts: dict[str, Owner]) -> Owner:
    """The last of a student's attempts that contains work; attempts without dates are taken together."""
    if "" in attempts:
        every = list(attempts.values())
        return Owner(student, [e for its in every for e in its.entries], [m for its in every for m in its.members])
    order = sorted(attempts, key=lambda attempt: (_has_work(attempts[attempt]), attempt))
    last = attempts[order[-1]]
    if len(order) > 1:
        before = [m for attempt in order[:-1] for m in attempts[attempt].members if m.kind == "file"]
        earlier = sorted({m.name for m in before if not is_receipt(m.name)})
        left = (
            f"; of the others, {shortened([clean(name) for name in earlier], MOST_LISTED)} {_are(earlier)} not graded"
            if earlier
            else ""
        )
        last.notes.append(f"{len(order)} attempts: that of {order[-1]} counts{left}")
    return last


def _has_work(owner: Owner) -> bool:
    return any(kind_of(m.name) != "other" for m in owner.members)


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def unwrapped(members: list[Member], exercises: Sequence[Exercise], *, sure: bool) -> list[Member]:
    """Remove outer folders, as made by packing a class: folders that contain several students.

    Parameters
    ----------
    members : list of Member
    exercises : sequence of Exercise
    sure : bool
        True to remove a folder only if names or exercises tell that it is around several students.

    Returns
    -------
    members : list of Member
    """
    inner = members
    for _ in range(_AROUND):
        loose = [m for m in inner if _is_loose(m)]
        around = [m for m in inner if not _is_loose(m)]
        if len({m.parts[0] for m in around}) != 1 or any(len(m.parts) == 1 and m.kind != "folder" for m in around):
            break
        inside = [replace(m, parts=m.parts[1:]) for m in around if len(m.parts) > 1]
        inner = [*loose, *inside]
        if is_class(inside, exercises, sure=sure):
            members = inner
    return members


def _is_loose(member: Member) -> bool:
    """True if a member does not belong to the layout: a list of grades beside the folder, a path outside the archive."""
    alone = len(member.parts) == 1 and member.kind in ("file", "environment") and kind_of(member.name) == "other"
    return member.kind == "outside" or alone


def is_class(members: Sequence[Member], exercises: Sequence[Exercise], *, sure: bool = False) -> bool:
    """True if the members are those of several students and not of one.

    A platform's names tell, and so does an exercise that is there several times, by the name of its file or by its functions. Otherwise
    several folders, or files beside folders, are taken for students, unless their names are those of exercises or of parts of one's work.

    Parameters
    ----------
    members : sequence of Member
    exercises : sequence of Exercise
    sure : bool
        True to say yes only if names or exercises tell.
    """
    if is_of_platform(members, exercises):
        return True
    is_ours, entries = _is_file_of(exercises), _tops(members)
    holders: dict[str, set[str]] = {}
    for member in members:
        if member.kind == "file" and is_ours(member.name):
            holders.setdefault(plain(member.name), set()).add(member.parts[0])
    if any(is_ours(name) or name.casefold() in _PARTS_OF_WORK for name in entries):
        return False
    if any(len(tops) > 1 for tops in holders.values()) or _same_functions(members, exercises):
        return True
    folders = [name for name, folder in entries.items() if folder]
    students = [name for name, folder in entries.items() if folder or kind_of(name) != "other"]
    split_up = len(set().union(*holders.values())) > 1 if holders else False
    return not sure and bool(folders) and len(students) > 1 and not split_up


def is_of_platform(members: Iterable[Member], exercises: Sequence[Exercise]) -> bool:
    """True if a platform has given the members their names."""
    entries = _tops(members)
    return METADATA in entries or bool(uploads(entries, _is_file_of(exercises)))


def _tops(members: Iterable[Member]) -> dict[str, bool]:
    """The names at the top, and whether they are folders."""
    entries: dict[str, bool] = {}
    for member in members:
        top = member.parts[0]
        entries[top] = entries.get(top, False) or member.kind == "folder" or len(member.parts) > 1
    return entries


def _same_functions(members: Sequence[Member], exercises: Sequence[Exercise]) -> bool:
    """True if two loose files define the same function of an exercise."""
    wanted = {task.name for exercise in exercises for task in exercise.tasks}
    reader = Reader(Allowance())
    seen: set[str] = set()
    for member in [m for m in members if len(m.parts) == 1 and m.kind == "file" and is_code(m.name)][:_MOST_COMPARED]:
        its = functions_in(reader.file(member).source or b"") & wanted
        if its & seen:
            return True
        seen |= its
    return False
