"""Rewrite the source of functions: another order of arguments and outputs, other names. For this package's own source only."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Span = tuple[int, int]  # start and end of a piece of text
Renaming = Callable[[str], str]
_SECTION = re.compile(r"^    (Parameters|Returns)\n    -+$", re.MULTILINE)
_ENTRY = re.compile(r"^    (?P<names>\w+(?:, \w+)*) : (?P<type>.*)(?:\n {8}.*)*", re.MULTILINE)
_WORDS = re.compile(r"\b[pq]\([^()]*\)|`\w+`|(?<![\w.])[A-Za-z]\w*")  # densities such as p(x|z), `names`, and words
WIDTH = 120  # of a line of code
_REFERENCES = "\n    References\n"


@dataclass(frozen=True)
class Order:
    """The order of a function's arguments and outputs, by name; empty where it is kept."""

    arguments: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocstringEntry:
    """An entry of a docstring, which describes one or several arguments or outputs.

    Parameters
    ----------
    names : tuple of str
    of_one_shape : bool
        True if the description holds for each of them, so that they can change places.
    span : tuple of int
        Position in the docstring's source.
    """

    names: tuple[str, ...]
    of_one_shape: bool
    span: Span


def entries(text: str, section: str) -> tuple[DocstringEntry, ...]:
    """The entries in a section of a function's docstring.

    Parameters
    ----------
    text : str
        Source of the function.
    section : {"Parameters", "Returns"}
    """
    for heading in _SECTION.finditer(text):
        if heading[1] != section:
            continue
        at, found = heading.end() + 1, []
        while match := _ENTRY.match(text, at):
            found.append(DocstringEntry(tuple(match["names"].split(", ")), "shapes" not in match["type"], match.span()))
            at = match.end() + 1
        return tuple(found)
    return ()


def reordered(source: str, orders: Mapping[str, Order]) -> str:
    """Put arguments and outputs into another order: in signatures, docstrings, calls, returns and assignments of results.

    Parameters
    ----------
    source : str
        Source of a module that defines these functions.
    orders : mapping of str to Order

    Raises
    ------
    LookupError
        If a function is used in a way in which the order cannot be changed.
    """
    text = _Text(source)
    functions = {node.name: node for node in text.tree.body if isinstance(node, ast.FunctionDef)}
    moves: list[tuple[list[Span], list[int]]] = []
    for name, order in orders.items():
        moves += _in_definition(text, functions[name], order)
    signatures = {name: [arg.arg for arg in node.args.args] for name, node in functions.items()}
    returned = {name: _returned(text, node) for name, node in functions.items()}
    for node in ast.walk(text.tree):
        moves += _in_use(text, node, orders, signatures, returned)
    for spans, places in sorted(moves, key=lambda move: move[0][-1][1] - move[0][0][0]):  # inner ones first
        source = _moved(source, spans, places)
    return source


def can_return_in_any_order(source: str) -> bool:
    """True if a function ends with a tuple of its outputs, one for each name in its docstring."""
    text = _Text(source)
    (node,) = (node for node in text.tree.body if isinstance(node, ast.FunctionDef))
    names = [name for entry in entries(source, "Returns") for name in entry.names]
    returns = [part.value for part in ast.walk(node) if isinstance(part, ast.Return)]
    return len(names) > 1 and all(isinstance(v, ast.Tuple) and len(v.elts) == len(names) for v in returns)


def renamed(source: str, variable: Renaming, function: Renaming) -> str:
    """Give variables, arguments and functions other names, also in docstrings.

    Parameters
    ----------
    source : str
        Source of a module.
    variable, function : callable
        From the name of a variable (or an argument), or of a function, to the new name; unchanged for other names.

    Raises
    ------
    LookupError
        If a new name is already used in a function.
    """
    text = _Text(source)
    edits: list[tuple[Span, str]] = []
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Name):
            edits.append((text.span(node), _either(node.id, function, variable)))
        elif isinstance(node, ast.arg):
            start, _ = text.span(node)
            edits.append(((start, start + len(node.arg)), variable(node.arg)))
        elif isinstance(node, ast.FunctionDef):
            _check_names(node, variable)
            start = text.span(node)[0] + len("def ")
            edits.append(((start, start + len(node.name)), function(node.name)))
            if ast.get_docstring(node) is not None:
                span = text.span(node.body[0])
                edits.append((span, in_prose(source[slice(*span)], variable, function)))
    return _with_signatures_in_lines(_edited(source, edits))


def in_prose(text: str, variable: Renaming, function: Renaming) -> str:
    """Give variables other names in a text, and functions in backticks; densities such as p(x|z) and literature are kept.

    Parameters
    ----------
    text : str
    variable, function : callable
        As for `renamed`.
    """

    def other(match: re.Match[str]) -> str:
        found = match[0]
        if found.startswith("`"):
            return f"`{_either(found[1:-1], function, variable)}`"
        return found if "(" in found else variable(found)

    before, heading, after = text.partition(_REFERENCES)
    return _WORDS.sub(other, before) + heading + after


def _edited(source: str, edits: Iterable[tuple[Span, str]]) -> str:
    for (start, end), new in sorted(edits, reverse=True):
        source = source[:start] + new + source[end:]
    return source


