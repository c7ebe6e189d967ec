"""Kinds of files and folders, by their names: source code, notebook, archive, other work, a teacher's list, or a leftover of a program."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

Kind = Literal["python", "notebook", "archive", "other"]

# Endings of source files and notebooks; the longer ones come from systems that hide or append an ending. The longest first.
_CODE: tuple[tuple[str, Kind], ...] = (
    (".ipynb.json", "notebook"),
    (".ipynb.txt", "notebook"),
    (".py.txt", "python"),
    (".py.py", "python"),
    (".ipynb", "notebook"),
    (".pyw", "python"),
    (".py", "python"),
)
_READ_ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
_OTHER_ARCHIVES = (".tar.bz2", ".tar.xz", ".tbz2", ".txz", ".rar", ".7z", ".gz", ".bz2", ".xz", ".zst", ".dmg", ".iso")
_DOCUMENTS = (".docx", ".doc", ".odt", ".pages", ".rtf", ".pdf", ".tex")
_PICTURES = (".png", ".jpg", ".jpeg", ".heic", ".gif", ".webp", ".bmp", ".tiff")
_TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".ods", ".json", ".xml", ".toml", ".yml", ".yaml", ".ini", ".cfg", ".log")
_SCRIPTS = (".sh", ".bat", ".ps1", ".sql", ".db", ".css", ".lock", ".html~", ".lnk", ".url", ".webloc")
# Words of files that a teacher or a platform puts beside the submissions.
_TEACHERS = re.compile(
    "(?:assignments?|class|classlist|exercises?|export|feedback|grades?|gradebook|grading|homework|hw|index|instructions?|licen[cs]e|list|"
    "makefile|manifest|marks|metadata|notes?|of|participants?|policy|problems?|readme|report|requirements|results|roster|rubric|seed|"
    "sheet|solutions?|students?|submissions?|summary|syllabus|tasks?|template|the|todo|weeks?)"
)
_ENVIRONMENTS = frozenset(
    ("env", "venv", "virtualenv", "site-packages", "dist-packages", "node_modules", "__pycache__", "__pypackages__")
)
_LITTER = frozenset(("__macosx", "__pycache__", "thumbs.db", "desktop.ini"))


def kind_of(name: str) -> Kind:
    """The kind of a file: source code, a notebook, an archive that can be read, or another."""
    low = name[-16:].casefold()
    code = next((kind for ending, kind in _CODE if low.endswith(ending)), None)
    return code or ("archive" if low.endswith(_READ_ARCHIVES) else "other")


def is_code(name: str) -> bool:
    """True for source code and notebooks."""
    return kind_of(name) in ("python", "notebook")


def is_disguised(name: str) -> bool:
    """True if the ending is not what it should be: ``.py.txt``, ``.pyw``, ``.ipynb.json``; capital letters do not matter."""
    return is_code(name) and not name.casefold().endswith((".ipynb", ".py")) or name.casefold().endswith(".py.py")


def stem(name: str) -> str:
    """A file's name without the ending that tells its kind, such as "Ada" of ``Ada.tar.gz`` and of ``Ada.py.txt``."""
    low = name.casefold()
    known = (*(ending for ending, _ in _CODE), *_READ_ARCHIVES, *_OTHER_ARCHIVES, *_DOCUMENTS, *_PICTURES)
    for ending in (*known, ".html", ".htm", ".txt", ".md"):
        if low.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


def is_handed_in(name: str) -> bool:
    """True if a file that lies beside the submissions is one itself, although perhaps one that cannot be graded.

    Lists of grades, settings and scripts are a teacher's, and so are documents all of whose words are of the kind
    "Assignment 3, instructions".
    """
    low = name.casefold()
    if kind_of(name) != "other" or low.endswith(_OTHER_ARCHIVES):
        return True
    if is_accessory(name):
        return False
    words = re.findall(r"[^\W\d_]+", stem(low))
    return not words or not all(_TEACHERS.fullmatch(word) for word in words)


def is_accessory(name: str) -> bool:
    """True for what comes with work and is none: tables, settings, scripts, a README."""
    low = name.casefold()
    return low.endswith((*_TABLES, *_SCRIPTS)) or stem(low) in ("readme", "license", "licence", "makefile")


def advice(name: str, wanted: str) -> str:
    """Advice on a file that is not read, as the end of a sentence about it.

    Parameters
    ----------
    name : str
    wanted : str
        The name of a file that can be graded.
    """
    low = name.casefold()
    if low.endswith((*_OTHER_ARCHIVES, *_READ_ARCHIVES)):
        return "pack it as a zip archive, or hand in the files themselves"
    if low.endswith((".html", ".htm", ".url", ".webloc")):
        return f"hand in {wanted} itself, since a text or a link cannot be graded"
    if low.endswith((".pyc", ".pyo")):
        return f"it is compiled: hand in the source, {wanted}"
    return f"copy the code into a text file named {wanted}"


def is_litter(parts: Iterable[str]) -> bool:
    """True for leftovers of systems and editors: hidden files, caches, thumbnails. A name with two dots before it is none of theirs."""
    return any(
        part.startswith(".") and not (part.startswith("..") and part.strip(".")) or part.casefold() in _LITTER
        for part in parts
    )


def is_environment(folder: str) -> bool:
    """True for a folder of installed packages, by its name."""
    return folder.casefold() in _ENVIRONMENTS
