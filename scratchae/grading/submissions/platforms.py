"""Students in the names of files and folders that course platforms make, entry by entry: strange files beside them change nothing.

* Canvas: ``lovelaceada[_LATE]_<user>_<upload>_<file>``, ``lovelaceada[_LATE]_<user>_text.html`` and ``…_link.html``; with anonymous
  grading, ``anon_<id>`` in place of the name and the user.
* Moodle: ``Ada Lovelace_<number>_assignsubmission_file/<file>``, ``Ada Lovelace_<number>_assignsubmission_file_<file>``, and
  ``onlinetext`` in place of ``file``.
* Blackboard: ``<assignment>_<user>_attempt_<date>_<file>`` and ``<assignment>_<user>_attempt_<date>.txt``.
* Brightspace: ``<user>-<folder> - Ada Lovelace - Nov 1, 2026 1000 AM/<file>`` and ``<user>-<folder> - Ada Lovelace - … AM - <file>``.

The platform's number is kept in the student's name, since two students may have the same name. Sources: ``lib/content_zipper.rb`` of Canvas,
``mod/assign/classes/downloader.php`` of Moodle, and downloads of Blackboard and Brightspace.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

LONGEST = 400  # characters of a name that is looked at; the file systems of platforms have shorter ones
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_CANVAS_TEXT = re.compile(r"([^_]+)(?:_LATE)?_([^_]+)_(text|link)\.html")
_ATTEMPT = re.compile(r"_attempt_(\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_(.+)|(\.txt))", re.DOTALL)
_BRIGHTSPACE = re.compile(r"(\d+)-\d+ - (.+)", re.DOTALL)
_DATE = re.compile(r" - ([A-Z][a-z]{2})[a-z]* (\d{1,2}), (\d{4}),? (\d{1,2})[-:. ]?(\d\d)[ -]?([AP])M")


@dataclass(frozen=True)
class Upload:
    """A file or a folder that a student uploaded.

    Parameters
    ----------
    student : str
    file : str
        The name that the student gave; empty for a folder.
    attempt : str
        The attempt that it belongs to, such that later ones are larger.
    order : int
        The platform's number: the larger, the newer.
    """

    student: str
    file: str = ""
    attempt: str = ""
    order: int = 0


def uploads(entries: Mapping[str, bool], is_known: Callable[[str], bool]) -> dict[str, Upload]:
    """The uploads among the entries of a folder; entries with other names are left out.

    Parameters
    ----------
    entries : mapping of str to bool
        Names, and whether they are folders.
    is_known : callable
        True for the name of an exercise's file.

    Returns
    -------
    found : dict of str to Upload
    """
    short = {name: folder for name, folder in entries.items() if len(name) <= LONGEST}
    found = _canvas([name for name, folder in short.items() if not folder], is_known)
    found |= _blackboard([name for name, folder in short.items() if not folder])
    for name, folder in short.items():
        upload = _moodle(name, folder) or _brightspace(name, folder)
        if upload:
            found[name] = upload
    return found


def _canvas(names: Collection[str], is_known: Callable[[str], bool]) -> dict[str, Upload]:
    """Uploads to Canvas. The number of an upload is unique, so a student's files that share one only look alike."""
    found = {name: upload for name in names if (upload := _canvas_file(name, is_known))}
    uses = Counter((upload.student, upload.order) for upload in found.values())
    found = {name: upload for name, upload in found.items() if uses[upload.student, upload.order] == 1}
    alone = len({upload.student for upload in found.values()}) == 1
    if alone and len(found) > 1 and not any(is_known(upload.file) for upload in found.values()):
        found = {}  # a teacher's own names, with a year and a number: not all of them belong to one student
    for name in names:
        match = _CANVAS_TEXT.fullmatch(name.removeprefix("LATE_"))
        if match and (_is_number(match[2], 1) or match[1] == "anon"):
            found[name] = Upload(f"{match[1]}_{match[2]}", name)
    return found


def _canvas_file(name: str, is_known: Callable[[str], bool]) -> Upload | None:
    parts = name.removeprefix("LATE_").split("_")
    anonymous = parts[0] == "anon"
    for at in range(1, min(len(parts) - 2, 12)):
        user, upload, *rest = parts[at + (parts[at] == "LATE") :] if len(parts) > at + 3 else parts[at:]
        file = "_".join(rest)
        numbers = _is_number(upload, 3) and (_is_number(user, 1) or (anonymous and at == 1))
        if file and numbers and (at == 1 or is_known(file)):
            return Upload(f"{'_'.join(parts[:at])}_{user}", file, order=int(upload))
    return None


def _is_number(text: str, digits: int) -> bool:
    """True for a number of a data base, of at least so many digits."""
    return digits <= len(text) <= 20 and text.isascii() and text.isdecimal() and text[0] != "0"


def _moodle(name: str, folder: bool) -> Upload | None:
    student, found, rest = name.partition("_assignsubmission_")
    what, parted, file = rest.partition("_")
    if not found or not student or not what:
        return None
    return Upload(student) if folder else Upload(student, file) if parted and file else None


def _blackboard(names: Collection[str]) -> dict[str, Upload]:
    """Uploads to Blackboard: the user is what follows after the part that all names share, up to a ``_``."""
    found: dict[str, Upload] = {}
    for name in names:
        match = _ATTEMPT.search(name, 1)
        if match and match.end() == len(name):
            found[name] = Upload(name[: match.start()], match[2] or name, match[1])
    people = sorted({upload.student for upload in found.values()})
    shared = (people[0] if len(people) == 1 else os.path.commonprefix(people)).rpartition("_")[0]
    return {name: replace(upload, student=_after(upload.student, shared)) for name, upload in found.items()}


def is_receipt(name: str) -> bool:
    """True for the text that Blackboard adds to each attempt."""
    match = _ATTEMPT.search(name[-LONGEST:], 1)
    return match is not None and match[3] is not None and match.end() == len(name[-LONGEST:])


def _after(name: str, shared: str) -> str:
    return name[len(shared) + 1 :] or name if shared else name


def _brightspace(name: str, folder: bool) -> Upload | None:
    match = _BRIGHTSPACE.fullmatch(name)
    if not match:
        return None
    number, rest = match[1], match[2]
    if date := _DATE.search(rest):
        student, file = rest[: date.start()], rest[date.end() :].removeprefix(" - ")
        attempt = _sortable(date)
    else:  # a date in another language
        student, _, after = rest.partition(" - ")
        attempt, file = "", after.partition(" - ")[2]
        if not after:
            return None
    if not student or bool(file) == folder:
        return None
    return Upload(f"{student}_{number}", file, attempt)


def _sortable(date: re.Match[str]) -> str:
    month, day, year, hour, minute, half = date.groups()
    at = _MONTHS.index(month.lower()) + 1 if month.lower() in _MONTHS else 0
    hours = int(hour) % 12 + 12 * (half == "P")
    return f"{year}-{at:02}-{int(day):02}-{hours:02}-{minute}"
