"""The protocol of the pipes: requests are JSON and raw arrays; answers are fixed fields, short texts and raw arrays of bounded length.

A request comes from the parent and is trusted. An answer comes from the student's process: its length is checked before anything is read.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping, Sequence
from typing import Any

REQUEST = struct.Struct("<II")  # lengths: header, arrays
# An answer: outcome, outputs that follow, arguments of another form (as bits), evaluations, line and cell of the error, lengths of type and
# message, number of faults, overflow
ANSWER = struct.Struct("<BIIIiiHHBB")
ERROR = struct.Struct("<iiHH")  # line, cell, lengths of type and message
FAULT = struct.Struct("<BBH")  # output (or ALL), kind, length of the text
LENGTH = struct.Struct("<I")
# To the parent: lengths of all answers with their headers, of the errors of the file, and of the printed output; the flags; 1 if output was cut;
# milliseconds of processor time
REPLY = struct.Struct("<IIIIBI")
BEFORE = struct.Struct("<II")  # an answer's length, and its overwritten arguments

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
    "clock",
    "memory",
    "crashed",
)
FAULTS = ("type", "count", "shape", "dtype", "copy", "finite")
ALL = 255  # a fault of the returned value as a whole
MOST = 32  # arguments and outputs: they are bits of one integer
TYPE, MESSAGE, TEXT = 80, 400, 120  # bytes
UNFINISHED = 8  # most errors of a file that are told
LONGEST_UNFINISHED = 1 + UNFINISHED * (ERROR.size + TYPE + MESSAGE)
READY = b"ready\n"
GRADIENTS = ("_backward", "_gradients")  # suffixes of the names of functions that return derivatives
FILE = "submission.py"  # name of the student's file in tracebacks

# Suspicious actions that no exercise needs. Each is a bit; a submission can hide them, so they are only hints for the teacher.
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
Failure = tuple[str, str, "int | None", "int | None"]  # type, message, line, cell


def read_exactly(descriptor: int, count: int) -> bytes:
    """Read exactly `count` bytes; EOFError if the other side has closed the pipe."""
    parts = []
    while count:
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            raise EOFError("the other side has closed the pipe")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all data, in as many calls as needed."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def pack_request(header: Mapping[str, Any], arrays: bytes = b"") -> bytes:
    """Encode a request: JSON, followed by the arrays' bytes."""
    text = json.dumps(header).encode()
    return REQUEST.pack(len(text), len(arrays)) + text + arrays


def read_request(descriptor: int) -> tuple[dict[str, Any], bytes]:
    """Read the next request; EOFError if the parent has exited."""
    lengths = REQUEST.unpack(read_exactly(descriptor, REQUEST.size))
    header = json.loads(read_exactly(descriptor, lengths[0]))
    return header, read_exactly(descriptor, lengths[1])


def size_of(shape: Sequence[int]) -> int:
    """Bytes of an array; both dtypes have eight bytes per number."""
    count = 8
    for length in shape:
        count *= length
    return count


def longest_answer(outputs: Sequence[Output]) -> int:
    """Most bytes of an answer, known before it is read."""
    texts = TYPE + MESSAGE + (len(outputs) + 1) * (FAULT.size + TEXT)
    return ANSWER.size + texts + sum(size_of(shape) for _, shape, _ in outputs)


def cut(text: str, count: int) -> bytes:
    """At most `count` bytes of a text, cut between characters."""
    return text[:count].encode("utf-8", "replace")[:count].decode("utf-8", "ignore").encode()


def pack_answer(
    outcome: str,
    *,
    outputs: Mapping[int, bytes] | None = None,
    faults: Sequence[tuple[int, str, str]] = (),
    error: Failure = ("", "", None, None),
    evaluations: int = 0,
    overflowed: bool = False,
    reshaped: int = 0,
) -> bytes:
    """Encode an answer. `faults` are output, kind and the value got; `reshaped` are arguments of another shape or type than before, as bits."""
    outputs = outputs or {}
    kind, message = cut(error[0], TYPE), cut(error[1], MESSAGE)
    head = ANSWER.pack(
        OUTCOMES.index(outcome),
        sum(1 << index for index in outputs),
        reshaped,
        min(evaluations, 2**32 - 1),
        *(_number(value) for value in error[2:]),
        len(kind),
        len(message),
        len(faults),
        overflowed,
    )
    parts = [head, kind, message]
    for output, name, got in faults:
        text = cut(got, TEXT)
        parts += [FAULT.pack(output, FAULTS.index(name), len(text)), text]
    return b"".join([*parts, *(outputs[index] for index in sorted(outputs))])


def pack_unfinished(errors: Sequence[Failure]) -> bytes:
    """Encode the errors at the top level of a file; the first few only."""
    parts = [bytes([min(len(errors), UNFINISHED)])]
    for error in errors[:UNFINISHED]:
        kind, message = cut(error[0], TYPE), cut(error[1], MESSAGE)
        parts += [ERROR.pack(*(_number(value) for value in error[2:]), len(kind), len(message)), kind, message]
    return b"".join(parts)


def time_out_of(unfinished: bytes) -> Failure | None:
    """The time-out that ended a file without cells, from bytes that its own process may have written; else None."""
    if len(unfinished) < 1 + ERROR.size or not unfinished[0]:
        return None
    line, cell, kind, message = ERROR.unpack_from(unfinished, 1)
    text = unfinished[1 + ERROR.size :]
    if text[:kind] != b"TimeoutError" or line < 1 or cell >= 0:
        return None
    return "TimeoutError", text[kind : kind + message].decode("utf-8", "replace"), line, None


def _number(value: int | None) -> int:
    return -1 if value is None else min(max(value, -1), 2**31 - 1)


def pack_reply(
    answers: Sequence[bytes],
    changed: Sequence[int],
    unfinished: bytes,
    printed: bytes,
    tried: int,
    cut_off: bool,
    seconds: float = 0.0,
) -> bytes:
    """Encode the reply to a run: for each call an answer and its overwritten arguments as bits; the errors of the file, the printed output
    and the flags of all; whether output was thrown away; and the seconds of processor time.
    """
    body = b"".join(BEFORE.pack(len(a), bits) + a for a, bits in zip(answers, changed, strict=True))
    return (
        REPLY.pack(len(body), len(unfinished), len(printed), tried, cut_off, int(1e3 * seconds))
        + body
        + unfinished
        + printed
    )
