"""Read all submissions: their students, the exercise of each file, and notes on problems.

The input is a folder or a zip archive. In it, each student has a folder with one file for each exercise, or one Python file that defines
everything, or (in a folder) a zip archive with such files; or the names have the form used by course platforms. In any case, every
student gets a row.
"""

from __future__ import annotations

import difflib
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scratchae.exercises import Exercise
from scratchae.grading.submissions.archive import members_of_archive
from scratchae.grading.submissions.folder import members_of_folder, read_file
from scratchae.grading.submissions.layout import by_student, opened, unwrapped
from scratchae.grading.submissions.members import Member, clean, is_archive, is_notebook, is_python
from scratchae.grading.submissions.notebook import source_of_notebook
from scratchae.grading.submissions.recognition import exercises_in, names_of, plain


@dataclass(frozen=True)
class SourceFile:
    """A file of a submission: its bytes, or the reason why it cannot be read."""

    name: str
    source: bytes | None
    trouble: str = ""
    notes: tuple[str, ...] = ()  # ends of sentences that begin with the name, on what is left out


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
        A folder or a zip archive of submissions, or one student's Python file.
    exercises : sequence of Exercise

    Raises
    ------
    ValueError
        If the path is neither, or contains no submission.
    OSError
        If the path cannot be read.
    """
    if not path.exists():
        raise ValueError(f"{path}: there is no such file or folder; give a folder or a zip archive of submissions")
    if path.is_dir():
        members = opened(path, by_student(members_of_folder(path)))
    elif is_python(path.name):
        members = [_member_at(path)]
    else:
        members = by_student(unwrapped(members_of_archive(path), exercises))
    owners, notes = _by_owner(members)
    if path.is_dir():
        notes = [note for note in notes if not _add_archive(note, path, owners)]
    if not owners:
        raise ValueError(f"{path} contains no submission; it needs a folder or a Python file for each student")
    submissions = [_submission(name, source, exercises) for name, source in owners]
    left_alone = [f"{clean(note)} belongs to no student and is ignored" for note in notes]
    left_alone += [f"{clean(m.name)} {m.trouble}" for m in members if m.kind == "outside"]
    return Intake(tuple(_one_each(submissions, [name for name, _ in owners])), tuple(left_alone))


def take_in_one(folder: Path, student: str, exercises: Sequence[Exercise]) -> Submission:
    """The submission of one student, whose files are in the folder itself.

    Parameters
    ----------
    folder : pathlib.Path
    student : str
    exercises : sequence of Exercise
    """
    members = [Member((student, *m.parts), m.kind, m.content, m.trouble) for m in members_of_folder(folder)]
    return replace(_submission(student, members, exercises), student=clean(student))


def read_source(path: Path) -> SourceFile:
    """Read one source file; it has either its bytes or the problem.

    Parameters
    ----------
    path : pathlib.Path
    """
    return _checked(_member_at(path))


def _member_at(path: Path) -> Member:
    content, trouble = read_file(path.resolve())
    return Member((path.name,), "refused" if trouble else "file", content, trouble)


Owners = list[tuple[str, "list[Member] | str"]]  # name of the entry: its members, or the reason why it cannot be read


def _by_owner(members: Sequence[Member]) -> tuple[Owners, list[str]]:
    """Members by the student's folder or file, and the names of all others."""
    members = [m for m in members if m.kind != "outside"]
    folders = {m.parts[0] for m in members if m.kind == "folder" or len(m.parts) > 1}
    owners: Owners = [
        (name, [m for m in members if m.parts[0] == name and len(m.parts) > 1]) for name in sorted(folders)
    ]
    rest = [m for m in members if m.parts[0] not in folders]
    owners += [(m.name, [m]) for m in rest if is_python(m.name) or m.kind == "refused"]
    return owners, [m.name for m in rest if not is_python(m.name) and m.kind != "refused"]


def _add_archive(name: str, folder: Path, owners: Owners) -> bool:
    """Add a zip archive in the folder as a student's submission."""
    if not is_archive(name):
        return False
    try:
        members = members_of_archive(folder / name, whole=True)
    except (ValueError, OSError) as error:
        owners.append((name, str(error).replace(f"{folder}/", "")))
    else:
        ours = [replace(m, parts=(name, *m.parts), kind="refused" if m.kind == "outside" else m.kind) for m in members]
        owners.append((name, ours))
    return True


def _stem(entry: str) -> str:
    return entry[: entry.rindex(".")] if entry.casefold().endswith((".py", ".ipynb", ".zip")) else entry


def _student(entry: str) -> str:
    return clean(_stem(entry)) or "?"


