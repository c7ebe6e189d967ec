"""A warm interpreter with NumPy loaded. For each request it forks a process that runs the student's file, and passes on what that sends.

It never executes a byte of the submission itself. The parent holds the clock: when time is over it ends this process and all others here.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import random
import select
import shutil
import signal
import sys
import time
from typing import Any

from . import landlock, limits, seccomp, student, watch, wire

# Loaded once, so that no test pays for them, and nothing need be read where the interpreter's own files cannot be.
WARM = """
abc bisect collections collections.abc contextlib copy csv dataclasses decimal enum fractions functools heapq inspect io itertools
json logging math numbers operator os.path pprint random re statistics string struct sys textwrap time traceback types typing
warnings unicodedata encodings.ascii encodings.latin_1 encodings.cp1252 encodings.utf_8_sig encodings.utf_16 numpy numpy.fft
numpy.lib.stride_tricks numpy.linalg numpy.ma numpy.polynomial numpy.random numpy.testing numpy.typing
"""
PATIENCE = 0.05  # seconds between looks at whether the process lives, where its end closes no pipe
SUBREAPER, DUMPABLE, DEATH_SIGNAL, NO_NEW_PRIVILEGES = 36, 4, 1, 38


def main() -> None:
    """Get ready as the first request says, take the submission, and serve until the parent goes."""
    requests, replies = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    settings, _ = wire.read_request(requests)
    _warm()
    _confine(settings)
    os.dup2(nowhere, 2)  # until here, what went wrong is said on stderr
    os.close(nowhere)
    student.prepare()
    _, source = wire.read_request(requests)
    gc.collect()
    gc.freeze()  # shared with the forks as it is
    wire.write_all(replies, wire.READY)
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            request, arrays = wire.read_request(requests)
            if "calls" not in request:  # another file of the same submission
                source = arrays
                continue
            _Test(settings, requests, replies).run(source, request, arrays)
            _sweep()
            if settings["folder"]:
                _empty(os.getcwd())
    if settings["folder"]:  # the parent may have been killed
        with contextlib.suppress(OSError):
            _empty(os.getcwd())
            os.rmdir(os.getcwd())


def _warm() -> None:
    for name in WARM.split():
        importlib.import_module(name)
    for name in watch.MODULES:  # they came with others; a submission that wants one has to import it, and is noticed
        if "ctypes" not in name:
            sys.modules.pop(name, None)
    import numpy as np

    random.seed(0)  # whoever draws from a global generator gets the same numbers when graded again
    np.random.seed(0)
    np.linalg.solve(np.eye(2), np.ones(2)) @ np.ones((2, 2))  # the first product makes BLAS take its memory


def _confine(settings: dict[str, Any]) -> None:
    """No privileges, no other user's rights, no debugging of this process by its own children."""
    _control(NO_NEW_PRIVILEGES, 1)
    _control(SUBREAPER, 1)
    if settings["user"]:
        limits.user(settings["user"])
    _control(DUMPABLE, 0)
    if settings["visible"] is not None:
        landlock.restrict(settings["visible"])
    if settings["watch"]:
        watch.install(refuse=settings["refuse"])
    if settings["filter"]:
        seccomp.install(seccomp.whole_sandbox())


def _control(option: int, value: int) -> None:
    """prctl(2), where there is one."""
    if sys.platform == "linux":
        seccomp.libc().prctl(option, value, 0, 0, 0)


