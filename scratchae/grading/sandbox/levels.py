"""Start the processes of a sandbox at each level. The best available level is found by trying."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, ClassVar

from scratchae.grading.records import Isolation, Limits
from scratchae.grading.sandbox import visible
from scratchae.grading.sandbox.child import cleanup, landlock, seccomp
from scratchae.grading.sandbox.program import command

FOLDERS = "scratchae-sandbox-"  # followed by the grader's process ID, which shows whether the folder is in use
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")
# Makes hashes and uninitialised memory reproducible: glibc fills memory with 1.4e306, unless a block comes from its cache.
ALWAYS = {"PYTHONHASHSEED": "0", "MALLOC_PERTURB_": "128", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
OF_NOBODY = {"HOME": "/", "USER": "student"}  # asked for at the system otherwise, which tells who has an account there
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **OF_NOBODY, **ALWAYS, **dict.fromkeys(THREADS, "1")}


class Level:
    """The start of a sandbox at one level. Subclasses define the isolation.

    Parameters
    ----------
    limits : Limits
    watch : bool
        Record suspicious actions in the interpreter. Off only to test the isolation itself.
    refuse : bool
        Refuse them as well. Off only to test the isolation itself.

    Attributes
    ----------
    token : str
        Unique text in the command line of each of its processes.
    user : int
        User ID of the submission if this process is root; else 0, for the current user.
    """

    isolation: ClassVar[Isolation]

    def __init__(self, limits: Limits, watch: bool = True, refuse: bool = True) -> None:
        self.limits, self.watch, self.refuse = limits, watch, refuse
        self.token = secrets.token_hex(16)
        self.user = spare_user() if os.getuid() == 0 else 0

    @classmethod
    def missing(cls) -> str:
        """The reason why this level is not available, if it is known without trying; else empty."""
        return ""

    def start(self, errors: int) -> subprocess.Popen[bytes]:
        """Start the child with pipes to and from it; errors at the start go to the descriptor `errors`."""
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """The first request: settings that the child applies before it gets the submission."""
        return {
            "user": self.user,
            "seconds": self.limits.seconds,
            "cpu_seconds": self.limits.cpu_seconds,
            "memory": self.limits.memory,
            "file_size": self.limits.file_size,
            "output": self.limits.output,
            "visible": None,
            "listed": [],
            "filter": False,
            "watch": self.watch,
            "refuse": self.refuse,
            "allow": visible.allowed(self.limits.allow)._asdict(),
            "folder": False,
            "files": 0,
        }

    def end(self) -> None:
        """Remove the files that `start` has created."""


class Bare(Level):
    """Resource limits, a separate session and, as root, a separate user. Not a security boundary: the submission can read the user's files."""

    isolation = Isolation.LIMITS
    folder = ""

    def start(self, errors: int) -> subprocess.Popen[bytes]:
        """Start the child in an empty folder inside a folder owned by the grader, so that it cannot be replaced."""
        _sweep()
        outer = tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-")
        self.folder = os.path.join(outer, "folder")
        os.mkdir(self.folder, 0o700)
        if self.user:
            os.chmod(outer, 0o711)
            os.chown(self.folder, self.user, self.user)
        return popen(command(self.token, allow=self.limits.allow), errors, cwd=self.folder)

    def settings(self) -> dict[str, Any]:
        """The first request, with a limit of processes; nothing but the audit hook refuses suspicious actions."""
        threads = (0 if self.user else _threads_of(os.getuid())) + self.limits.processes
        return {**super().settings(), "folder": True, "threads": threads}

    def end(self) -> None:
        """Remove the folder without following links, which a process of the same user could have put there."""
        if self.folder:
            with contextlib.suppress(OSError):
                outer = os.path.dirname(self.folder)
                if not os.path.islink(outer):
                    cleanup.empty(outer)
                os.rmdir(outer)
            self.folder = ""


class Fenced(Level):
    """Landlock: only the interpreter and NumPy are readable, and nothing is writable. Seccomp: no network, no processes. Needs no privileges."""

    isolation = Isolation.LANDLOCK

    @classmethod
    def missing(cls) -> str:
        """The reason why Landlock cannot be used; Linux has it since 5.13, unless it is disabled."""
        if not landlock.version():
            return "this kernel has no Landlock"
        return "" if seccomp.supported() else "the system calls of this architecture are unknown"

    def start(self, errors: int) -> subprocess.Popen[bytes]:
        """Start the child as an ordinary process; it applies the rules to itself before it gets the submission."""
        return popen(command(self.token, allow=self.limits.allow), errors, cwd="/")

    def settings(self) -> dict[str, Any]:
        """The first request, with all visible paths. Imports list the folders that they search."""
        allow = self.limits.allow
        return {**super().settings(), "visible": visible.paths(allow), "listed": visible.listed(allow), "filter": True}


@functools.cache
def _sweep() -> None:
    """Remove empty folders of killed graders; the sandbox has emptied them, but cannot remove them."""
    for path in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*-*"):
        owner = path.name.removeprefix(FOLDERS).partition("-")[0]
        with contextlib.suppress(OSError, ValueError, OverflowError):
            ours = not path.is_symlink() and path.stat().st_uid == os.getuid()
            old = (
                time.time() - path.stat().st_mtime > 3600
            )  # a container that shares the folder has its own process IDs
            if ours and old and not _runs(int(owner)):
                cleanup.empty(str(path))
                path.rmdir()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def spare_user() -> int:
    """An unused user ID, different for each sandbox, so that sandboxes cannot affect each other. Only root can switch to it."""
    try:
        with open("/proc/self/uid_map") as file:
            most = max(int(first) + int(count) for first, _, count in (line.split() for line in file))
    except (OSError, ValueError):
        most = 1 << 16
    low, high = (0x60000000, 0x70000000) if most > 0x70000000 else (61184, 65520)
    return low + secrets.randbelow(min(high, most) - low) if most > low else 65534


def popen(arguments: list[str], errors: int, **options: Any) -> subprocess.Popen[bytes]:
    """Start a process in a new session, with a pipe to it and one from it."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        arguments, stdin=pipe, stdout=pipe, stderr=errors, env=ENVIRONMENT, bufsize=0, start_new_session=True, **options
    )


def _threads_of(user: int) -> int:
    """Number of threads of a user; the system's limit counts them all."""
    count = 0
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == user:
                    count += len(os.listdir(f"/proc/{name}/task"))
            except OSError:  # the process has ended meanwhile
                continue
    return count
