"""Find the processes of a sandbox by marks that they cannot hide: a token in the command line, and the sandbox's own user."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

PROCESSES = Path("/proc")


def processes_of(token: str, user: int = 0) -> list[int]:
    """IDs of the running processes of a sandbox; empty if the system does not list processes.

    Parameters
    ----------
    token : str
        Text in their command line; forks keep it.
    user : int
        All processes of this user are included; 0 for no user.
    """
    found = []
    for name in filter(str.isdigit, os.listdir(PROCESSES) if PROCESSES.is_dir() else ()):
        with contextlib.suppress(OSError, IndexError):
            line = Path("/proc", name, "cmdline").read_bytes()
            if token.encode() in line or user and user in _users(name):
                state = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[0]
                if state not in "ZX" and int(name) != os.getpid():
                    found.append(int(name))
    return found


def end_all(token: str, user: int, seconds: float) -> None:
    """Kill these processes until none is left, for at most `seconds`."""
    until = time.monotonic() + seconds
    while (found := processes_of(token, user)) and time.monotonic() < until:
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.002)


def _users(name: str) -> set[int]:
    text = Path("/proc", name, "status").read_text()
    return {int(number) for number in text.partition("Uid:")[2].partition("\n")[0].split()}
