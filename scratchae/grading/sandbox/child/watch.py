"""Record suspicious actions of a submission, and refuse them. They are hints for the teacher; the kernel enforces the sandbox.

They are refused at every level, so that a file does the same at all of them. With bare limits, nothing else enforces it, and that is not a
security boundary.
"""

from __future__ import annotations

import mmap
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scratchae.exercises import student_file

from . import wire

_held: list[Any] = []  # the page of flags, and the switch; a test's process keeps neither in a place that has a name


def install(allow: Mapping[str, list[str]], own: Sequence[str], *, refuse: bool) -> None:
    """Install the audit hook; it cannot be removed. The flags are in shared memory, which outlives the test's process.

    Parameters
    ----------
    allow : mapping
        The fields of `Allowed`, as the parent found them.
    own : sequence of str
        Folders of Python and NumPy, which may be read.
    refuse : bool
        False to record actions without refusing them, for tests of the walls behind.
    """
    page = mmap.mmap(-1, mmap.PAGESIZE)
    bits = {name: 1 << index for index, name in enumerate(wire.TRIED)}

    def note(kind: str) -> None:
        page[:4] = (int.from_bytes(page[:4], "little") | bits[kind]).to_bytes(4, "little")

    modules = student_file.Allowed(**{name: tuple(value) for name, value in allow.items()})
    _held[:] = [page, student_file.guard(wire.FILE, modules, note, refuse=refuse, own=own)]


def begin() -> None:
    """Start recording, in the test's process: later events are caused by the submission. It cannot be stopped again."""
    if _held:
        switch: Callable[[bool], None] = _held.pop()
        _held.clear()
        switch(True)


def take() -> int:
    """The flags recorded since the last call, as bits."""
    if not _held:
        return 0
    page = _held[0]
    noted = int.from_bytes(page[:4], "little")
    page[:] = bytes(mmap.PAGESIZE)  # clear the whole page: a test could leave a message for the next one
    return noted


def hide() -> None:
    """Take the names of the sandbox's own modules away, so that a file does not find them without a search."""
    for name in [name for name in sys.modules if name == "child" or name.startswith("child.")]:
        del sys.modules[name]
