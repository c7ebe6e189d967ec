"""What goes through the pipes: requests as JSON and raw arrays; answers as fixed fields, short texts and raw arrays, never longer than is known.

A request comes from the parent and is trusted. An answer comes from the student's process: its length is checked before anything is read.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping, Sequence
from typing import Any

REQUEST = struct.Struct("<II")  # lengths: header, arrays
# An answer: outcome, outputs that follow, evaluations, line of the error, lengths of type and message, number of faults
ANSWER = struct.Struct("<BIIiHHB")
FAULT = struct.Struct("<BBH")  # output (or ALL), kind, length of the text
LENGTH = struct.Struct("<I")
# To the parent: lengths of all answers with what precedes each, and of what was printed, and what was tried
REPLY = struct.Struct("<III")
BEFORE = struct.Struct("<II")  # an answer's length, and which arguments were overwritten

OUTCOMES = (
    "returned",
    "form",
    "raised",
    "nothing",
    "unimplemented",
    "missing",
    "signature",
    "source",
    "time",
    "memory",
    "output",
    "crashed",
)
FAULTS = ("type", "count", "shape", "dtype", "copy", "finite")
ALL = 255  # a fault of what was returned as a whole
MOST = 32  # arguments, and outputs: they are bits of one number
TYPE, MESSAGE, TEXT = 80, 400, 120  # bytes
READY = b"ready\n"
GRADIENTS = ("_backward", "_gradients")  # how the names of functions that return derivatives end
FILE = "submission.py"  # what the student's file is called in tracebacks

# What a submission may try that no exercise needs. Each is a bit; the child can hide its own, hence they are hints for the teacher.
TRIED = (
    "network tried",
    "process tried",
    "signal tried",
    "file tried",
    "native code tried",
    "other library tried",
    "memory search tried",
    "system change tried",
)

Output = tuple[str, tuple[int, ...], str]


def read_exactly(descriptor: int, count: int) -> bytes:
    """`count` bytes, waiting for them; EOFError where the other side has gone."""
    parts = []
    while count:
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            raise EOFError("the other side of the pipe has closed it")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def write_all(descriptor: int, data: bytes) -> None:
    """All of it, however often that takes."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def pack_request(header: Mapping[str, Any], arrays: bytes = b"") -> bytes:
    """A request: JSON, and the arrays' bytes behind it."""
    text = json.dumps(header).encode()
    return REQUEST.pack(len(text), len(arrays)) + text + arrays


def read_request(descriptor: int) -> tuple[dict[str, Any], bytes]:
    """The next request; EOFError where the parent has gone."""
    lengths = REQUEST.unpack(read_exactly(descriptor, REQUEST.size))
    header = json.loads(read_exactly(descriptor, lengths[0]))
    return header, read_exactly(descriptor, lengths[1])


def size_of(shape: Sequence[int]) -> int:
    """Bytes of an array; both dtypes have eight for a number."""
    count = 8
    for length in shape:
        count *= length
    return count


def longest_answer(outputs: Sequence[Output]) -> int:
    """Bytes of an answer at most, known before it is read."""
    texts = TYPE + MESSAGE + (len(outputs) + 1) * (FAULT.size + TEXT)
    return ANSWER.size + texts + sum(size_of(shape) for _, shape, _ in outputs)


def cut(text: str, count: int) -> bytes:
    """At most `count` bytes of a text, without half a character at its end."""
    return text[:count].encode("utf-8", "replace")[:count].decode("utf-8", "ignore").encode()


def pack_answer(
    outcome: str,
    *,
    outputs: Mapping[int, bytes] | None = None,
    faults: Sequence[tuple[int, str, str]] = (),
    error: tuple[str, str, int | None] = ("", "", None),
    evaluations: int = 0,
) -> bytes:
    """An answer, by what became of the call; `faults` are output, kind and what was got; `error` is type, message and line."""
    outputs = outputs or {}
    kind, message = cut(error[0], TYPE), cut(error[1], MESSAGE)
    line = -1 if error[2] is None else min(error[2], 2**31 - 1)
    head = ANSWER.pack(
        OUTCOMES.index(outcome),
        sum(1 << index for index in outputs),
        min(evaluations, 2**32 - 1),
        line,
        len(kind),
        len(message),
        len(faults),
    )
    parts = [head, kind, message]
    for output, name, got in faults:
        text = cut(got, TEXT)
        parts += [FAULT.pack(output, FAULTS.index(name), len(text)), text]
    return b"".join([*parts, *(outputs[index] for index in sorted(outputs))])


def pack_reply(answers: Sequence[bytes], changed: Sequence[int], printed: bytes, tried: int) -> bytes:
    """All that comes of a run: for each call an answer and the overwritten arguments as bits; what was printed and tried by any."""
    body = b"".join(BEFORE.pack(len(a), bits) + a for a, bits in zip(answers, changed, strict=True))
    return REPLY.pack(len(body), len(printed), tried) + body + printed
