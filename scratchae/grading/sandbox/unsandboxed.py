"""Runners without a sandbox: for trusted code, and for a student's own check where no sandbox is available, such as on Windows.

They provide no isolation; never use them for submissions of others.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from scratchae.grading.records import Answer, Call, Error, Isolation, Limits, Outcome
from scratchae.grading.sandbox import visible
from scratchae.grading.sandbox.child import wire
from scratchae.grading.sandbox.child.evaluations import Evaluations
from scratchae.grading.sandbox.child.overflow import Overflow
from scratchae.grading.sandbox.child.student import form, layouts_of, put_in_place, reshaped
from scratchae.grading.sandbox.program import READ, alone
from scratchae.grading.sandbox.protocol import BrokenAnswerError, answers_of, pack_calls, unpack_answer

START_SECONDS = 30.0


class SameProcessRunner:
    """A `Runner` for trusted functions: it calls them in this process and checks their answers as in a sandbox.

    Parameters
    ----------
    functions : mapping of str to callable
    """

    isolation = Isolation.LIMITS

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.functions = functions

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """One answer for each call."""
        given = [(each.name, each.source) for call in calls[:1] for each in call.given]
        spaces = {id(f.__globals__): f.__globals__ for f in self.functions.values() if isinstance(f, FunctionType)}
        before = [(space, name, space.get(name)) for space in spaces.values() for name, _ in given]
        try:
            for space in spaces.values():
                put_in_place(space, given)
            return [self._answer(call) for call in calls]
        finally:
            for space, name, value in before:
                space[name] = value

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, call: Call) -> Answer:
        function = self.functions.get(call.function)
        if function is None:
            return Answer("missing")
        given = {n: v.copy() if isinstance(v, np.ndarray) else v for n, v in call.arguments.items()}
        evaluations, overflow, before = Evaluations(_file_of(function)), Overflow(), sys.getprofile()
        layouts = layouts_of(given)
        try:
            evaluations.begin()
            with np.errstate(all="ignore"), overflow.noted():
                value = function(*given.values())
        except NotImplementedError:
            return Answer("unimplemented")
        except Exception as error:  # any exception is its answer
            return Answer("raised", error=Error(type(error).__name__, str(error)[:200]))
        finally:
            sys.setprofile(before)
        changed = sum(_differ(value, call.arguments[name]) << i for i, (name, value) in enumerate(given.items()))
        outputs = [(name, tuple(shape), dtype) for name, shape, dtype in call.outputs]
        kept = layouts.values() if call.copies else ()
        answer = form(value, outputs, evaluations.most(), kept, overflow.seen, reshaped(given, layouts))
        return unpack_answer(call, answer, changed)


def _differ(value: Any, before: Any) -> bool:
    """True if an argument was modified."""
    return isinstance(value, np.ndarray) and value.tobytes() != before.tobytes()


def _file_of(function: Callable[..., Any]) -> str:
    return function.__code__.co_filename if isinstance(function, FunctionType) else ""


class SeparateProcessRunner:
    """A `Runner` for one's own code: an ordinary Python process with the sandbox's own program, but without its walls.

    Parameters
    ----------
    source : bytes
    limits : Limits
        Times, output and modules; memory is not limited.
    """

    isolation = Isolation.LIMITS

    def __init__(self, source: bytes, limits: Limits) -> None:
        self.source, self.limits = source, limits
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = threading.Event()  # the process has read the file, or has ended

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """One answer for each call."""
        outcome: Outcome = "crashed"
        with contextlib.suppress(OSError, EOFError, BrokenAnswerError):
            process = self._process = self._process or self._start()
            received: list[list[Answer]] = []
            asking = threading.Thread(target=self._ask, args=(process, calls, received), daemon=True)
            asking.start()
            self._ready.wait(START_SECONDS)
            asking.join(self.limits.seconds)
            if received:
                return received[0]
            outcome = "clock" if asking.is_alive() else "crashed"
        self.close()
        return [Answer(outcome, outputs=(None,) * len(call.outputs)) for call in calls]

    def close(self) -> None:
        """End the process."""
        process, self._process, self._ready = self._process, None, threading.Event()
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the process and send it the settings and the file."""
        pipe = subprocess.PIPE
        text = alone(self.limits.allow).encode()
        process = subprocess.Popen(
            [visible.interpreter(), "-s", "-S", "-B", "-c", READ], stdin=pipe, stdout=pipe, bufsize=0
        )
        assert process.stdin is not None
        settings = {"output": self.limits.output, "cpu_seconds": self.limits.cpu_seconds}
        allow = visible.allowed(self.limits.allow)._asdict()
        first = wire.pack_request({**settings, "allow": allow}) + wire.pack_request({}, self.source)
        wire.write_all(process.stdin.fileno(), len(text).to_bytes(8, "little") + text + first)
        return process

    def _ask(self, process: subprocess.Popen[bytes], calls: Sequence[Call], received: list[list[Answer]]) -> None:
        """Send the calls and receive the answers; in a thread, since pipes cannot be waited for on all systems."""
        assert process.stdin is not None and process.stdout is not None
        pipe, ready = process.stdout.fileno(), self._ready
        with contextlib.suppress(OSError, EOFError, BrokenAnswerError):
            if not ready.is_set():
                try:
                    wire.read_exactly(pipe, len(wire.READY))
                finally:
                    ready.set()
            wire.write_all(process.stdin.fileno(), pack_calls(calls))
            lengths = wire.REPLY.unpack(wire.read_exactly(pipe, wire.REPLY.size))
            received.append(
                answers_of(calls, lengths, lambda count: wire.read_exactly(pipe, count), self.limits.output)
            )
