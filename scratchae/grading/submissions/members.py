"""Members of a folder or an archive of submissions: safe names, and the bytes of Python files within limits."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

MOST_BYTES = 1 << 20  # size of one source file
MOST_NOTEBOOK_BYTES = 20 << 20  # size of a notebook with its outputs
MOST_FILES, MOST_STUDENT_BYTES = 200, 16 << 20  # Python files per student
MOST_MEMBERS = 100_000  # files and folders per archive, or per student in a folder
MOST_TABLE_BYTES = 16 << 20  # size of an archive's table of contents
MOST_OTHERS = 100  # other files of a student that are kept, for notes
DEEPEST = 8
_LITTER = {"__macosx", "__pycache__", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Member:
    """A file or a folder among the submissions.

    Parameters
    ----------
    parts : tuple of str
        Its path relative to the submissions.
    kind : {"file", "folder", "refused", "outside"}
        "outside" is a member whose path leads out of its archive, so that it belongs to no student.
    content : bytes, optional
        Bytes of a Python file.
    trouble : str
        The reason why it is refused, as the end of a sentence that begins with its name.
    origin : tuple of str
        Its original path, if `parts` was changed.
    """

    parts: tuple[str, ...]
    kind: Literal["file", "folder", "refused", "outside"] = "file"
    content: bytes | None = None
    trouble: str = ""
    origin: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.parts[-1]


class Allowance:
    """Limits the total number and size of one student's Python files, to protect the teacher's memory."""

    def __init__(self) -> None:
        self._files: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    def refusal(self, student: str) -> str:
        """The reason why no further file of this student is read; empty within the limits."""
        if self._files[student] >= MOST_FILES:
            return f"is not read, because there are more than {MOST_FILES} Python files; hand in one for each exercise"
        if self._bytes[student] >= MOST_STUDENT_BYTES:
            return f"is not read, because the files before it have {MOST_STUDENT_BYTES >> 20} MB; hand in less"
        return ""

    def take(self, student: str, size: int) -> None:
        """Count a file."""
        self._files[student] += 1
        self._bytes[student] += size


def most_bytes(name: str) -> int:
    """The size up to which a file of this name is read."""
    return MOST_NOTEBOOK_BYTES if is_notebook(name) else MOST_BYTES


def too_large(size: int | None, most: int = MOST_BYTES) -> str:
    """The problem with a file of more than `most` bytes."""
    has = f"has {size:,} bytes" if size else f"has more than {most:,} bytes"
    what = "hand in source code only" if most == MOST_BYTES else "clear the outputs of the notebook, and save it"
    return f"{has}, and no more than {most:,} are read; {what}"


def is_litter(parts: Iterable[str]) -> bool:
    """True for leftovers of systems and editors: hidden files, caches, thumbnails."""
    return any(part.startswith(".") or part.casefold() in _LITTER for part in parts)


def is_archive(name: str) -> bool:
    """True if the file is an archive, by its name."""
    return name.casefold().endswith(".zip")


def is_python(name: str) -> bool:
    """True if the file is a Python file or a notebook, by its name."""
    return name.casefold().endswith(".py") or is_notebook(name)


def is_notebook(name: str) -> bool:
    """True if the file is a notebook, by its name."""
    return name.casefold().endswith(".ipynb")


def _shown(character: str) -> str:
    if 0xDC80 <= ord(character) <= 0xDCFF:  # Python's surrogate escapes for bytes that cannot be decoded
        return f"\\x{ord(character) - 0xDC00:02x}"
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    return "\ufffd" if hidden and character not in "\u200c\u200d" else character


def clean(text: str, most: int = 120) -> str:
    """Make foreign text safe to display: normalise and truncate it, and replace control and bidirectional characters by "\ufffd".

    Undecodable bytes of a name are shown as escapes. The joiners of Persian and Indic names are kept.
    """
    shown = unicodedata.normalize("NFC", text[: 4 * most])
    kept = "".join(map(_shown, shown))
    return kept if len(kept) <= most else kept[: most - 1] + "…"
