"""Notes what a submission tries that no exercise needs. A hint for the teacher, kept by the interpreter itself; the kernel is what holds.

Where nothing else holds (bare limits), what is tried is refused as well. That is a fence, not a wall.
"""

from __future__ import annotations

import mmap
import os
import sys
from typing import Any

from . import wire

BIT = {name: 1 << index for index, name in enumerate(wire.TRIED)}

# The beginnings of the names of audit events, and what they are noted as. The first that fits counts.
EVENTS = (
    ("socket.", "network tried"),
    ("urllib.", "network tried"),
    ("ftplib.", "network tried"),
    ("smtplib.", "network tried"),
    ("http.", "network tried"),
    ("subprocess.", "process tried"),
    ("os.fork", "process tried"),
    ("os.exec", "process tried"),
    ("os.spawn", "process tried"),
    ("os.posix_spawn", "process tried"),
    ("os.system", "process tried"),
    ("os.startfile", "process tried"),
    ("pty.spawn", "process tried"),
    ("_thread.start", "process tried"),
    ("os.kill", "signal tried"),
    ("signal.pthread_kill", "signal tried"),
    ("ctypes.", "native code tried"),
    ("gc.get_", "memory search tried"),
    ("sys._current_frames", "memory search tried"),
    ("sys.settrace", "memory search tried"),
    ("resource.", "system change tried"),
    ("fcntl.", "system change tried"),
    ("os.setxattr", "system change tried"),
    ("os.", "file tried"),
    ("shutil.", "file tried"),
    ("tempfile.", "file tried"),
    ("glob.", "file tried"),
    ("pathlib.", "file tried"),
    ("mmap.", "file tried"),
)
HARMLESS = ("os.putenv", "os.unsetenv", "os.add_dll_directory")
# Modules whose import is noted: what for.
MODULES = {
    **dict.fromkeys(
        ("autograd", "cupy", "jax", "jaxlib", "numdifftools", "scratchae", "tensorflow", "theano", "torch"),
        "other library tried",
    ),
    **dict.fromkeys(("_socket", "socket", "ssl", "http", "urllib", "asyncio"), "network tried"),
    **dict.fromkeys(("_posixsubprocess", "subprocess", "multiprocessing", "pty"), "process tried"),
    **dict.fromkeys(("ctypes", "_ctypes", "cffi"), "native code tried"),
}

_page: mmap.mmap | None = None
_watching = False
_refusing = False


def install(refuse: bool) -> None:
    """Listen from now on; the hook cannot be taken out again. A page of memory that outlives the test's process holds what is noted."""
    global _page, _refusing
    _page, _refusing = mmap.mmap(-1, mmap.PAGESIZE), refuse
    sys.addaudithook(_hook)


def begin() -> None:
    """In the test's process: what happens from now on is the submission's doing."""
    global _watching
    _watching = True


def take() -> int:
    """What has been noted since the last call, as bits."""
    if _page is None:
        return 0
    noted = int.from_bytes(_page[:4], "little")
    _page[:] = bytes(mmap.PAGESIZE)  # all of it: a test could leave the next one a message there
    return noted


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "object.__getattr__" or not _watching or _page is None:  # the first is all but each step of a profile
        return
    kind = _kind(event, arguments)
    if kind is None:
        return
    noted = int.from_bytes(_page[:4], "little") | BIT[kind]
    _page[:4] = noted.to_bytes(4, "little")
    if _refusing:
        if event == "import":
            raise ModuleNotFoundError(f"No module named {str(arguments[0])!r}")
        raise PermissionError(f"{event}: not allowed in an exercise")


def _kind(event: str, arguments: tuple[Any, ...]) -> str | None:
    """What an event counts as; None for what ordinary code does: reading modules, compiling, importing."""
    if event == "import":
        kind = MODULES.get(str(arguments[0]).split(".")[0])
        return kind if kind and _asked_by_submission() else None
    if event == "open":
        return _opened(arguments)
    if event in HARMLESS or event == "os.listdir" and _of_the_library(arguments[0]):
        return None
    return next((kind for beginning, kind in EVENTS if event.startswith(beginning)), None)


def _asked_by_submission() -> bool:
    """Whether it is the student's file that imports; a module of the library (numpy.testing, unittest) may need what it does not."""
    frame = sys._getframe(3)  # beside this one: `_kind` and the hook
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back  # type: ignore[assignment]
    return frame is None or frame.f_code.co_filename == wire.FILE


def _opened(arguments: tuple[Any, ...]) -> str | None:
    path, _, flags = arguments
    writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    harmless = path == wire.FILE or _of_the_library(
        path
    )  # for a SyntaxError, the interpreter looks for the line in the file
    return None if harmless and not writing else "file tried"


def _of_the_library(path: Any) -> bool:
    """Whether a path belongs to the interpreter's own modules, which an import reads."""
    text = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ""
    return any(text.startswith(place) for place in sys.path if place)
