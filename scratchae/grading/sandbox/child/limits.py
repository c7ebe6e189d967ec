"""Set the resource limits of this process, permanently, before the student's file is read."""

from __future__ import annotations

import os
import resource
from typing import Any

FILES = 64
READING = 3  # most time for reading a file, in times of tests: one until a cell is interrupted, one for the others, one for what holds on


def apply(limits: dict[str, Any]) -> None:
    """Limit this process and its descendants.

    The limit on processes counts all processes of the user and does not apply to root: see `user`. The hard limit on CPU time is one second above
    the soft one, whose signal can be ignored.
    """
    seconds = cpu_seconds(limits)
    _limit(resource.RLIMIT_CPU, seconds, seconds + 1)
    _limit(resource.RLIMIT_AS, limits["memory"])
    _limit(resource.RLIMIT_FSIZE, limits["file_size"])
    _limit(resource.RLIMIT_NOFILE, FILES)
    _limit(resource.RLIMIT_CORE, 0)
    if "threads" in limits:  # existing processes of the user, plus those of the submission
        _limit(resource.RLIMIT_NPROC, limits["threads"])


def cpu_seconds(limits: dict[str, Any]) -> int:
    """Processor time of a process in all, of which its calls have a part of their own."""
    return int(limits["cpu_seconds"]) * (READING + 1)


def _limit(which: int, soft: int, hard: int | None = None) -> None:
    most = resource.getrlimit(which)[1]
    wanted = soft if hard is None else hard
    hard = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    try:
        resource.setrlimit(which, (min(soft, hard), hard))
    except (OSError, ValueError):  # macOS defines a limit on address space, but rejects it
        if which != resource.RLIMIT_AS:
            raise


def user(number: int) -> None:
    """Become an unprivileged user permanently, and drop all groups."""
    if os.getuid() == os.geteuid() == os.getgid() == number:
        return
    os.setgroups([])
    os.setgid(number)  # as root, this sets the real, effective and saved user ID
    os.setuid(number)
    if os.getuid() != number or os.geteuid() != number:
        raise PermissionError(f"this process did not become user {number}")
