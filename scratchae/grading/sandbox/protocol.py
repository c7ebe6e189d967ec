"""The parent's side of the pipes: encode calls, and decode answers of the student's process, which are not trusted."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from scratchae.grading.records import Answer, Array, Call, Error, Fault
from scratchae.grading.sandbox.child import wire

LINES = "\n\t"
CUT = "\n[output cut]"
DTYPES = {np.dtype("float64"): "float64", np.dtype("int64"): "int64"}


class BrokenAnswerError(ValueError):
    """The bytes are not a valid answer to the request."""


def pack_calls(calls: Sequence[Call]) -> bytes:
    """Encode a request: functions, arguments by name, and the expected form of the answers.

    Raises
    ------
    ValueError
        If an argument or an output has a type that the protocol does not support.
    """
    arrays: list[bytes] = []
    header = [_header(call, arrays) for call in calls]
    return wire.pack_request({"calls": header}, b"".join(arrays))


def _header(call: Call, arrays: list[bytes]) -> dict[str, Any]:
    if max(len(call.arguments), len(call.outputs)) > wire.MOST:
        raise ValueError(f"{call.function} has more than {wire.MOST} arguments or outputs; split it")
    arguments: list[tuple[str, Any]] = []
    for name, value in call.arguments.items():
        if isinstance(value, np.ndarray):
            dtype = DTYPES.get(value.dtype)
            if dtype is None:
                raise ValueError(
                    f"{call.function}: {name} is {value.dtype}, but the pipe supports float64 and int64 arrays only"
                )
            arrays.append(value.tobytes())
            arguments.append((name, {"shape": value.shape, "dtype": dtype}))
        elif value is None or type(value) in (int, float, str, bool):
            arguments.append((name, value))
        else:
            raise ValueError(f"{call.function}: {name} is {type(value).__name__}, which the pipe does not support")
    for name, _, dtype in call.outputs:
        if dtype not in ("float64", "int64"):
            raise ValueError(f"{call.function}: {name} is {dtype}, but the pipe supports float64 and int64 only")
    header = {"function": call.function, "arguments": arguments, "outputs": list(call.outputs), "copies": call.copies}
    return {**header, "given": [(given.name, given.source) for given in call.given]} if call.given else header


def longest(call: Call) -> int:
    """Most bytes of an answer to this call."""
    return wire.longest_answer([(name, tuple(shape), dtype) for name, shape, dtype in call.outputs])


def unpack_reply(calls: Sequence[Call], body: bytes) -> list[Answer]:
    """Decode the answers of a run, each with the overwritten arguments that the trusted side of the sandbox has found.

    Raises
    ------
    BrokenAnswerError
        If the bytes do not have the form for these calls.
    """
    answers, place = [], 0
    for call in calls:
        if place + wire.BEFORE.size > len(body):
            raise BrokenAnswerError("the sandbox sent too few answers")
        length, changed = wire.BEFORE.unpack_from(body, place)
        place += wire.BEFORE.size
        answers.append(unpack_answer(call, body[place : place + length], changed))
        place += length
    if place != len(body):
        raise BrokenAnswerError("the sandbox sent more than answers")
    return answers


def answers_of(
    calls: Sequence[Call], lengths: tuple[int, ...], read: Callable[[int], bytes], output: int
) -> list[Answer]:
    """Read the rest of a reply, after its lengths.

    Output, flags and the file's errors are in the first answer, since only the student's process knows to which call they belong.

    Parameters
    ----------
    calls : sequence of Call
    lengths : tuple of int
        The fields of `wire.REPLY`.
    read : callable
        Returns the next bytes, as many as it is given.
    output : int
        Most bytes of printed output.

    Raises
    ------
    BrokenAnswerError
        If the bytes do not have the form for these calls, or more are announced than can be right; nothing is read then.
    """
    length, failed, printed, bits, cut, milliseconds = lengths
    if length > longest_reply(calls) or failed > wire.LONGEST_UNFINISHED or printed > output:
        raise BrokenAnswerError("the sandbox announced more than can be right")
    answers = unpack_reply(calls, read(length))
    unfinished = unpack_unfinished(read(failed))
    text = clean(read(printed)) + (CUT if cut else "")
    if not answers:
        return []
    first = replace(answers[0], printed=text, tried=tried(bits), unfinished=unfinished, spent=milliseconds / 1e3)
    return [first, *answers[1:]]


def longest_reply(calls: Sequence[Call]) -> int:
    """Most bytes of the answers to these calls."""
    return sum(wire.BEFORE.size + longest(call) for call in calls)


def unpack_answer(call: Call, data: bytes, changed: int = 0) -> Answer:
    """Decode an answer from untrusted bytes.

    What the student's process tells of form, such as an output that is no copy, is its word alone; with less effort than for a lie, its
    answer would have that form.

    Raises
    ------
    BrokenAnswerError
        If the bytes are not an answer of the form for this call.
    """
    try:
        fields = wire.ANSWER.unpack_from(data)
        number, present, reshaped, evaluations, line, cell, type_length, message_length, count, overflowed = fields
        outcome = wire.OUTCOMES[number]
        place = wire.ANSWER.size
        kind, place = _text(data, place, type_length, wire.TYPE), place + type_length
        message, place = _text(data, place, message_length, wire.MESSAGE), place + message_length
        faults, place = _faults(call, data, place, count)
        outputs = _outputs(call, data, place, present)
    except (struct.error, IndexError, ValueError) as error:
        raise BrokenAnswerError("the sandbox sent no answer of the right form") from error
    for (name, _, _), output in zip(call.outputs, outputs, strict=True):
        if output is not None and not np.isfinite(output).all():
            faults.append(Fault(name, "finite", _not_finite(output), "finite numbers"))
    if outcome in ("returned", "form"):
        whole = all(output is not None for output in outputs) and not faults
        outcome = "returned" if whole else "form"
        if outcome == "form" and not faults:
            raise BrokenAnswerError("the sandbox sent no values and no reason")
    return Answer(
        outcome,  # type: ignore[arg-type]
        outputs=outputs,
        faults=tuple(faults),
        error=_error(kind, message, line, cell) if kind or message else None,
        changed=tuple(name for index, name in enumerate(call.arguments) if (changed | reshaped) >> index & 1),
        evaluations=evaluations,
        overflowed=bool(overflowed),
    )


def unpack_unfinished(data: bytes) -> tuple[Error, ...]:
    """Decode the errors at the top level of a file from untrusted bytes; none if there is no data.

    Raises
    ------
    BrokenAnswerError
        If the bytes do not have the form.
    """
    errors, place = [], 1
    try:
        for _ in range(min(data[0], wire.UNFINISHED) if data else 0):
            line, cell, type_length, message_length = wire.ERROR.unpack_from(data, place)
            place += wire.ERROR.size
            kind, place = _text(data, place, type_length, wire.TYPE), place + type_length
            message, place = _text(data, place, message_length, wire.MESSAGE), place + message_length
            errors.append(_error(kind, message, line, cell))
    except (struct.error, ValueError) as error:
        raise BrokenAnswerError("the sandbox sent no errors of the right form") from error
    return tuple(errors)


def _error(kind: str, message: str, line: int, cell: int) -> Error:
    return Error(kind, message, line if line >= 0 else None, cell if cell >= 0 else None)


def _faults(call: Call, data: bytes, place: int, count: int) -> tuple[list[Fault], int]:
    if count > len(call.outputs) + 1:
        raise ValueError("too many faults")
    faults = []
    for _ in range(count):
        index, number, length = wire.FAULT.unpack_from(data, place)
        place += wire.FAULT.size
        kind, got = wire.FAULTS[number], _text(data, place, length, wire.TEXT)
        place += length
        if index == wire.ALL:
            names = ", ".join(name for name, _, _ in call.outputs)
            faults.append(
                Fault("", kind, got, f"{len(call.outputs)} values: {names}" if len(call.outputs) > 1 else "one value")
            )
        else:
            name, shape, dtype = call.outputs[index]
            faults.append(
                Fault(
                    name,
                    kind,
                    got,
                    {"shape": str(tuple(shape)), "dtype": dtype, "copy": "a copy"}.get(kind, "an array"),
                )
            )
    return faults, place


def _outputs(call: Call, data: bytes, place: int, present: int) -> tuple[Array | None, ...]:
    """Decode the outputs that follow, each of exactly the length of its known form; no bytes may be left over."""
    outputs: list[Array | None] = []
    for index, (_, shape, dtype) in enumerate(call.outputs):
        if not present >> index & 1:
            outputs.append(None)
            continue
        size = wire.size_of(shape)
        if place + size > len(data):
            raise ValueError("too few bytes")
        outputs.append(np.frombuffer(data[place : place + size], dtype).reshape(shape))
        place += size
    if place != len(data):
        raise ValueError("bytes are left over")
    return tuple(outputs)


def _text(data: bytes, place: int, length: int, most: int) -> str:
    if length > most or place + length > len(data):
        raise ValueError("a text is too long")
    return clean(data[place : place + length], " ")


def clean(data: bytes, allowed: str = LINES) -> str:
    """A text that is safe to display: no control characters, no escape sequences, no bidirectional marks."""
    text = data.decode("utf-8", "replace")
    return "".join(ch if ch.isprintable() or ch in allowed else "\N{REPLACEMENT CHARACTER}" for ch in text).strip()


def _not_finite(output: Array) -> str:
    """The number of entries that are nan or infinite, as a clause."""
    nans, infinities = int(np.isnan(output).sum()), int(np.isinf(output).sum())
    if output.size in (nans, infinities):
        return f"{'it is' if output.size == 1 else f'all {output.size} entries are'} {'nan' if nans else 'inf'}"
    counted = ((count, word) for count, word in ((nans, "nan"), (infinities, "inf")) if count)
    parts = [f"{count} {'is' if count == 1 else 'are'} {word}" for count, word in counted]
    return f"of {output.size} entries, {' and '.join(parts)}"


def tried(bits: int) -> tuple[str, ...]:
    """The flags recorded in the sandbox, as texts from a fixed list."""
    return tuple(name for index, name in enumerate(wire.TRIED) if bits >> index & 1)