class _Test:
    """One forked process, its two pipes, and what has come out of them so far."""

    def __init__(self, settings: dict[str, Any], requests: int, replies: int) -> None:
        self.settings, self.requests, self.replies = settings, requests, replies
        self.frames, self.printed, self.printed_in_all = b"", b"", 0
        self.dead: str | None = None  # the outcome of all calls that have no answer yet
        # The parent's clock decides; this one goes off first, to save what was printed and tried.
        self.until = time.monotonic() + settings["seconds"]

    def run(self, source: bytes, request: dict[str, Any], arrays: bytes) -> None:
        """Fork, pass on one answer for each call, and leave no process behind."""
        watch.take()
        self.answers, answer = os.pipe()
        self.prints, output = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            self._become_the_test(source, request, arrays, answer, output)
        os.close(answer)
        os.close(output)
        self.open = {self.answers, self.prints, self.requests}
        try:
            for call in request["calls"]:
                outputs = [(name, tuple(shape), dtype) for name, shape, dtype in call["outputs"]]
                self._pass_on(self._next_answer(wire.longest_answer(outputs)))
        finally:
            self._kill("crashed")
            os.close(self.answers)
            os.close(self.prints)

    def _become_the_test(self, source: bytes, request: dict[str, Any], arrays: bytes, answer: int, output: int) -> None:
        try:
            for descriptor in (self.requests, self.replies, self.answers, self.prints):
                os.close(descriptor)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.close(output)
            _control(DEATH_SIGNAL, signal.SIGKILL)
            limits.apply(self.settings)
            if self.settings["filter"]:
                seccomp.install(seccomp.one_test())
            student.serve(source, request, arrays, answer)
        finally:
            student.finish()

    def _pass_on(self, answer: bytes) -> None:
        """To the parent: an answer, what was printed until it came, and what was tried."""
        record = wire.RECORD.pack(len(answer), len(self.printed), watch.take())
        wire.write_all(self.replies, record + answer + self.printed)
        self.printed = b""

    def _next_answer(self, longest: int) -> bytes:
        """The next whole answer, or one that says how the process ended without it."""
        while self.dead is None:
            if len(self.frames) >= wire.LENGTH.size:
                end = wire.LENGTH.size + wire.LENGTH.unpack_from(self.frames)[0]
                if end > wire.LENGTH.size + longest:
                    self._kill("crashed")
                elif len(self.frames) >= end:
                    frame, self.frames = self.frames[wire.LENGTH.size : end], self.frames[end:]
                    self._drain()
                    return frame if self.dead is None else wire.pack_answer(self.dead)
            if self.dead is None:
                self._listen(longest)
        return wire.pack_answer(self.dead or "crashed")

    def _listen(self, longest: int) -> None:
        """Take what the process has sent or printed; see whether it, or the parent, has gone."""
        ready = select.select(list(self.open), [], [], PATIENCE)[0]
        if time.monotonic() > self.until:
            self._drain()
            self._kill("time")
        if self.requests in ready:  # the parent never speaks during a test: it has gone
            raise EOFError
        if self.prints in ready:
            self._drain()
        if self.answers in ready and self.dead is None:
            part = os.read(self.answers, longest + wire.LENGTH.size)
            self.frames += part
            if not part and not self._has_ended(PATIENCE):
                self._kill("crashed")
        elif not ready and self.dead is None:
            self._has_ended(0)

    def _drain(self) -> None:
        """Take all that is printed by now; more than is allowed ends the process."""
        while self.dead is None and self.prints in self.open and select.select([self.prints], [], [], 0)[0]:
            part = os.read(self.prints, 1 << 16)
            if not part:
                self.open.discard(self.prints)
            most = self.settings["output"]
            self.printed_in_all += len(part)
            self.printed = (self.printed + part)[:most]
            if self.printed_in_all > most:
                self._kill("output")

    def _has_ended(self, patience: float) -> bool:
        """Whether the process has ended by itself; `dead` then says how."""
        until = time.monotonic() + patience
        while self.process:
            pid, status, usage = os.wait4(self.process, os.WNOHANG)
            if pid:
                self.process = 0
                self._drain()
                spent = usage.ru_utime + usage.ru_stime
                ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
                if ended_by == signal.SIGXCPU or spent >= self.settings["cpu_seconds"]:
                    self.dead = self.dead or "time"
                self.dead = self.dead or (
                    "memory" if ended_by == signal.SIGKILL else "crashed"
                )  # the system's own last resort
            elif time.monotonic() > until:
                return False
            else:
                time.sleep(0.001)
        return True

    def _kill(self, reason: str) -> None:
        self.dead = self.dead or reason
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.wait4(self.process, 0)
            self.process = 0


def _sweep(seconds: float = 2.0) -> None:
    """End whatever a test has left: this process inherits all orphans below it. First stop them, so that they do not breed meanwhile."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            return
        children = _children()
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for child in children:
                with contextlib.suppress(OSError):
                    os.kill(child, number)
        time.sleep(0.001)


def _empty(folder: str) -> None:
    """Remove what a test has left in the temporary folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    os.unlink(entry.path)


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []
