"""Record what the labelled lines of functions compute while they run.

Python calls a trace function for each line of a function (`sys.settrace`). Here it sees only functions whose source has labels. It copies
values and changes nothing, so the result is that of an ordinary call.
"""

from __future__ import annotations

import ast
import dis
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any, TypeVar

import numpy as np

from scratchae.nets.network import Array
from scratchae.tracing.labels import LabelledLine, labelled_lines
from scratchae.tracing.values import Value, arrays_in, copied, item_name

T = TypeVar("T")

MOST_PASSES = 20  # of one line below one line that calls it
MOST_STEPS = 5_000
OTHERS = frozenset(sys.stdlib_module_names) | {"numpy", "scipy", "numba", "llvmlite"}  # their comments are no labels
# Parts of an expression whose value can be looked up again without running any code of a function.
HARMLESS = (
    ast.Name, ast.Attribute, ast.Constant, ast.Subscript, ast.Tuple, ast.JoinedStr,
    ast.FormattedValue, ast.UnaryOp, ast.BinOp, ast.unaryop, ast.operator, ast.expr_context,
)  # fmt: skip


@dataclass
class Step:
    """One pass through a labelled line.

    Attributes
    ----------
    labels : tuple of str
    phase : {"forward", "backward"}
    file : str
        The file as Python knows it.
    line, end_line : int
    function : str
        The function, with its class.
    code : str
        The statement.
    depth : int
        Number of labelled lines from which this line was called.
    inside : int or None
        Index of the innermost of them in the trace.
    passes_left_out : int
        Further passes of the same line that are not recorded.
    values : list of Value
    """

    labels: tuple[str, ...]
    phase: str
    file: str
    line: int
    end_line: int
    function: str
    code: str
    depth: int
    inside: int | None
    passes_left_out: int = 0
    values: list[Value] = field(default_factory=list)


class LineRecorder:
    """Runs a function and records the labelled lines that it, and the functions that it calls, pass through.

    Attributes
    ----------
    steps : list of Step
        In the order in which the lines were begun.
    codes : set of code objects
        The functions that contain these lines.
    arguments : dict of str to object
        Copies of the arguments of the watched function, at its first call.
    """

    def __init__(self, watched: CodeType | None = None) -> None:
        self.steps: list[Step] = []
        self.codes: set[CodeType] = set()
        self.arguments: list[Value] = []
        self._watched = watched
        self._lines: dict[CodeType, dict[int, LabelledLine]] = {}
        self._passes: dict[tuple[CodeType, int, int | None], int] = {}
        self._last: dict[tuple[CodeType, int, int | None], int] = {}
        self._open: list[int] = []  # indices of the steps that have begun and not ended
        self._silent = 0  # passes that have begun and are left out

    def run(self, function: Callable[[], T]) -> T:
        """Call the function and record; a trace function that was there before is put aside meanwhile, and comes back in any case."""
        before = sys.gettrace()
        sys.settrace(self._on_call)
        try:
            return function()
        finally:
            sys.settrace(before)

    def _on_call(self, frame: FrameType, event: str, argument: object) -> Any:
        code = frame.f_code
        if code is self._watched and not self.arguments:
            self.arguments = [
                value
                for name in code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
                if frame.f_locals[name] is not None
                for value in copied(name, "given", frame.f_locals[name])
            ]
        if code not in self._lines:
            other = str(frame.f_globals.get("__name__", "")).partition(".")[0] in OTHERS
            self._lines[code] = {} if other else labelled_lines(code, frame.f_globals)
        return _OneCall(self, frame, self._lines[code]) if self._lines[code] else None

    def begin(self, frame: FrameType, statement: LabelledLine) -> int | None:
        """Open a step; return its index, or None if this pass is left out."""
        parent = self._open[-1] if self._open else None
        key = (frame.f_code, statement.first, parent)
        passes = self._passes[key] = self._passes.get(key, 0) + 1
        if self._silent or passes > MOST_PASSES or len(self.steps) >= MOST_STEPS:
            if not self._silent and key in self._last:
                self.steps[self._last[key]].passes_left_out += 1
            self._silent += 1
            return None
        index = len(self.steps)
        above = None if parent is None else self.steps[parent]
        backward = (above is not None and above.phase == "backward") or _is_backward(frame, statement)
        self.steps.append(
            Step(
                statement.labels, "backward" if backward else "forward",
                frame.f_code.co_filename, statement.first, statement.last, _name_of(frame.f_code, frame),
                statement.code, 0 if above is None else above.depth + 1, parent,
            )
        )  # fmt: skip
        self._open.append(index)
        self._last[key] = index
        self.codes.add(frame.f_code)
        return index

    def end(self, index: int | None, values: list[Value]) -> None:
        """Close a step with the values of its line."""
        if index is None:
            self._silent -= 1
        else:
            self._open.remove(index)
            self.steps[index].values = values

    def drop(self, index: int | None) -> None:
        """Remove a step whose line was left by an error, and the steps inside it."""
        if index is None:
            self._silent -= 1
            return
        self._open = [begun for begun in self._open if begun < index]
        del self.steps[index:]
        self._last = {key: last for key, last in self._last.items() if last < index}
        self._passes = {key: count for key, count in self._passes.items() if key in self._last}


@dataclass
class _Pass:
    """A pass through a labelled line that has begun: the objects that it reads, and copies of their arrays."""

    statement: LabelledLine
    index: int | None
    reads: dict[str, object]
    before: dict[str, Array]


