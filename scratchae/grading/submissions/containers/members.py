"""Members of a folder or an archive of submissions: safe names, and contents that are read within limits."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from scratchae.exercises.student_file import MOST_BYTES
from scratchae.grading.submissions.containers.file_kinds import kind_of

MOST_NOTEBOOK_BYTES = 20 << 20  # size of one notebook, which may contain pictures
MOST_ARCHIVE_BYTES = 64 << 20  # size of an archive within an archive, and of the content of a tar archive
MOST_FILES, MOST_STUDENT_BYTES = 200, 64 << 20  # files of one student that are read, and their size
MOST_ARCHIVES = 10  # archives of one student that are opened, including those within others
MOST_MEMBERS = 100_000  # files and folders per archive, or per student in a folder
MOST_TABLE_BYTES = 16 << 20  # size of an archive's table of contents
MOST_OTHERS = 100  # other files of a student that are kept, for notes
DEEPEST = 8


class UnreadableError(ValueError):
    """A member cannot be read; the message is the end of a sentence that begins with its name."""


def _nothing(most: int) -> bytes:
    raise UnreadableError("has no content; hand in the file itself")


@dataclass(frozen=True)
class Member:
    """A file or a folder among the submissions.

    Parameters
    ----------
    parts : tuple of str
        Its path, relative to the submissions or to the student's folder.
    kind : {"file", "folder", "refused", "outside", "environment"}
        "outside" is a member whose path leads out of its archive, so that it belongs to no student; "environment" a folder of installed
        packages or of a program's own, whose content is passed over.
    trouble : str
        The reason why it is refused, as the end of a sentence that begins with its name.
    read : callable
        Function of a number n that returns the content, or its first n bytes; it raises `UnreadableError`.
    path : pathlib.Path, optional
        The file itself, if it lies in a folder.
    order : int
        The platform's number of an upload: of two files with the same name, the one with the larger number is newer.
    """

    parts: tuple[str, ...]
    kind: Literal["file", "folder", "refused", "outside", "environment"] = "file"
    trouble: str = ""
    read: Callable[[int], bytes] = field(default=_nothing, compare=False, repr=False)
    path: Path | None = None
    order: int = 0

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.parts[-1]


@dataclass
class Allowance:
    """Limits the number and the size of one student's files and archives, to protect the teacher's memory."""

    files: int = 0
    size: int = 0
    archives: int = 0
    members: int = 0

    def content(self, member: Member) -> tuple[bytes | None, str]:
        """The content of a member, or the reason why it is not read.

        Parameters
        ----------
        member : Member

        Returns
        -------
        content : bytes or None
        trouble : str
            Empty if there is a content.
        """
        if member.kind == "refused":
            return None, member.trouble
        if self.files >= MOST_FILES:
            return None, f"is not read, because there are more than {MOST_FILES} files; hand in one for each exercise"
        if self.size >= MOST_STUDENT_BYTES:
            most = MOST_STUDENT_BYTES >> 20
            return None, f"is not read, because the files before it have {most} MB; hand in less"
        most = most_bytes(member.name)
        try:
            content = member.read(most + 1)
        except UnreadableError as error:
            return None, str(error)
        self.files, self.size = self.files + 1, self.size + len(content)
        return (None, too_large(None, most)) if len(content) > most else (content, "")


def most_bytes(name: str) -> int:
    """The size up to which a file is read."""
    return {"notebook": MOST_NOTEBOOK_BYTES, "archive": MOST_ARCHIVE_BYTES}.get(kind_of(name), MOST_BYTES)


def too_large(size: int | None, most: int = MOST_BYTES) -> str:
    """The problem with a file of more than `most` bytes."""
    has = f"has {size:,} bytes" if size else f"has more than {most:,} bytes"
    what = (
        "clear the outputs of the notebook, and save it" if most == MOST_NOTEBOOK_BYTES else "hand in source code only"
    )
    return f"{has}, and no more than {most:,} are read; {what}"


def below(folder: tuple[str, ...], member: Member) -> Member:
    """The member, with its path below a folder; a path that leads out of an archive is then refused."""
    kind = "refused" if member.kind == "outside" else member.kind
    return replace(member, parts=(*folder, *member.parts), kind=kind)


def _shown(character: str) -> str:
    if 0xDC80 <= ord(character) <= 0xDCFF:  # Python's surrogate escapes for bytes that cannot be decoded
        return f"\\x{ord(character) - 0xDC00:02x}"
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    return "\ufffd" if hidden and character not in "\u200c\u200d" else character


def clean(text: str, most: int = 120) -> str:
    """Make foreign text safe to display: normalise and truncate it, and replace control and bidirectional characters by "\ufffd".

    Undecodable bytes of a name are shown as escapes. The joiners of Persian and Indic names are kept.
    """
    kept = text
    if not (text.isascii() and text.isprintable()):
        kept = "".join(map(_shown, unicodedata.normalize("NFC", text[: 4 * most])))
    return kept if len(kept) <= most else kept[: most - 1] + "…"
