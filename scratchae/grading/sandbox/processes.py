"""Find the processes of a sandbox by marks that they cannot hide: a token in the command line, and the sandbox's own user.

The kernel also tells how long each has waited for a processor, so that a process that sleeps can be told from one on a busy machine.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

PROCESSES = Path("/proc")
LONGEST_STEP = 2.0  # most seconds of sleep between two looks


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
            its = token.encode() in line or user and user in _users(name)
            if its and _state(int(name)) not in "ZX" and int(name) != os.getpid():
                found.append(int(name))
    return found


class Sleep:
    """Measures how long the tests in a sandbox sleep, by looks at their processes; nothing where the system does not tell (Linux does).

    Parameters
    ----------
    token, user
        As in `processes_of`.

    Attributes
    ----------
    seconds : float
        Of sleep, in all tests.
    kept : float
        Seconds in which other processes kept the present test waiting for a processor.
    """

    def __init__(self, token: str, user: int) -> None:
        self.token, self.user = token, user
        self.seconds = self.kept = 0.0
        # The last look: process, time, seconds of work and of waiting for a processor.
        self._last: tuple[int, float, float, float] | None = None

    def begin(self) -> None:
        """Another test begins."""
        self.kept, self._last = 0.0, None

    def look(self) -> None:
        """Add the time since the last look, except for work, for waiting for a processor, and for waiting for a disk."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            process = max(processes_of(self.token, self.user), key=_started)  # the test's: the sandbox forks it last
            text = Path(PROCESSES, str(process), "schedstat").read_text()
            work, kept = (int(number) / 1e9 for number in text.split()[:2])
            now, last = time.monotonic(), self._last
            self._last = process, now, work, kept
            if last is not None and last[0] == process and work and _state(process) != "D":
                step = min(now - last[1], LONGEST_STEP)  # a machine may have been halted itself
                self.seconds += max(0.0, step - (work - last[2]) - (kept - last[3]))
                self.kept += kept - last[3]


def _started(process: int) -> int:
    return int(Path(PROCESSES, str(process), "stat").read_text().rpartition(")")[2].split()[19])


def _state(process: int) -> str:
    return Path(PROCESSES, str(process), "stat").read_text().rpartition(")")[2].split()[0]


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
