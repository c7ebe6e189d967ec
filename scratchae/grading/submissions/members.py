"""What lies in a folder or an archive of submissions: names without tricks, and of Python files the bytes, never more than allowed."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

MOST_BYTES = 1 << 20  # of one source file
MOST_FILES, MOST_STUDENT_BYTES = 200, 16 << 20  # Python files of one student
MOST_MEMBERS = 100_000  # files and folders: of an archive, or of one student in a folder
MOST_TABLE_BYTES = 16 << 20  # of an archive's table of contents
MOST_OTHERS = 100  # files of a student that are no Python, and are kept to be named
DEEPEST = 8
_LITTER = {"__macosx", "__pycache__", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Member:
    """A file or a folder below the place where the submissions are.

    Parameters
    ----------
    parts : tuple of str
        Its path from there.
    kind : {"file", "folder", "refused", "outside"}
        The last: of an archive, and its path leads out of it, so that it is nobody's.
    content : bytes, optional
        Of a Python file.
    trouble : str
        Why it is refused, as the end of a sentence that begins with its name.
    origin : tuple of str
        Its path as it was, if `parts` is another one now.
    """

    parts: tuple[str, ...]
    kind: Literal["file", "folder", "refused", "outside"] = "file"
    content: bytes | None = None
    trouble: str = ""
    origin: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part."""
        return self.parts[-1]


class Allowance:
    """How much one student's Python files may take together, so that nobody fills the teacher's memory."""

    def __init__(self) -> None:
        self._files: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    def refusal(self, student: str) -> str:
        """Why no further file of this student is read; empty if there is room."""
        if self._files[student] >= MOST_FILES:
            return f"is not read, because there are more than {MOST_FILES} Python files; hand in one for each exercise"
        if self._bytes[student] >= MOST_STUDENT_BYTES:
            return f"is not read, because the files before it have {MOST_STUDENT_BYTES >> 20} MB; hand in less"
        return ""

    def take(self, student: str, size: int) -> None:
        """Count a file."""
        self._files[student] += 1
        self._bytes[student] += size


def too_large(size: int | None) -> str:
    """The trouble with a file of more than `MOST_BYTES`."""
    has = f"has {size:,} bytes" if size else f"has more than {MOST_BYTES:,} bytes"
    return f"{has}, and no more than {MOST_BYTES:,} are read; hand in source code only"


def is_litter(parts: Iterable[str]) -> bool:
    """Whether it is what systems and editors leave behind: hidden files, caches, thumbnails."""
    return any(part.startswith(".") or part.casefold() in _LITTER for part in parts)


def is_archive(name: str) -> bool:
    """Whether the file is to be opened."""
    return name.casefold().endswith(".zip")


def is_python(name: str) -> bool:
    """Whether the file is to be read."""
    return name.casefold().endswith(".py")


def _shown(character: str) -> str:
    if 0xDC80 <= ord(character) <= 0xDCFF:  # how Python spells a byte that it could not decode
        return f"\\x{ord(character) - 0xDC00:02x}"
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    return "\ufffd" if hidden and character not in "\u200c\u200d" else character


def clean(text: str, most: int = 120) -> str:
    """Text of somebody else's as it may be shown: composed, cut, controls and invisible directions replaced by "\ufffd".

    Bytes of a name that are no text are shown as such. The joiners of Persian and Indic names stay.
    """
    shown = unicodedata.normalize("NFC", text[: 4 * most])
    kept = "".join(map(_shown, shown))
    return kept if len(kept) <= most else kept[: most - 1] + "…"
