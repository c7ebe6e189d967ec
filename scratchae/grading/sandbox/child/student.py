"""The process of one test: execute the student's file, call its functions, and send back numbers and short texts.

What is used after the file is imported here by its own name: a file can replace what is looked up in a module.
"""

from __future__ import annotations

import mmap
import sys
import types
import warnings
from collections.abc import Callable, Iterable
from inspect import signature as signature_of
from os import _exit
from sys import setprofile
from typing import Any, NamedTuple

from numpy import asarray, generic, ndarray

from scratchae.exercises.student_file import FileError, StudentFile

from . import watch, wire
from .evaluations import Evaluations
from .overflow import Overflow


def serve(
    source: bytes, request: dict[str, Any], memory: mmap.mmap, place: int, seconds: float, slow: wire.Failure | None
) -> None:
    """Execute the file and make the calls of a request in order. Arguments are read from shared memory; the errors of the file and the
    answers are written there from `place` on. `slow` is a time-out of an earlier run, which is not waited for again.
    """
    evaluations = Evaluations(wire.FILE)
    its = StudentFile(source, wire.FILE)
    watch.begin()
    its.run(seconds, FileError(*slow) if slow else None)
    flush()
    _write(memory, place, wire.pack_unfinished(its.failures))  # also the mark that the file was read
    place += wire.LENGTH.size + wire.LONGEST_UNFINISHED
    offset = 0
    for call in request["calls"]:
        arguments, offset = arguments_of(call, memory, offset)
        answer = answered(its, call, arguments, evaluations)
        flush()
        place = _write(memory, place, answer)


def _write(memory: mmap.mmap, place: int, data: bytes) -> int:
    """Write data with its length, which comes last: it marks the data as complete. Return the place after it."""
    end = place + wire.LENGTH.size + len(data)
    memory[place + wire.LENGTH.size : end] = data
    memory[place : place + wire.LENGTH.size] = wire.LENGTH.pack(len(data))
    return end


def prepare() -> None:
    """Before any fork: let all characters be printed, and silence warnings, which are not the student's output."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = open(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    warnings.simplefilter("ignore")


def flush() -> None:
    """Pass on what is printed so far."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # the student may have replaced the stream
            continue


def answered(its: StudentFile, call: dict[str, Any], arguments: dict[str, Any], evaluations: Evaluations) -> bytes:
    """The answer to a call, whatever happens in it: every exception is caught, including SystemExit."""
    if its.broken:
        return wire.pack_answer("source", error=its.failures[0])
    try:
        return _call(its.module, call, arguments, evaluations)
    except MemoryError:
        return wire.pack_answer("memory")
    except BaseException as error:
        outcome = "unimplemented" if isinstance(error, NotImplementedError) else "raised"
        return wire.pack_answer(outcome, error=its.describe(error))


def arguments_of(call: dict[str, Any], memory: Any, offset: int) -> tuple[dict[str, Any], int]:
    """Writeable arrays and plain values, by name; and the offset of the next call's arrays."""
    arguments = {}
    for name, value in call["arguments"]:
        if isinstance(value, dict):
            shape = tuple(value["shape"])
            value = ndarray(shape, value["dtype"], memory, offset)
            offset += wire.size_of(shape)
        arguments[name] = value
    return arguments, offset


def _call(module: types.ModuleType, call: dict[str, Any], arguments: dict[str, Any], evaluations: Evaluations) -> bytes:
    put_in_place(module.__dict__, call.get("given", ()))
    function = getattr(module, call["function"], None)
    if not callable(function):
        return wire.pack_answer("missing")
    by_place, by_name = _binding(function, arguments)
    if by_place is None:
        return wire.pack_answer("signature", error=("TypeError", f"{call['function']}{by_name}", None, None))
    evaluations.begin(listen=call["function"].endswith(wire.GRADIENTS))
    overflow, layouts = Overflow(), layouts_of(arguments)
    try:
        with overflow.noted():
            value = function(*by_place, **by_name)
    finally:
        setprofile(None)
    outputs = [(name, tuple(shape), dtype) for name, shape, dtype in call["outputs"]]
    kept = layouts.values() if call["copies"] else ()
    return form(value, outputs, evaluations.most(), kept, overflow.seen, reshaped(arguments, layouts))


class Layout(NamedTuple):
    """The address of an array, its shape, strides and type."""

    begin: int
    end: int
    form: tuple[Any, ...]


def layouts_of(arguments: dict[str, Any]) -> dict[str, Layout]:
    """The layouts of the arrays among arguments, by name."""
    return {name: _layout(value) for name, value in arguments.items() if type(value) is ndarray}


