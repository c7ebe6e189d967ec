"""What a process may use, by the system's own limits; lowered for good before the student's file is read."""

from __future__ import annotations

import os
import resource
from typing import Any

FILES = 64


def apply(limits: dict[str, Any]) -> None:
    """Limit this process and its descendants.

    A limit on processes counts all of the user's and does not bind root: see `user`. The hard limit of the processor's time is a second above the
    soft one, whose signal can be ignored.
    """
    seconds = int(limits["cpu_seconds"])
    _limit(resource.RLIMIT_CPU, seconds, seconds + 1)
    _limit(resource.RLIMIT_AS, limits["memory"])
    _limit(resource.RLIMIT_FSIZE, limits["file_size"])
    _limit(resource.RLIMIT_NOFILE, FILES)
    _limit(resource.RLIMIT_CORE, 0)
    if "threads" in limits:  # those the user has already, and the submission's
        _limit(resource.RLIMIT_NPROC, limits["threads"])


def _limit(which: int, soft: int, hard: int | None = None) -> None:
    most = resource.getrlimit(which)[1]
    wanted = soft if hard is None else hard
    hard = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    try:
        resource.setrlimit(which, (min(soft, hard), hard))
    except (OSError, ValueError):  # macOS knows a limit on address space, and refuses it
        if which != resource.RLIMIT_AS:
            raise


def user(number: int) -> None:
    """Become an ordinary user that owns nothing, for good; its groups go as well."""
    if os.getuid() == os.geteuid() == os.getgid() == number:
        return
    os.setgroups([])
    os.setgid(number)  # of root, this sets the real, the effective and the saved number
    os.setuid(number)
    if os.getuid() != number or os.geteuid() != number:
        raise PermissionError(f"this process did not become user {number}")
