"""Notes on a file that cannot be imported, or on functions that cannot be called, as sentences for teacher and student."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from scratchae.errors import shortened
from scratchae.exercises.student_file import MOST_QUOTED
from scratchae.grading.records import Answer, Error, Outcome
from scratchae.grading.submissions.containers.members import clean
from scratchae.grading.submissions.intake import SourceFile
from scratchae.grading.submissions.recognition import depth_of, meant

UNFIT = {
    "missing": "there is no {}",
    "signature": "the arguments of the exercise are not accepted by {}; keep those of the file that you were given",
    "refused": "no sandbox could be made for {}",
}
MOST_NAMES = 4  # most functions named in a note
MOST_KEPT = 400  # characters of a line, and of a message, that are looked at
LOADING: dict[Outcome, str] = {
    "time": "takes longer to import than allowed",
    "clock": "did not come to an end when it was imported: it waits for something, or the machine was busy",
    "memory": "asks for more memory than allowed when it is imported",
    "crashed": "ends the process when it is imported",
    "refused": "could not be run: no sandbox could be made",
}


# A line that declares an encoding (PEP 263), in the first or second line of a file.
_DECLARES = re.compile(rb"[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]{1,60})")
_ENDS, _BLANK = re.compile(rb"\r\n|\r|\n"), re.compile(rb"[ \t\f]*(?:#.*)?")
_UTF8 = ("utf-8", "utf8", "utf", "u8", "cp65001")


def encoding_note(file: SourceFile) -> str:
    """A note on a file that declares another encoding than UTF-8, which does not count; else empty.

    Parameters
    ----------
    file : SourceFile
    """
    lines = _ENDS.split((file.source or b"").removeprefix(b"\xef\xbb\xbf"), maxsplit=2)[:2]
    if not _BLANK.fullmatch(lines[0]):
        lines = lines[:1]
    found = next(filter(None, map(_DECLARES.match, lines)), None)
    name = found[1].decode("ascii", "replace") if found else "utf-8"
    plain = name.lower().replace("_", "-")
    if plain in _UTF8 or plain.startswith("utf-8-"):
        return ""
    return f"{file.name} declares the encoding {name}; it is read as UTF-8"


def unfit_note(file: SourceFile, how: str, names: Sequence[str]) -> str:
    """A note on functions that cannot be called.

    Parameters
    ----------
    file : SourceFile
    how : {"missing", "signature", "refused"}
    names : sequence of str
    """
    inside = [name for name in names if how == "missing" and depth_of(name, file.source or b"") == "inside"]
    others = [name for name in names if name not in inside]
    told = [UNFIT[how].format(_listed(others, file if how == "missing" else None))] if others else []
    if inside:
        are, them = ("is", "it") if len(inside) == 1 else ("are", "them")
        told.append(f"{_listed(inside)} {are} defined inside a class or a function; move {them} to the left margin")
    return f"{file.name}: {'; '.join(told)}"


def unfit_notes(file: SourceFile, unfit: Mapping[str, Sequence[str]], *, early: bool) -> Iterator[str]:
    """The notes on all functions that cannot be called.

    Parameters
    ----------
    file : SourceFile
    unfit : mapping of str to sequence of str
        The names of the functions by `how`, as for `unfit_note`.
    early : bool
        True if the file ended early; the note on that says why a function is missing that is defined below.
    """
    for how, names in unfit.items():
        below = early and how == "missing"
        left = [name for name in names if not below or depth_of(name, file.source or b"") != "top"]
        if left:
            yield unfit_note(file, how, left)


def _listed(names: Sequence[str], file: SourceFile | None = None) -> str:
    """The names of functions; for missing ones, with a similar name in the file."""
    near = {name: meant(name, file.source or b"") for name in names} if file else {}
    told = [f"{name} ({near[name]} may be meant: rename it)" if near.get(name) else name for name in names[:MOST_NAMES]]
    return shortened([*told, *names[MOST_NAMES:]], MOST_NAMES)


def loading_note(file: SourceFile, answer: Answer) -> str:
    """A note on a file that cannot be imported, with the line of the error."""
    if answer.outcome != "source" or answer.error is None:
        return f"{file.name} {LOADING.get(answer.outcome, 'cannot be imported')}"
    return error_note(file, answer.error)


def error_note(file: SourceFile, error: Error) -> str:
    """A note on an error of a file, or of a cell of a notebook, with the line, which is shown for a file.

    Parameters
    ----------
    file : SourceFile
    error : Error
    """
    where = f", cell {error.cell}" if error.cell else ""
    where += f", line {error.line}" if error.line else ""
    line = "" if error.cell else clean(_line(file.source or b"", error.line or 0), MOST_QUOTED)
    shown = f" (`{line}`)" if line and line not in clean(error.message, MOST_KEPT) else ""
    message = f": {error.message}" if error.message else ""
    return f"{file.name}{where}: {error.type}{message}{shown}"


def _line(source: bytes, number: int) -> str:
    """The beginning of a line of a file, without its indentation; lines end where they end in Python."""
    lines = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n", number)
    line = lines[number - 1] if 0 < number <= len(lines) else b""
    return line.decode("utf-8", "replace").strip()[:MOST_KEPT]