def _with_signatures_in_lines(source: str) -> str:
    """Break long signatures as a formatter does: before and after the arguments, or after each of them."""
    text, edits = _Text(source), []
    for node in text.tree.body:
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            arguments = [source[slice(*text.span(arg))] for arg in node.args.args]
            head, inside = f"def {node.name}(", ", ".join(arguments)
            start, (first, last) = text.span(node)[0], text.span(node.returns)
            tail = f") -> {source[first:last]}"
            if len(f"{head}{inside}{tail}:") > WIDTH:
                short = len(inside) <= WIDTH - 4
                inside = f"\n    {inside}\n" if short else "\n" + "".join(f"    {arg},\n" for arg in arguments)
            edits.append(((start, last), head + inside + tail))
    return _edited(source, edits)


def _either(name: str, function: Renaming, variable: Renaming) -> str:
    new = function(name)
    return variable(name) if new == name else new


class _Text:
    """Source with its syntax tree, and the positions of nodes in the text."""

    def __init__(self, source: str) -> None:
        self.source, self.tree = source, ast.parse(source)
        self._lines = source.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, node: ast.expr | ast.stmt | ast.arg) -> Span:
        """Start and end of a node; columns of a syntax tree count bytes."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)

    def _at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())


def _in_definition(text: _Text, node: ast.FunctionDef, order: Order) -> Iterator[tuple[list[Span], list[int]]]:
    """Moves in the signature, the docstring and the returns of a function."""
    if order.arguments:
        names = [arg.arg for arg in node.args.args]
        yield [text.span(arg) for arg in node.args.args], [names.index(name) for name in order.arguments]
    start, end = text.span(node)
    for section, names_now in (("Parameters", order.arguments), ("Returns", order.outputs)):
        if names_now:
            yield from _in_docstring(text.source[start:end], start, section, names_now)
    if order.outputs:
        names = _returned(text, node)
        for part in ast.walk(node):
            if isinstance(part, ast.Return):
                assert isinstance(part.value, ast.Tuple)
                yield [text.span(e) for e in part.value.elts], [names.index(name) for name in order.outputs]


def _in_docstring(
    function: str, start: int, section: str, names: Sequence[str]
) -> Iterator[tuple[list[Span], list[int]]]:
    found = entries(function, section)
    place = {name: i for i, name in enumerate(names)}
    firsts = [min(place[name] for name in entry.names) for entry in found]
    spans = [(start + entry.span[0], start + entry.span[1]) for entry in found]
    yield spans, sorted(range(len(found)), key=firsts.__getitem__)
    for entry in found:
        if len(entry.names) > 1:
            at, inner = start + entry.span[0] + 4, []
            for name in entry.names:
                inner.append((at, at + len(name)))
                at += len(name) + len(", ")
            yield inner, sorted(range(len(inner)), key=lambda i, names=entry.names: place[names[i]])  # type: ignore[misc]


def _returned(text: _Text, node: ast.FunctionDef) -> list[str]:
    start, end = text.span(node)
    return [name for entry in entries(text.source[start:end], "Returns") for name in entry.names]


def _in_use(
    text: _Text,
    node: ast.AST,
    orders: Mapping[str, Order],
    signatures: Mapping[str, Sequence[str]],
    returned: Mapping[str, Sequence[str]],
) -> Iterator[tuple[list[Span], list[int]]]:
    """Moves where functions are called, and where their results are unpacked."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in orders:
        name = node.func.id
        if node.keywords or len(node.args) != len(signatures[name]):
            raise LookupError(f"{name} is called with names in line {node.lineno}; pass all arguments by position.")
        if orders[name].arguments:
            yield [text.span(arg) for arg in node.args], [signatures[name].index(n) for n in orders[name].arguments]
    if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple)):
        return
    called = node.value.func.id if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name) else ""
    if called in orders and orders[called].outputs:
        targets = node.targets[0].elts
        yield [text.span(t) for t in targets], [list(returned[called]).index(n) for n in orders[called].outputs]


def _moved(source: str, spans: Sequence[Span], places: Sequence[int]) -> str:
    """Exchange pieces of a text; what is between them keeps its place, and the length is the same."""
    pieces = [source[start:end] for start, end in spans]
    between = [source[a[1] : b[0]] for a, b in zip(spans, spans[1:], strict=False)]
    parts = [pieces[places[0]]]
    for gap, place in zip(between, places[1:], strict=True):
        parts += [gap, pieces[place]]
    return source[: spans[0][0]] + "".join(parts) + source[spans[-1][1] :]


def _check_names(node: ast.FunctionDef, variable: Renaming) -> None:
    used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} | {arg.arg for arg in _arguments(node)}
    taken: dict[str, str] = {}
    for name in sorted(used):
        new = variable(name)
        if taken.setdefault(new, name) != name:
            raise LookupError(f"{node.name}: {name} and {taken[new]} would both be called {new}.")


def _arguments(node: ast.AST) -> Iterable[ast.arg]:
    return (part for part in ast.walk(node) if isinstance(part, ast.arg))
