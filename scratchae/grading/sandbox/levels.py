"""How the processes of a sandbox are started at each level. The best level that this machine has is found by trying."""

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

FOLDERS = "scratchae-sandbox-"  # then the grader's number, by which it is known whether somebody needs them
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")
# Hashes, and memory that nobody has filled, are the same each time: glibc writes 1.4e306 into it, unless a block comes from its cache.
ALWAYS = {"PYTHONHASHSEED": "0", "MALLOC_PERTURB_": "128", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **ALWAYS, **dict.fromkeys(THREADS, "1")}


class Level:
    """One sandbox's way to start. Subclasses say what holds it.

    Parameters
    ----------
    limits : Limits
    watch : bool
        Whether the interpreter notes what is tried, and refuses it where nothing else holds. Off only to try the walls themselves.

    Attributes
    ----------
    token : str
        In the command line of each of its processes, and in no other's.
    user : int
        That the submission runs as, where this process is root; else 0: as this user.
    """

    isolation: ClassVar[Isolation]

    def __init__(self, limits: Limits, watch: bool = True) -> None:
        self.limits, self.watch = limits, watch
        self.token = secrets.token_hex(16)
        self.user = spare_user() if os.getuid() == 0 else 0

    @classmethod
    def missing(cls) -> str:
        """Why this machine cannot have this level, as far as can be known without starting it; or nothing."""
        return ""

    def start(self, errors: int) -> subprocess.Popen[bytes]:
        """Start the child, with pipes to it and from it; what goes wrong at the start is written to the file `errors`."""
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """The first request: what the child does to itself before it is given the submission."""
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
            "refuse": False,
            "folder": False,
            "files": 0,
        }

    def end(self) -> None:
        """Remove what `start` made beside the process."""


class Bare(Level):
    """Limits on one process, a session and, for root, a user of its own. No wall: the submission reads what the user can read."""

    isolation = Isolation.LIMITS
    folder = ""

    def start(self, errors: int) -> subprocess.Popen[bytes]:
        """In an empty folder of its own, within one that is ours, so that nothing else can be put in its place."""
        _sweep()
        outer = tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-")
        self.folder = os.path.join(outer, "folder")
        os.mkdir(self.folder, 0o700)
        if self.user:
            os.chmod(outer, 0o711)
            os.chown(self.folder, self.user, self.user)
        return popen(command(self.token), errors, cwd=self.folder)

    def settings(self) -> dict[str, Any]:
        """With a fence in the interpreter, since there is no wall."""
        threads = (0 if self.user else _threads_of(os.getuid())) + self.limits.processes
        return {**super().settings(), "refuse": True, "folder": True, "threads": threads}

    def end(self) -> None:
        """Remove the folder. Whoever is the same user could have put a link there: that is not followed."""
        if self.folder:
            with contextlib.suppress(OSError):
                outer = os.path.dirname(self.folder)
                if not os.path.islink(outer):
                    cleanup.empty(outer)
                os.rmdir(outer)
            self.folder = ""


class Fenced(Level):
    """Landlock: only the interpreter and NumPy can be read and nothing written. Seccomp: no network, no processes. No privilege is needed."""

    isolation = Isolation.LANDLOCK

    @classmethod
    def missing(cls) -> str:
        """Landlock is in Linux since 5.13, where it is not kept off."""
        if not landlock.version():
            return "this kernel has no Landlock"
        return "" if seccomp.supported() else "the system calls of this machine are not known"

    def start(self, errors: int) -> subprocess.Popen[bytes]:
        """As any process: the child lays the rules on itself before it is given the submission."""
        return popen(command(self.token), errors, cwd="/")

    def settings(self) -> dict[str, Any]:
        """With all that stays visible. Imports list the folders that they look into."""
        return {**super().settings(), "visible": visible.paths(), "listed": visible.divided(), "filter": True}


@functools.cache
def _sweep() -> None:
    """Remove folders of graders that were killed. What was in them, the sandbox itself has removed; these, it may not."""
    for path in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*-*"):
        owner = path.name.removeprefix(FOLDERS).partition("-")[0]
        with contextlib.suppress(OSError, ValueError, OverflowError):
            ours = not path.is_symlink() and path.stat().st_uid == os.getuid()
            old = time.time() - path.stat().st_mtime > 3600  # a container that shares the folder has numbers of its own
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
    """The number of a user that nobody is: of each sandbox another, so that none can touch its neighbour. Only root can become it."""
    try:
        with open("/proc/self/uid_map") as file:
            most = max(int(first) + int(count) for first, _, count in (line.split() for line in file))
    except (OSError, ValueError):
        most = 1 << 16
    low, high = (0x60000000, 0x70000000) if most > 0x70000000 else (61184, 65520)
    return low + secrets.randbelow(min(high, most) - low) if most > low else 65534


def popen(arguments: list[str], errors: int, **options: Any) -> subprocess.Popen[bytes]:
    """A process in a session of its own, with a pipe to it and one from it."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        arguments, stdin=pipe, stdout=pipe, stderr=errors, env=ENVIRONMENT, bufsize=0, start_new_session=True, **options
    )


def _threads_of(user: int) -> int:
    """How many threads a user has now: the system's limit counts them all."""
    count = 0
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == user:
                    count += len(os.listdir(f"/proc/{name}/task"))
            except OSError:  # it has ended meanwhile
                continue
    return count