def _submission(entry: str, members: list[Member] | str, exercises: Sequence[Exercise]) -> Submission:
    if isinstance(members, str):
        return Submission(_student(entry), {}, (clean(members, 300),))
    python = [m for m in members if is_python(m.name) and m.kind != "folder"]
    refused = [m for m in members if m.kind == "refused"]
    if not python:
        archive = next((clean(m.name) for m in members if is_archive(m.name)), "")
        within = f", but an archive, {archive}: unpack the outer one, and give the folder" if archive else ""
        empty = f"there is no Python file in it{within}" if members else "nothing was handed in: the folder is empty"
        return Submission(_student(entry), {}, _troubles(refused) or (empty,))
    files: dict[str, SourceFile] = {}
    missing: list[Exercise] = []
    for exercise in exercises:
        file = _file_of(exercise, python)
        if file is None:
            missing.append(exercise)
        else:
            files[exercise.name] = file
    if len(python) == 1:
        files, missing = _from_one(_checked(python[0]), exercises, files)
    used = [f"{file.name} {what}" for file in files.values() for what in (file.trouble, *file.notes) if what]
    notes = list(dict.fromkeys([*used, *_troubles(refused)]))
    if missing:
        notes.append(_missing_note(missing, python, files))
    return Submission(_student(entry), files, tuple(notes))


def _from_one(
    only: SourceFile, exercises: Sequence[Exercise], named: Mapping[str, SourceFile]
) -> tuple[dict[str, SourceFile], list[Exercise]]:
    """Assign a single file to several exercises, and list the others: it serves the exercise of its name, and all that it defines.

    If it defines none, it stands for all of them, with its problem.
    """
    first = [exercise for exercise in exercises if exercise.name in named]
    taken = {task.name for exercise in first for task in exercise.tasks}
    others = [exercise for exercise in exercises if not taken & {task.name for task in exercise.tasks}]
    found = [*first, *exercises_in(only.source or b"", others)] or exercises
    return {exercise.name: only for exercise in found}, [exercise for exercise in exercises if exercise not in found]


def _troubles(refused: Sequence[Member]) -> tuple[str, ...]:
    """Notes on members that are not read."""
    return tuple(dict.fromkeys(f"{clean(m.name)} {m.trouble}" for m in refused))


def _file_of(exercise: Exercise, python: Sequence[Member]) -> SourceFile | None:
    """The file of one exercise, by its full name or its name without the number; of several readable ones the highest in the folders.

    A name such as browsers give to a second download, or with capital letters, counts if there is no better one.
    """
    for exact in (True, False):
        for name in names_of(exercise):
            found = [m for m in python if (m.name if exact else plain(m.name)) == name]
            found.sort(key=lambda m: (m.kind == "refused", len(m.parts)))
            if not found:
                continue
            rivals = [m for m in found[1:] if (m.kind, len(m.parts)) == (found[0].kind, len(found[0].parts))]
            if any(m.content != found[0].content for m in rivals):
                return SourceFile(name, None, "is there more than once, with different content; hand in one")
            return _checked(found[0])
    return None


def _checked(member: Member) -> SourceFile:
    """Check that the bytes of a file are source text."""
    name, content = clean(member.name), member.content
    if content is None:
        return SourceFile(name, None, member.trouble)
    if is_notebook(member.name):
        notebook = source_of_notebook(content)
        return SourceFile(name, notebook.source, notebook.trouble, notebook.notes)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return SourceFile(
            name, None, f"is not UTF-8 (line {line}, byte 0x{content[error.start]:02x}); save it as UTF-8"
        )
    if b"\0" in content:
        return SourceFile(name, None, "contains a NUL byte, so it is not source code; hand in a text file")
    return SourceFile(name, content)


def _missing_note(missing: Sequence[Exercise], python: Sequence[Member], files: Mapping[str, SourceFile]) -> str:
    names = [exercise.file for exercise in missing]
    spare = [clean(m.name) for m in python if m.name not in {file.name for file in files.values()}]
    close = [(name, match[0]) for name in names if (match := difflib.get_close_matches(name, spare, 1, 0.75))]
    hint = f"; {close[0][1]} may be meant for {close[0][0]}: rename it" if close else ""
    listed = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"{listed} {'is' if len(names) == 1 else 'are'} missing{hint}"


def _one_each(submissions: Sequence[Submission], entries: Sequence[str]) -> list[Submission]:
    """One row for each student; two submissions with the same name are an error that the teacher has to resolve.

    Names that look the same when displayed get a short distinguishing suffix.
    """
    groups: dict[str, list[int]] = {}
    for i, entry in enumerate(entries):
        groups.setdefault(unicodedata.normalize("NFKC", _stem(entry)).casefold(), []).append(i)
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
        who = " and ".join(clean(entries[i]) for i in same)
        note = f"{len(same)} submissions have this name: {who}; keep one of them, or rename one"
        rows += [Submission(name, {}, (note,)) for name in names]
    return sorted(rows, key=_place)


def _place(row: Submission) -> tuple[str, str]:
    """Sort key of a name, without accents: Émile is among the Es."""
    letters = (c for c in unicodedata.normalize("NFKD", row.student) if not unicodedata.combining(c))
    return "".join(letters).casefold(), row.student
