"""One test: fork a process that runs the student's file, and pass on its checked output."""

from __future__ import annotations

import fcntl
import mmap
import os
import select
import signal
import sys
import time
from typing import Any

from . import limits, seccomp, student, watch, wire

PATIENCE = 50  # milliseconds between checks that the process is alive, for when its end closes no pipe
PART, PARTS = 1 << 16, 16  # bytes read at a time, and how often before the clocks are looked at
IDLE = 4.0  # seconds without work after which a process is taken to wait for something
WORK = 0.002  # share of the time below which a process does no work; one that a busy machine keeps waiting gets more
DEATH_SIGNAL = 1  # prctl(2)


class Trial:
    """A process and shared memory: arguments and answers pass through it without system calls.

    Overwritten arguments are detected on this side.

    Parameters
    ----------
    settings : dict
    requests, replies : int
        The pipes from and to the parent.
    slow : tuple, optional
        A time-out of the file in an earlier test; `run` returns it for the next one.
    """

    def __init__(self, settings: dict[str, Any], requests: int, replies: int, slow: wire.Failure | None = None) -> None:
        self.slow = slow
        self.settings, self.requests, self.replies = settings, requests, replies
        self.printed, self.printed_in_all = bytearray(), 0
        self.dead: str | None = None  # outcome of all calls without an answer
        self.spent = 0.0  # seconds of processor time
        self.clocks = Clocks(settings)

    def run(self, source: bytes, request: dict[str, Any], arrays: bytes) -> wire.Failure | None:
        """Fork, wait for the end, leave no processes behind, and pass on one answer for each call; return a time-out of the file."""
        watch.take()
        calls = request["calls"]
        longest = [wire.longest_answer(call["outputs"]) for call in calls]
        begin = len(arrays) + wire.LENGTH.size + wire.LONGEST_UNFINISHED
        with mmap.mmap(-1, begin + sum(longest) + wire.LENGTH.size * (len(calls) + 1)) as memory:
            memory[: len(arrays)] = arrays
            self._fork(source, request, memory, len(arrays))
            try:
                self._listen(memory, len(arrays))
            finally:
                self._kill("crashed")
                self._drain()
                os.close(self.lives)
                os.close(self.prints)
            answers = _texts(memory, begin, longest)
            answers += [wire.pack_answer(self.dead or "crashed")] * (len(calls) - len(answers))
            unfinished = b"".join(_texts(memory, len(arrays), [wire.LONGEST_UNFINISHED]))
            changed = _changed(calls, memory, arrays)
        printed = bytes(self.printed[: self.settings["output"]])
        cut = self.printed_in_all > len(printed)
        reply = wire.pack_reply(answers, changed, unfinished, printed, watch.take(), cut, self.spent)
        wire.write_all(self.replies, reply)
        return self.slow or wire.time_out_of(unfinished)

    def _fork(self, source: bytes, request: dict[str, Any], memory: mmap.mmap, place: int) -> None:
        self.lives, alive = os.pipe()  # closed when the process ends
        self.prints, output = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            try:
                self._become_the_test(output)
                student.serve(source, request, memory, place, self.settings["cpu_seconds"], self.slow)
            finally:
                student.finish()
        os.close(alive)
        os.close(output)
        fcntl.fcntl(self.prints, fcntl.F_SETFL, os.O_RDONLY | os.O_NONBLOCK)

    def _become_the_test(self, output: int) -> None:
        """Become the process of a test: it shares only the memory for arguments and notes, which is reset for each test."""
        for descriptor in (self.requests, self.replies, self.lives, self.prints):
            os.close(descriptor)
        silence, end = os.pipe()
        os.close(end)
        for descriptor, place in ((silence, 0), (output, 1), (output, 2)):
            os.dup2(descriptor, place)
        os.close(silence)
        os.close(output)
        seccomp.control(DEATH_SIGNAL, signal.SIGKILL)
        limits.apply(self.settings)
        if self.settings["filter"]:
            seccomp.install(seccomp.one_test())

    def _listen(self, memory: mmap.mmap, place: int) -> None:
        """Read the printed output until the process ends or times out. A length other than 0 at `place` tells that the file was read."""
        poll = select.poll()
        for descriptor in (self.lives, self.prints, self.requests):
            poll.register(descriptor, select.POLLIN)
        self.clocks.start(self.process)
        while self.dead is None:
            ready = {descriptor for descriptor, _ in poll.poll(PATIENCE)}
            if self.requests in ready:  # the parent never sends anything during a test, so it has exited
                raise EOFError
            if self.prints in ready and not self._drain():
                poll.unregister(self.prints)
            if self.lives in ready and not self._has_ended(PATIENCE):
                self._kill("crashed")
            elif not ready:
                self._has_ended(0)
            if reason := self.clocks.ended(any(memory[place : place + wire.LENGTH.size])):
                self._kill(reason)
            if self.settings["files"] and _files() > self.settings["files"]:
                self._kill("memory")

    def _drain(self) -> bool:
        """Read the available output, or a part of it, and return True if there may be more; what is too much is thrown away."""
        for _ in range(PARTS):
            try:
                part = os.read(self.prints, PART)
            except BlockingIOError:
                return True
            if not part:
                return False
            self.printed_in_all += len(part)
            if len(self.printed) < self.settings["output"]:
                self.printed += part
        return True

    def _has_ended(self, patience: int) -> bool:
        """True if the process has ended by itself; `dead` is then its status."""
        until = time.monotonic() + patience / 1e3
        while self.process:
            pid, status, usage = os.wait4(self.process, os.WNOHANG)
            if pid:
                self.process = 0
                self.spent = usage.ru_utime + usage.ru_stime
                self.dead = self.dead or self._end(status, self.spent)
            elif time.monotonic() > until:
                return False
            else:
                time.sleep(0.001)
        return True

    def _end(self, status: int, spent: float) -> str:
        """The outcome of a process, from its exit status and CPU time."""
        ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        if ended_by == signal.SIGXCPU or spent >= limits.cpu_seconds(self.settings):
            return "time"
        return "memory" if ended_by == signal.SIGKILL else "crashed"  # the kernel killed it

    def _kill(self, reason: str) -> None:
        self.dead = self.dead or reason
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            usage = os.wait4(self.process, 0)[2]
            self.spent = usage.ru_utime + usage.ru_stime
            self.process = 0


