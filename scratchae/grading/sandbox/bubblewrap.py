"""Level 3: namespaces by bubblewrap (bwrap(1)): separate processes, no network, no files but the interpreter's, no privileges."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from scratchae.grading.records import Isolation
from scratchae.grading.sandbox import levels, visible
from scratchae.grading.sandbox.child import seccomp
from scratchae.grading.sandbox.program import command

NOBODY = "65534"
FOLDER = "/sandbox"  # the only writable folder, in memory
FILES = 1000  # files and folders there; each takes kernel memory, whatever its size
NAMESPACES = ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
WALLS = [*NAMESPACES, "--cap-drop", "ALL", "--new-session", "--die-with-parent", "--clearenv", "--hostname", "sandbox"]
USER = ["--unshare-user", "--uid", NOBODY, "--gid", NOBODY]
# As root, bubblewrap makes no user namespace, and the child becomes a spare user before it gets the submission; that needs these two.
ROOT = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]


class Walled(levels.Level):
    """Namespaces by bubblewrap, with seccomp. The submission is never root, neither inside nor outside."""

    isolation = Isolation.BUBBLEWRAP

    @classmethod
    def missing(cls) -> str:
        """The reason why bubblewrap cannot be used, if it is known without trying; namespaces may still be forbidden."""
        if program() is None:
            return "bubblewrap is not installed (Debian and Ubuntu: apt install bubblewrap)"
        return "" if seccomp.supported() else "the system calls of this architecture are unknown"

    def start(self, errors: int) -> subprocess.Popen[bytes]:
        """Start the child in namespaces of its own, which end with this process."""
        arguments = [
            str(program()),
            *self._walls(),
            *self._shown(),
            "--remount-ro",
            "/",
            "--",
            *command(self.token, self.user, self.limits.allow),
        ]
        return levels.popen(arguments, errors, cwd="/")

    def settings(self) -> dict[str, Any]:
        """The first request; the child installs the seccomp filters itself."""
        return {**super().settings(), "filter": True, "folder": True, "files": FILES}

    def _walls(self) -> list[str]:
        rights = ROOT if self.user else [*USER, *(["--disable-userns"] if "--disable-userns" in _options() else [])]
        environment = [
            part
            for name, value in {**levels.ENVIRONMENT, "HOME": FOLDER, "TMPDIR": FOLDER}.items()
            for part in ("--setenv", name, value)
        ]
        return [*WALLS, *rights, *environment]

    def _shown(self) -> list[str]:
        """Read-only binds of visible files, empty folders over hidden ones, and a small temporary folder. No /proc, no devices."""
        allow = self.limits.allow
        arguments = ["--perms", "1777", "--size", str(self.limits.temporary), "--tmpfs", FOLDER, "--chdir", FOLDER]
        for parent in _parents([*visible.trees(allow), *visible.hidden(allow)], visible.trees(allow)):
            arguments += [
                "--perms",
                "0755",
                "--dir",
                parent,
            ]  # by default, bubblewrap makes them accessible to root only
        for tree in visible.trees(allow):
            if os.path.islink(tree):
                arguments += ["--symlink", os.readlink(tree), tree]
            else:
                arguments += ["--dev-bind" if tree == os.devnull else "--ro-bind", tree, tree]
        for place in visible.hidden(allow):
            arguments += ["--size", "4096", "--tmpfs", place]
            for package in visible.packages_shown(allow):
                if package.startswith(f"{place}/"):
                    arguments += ["--ro-bind", package, package]
            arguments += ["--remount-ro", place]
        return arguments


def _parents(paths: Sequence[str], trees: Sequence[str]) -> list[str]:
    """The parent folders of these paths, from the top."""
    parents = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
    return [
        parent for parent in sorted(parents - {"/"}) if not any(f"{parent}/".startswith(f"{tree}/") for tree in trees)
    ]


@functools.cache
def program() -> str | None:
    """Path of bubblewrap."""
    return shutil.which("bwrap")


@functools.cache
def _options() -> str:
    return subprocess.run([str(program()), "--help"], capture_output=True, text=True, check=False).stdout
