"""Runners without a sandbox: for trusted code, and for a student's own check where no sandbox is available, such as on Windows.

They provide no isolation; never use them for submissions of others.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from types import FunctionType
from typing import Any

import numpy as np

from scratchae.grading.records import Answer, Call, Error, Isolation, Limits
from scratchae.grading.sandbox.child.evaluations import Evaluations
from scratchae.grading.sandbox.child.overflow import Overflow
from scratchae.grading.sandbox.child.student import form, put_in_place
from scratchae.grading.sandbox.protocol import unpack_answer

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
        kept = given.values() if call.copies else ()
        answer = form(value, outputs, evaluations.most(), kept, overflowed=overflow.seen)
        return unpack_answer(call, answer, changed)


def _differ(value: Any, before: Any) -> bool:
    """True if an argument was modified."""
    return isinstance(value, np.ndarray) and value.tobytes() != before.tobytes()


def _file_of(function: Callable[..., Any]) -> str:
    return function.__code__.co_filename if isinstance(function, FunctionType) else ""


class SeparateProcessRunner:
    """A `Runner` for one's own code: a separate Python process returns the answers, which are trusted.

    Parameters
    ----------
    source : bytes
    limits : Limits
        Only the seconds are used.
    """

    isolation = Isolation.LIMITS

    def __init__(self, source: bytes, limits: Limits) -> None:
        self.source, self.limits = source, limits
        self._process: Any = None
        self._pipe: Connection | None = None

    def run(self, calls: Sequence[Call]) -> list[Answer]:
        """One answer for each call."""
        start = START_SECONDS if self._process is None else 0.0
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_work, args=(theirs, self.source), daemon=True)
            self._process.start()
            theirs.close()
        assert self._pipe is not None
        with contextlib.suppress(OSError, EOFError):
            if start and self._pipe.poll(start):
                self._pipe.recv()  # the answer has arrived
            self._pipe.send(list(calls))
            if self._pipe.poll(self.limits.seconds):
                answers: list[Answer] = self._pipe.recv()
                return answers
            self.close()
            return [Answer("time")] * len(calls)
        self.close()
        return [Answer("crashed")] * len(calls)

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._pipe is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = None


def _work(pipe: Connection, source: bytes) -> None:
    pipe.send("ready")
    while True:
        try:
            calls = pipe.recv()
        except (EOFError, OSError):
            return
        functions: dict[str, Any] = {"__name__": "submission"}
        try:
            exec(compile(source, "submission.py", "exec"), functions)
        except BaseException as error:
            answers = [Answer("source", error=_error_of(error))] * len(calls)
        else:
            answers = SameProcessRunner({name: value for name, value in functions.items() if callable(value)}).run(
                calls
            )
        pipe.send(answers)


def _error_of(error: BaseException) -> Error:
    """Type, message, and last line in the student's file of an exception."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "submission.py"]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    return Error(type(error).__name__, str(getattr(error, "msg", error))[:200], line)
