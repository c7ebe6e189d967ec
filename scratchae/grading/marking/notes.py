"""Notes on a file that cannot be imported, or on functions that cannot be called, as sentences for teacher and student."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scratchae.grading.records import Answer, Error, Outcome
from scratchae.grading.submissions.containers.members import clean
from scratchae.grading.submissions.intake import SourceFile
from scratchae.grading.submissions.recognition import meant

UNFIT = {
    "missing": "there is no {}",
    "signature": "the arguments of the exercise are not accepted by {}; keep those of the file that you were given",
    "refused": "no sandbox could be made for {}",
}
MOST_NAMES = 4  # most functions named in a note
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
    return f"{file.name}: {UNFIT[how].format(_listed(names, file if how == 'missing' else None))}"


def _listed(names: Sequence[str], file: SourceFile | None) -> str:
    """The names of functions; for missing ones, with a similar name in the file."""
    near = {name: meant(name, file.source or b"") for name in names} if file else {}
    told = [f"{name} ({near[name]} may be meant: rename it)" if near.get(name) else name for name in names[:MOST_NAMES]]
    return ", ".join(told) + (f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else "")


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
    shown = ""
    if error.line and not error.cell:
        lines = (file.source or b"").decode("utf-8", "replace").splitlines()
        line = lines[error.line - 1].strip() if error.line <= len(lines) else ""
        shown = f" (`{clean(line, 80)}`)" if line and line not in error.message else ""
    message = f": {error.message}" if error.message else ""
    return f"{file.name}{where}: {error.type}{message}{shown}"
