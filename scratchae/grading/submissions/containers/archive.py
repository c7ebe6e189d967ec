"""Members of an archive, whose kind its first bytes tell."""

from __future__ import annotations

from typing import BinaryIO

from scratchae.grading.submissions.containers.members import Member
from scratchae.grading.submissions.containers.tarred import members_of_tar
from scratchae.grading.submissions.containers.zipped import members_of_zip

_FOREIGN = {b"Rar!": "RAR", b"7z\xbc\xaf": "7z", b"BZh": "bzip2", b"\xfd7zX": "xz", b"(\xb5/\xfd": "Zstandard"}


def members_of_archive(file: BinaryIO, *, tar: bool = False) -> list[Member]:
    """All members of an archive: zip, or tar, with or without gzip.

    Parameters
    ----------
    file : binary file
        It has to stay open as long as members are read.
    tar : bool
        True if the name says that it is a tar archive.

    Returns
    -------
    members : list of Member
        Leftovers of systems are left out.

    Raises
    ------
    ValueError
        If it cannot be read; the message is the end of a sentence that begins with the archive's name.
    """
    head = file.read(512)
    file.seek(0)
    if foreign := next((what for first, what in _FOREIGN.items() if head.startswith(first)), ""):
        raise ValueError(f"is a {foreign} archive, which is not read: pack it as a zip archive")
    zipped = head[:2] == b"PK"
    return members_of_tar(file) if head[:2] == b"\x1f\x8b" or (tar and not zipped) else members_of_zip(file)