class Clocks:
    """The time of one process: its processor time decides; the clock on the wall is a wide backstop.

    The file may take the processor time of a test while it is read, and as much again if it has cells that are interrupted; its calls
    together have the time of a test of their own.

    Parameters
    ----------
    settings : dict
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self.most = settings["cpu_seconds"]
        # The parent's timeout decides; this one expires first, to save the output and the flags.
        self.until = time.monotonic() + settings["seconds"]
        self.clock = 0
        self.read_at: float | None = None  # processor time when the file was read
        self.idle, self.used, self.seen = 0.0, 0.0, time.monotonic()

    def start(self, process: int) -> None:
        """Watch this process."""
        self.clock = ~process << 3 | 2  # Linux: the clock of another process's processor time, CPUCLOCK_SCHED

    def ended(self, was_read: bool) -> str:
        """The reason to end the process now: "time" for its processor time, "clock" for the wall's; empty if it may go on."""
        now, used = time.monotonic(), self._used()
        if was_read and self.read_at is None:
            self.read_at = used
        if used - (self.read_at or 0.0) > self.most * (1 if was_read else limits.READING):
            return "time"
        step = min(
            now - self.seen, 4 * PATIENCE / 1e3
        )  # a machine that sleeps or is halted is not the process's idleness
        self.idle = 0.0 if used - self.used > WORK * step or not used else self.idle + step
        self.used, self.seen = used, now
        return "clock" if now > self.until or self.idle > IDLE else ""

    def _used(self) -> float:
        """Seconds of processor time; 0 where the system does not tell."""
        if sys.platform != "linux":
            return 0.0
        try:
            return time.clock_gettime(self.clock)
        except OSError:  # it has just ended
            return self.used


def _texts(memory: mmap.mmap, place: int, longest: list[int]) -> list[bytes]:
    """The data from `place` on, each after its length, up to the first that is missing or too long."""
    found: list[bytes] = []
    for most in longest:
        (length,) = wire.LENGTH.unpack_from(memory, place)
        place += wire.LENGTH.size
        if not 0 < length <= most:
            break
        found.append(memory[place : place + length])
        place += length
    return found


def _changed(calls: list[dict[str, Any]], memory: mmap.mmap, arrays: bytes) -> list[int]:
    """For each call, the positions of modified arguments, as bits."""
    if memory[: len(arrays)] == arrays:
        return [0] * len(calls)
    found, offset = [], 0
    for call in calls:
        bits = 0
        for index, (_, value) in enumerate(call["arguments"]):
            if isinstance(value, dict):
                end = offset + wire.size_of(value["shape"])
                bits |= (memory[offset:end] != arrays[offset:end]) << index
                offset = end
        found.append(bits)
    return found


def _files() -> int:
    """Number of files and folders in the file system of the temporary folder."""
    room = os.statvfs(".")
    return room.f_files - room.f_ffree
