"""The parent's side of a sandbox: start it, send requests, enforce the timeout, and end its processes."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import IO, Any, Literal

from scratchae.grading.records import Answer, Call, Error
from scratchae.grading.sandbox import protocol
from scratchae.grading.sandbox.child import wire
from scratchae.grading.sandbox.levels import Level
from scratchae.grading.sandbox.processes import Sleep, end_all

START_SECONDS = 30.0  # seconds for starting the interpreter and NumPy on a busy machine
END_SECONDS = 5.0
SLEEP = (
    10.0  # seconds that a test may sleep, although it works now and then; for all tests of a submission twice as much,
)
LITTLE_SLEEP = 1.0  # and afterwards no more than this
LOOK = 0.5  # seconds between looks at a test that has not answered
GRACE = 3.0  # on a timeout the sandbox ends the test and still returns its output; after this grace period the parent ends the sandbox


class SandboxError(RuntimeError):
    """The sandbox could not be started; never the student's fault."""


class _GoneError(EOFError):
    """The other side has closed the pipe."""


def _unanswered(call: Call, outcome: Literal["refused", "clock", "crashed"], **fields: Any) -> Answer:
    return Answer(outcome, outputs=(None,) * len(call.outputs), **fields)


class Sandbox:
    """A `Runner`: an isolated warm interpreter, which forks once for each run. One for each submission; see `load`.

    Parameters
    ----------
    source : bytes
    level : Level
        Isolation and limits of its processes.
    """

    def __init__(self, source: bytes, level: Level) -> None:
        self.source, self.level, self.limits = source, level, level.limits
        self.isolation = level.isolation
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._sleep = Sleep(level.token, level.user)

    def load(self, source: bytes) -> None:
        """Switch to another file of the same submission. The warm interpreter never executes a submission itself, so it can be kept."""
        self.source = source
        if self._process is not None:
            try:
                self._write(wire.pack_request({}, source), time.monotonic() + START_SECONDS)
            except (OSError, TimeoutError):  # the next run starts a new one
                self._end()

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """Make these calls in one new process; always returns one answer per call."""
        request = protocol.pack_calls(calls)
        try:
            self._start()
        except (OSError, SandboxError) as error:
            return [_unanswered(call, "refused", error=Error(type(error).__name__, str(error))) for call in calls]
        deadline, slept = time.monotonic() + self.limits.seconds + GRACE, self._sleep.seconds
        self._sleep.begin()
        try:
            self._write(request, deadline)
            answers = self._answers(calls, deadline)
        except TimeoutError:
            answers = [_unanswered(call, "clock") for call in calls]
        except (OSError, EOFError, protocol.BrokenAnswerError):
            answers = [_unanswered(call, "crashed") for call in calls]
            self._end()
        except BaseException:  # Ctrl-C
            self._end()
            raise
        if any(answer.outcome in ("time", "clock") for answer in answers):
            self._end()
        if self._sleep.seconds - slept > min(SLEEP, self._sleep.kept):
            answers = [replace(answer, slept=answer.outcome == "clock") for answer in answers]
        return answers

    def close(self) -> None:
        """End all processes and remove all files."""
        self._end()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> None:
        """Start the warm interpreter, unless it is running, and send it the submission."""
        if self._process is not None and self._process.poll() is None:
            return
        self._end()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = self.level.start(self._errors.fileno())
            assert self._process.stdin is not None and self._process.stdout is not None
            self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
            for descriptor in (self._to, self._from):
                os.set_blocking(descriptor, False)
            deadline = time.monotonic() + START_SECONDS
            self._write(wire.pack_request(self.level.settings()), deadline)
            self._write(wire.pack_request({}, self.source), deadline)
            if self._read(len(wire.READY), deadline) != wire.READY:
                raise SandboxError("the sandbox did not start as it should")
        except (EOFError, OSError) as error:
            reason = self._reason()
            self._end()
            raise SandboxError(f"the sandbox could not be started: {reason or error}") from error
        except BaseException:
            self._end()
            raise

    def _reason(self) -> str:
        """The last line on stderr of the sandbox's own programs, written before any of the student's code could run."""
        with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
            if self._process is None or self._errors is None:
                return ""
            self._process.wait(timeout=1)
            size = os.fstat(self._errors.fileno()).st_size
            lines = protocol.clean(os.pread(self._errors.fileno(), 4096, max(0, size - 4096))).splitlines()
            return lines[-1] if lines else ""
        return ""

    def _answers(self, calls: Sequence[Call], deadline: float) -> list[Answer]:
        """All answers of a run.

        Raises
        ------
        TimeoutError
            At the deadline, or when the test has slept too long.
        """
        slept = self._sleep.seconds
        most = slept + min(SLEEP, max(LITTLE_SLEEP, 2 * SLEEP - slept))
        while not self._is_there(self._from, select.POLLIN, min(LOOK, max(0.0, deadline - time.monotonic()))):
            self._sleep.look()
            if time.monotonic() >= deadline or self._sleep.seconds > most:
                raise TimeoutError
        lengths = wire.REPLY.unpack(self._read(wire.REPLY.size, deadline))
        return protocol.answers_of(calls, lengths, lambda count: self._read(count, deadline), self.limits.output)

    def _read(self, count: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            try:
                part = os.read(self._from, count - len(parts))
            except BlockingIOError:
                self._wait(self._from, select.POLLIN, deadline)
                continue
            if not part:
                raise _GoneError("the sandbox has ended")
            parts += part
        return bytes(parts)

    def _write(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._to, view) :]
            except BlockingIOError:
                self._wait(self._to, select.POLLOUT, deadline)

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        if not self._is_there(descriptor, event, max(0.0, deadline - time.monotonic())):
            raise TimeoutError

    @staticmethod
    def _is_there(descriptor: int, event: int, seconds: float) -> bool:
        """True as soon as there is something, or the pipe is closed; False after so many seconds."""
        poll = select.poll()
        poll.register(descriptor, event)
        return bool(poll.poll(1e3 * seconds))

    def _end(self) -> None:
        """Kill all processes, wait for their end, close the pipes, and remove the folder."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            end_all(self.level.token, self.level.user, END_SECONDS)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        self.level.end()
        if self._errors is not None:
            self._errors.close()
            self._errors = None