def _layout(array: ndarray[Any, Any]) -> Layout:
    begin = end = array.__array_interface__["data"][0]
    for length, stride in zip(array.shape, array.strides, strict=True):
        begin, end = begin + min(0, (length - 1) * stride), end + max(0, (length - 1) * stride)
    return Layout(begin, end + array.itemsize if array.size else begin, (array.shape, array.strides, array.dtype.str))


def reshaped(arguments: dict[str, Any], layouts: dict[str, Layout]) -> int:
    """The arguments whose arrays have another layout than before, as bits: `x.shape = -1` changes the caller's array."""
    return sum(
        1 << index
        for index, (name, value) in enumerate(arguments.items())
        if name in layouts and _layout(value) != layouts[name]
    )


def put_in_place(names: dict[str, Any], given: Iterable[tuple[str, str]]) -> None:
    """Replace functions among a module's names by given ones, each executed apart from the file's own names."""
    for name, source in given:
        space: dict[str, Any] = {"__name__": "given"}
        exec(compile(source, "given.py", "exec", dont_inherit=True), space)
        names[name] = space[name]


def _binding(function: Callable[..., Any], arguments: dict[str, Any]) -> tuple[tuple[Any, ...] | None, Any]:
    """The way to pass the arguments: by name if the names match, else by position, else None with the signature."""
    if isinstance(function, types.FunctionType):  # the usual case, decided without the full signature
        code = function.__code__
        if (
            not code.co_kwonlyargcount
            and not code.co_posonlyargcount
            and code.co_varnames[: code.co_argcount] == tuple(arguments)
        ):
            return (), arguments
    try:
        signature = signature_of(function)
    except (TypeError, ValueError):  # of a built-in function
        return tuple(arguments.values()), {}
    wraps = any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())
    unknown = wraps and not arguments.keys() <= signature.parameters.keys()  # f(*args, **kwargs): the names are unknown
    ways: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (((), arguments), (tuple(arguments.values()), {}))
    for by_place, by_name in reversed(ways) if unknown else ways:
        try:
            signature.bind(*by_place, **by_name)  # type: ignore[arg-type]
        except TypeError:
            continue
        return by_place, by_name
    return None, signature


def form(
    value: Any,
    outputs: list[wire.Output],
    evaluations: int = 0,
    kept: Iterable[Layout] = (),
    overflowed: bool = False,
    reshaped: int = 0,
) -> bytes:
    """The answer for a returned value: outputs of the expected form, and faults for the others.

    What lies in the memory of arrays in `kept` must be returned as a copy.
    """
    if value is None:
        return wire.pack_answer("nothing")
    values = list(value) if isinstance(value, (tuple, list)) and len(outputs) > 1 else [value]
    if len(values) != len(outputs):
        got = f"{len(values)} values" if len(values) != 1 else f"one value, {_name(value)}"
        return wire.pack_answer("form", faults=[(wire.ALL, "count", got)])
    arrays: dict[int, bytes] = {}
    faults: list[tuple[int, str, str]] = []
    for index, (each, (_, shape, dtype)) in enumerate(zip(values, outputs, strict=True)):
        array = _plain(each)
        if array is None:
            faults.append((index, "type", _name(each)))
        elif array.shape != shape:
            faults.append((index, "shape", str(array.shape)))
        else:
            if array.dtype.newbyteorder("=") != dtype:
                faults.append((index, "dtype", array.dtype.name))
            its = _layout(array)
            if array.size and any(its.begin < each.end and each.begin < its.end for each in kept):
                faults.append((index, "copy", "memory of an argument"))
            if array.dtype.kind in ("fiub" if dtype == "float64" else "iub"):
                arrays[index] = array.astype(dtype).tobytes()
    return wire.pack_answer(
        "form" if faults else "returned",
        outputs=arrays,
        faults=faults,
        evaluations=evaluations,
        overflowed=overflowed,
        reshaped=reshaped,
    )


def _plain(value: Any) -> ndarray[Any, Any] | None:
    """A plain array, or a number as a 0-d array; None for everything else: subclasses, lists, objects that imitate arrays."""
    if type(value) is ndarray:
        return value
    if type(value) in (float, int, bool, complex) or isinstance(value, generic):
        return asarray(value)
    return None


def _name(value: Any) -> str:
    kind = type(value)
    if kind in (tuple, list):
        return f"a {kind.__name__} of {len(value)}"
    return "None" if value is None else str(kind.__name__)


def finish() -> None:
    """Exit at once, without running exit handlers or flushing the student's streams."""
    _exit(0)
