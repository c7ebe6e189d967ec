"""A file without a sandbox, where the system has none: one process that executes the file and makes calls until it is ended.

It is for a student's own check on systems such as Windows; modules, actions, messages and forms are those of the sandbox.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any

from scratchae.exercises import student_file

from . import student, wire
from .evaluations import Evaluations


class _Kept(io.TextIOBase):
    """Keeps the beginning of what is printed."""

    def __init__(self, most: int) -> None:
        self.most, self.data, self.cut = most, b"", False

    def write(self, text: str) -> int:
        """Keep a text, as far as there is room."""
        data = text.encode("utf-8", "backslashreplace")
        self.cut = self.cut or len(data) > self.most - len(self.data)
        self.data += data[: self.most - len(self.data)]
        return len(text)

    def writable(self) -> bool:
        """True."""
        return True


def main() -> None:
    """Receive the settings and the file, and answer requests; each executes the file anew."""
    requests, replies = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    sys.stdin = io.StringIO()
    settings, _ = wire.read_request(requests)
    allow = student_file.Allowed(**{name: tuple(value) for name, value in settings["allow"].items()})
    student.prepare()
    switch = student_file.guard(wire.FILE, allow, own=student_file.own_places())
    _, source = wire.read_request(requests)
    slow: wire.Failure | None = None
    wire.write_all(replies, wire.READY)
    while True:
        try:
            request, arrays = wire.read_request(requests)
        except (EOFError, OSError):
            return
        kept = _Kept(settings["output"])
        sys.stdout = sys.stderr = kept
        switch(True)
        unfinished, answers, changed = _answers(source, request, arrays, settings["cpu_seconds"], slow)
        slow = slow or wire.time_out_of(unfinished)
        switch(False)
        wire.write_all(replies, wire.pack_reply(answers, changed, unfinished, kept.data, 0, kept.cut))


def _answers(
    source: bytes, request: dict[str, Any], arrays: bytes, seconds: float, slow: wire.Failure | None
) -> tuple[bytes, list[bytes], list[int]]:
    """Errors of the file, an answer to each call, and its overwritten arguments as bits."""
    its, evaluations = student_file.StudentFile(source, wire.FILE), Evaluations(wire.FILE)
    its.run(seconds, student_file.FileError(*slow) if slow else None)
    memory, offset, answers, changed = bytearray(arrays), 0, [], []
    for call in request["calls"]:
        begin = offset
        arguments, offset = student.arguments_of(call, memory, offset)
        answers.append(student.answered(its, call, arguments, evaluations))
        bits = 0
        for index, (_, value) in enumerate(call["arguments"]):
            if isinstance(value, dict):
                end = begin + wire.size_of(value["shape"])
                bits |= (memory[begin:end] != arrays[begin:end]) << index
                begin = end
        changed.append(bits)
    return wire.pack_unfinished(its.failures), answers, changed
