"""The file that counts for an exercise, if a student handed in several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scratchae.exercises import Exercise
from scratchae.exercises.student_file import trouble_of
from scratchae.grading.submissions.containers.file_kinds import is_disguised, kind_of
from scratchae.grading.submissions.containers.members import Allowance, Member, clean
from scratchae.grading.submissions.notebook import source_of_notebook
from scratchae.grading.submissions.recognition import (
    code_lines,
    exercises_in,
    is_renamed,
    is_unwritten,
    names_of,
    plain,
)

MOST_COPIES = 8  # copies of one file that are read


@dataclass(frozen=True)
class SourceFile:
    """A file of a submission.

    Parameters
    ----------
    name : str
    source : bytes or None
        Its text, for a notebook that of its code cells; None if it cannot be read.
    trouble : str
        The reason why it cannot be read, as the end of a sentence that begins with the name.
    notes : tuple of str
        Remarks, such as on what is left out, each the end of such a sentence.
    """

    name: str
    source: bytes | None
    trouble: str = ""
    notes: tuple[str, ...] = ()


class Reader:
    """Reads the files of one student, each once.

    Parameters
    ----------
    allowance : Allowance
    """

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._read: dict[int, tuple[Member, SourceFile]] = {}

    def file(self, member: Member) -> SourceFile:
        """A member as a source file."""
        if id(member) not in self._read:
            self._read[id(member)] = member, checked(member.name, *self._allowance.content(member))
        return self._read[id(member)][1]


def checked(name: str, content: bytes | None, trouble: str = "") -> SourceFile:
    """A file, after a check that its bytes are source text; of a notebook, its code.

    Parameters
    ----------
    name : str
    content : bytes or None
    trouble : str
        The reason why there is no content.
    """
    shown = clean(name)
    notes: tuple[str, ...] = ()
    if content is None:
        return SourceFile(shown, None, trouble)
    if kind_of(name) == "notebook":
        book = source_of_notebook(content)
        if book.source is None:
            return SourceFile(shown, None, book.trouble, book.notes)
        content, notes = book.source, book.notes
    if trouble := trouble_of(content):
        return SourceFile(shown, None, trouble, notes)
    if is_disguised(name):
        ending = ".ipynb" if kind_of(name) == "notebook" else ".py"
        notes = (f"is read as if its name ended in {ending} alone; hand it in with that ending", *notes)
    return SourceFile(shown, content, notes=notes)


def candidates(exercise: Exercise, code: Mapping[str, Sequence[Member]]) -> list[Member]:
    """The files that have one of the names of an exercise, that of a copy, or that with words after it; the better names first.

    Parameters
    ----------
    exercise : Exercise
    code : mapping of str to sequence of Member
        Files by their plain names.
    """
    names = names_of(exercise)
    renamed = [name for name in code if name not in names and is_renamed(name, exercise)]
    found = [member for name in (*names, *renamed) for member in code.get(name, ())]
    return sorted(found, key=lambda member: (_rank(member, names), member.parts))


def _rank(member: Member, names: Sequence[str]) -> tuple[bool, int, int, int]:
    """Sort key of a candidate: no notebook, the newest upload, the best name, the highest in the folders."""
    exact = member.name.removesuffix(".ipynb") + ".py" if member.name.endswith(".ipynb") else member.name
    other = 4 * (plain(member.name) not in names) + 2 * is_disguised(member.name)
    name = names.index(exact) if exact in names else len(names) + other
    return kind_of(member.name) == "notebook", -member.order, name, len(member.parts)


def chosen_of(
    exercise: Exercise | None, found: Sequence[Member], reader: Reader
) -> tuple[SourceFile | None, list[str]]:
    """The one of several files that counts, and notes on those that are not graded although their code is another.

    A file that can be read counts before one that cannot, and a file with an answer before one that is as it was handed out.

    Parameters
    ----------
    exercise : Exercise or None
        None for files that are not named after an exercise.
    found : sequence of Member
        The better names first.
    reader : Reader
    """
    names = names_of(exercise) if exercise else ()
    files = [(member, reader.file(member)) for member in found[:MOST_COPIES]]
    files = [(m, f) for m, f in files if exercise is None or plain(m.name) in names or _answers(exercise, f)]
    if len(files) < 2:
        return next((file for _, file in files), None), []
    empty = {
        id(m): exercise is not None and f.source is not None and is_unwritten(exercise, f.source) for m, f in files
    }
    files.sort(key=lambda each: (each[1].source is None, empty[id(each[0])]))
    (best, counts), *others = files
    code = None if counts.source is None else code_lines(counts.source)
    rivals = [(m, f) for m, f in others if f.source is not None and code_lines(f.source) != code]
    same = [m for m, _ in rivals if _rank(m, names) == _rank(best, names) and empty[id(m)] == empty[id(best)]]
    if same:
        places = " and ".join(_shown(m) for m in (best, *same[:3]))
        wrong = f"is there more than once, with different content ({places}); hand in one"
        return SourceFile(counts.name, None, wrong), []
    left = len(found[MOST_COPIES:])
    notes = [f"{left} more copies of {counts.name} are not looked at; hand in one"] if left else []
    notes += [f"{_shown(m)} {f.trouble}" for m, f in others if f.source is None and m.kind != "refused"]
    for member, file in rivals:
        if empty[id(member)] and not empty[id(best)]:
            if _rank(member, names) < _rank(best, names):
                why = "as it was handed out" if code_lines(file.source or b"") else "empty"
                notes.append(f"{_shown(member)} is {why}, so {_shown(best)} counts")
        else:
            notes.append(
                f"{_shown(member)} is not graded: {_shown(best)} counts, {_reason(best, member, names)}; hand in one"
            )
    return counts, notes


def _answers(exercise: Exercise, file: SourceFile) -> bool:
    """True if a file has a function of an exercise, or cannot be read."""
    return file.source is None or bool(exercises_in(file.source, [exercise]))


def _reason(best: Member, other: Member, names: Sequence[str]) -> str:
    """The difference in rank that decided."""
    first, second = _rank(best, names), _rank(other, names)
    reasons = (
        "which is no notebook",
        "which was uploaded last",
        "which has the better name",
        "which lies higher in the folders",
    )
    return next((why for why, a, b in zip(reasons, first, second, strict=True) if a != b), "which can be read")


def _shown(member: Member) -> str:
    return clean("/".join(member.parts))
