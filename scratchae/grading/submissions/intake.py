"""Read all submissions: their students, the exercise of each file, and notes on problems.

The input is a folder or an archive. In it, each student has a folder with one file for each exercise, or one file that defines everything,
or an archive with such files; or the names have the form used by course platforms. In any case, every student gets a row.
"""

from __future__ import annotations

import difflib
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from scratchae.errors import shortened
from scratchae.exercises import Exercise
from scratchae.grading.submissions.choice import Reader, SourceFile, candidates, checked, chosen_of
from scratchae.grading.submissions.containers.archive import members_of_archive
from scratchae.grading.submissions.containers.file_kinds import advice, is_accessory, is_code, kind_of
from scratchae.grading.submissions.containers.folder import member_at, members_of_folder, open_ordinary, read_file
from scratchae.grading.submissions.containers.members import Allowance, Member, UnreadableError, clean
from scratchae.grading.submissions.containers.nested import members_in, opened
from scratchae.grading.submissions.layout import MOST_LISTED, Owner, is_class, is_of_platform, owners, unwrapped
from scratchae.grading.submissions.recognition import exercises_in, is_unwritten, plain

LONGEST = 400  # characters of a name that are normalised
MOST_NAMED = 6  # files named in a note
MOST_NOTES = 12  # notes on single files


@dataclass(frozen=True)
class Submission:
    """The submission of one student.

    Parameters
    ----------
    student : str
        Name for display.
    files : mapping of str to SourceFile
        Files by the name of the exercise; a single file may serve several; exercises without a file are missing.
    notes : tuple of str
        Problems, each a sentence.
    """

    student: str
    files: Mapping[str, SourceFile]
    notes: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Hash of the files that count, with their names and exercises."""
        digest = hashlib.sha256()
        for exercise, file in sorted(self.files.items()):
            for part in (exercise.encode(), file.name.encode(errors="replace"), file.source or file.trouble.encode()):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


@dataclass(frozen=True)
class Intake:
    """All submissions, sorted by the students' names, and notes on files that belong to none of them."""

    submissions: tuple[Submission, ...]
    notes: tuple[str, ...] = ()


def take_in(path: Path, exercises: Sequence[Exercise]) -> Intake:
    """Read submissions.

    Parameters
    ----------
    path : pathlib.Path
        A folder or an archive of submissions, or one student's Python file or notebook.
    exercises : sequence of Exercise

    Raises
    ------
    ValueError
        If the path is neither, or contains no submission.
    OSError
        If the path cannot be read.
    """
    if not path.exists():
        raise ValueError(f"{path}: there is no such file or folder; give a folder or an archive of submissions")
    with ExitStack() as files:
        if path.is_dir():
            members = members_of_folder(path)
        elif is_code(path.name):
            members = [replace(member_at(path), parts=(path.name,))]
        else:
            members = _members_at(path, files, follow=True)
        found, notes = owners(_of_class(members, exercises, files, sure=path.is_dir()), exercises)
        if not found:
            raise ValueError(f"{path} contains no submission; it needs a folder or a file for each student")
        submissions = [_submission(owner, exercises) for owner in found]
    return Intake(tuple(_one_each(submissions, found)), tuple(notes))


def _members_at(path: Path, files: ExitStack, *, follow: bool) -> list[Member]:
    """The members of an archive, which stays open."""
    try:
        return members_of_archive(files.enter_context(open_ordinary(path, follow=follow)), tar=".tar" in path.name)
    except ValueError as error:
        about = str(error)
        raise ValueError(about if about.startswith(str(path)) else f"{path} {about}") from None


def _of_class(members: list[Member], exercises: Sequence[Exercise], files: ExitStack, *, sure: bool) -> list[Member]:
    """The members of a class, without outer folders, and with those of a platform's archives in place of the archives."""
    members = unwrapped(members, exercises, sure=sure)
    work = [m for m in members if m.kind == "file" and kind_of(m.name) != "other"]
    archives = [m for m in work if kind_of(m.name) == "archive" and (len(m.parts) == 1 or len(work) == 1)]
    classes = {id(m): _class_in(m, exercises, files, alone=len(work) == 1) for m in archives}
    if not any(classes.values()):
        return members
    around = {parts[:k] for m in archives if classes[id(m)] for parts in [m.parts] for k in range(1, len(parts))}
    found: list[Member] = []
    for member in members:
        if member.parts not in around:
            beside = replace(member, parts=member.parts[-1:]) if member.parts[:-1] in around else member
            found += classes.get(id(member)) or [beside]
    return found