class _OneCall:
    """The trace function of one call of a function with labels."""

    def __init__(self, recorder: LineRecorder, frame: FrameType, lines: dict[int, LabelledLine]) -> None:
        self._recorder, self._lines = recorder, lines
        self._passes: list[_Pass] = []

    def __call__(self, frame: FrameType, event: str, argument: Any) -> _OneCall:
        if event == "line":
            self._on_line(frame)
        elif event == "return":
            while self._passes:
                if self._passes[-1].statement.returns and argument is None:  # for other options, it computes nothing
                    self._recorder.drop(self._passes.pop().index)
                else:
                    self._end(frame, argument)
        elif event == "exception" and not _ends_a_loop(frame):
            while self._passes:
                self._recorder.drop(self._passes.pop().index)
        return self

    def _on_line(self, frame: FrameType) -> None:
        line, last = frame.f_lineno, self._passes[-1] if self._passes else None
        # A `return` ends with the call, after any `finally`; a line of the same statement is part of the same pass.
        if last is not None and not last.statement.returns and not last.statement.first <= line <= last.statement.last:
            if last.statement.body is None or line in last.statement.body:
                self._end(frame, None)
            else:
                self._recorder.drop(self._passes.pop().index)  # a loop without another item
        statement_here = self._lines.get(line)
        if statement_here is not None and not (self._passes and self._passes[-1].statement is statement_here):
            self._begin(frame, statement_here)

    def _begin(self, frame: FrameType, statement: LabelledLine) -> None:
        index, reads, before = self._recorder.begin(frame, statement), {}, {}
        if index is not None:
            names = frame.f_locals
            reads = {name: names[name] for name in statement.reads if name in names and name != "self"}
            before = {of: a.copy() for name, value in reads.items() for of, a in arrays_in(name, value).items()}
        self._passes.append(_Pass(statement, index, reads, before))

    def _end(self, frame: FrameType, returned: object) -> None:
        ended = self._passes.pop()
        values: list[Value] = []
        if ended.index is not None:
            values += _assigned(ended.statement, frame)
            known = {value.name for value in values}
            for name, value in ended.reads.items():
                for of, array in arrays_in(name, value).items():
                    if of not in known and (of not in ended.before or not _same(array, ended.before[of])):
                        values += copied(of, "changed", array)
            if ended.statement.returns:
                values += _returned(ended.statement, returned)
        self._recorder.end(ended.index, values)


def _ends_a_loop(frame: FrameType) -> bool:
    """Return whether an exception is the end of an iteration, which Python itself catches: of `for`, a comprehension, `yield from`."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] in ("FOR_ITER", "SEND", "YIELD_FROM")


def _is_backward(frame: FrameType, statement: LabelledLine) -> bool:
    """Return whether a line belongs to the backward pass: it calls or belongs to a function of that name, or assigns a gradient."""
    if statement.differentiates or frame.f_code.co_name.endswith("backward"):
        return True
    for target in statement.targets:
        while isinstance(target, ast.Subscript):
            target = target.value
        name = target.id if isinstance(target, ast.Name) else ""
        if name == "gradients" or (name.startswith("d") and name[1:] in frame.f_locals):
            return True
    return False


def _name_of(code: CodeType, frame: FrameType) -> str:
    """Return the name of a function with that of its class: where it is defined, if its source tells."""
    qualified = getattr(code, "co_qualname", None)  # from Python 3.11 on
    if qualified is not None:
        return str(qualified).replace(".<locals>", "")
    owner = frame.f_locals.get("self")
    for kind in type(owner).__mro__ if owner is not None else ():
        function = vars(kind).get(code.co_name)
        if getattr(function, "__code__", None) is code:
            return f"{kind.__qualname__}.{code.co_name}"
    return code.co_name


def _assigned(statement: LabelledLine, frame: FrameType) -> Iterator[Value]:
    """Yield the values that a line has assigned."""
    seen = set()
    for target in statement.targets:
        name, value = _looked_up(target, frame.f_globals, frame.f_locals)
        if name and name not in seen:
            seen.add(name)
            yield from copied(name, "assigned", value)


def _looked_up(target: ast.expr, module: Mapping[str, Any], names: Mapping[str, Any]) -> tuple[str, object]:
    """Return the name and the value of a target; ("", None) if it has none, of an item with unknown key those of its container."""
    if isinstance(target, ast.Name):
        found = names if target.id in names else module
        return (target.id, found[target.id]) if target.id in found else ("", None)
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and target.slice.value is ...:
        return _looked_up(target.value, module, names)
    if not isinstance(target, (ast.Subscript, ast.Attribute)):
        return "", None
    of, container = _looked_up(target.value, module, names)
    if isinstance(target, ast.Attribute):
        return f"{of}.{target.attr}", getattr(container, target.attr, None)
    if not all(isinstance(node, HARMLESS) for node in ast.walk(target.slice)):
        return of, container
    try:
        key = eval(ast.unparse(target.slice), dict(module), dict(names))
        return item_name(of, key), container[key]  # type: ignore[index]
    except Exception:  # a name in it has changed since, for example
        return of, container


def _returned(statement: LabelledLine, returned: object) -> Iterator[Value]:
    """Yield the values that a `return` gives, with the names that the statement or the docstring has for them."""
    names = statement.outputs
    if isinstance(returned, tuple) and len(names) == len(returned):
        for name, value in zip(names, returned, strict=True):
            yield from copied(name, "returned", value)
    else:
        yield from copied(names[0] if len(names) == 1 else "return", "returned", returned)


def _same(array: Array, before: Array) -> bool:
    return np.array_equal(array, before, equal_nan=array.dtype.kind in "fc")
