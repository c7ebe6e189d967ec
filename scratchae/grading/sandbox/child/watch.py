"""Record suspicious actions of a submission with an audit hook. They are hints for the teacher; the kernel enforces the sandbox.

With bare limits, where nothing else enforces it, the actions are refused as well. That is not a security boundary.
"""

from __future__ import annotations

import mmap
import os
import sys
from typing import Any

from . import wire

BIT = {name: 1 << index for index, name in enumerate(wire.TRIED)}

# Prefixes of audit events, and the flags for them. The first match counts.
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
# Modules whose import is recorded, and the flag for it.
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
    """Install the audit hook; it cannot be removed. The flags are in shared memory, which outlives the test's process."""
    global _page, _refusing
    _page, _refusing = mmap.mmap(-1, mmap.PAGESIZE), refuse
    sys.addaudithook(_hook)


def begin() -> None:
    """Start recording, in the test's process: later events are caused by the submission."""
    global _watching
    _watching = True


def take() -> int:
    """The flags recorded since the last call, as bits."""
    if _page is None:
        return 0
    noted = int.from_bytes(_page[:4], "little")
    _page[:] = bytes(mmap.PAGESIZE)  # clear the whole page: a test could leave a message for the next one
    return noted


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if (
        event == "object.__getattr__" or not _watching or _page is None
    ):  # the first comes with nearly every step of a profile
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
    """The flag for an event; None for actions of ordinary code: reading modules, compiling, importing."""
    if event == "import":
        kind = MODULES.get(str(arguments[0]).split(".")[0])
        return kind if kind and _asked_by_submission() else None
    if event == "open":
        return _opened(arguments)
    if event in HARMLESS or event == "os.listdir" and _of_the_library(arguments[0]):
        return None
    return next((kind for beginning, kind in EVENTS if event.startswith(beginning)), None)


def _asked_by_submission() -> bool:
    """True if the student's file is importing; library modules (numpy.testing, unittest) may import flagged modules."""
    frame = sys._getframe(3)  # above this frame: `_kind` and the hook
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back  # type: ignore[assignment]
    return frame is None or frame.f_code.co_filename == wire.FILE


def _opened(arguments: tuple[Any, ...]) -> str | None:
    path, _, flags = arguments
    writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    harmless = path == wire.FILE or _of_the_library(
        path
    )  # for a SyntaxError, the interpreter reads the line from the file
    return None if harmless and not writing else "file tried"


def _of_the_library(path: Any) -> bool:
    """True if a path belongs to the interpreter's own modules, which imports read."""
    text = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ""
    return any(text.startswith(place) for place in sys.path if place)