def _class_in(archive: Member, exercises: Sequence[Exercise], files: ExitStack, *, alone: bool) -> list[Member]:
    """The members of an archive that contains a class; none if it is a student's.

    If it is all that there is, an exercise that is in it several times tells, too; otherwise a platform's names have to.
    """
    with ExitStack() as own:
        try:
            inside = unwrapped(members_in(archive, Allowance(), own), exercises, sure=False)
        except UnreadableError:
            return []
        if not (is_class(inside, exercises, sure=True) if alone else is_of_platform(inside, exercises)):
            return []
        files.enter_context(own.pop_all())
    return inside


def take_in_one(folder: Path, student: str, exercises: Sequence[Exercise]) -> Submission:
    """The submission of one student, whose files are in the folder itself.

    Parameters
    ----------
    folder : pathlib.Path
    student : str
    exercises : sequence of Exercise
    """
    return replace(_submission(Owner(student, [student], members_of_folder(folder)), exercises), student=clean(student))


def read_source(path: Path) -> SourceFile:
    """Read one source file; it has either its text or the problem.

    Parameters
    ----------
    path : pathlib.Path
    """
    return checked(path.name, *read_file(path))


def files_that_count(folder: Path, exercises: Sequence[Exercise]) -> tuple[list[Path], list[str]]:
    """The file of each exercise in a folder, as in grading, and notes on those that do not count.

    Parameters
    ----------
    folder : pathlib.Path
    exercises : sequence of Exercise

    Raises
    ------
    OSError
        If the folder cannot be read.
    """
    names = {clean(path.name): path for path in sorted(folder.iterdir()) if is_code(path.name)}
    found, notes = _files([member_at(path) for path in names.values()], exercises, Reader(Allowance()))
    return [names[name] for name in dict.fromkeys(file.name for file in found.values())], notes


def _submission(owner: Owner, exercises: Sequence[Exercise]) -> Submission:
    """The submission of a student. Archives are opened only if an answer to an exercise is missing beside them."""
    student = clean(owner.name) or "?"
    allowance = Allowance()
    reader = Reader(allowance)
    members = owner.members
    with ExitStack() as files:
        found, notes = _files(members, exercises, reader)
        if any(kind_of(m.name) == "archive" for m in members) and not _is_complete(found, exercises):
            members = _with_archives(members, allowance, files)
            found, notes = _files(members, exercises, reader)
    troubles = [f"{clean(m.name)} {m.trouble}" for m in members if m.kind == "refused"]
    used = [f"{file.name} {what}" for file in found.values() for what in (file.trouble, *file.notes) if what]
    of_files = list(dict.fromkeys([*used, *troubles, *notes]))
    if len(of_files) > MOST_NOTES:
        of_files[MOST_NOTES:] = [f"{len(of_files) - MOST_NOTES} more notes on files are left out"]
    notes = [*owner.notes, *of_files]
    missing = [exercise for exercise in exercises if exercise.name not in found]
    if not any(is_code(m.name) and m.kind != "folder" for m in members):
        notes += _nothing_to_grade(members, exercises) if not troubles or any(m.kind == "file" for m in members) else []
    elif missing:
        notes.append(_missing_note(missing, members, found))
    if missing and (passed := [clean("/".join(m.parts)) for m in members if m.kind == "environment"]):
        are, there = ("is", "it") if len(passed) == 1 else ("are", "them")
        notes.append(
            f"{shortened(passed, MOST_LISTED)} {are} passed over as installed packages; if your work is in {there}, move it out"
        )
    return Submission(student, found, tuple(dict.fromkeys(clean(note, 600) for note in notes)))


def _is_complete(found: Mapping[str, SourceFile], exercises: Sequence[Exercise]) -> bool:
    """True if each exercise has a file with an answer."""
    sources = [(exercise, found[exercise.name].source) for exercise in exercises if exercise.name in found]
    answered = [exercise for exercise, source in sources if source is not None and not is_unwritten(exercise, source)]
    return len(answered) == len(exercises)


def _with_archives(members: Sequence[Member], allowance: Allowance, files: ExitStack) -> list[Member]:
    """The members, with those of archives in place of the archives."""
    found = []
    for member in members:
        closed = kind_of(member.name) == "archive" and member.kind == "file"
        found += opened(member, allowance, files) if closed else [member]
    return found


def _files(
    members: Sequence[Member], exercises: Sequence[Exercise], reader: Reader
) -> tuple[dict[str, SourceFile], list[str]]:
    """The file of each exercise, and notes on those that do not count.

    If all files have one name but for copies, they may serve several exercises; the one that counts is recognised by its content.
    """
    code: dict[str, list[Member]] = {}
    for member in members:
        if is_code(member.name) and member.kind in ("file", "refused"):
            code.setdefault(plain(member.name), []).append(member)
    found: dict[str, SourceFile] = {}
    notes: list[str] = []
    for exercise in exercises:
        file, remarks = chosen_of(exercise, candidates(exercise, code), reader)
        notes += remarks
        if file is not None:
            found[exercise.name] = file
    if len(code) == 1:
        (copies,) = code.values()
        only = next(iter(found.values()), None)
        if only is None:
            only, notes = chosen_of(
                None, sorted(copies, key=lambda m: (kind_of(m.name) == "notebook", m.parts)), reader
            )
        assert only is not None  # there is a file
        found = _from_one(only, exercises, found)
    return found, notes


def _from_one(
    only: SourceFile, exercises: Sequence[Exercise], named: Mapping[str, SourceFile]
) -> dict[str, SourceFile]:
    """Assign a single file to several exercises: that of its name, and all that it defines.

    If it defines none, it stands for all of them, with its problem.
    """
    first = [exercise for exercise in exercises if exercise.name in named]
    taken = {task.name for exercise in first for task in exercise.tasks}
    others = [exercise for exercise in exercises if not taken & {task.name for task in exercise.tasks}]
    found = [*first, *exercises_in(only.source or b"", others)] or exercises
    return {exercise.name: only for exercise in exercises if exercise in found}


def _nothing_to_grade(members: Sequence[Member], exercises: Sequence[Exercise]) -> list[str]:
    """A note on a submission without Python files and notebooks: what is there instead, and what to do."""
    files = [m for m in members if m.kind == "file"]
    if not files:
        if any(m.kind == "environment" for m in members):
            return []  # a note names them
        return ["nothing was handed in: " + ("there is no file in it" if members else "the folder is empty")]
    names = shortened([clean(m.name) for m in files], MOST_NAMED)
    return [f"there is no Python file in it, only {names}: {advice(files[0].name, exercises[0].file)}"]


def _missing_note(missing: Sequence[Exercise], members: Sequence[Member], found: Mapping[str, SourceFile]) -> str:
    """A note on exercises without a file, and on files that are not graded."""
    names = [exercise.file for exercise in missing]
    used = {file.name for file in found.values()}
    spare = [clean(m.name) for m in members if m.kind == "file" and not is_accessory(m.name)]
    spare = [name for name in spare if name not in used]
    spare.sort(key=lambda name: not is_code(name))
    near = spare[:100]
    close = [(name, match[0]) for name in names if (match := difflib.get_close_matches(name, near, 1, 0.75))]
    hint = f"; {close[0][1]} may be meant for {close[0][0]}: rename it" if close else ""
    rest = [name for name in dict.fromkeys(spare) if not close or name != close[0][1]]
    unused = f"; not graded: {shortened(rest, MOST_NAMED)}" if rest else ""
    return f"{shortened(names, MOST_LISTED)} {'is' if len(names) == 1 else 'are'} missing{hint}{unused}"


def _one_each(submissions: Sequence[Submission], found: Sequence[Owner]) -> list[Submission]:
    """One row for each student; two submissions with the same name are an error that the teacher has to resolve.

    Names that look the same when displayed get a short distinguishing suffix.
    """
    groups: dict[str, list[int]] = {}
    for i, owner in enumerate(found):
        begin = unicodedata.normalize("NFKC", owner.name[:LONGEST])  # its time is not linear in the number of accents
        groups.setdefault((begin + owner.name[LONGEST:]).casefold(), []).append(i)
    shown = Counter(submissions[same[0]].student.casefold() for same in groups.values())
    rows = []
    for raw, same in groups.items():
        names = list(dict.fromkeys(submissions[i].student for i in same))
        if shown[names[0].casefold()] > 1:
            mark = hashlib.sha256(raw.encode("utf-8", "surrogateescape")).hexdigest()[:6]
            names = [f"{name} ({mark})" for name in names]
        if len(same) == 1:
            rows.append(replace(submissions[same[0]], student=names[0]))
            continue
        entries = [entry for i in same for entry in found[i].entries]
        who = " and ".join(clean(entry) for entry in entries[:MOST_NAMED])
        note = f"{len(same)} submissions have this name: {who}; keep one of them, or rename one"
        rows += [Submission(name, {}, (note,)) for name in names]
    return sorted(rows, key=_place)


def _place(row: Submission) -> tuple[str, str]:
    """Sort key of a name, without accents: Émile is among the Es."""
    letters = (c for c in unicodedata.normalize("NFKD", row.student) if not unicodedata.combining(c))
    return "".join(letters).casefold(), row.student
