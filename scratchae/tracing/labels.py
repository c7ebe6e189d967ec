"""Statements with labels, found in the source of a function: `h = encoder.forward(parameters, x)  # (autoencoder.1)`.

A label is the name of an equation, in parentheses, in the comment at the end of a line.
"""

from __future__ import annotations

import ast
import io
import linecache
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

LABEL = re.compile(r"\(([a-z]\w*\.\d+)\)")
RETURNED = re.compile(r"^Returns\n-+\n(.*?)(?=^\S[^\n]*\n-+\n|\Z)", re.DOTALL | re.MULTILINE)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class LabelledLine:
    """A statement with one or more labels; of a compound statement only the header, such as `for ...:`.

    Attributes
    ----------
    labels : tuple of str
    first, last : int
        Its lines in the file.
    code : str
        Its source, without indentation and comments.
    returns : bool
        Whether it is a `return`.
    body : range or None
        Of a `for` only: the lines of its body, which is entered after each assignment of its targets.
    targets : tuple of ast.expr
        Names, items and attributes that it assigns.
    reads : tuple of str
        Names that it reads, in order.
    outputs : tuple of str
        Names of the values that it returns: from the statement itself, or from the docstring of the function.
    differentiates : bool
        Whether it calls a function whose name has "backward" or "gradients" in it.
    """

    labels: tuple[str, ...]
    first: int
    last: int
    code: str
    returns: bool
    body: range | None
    targets: tuple[ast.expr, ...]
    reads: tuple[str, ...]
    outputs: tuple[str, ...]
    differentiates: bool


def labelled_lines(code: CodeType, module: Mapping[str, Any]) -> dict[int, LabelledLine]:
    """Return the labelled statements of a function by the numbers of their lines; empty if its source is unknown.

    Parameters
    ----------
    code : code object
        Of a function or method; those of lambdas and comprehensions have none, as they are part of a statement.
    module : mapping of str to object
        Global names of the function, which lead to its source if that is not a file.
    """
    linecache.checkcache(code.co_filename)
    source = "".join(linecache.getlines(code.co_filename, dict(module)))
    found = _by_function(source).get((code.co_firstlineno, code.co_name), ())
    return {line: statement for statement in found for line in range(statement.first, statement.last + 1)}


@lru_cache(maxsize=256)
def _by_function(source: str) -> dict[tuple[int, str], tuple[LabelledLine, ...]]:
    """Return the labelled statements of each function of a module, by the function's first line and name."""
    if not LABEL.search(source):
        return {}
    try:
        tree, comments = ast.parse(source), _comments(source)
    except (SyntaxError, tokenize.TokenError):
        return {}
    found = {}
    for function in (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))):
        first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
        found[first, function.name] = tuple(_of_function(function, source.splitlines(), comments))
    return found


def _comments(source: str) -> dict[int, tuple[int, str]]:
    """Return column and text of the comment at the end of each line that has one."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: (token.start[1], token.string) for token in tokens if token.type == tokenize.COMMENT}


def _of_function(function: Function, lines: list[str], comments: dict[int, tuple[int, str]]) -> Iterator[LabelledLine]:
    """Yield the labelled statements of a function, without those of functions inside it."""
    marked: dict[tuple[int, int], list[str]] = {}
    parts: dict[tuple[int, int], list[ast.stmt]] = {}
    statements = list(_statements(function.body))
    for line in range(function.lineno, (function.end_lineno or function.lineno) + 1):
        column, comment = comments.get(line, (0, ""))
        labels = LABEL.findall(comment)
        here = [s for s in statements if line in _lines(s) and lines[line - 1][:column].strip()]
        if labels and here:
            simple = [s for s in here if not hasattr(s, "body")] or here[-1:]
            place = min(s.lineno for s in simple), max(_lines(s)[-1] for s in simple)
            marked.setdefault(place, []).extend(labels)
            parts[place] = simple
    outputs = _documented_outputs(function)
    for (first, last), labels in marked.items():
        shown = [lines[i - 1][: comments[i][0]] if i in comments else lines[i - 1] for i in range(first, last + 1)]
        indent = len(shown[0]) - len(shown[0].lstrip())
        code = "\n".join(text[indent:].rstrip() for text in shown)
        yield _described(tuple(labels), first, last, code, parts[first, last], outputs)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield all statements below, those of inner functions and classes excepted."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        yield statement
        for below in ast.iter_child_nodes(statement):
            if isinstance(below, (ast.ExceptHandler, ast.match_case)):
                yield from _statements(below.body)
            elif isinstance(below, ast.stmt):
                yield from _statements([below])


def _lines(statement: ast.stmt) -> range:
    """Return the lines of a statement, or of the header of a compound one."""
    last = statement.end_lineno or statement.lineno
    body = getattr(statement, "body", None) or getattr(statement, "cases", None)
    if body:
        below = body[0].pattern.lineno if isinstance(body[0], ast.match_case) else body[0].lineno
        last = max(statement.lineno, below - 1)
    return range(statement.lineno, last + 1)


def _described(
    labels: tuple[str, ...], first: int, last: int, code: str, parts: list[ast.stmt], outputs: tuple[str, ...]
) -> LabelledLine:
    nodes = [node for part in parts for child in _own(part) for node in ast.walk(child)]
    names = [node for node in nodes if isinstance(node, ast.Name)]
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    called_names = [getattr(function, "attr", getattr(function, "id", "")) for function in called]
    loop = parts[0] if len(parts) == 1 and isinstance(parts[0], (ast.For, ast.AsyncFor)) else None
    returns = isinstance(parts[-1], ast.Return)
    return LabelledLine(
        labels,
        first,
        last,
        code,
        returns,
        None if loop is None else range(loop.body[0].lineno, (loop.body[-1].end_lineno or loop.lineno) + 1),
        tuple(target for part in parts for target in _targets(part)),
        tuple(dict.fromkeys(node.id for node in sorted(names, key=lambda n: (n.lineno, n.col_offset)))),
        _outputs(parts[-1], outputs) if returns else (),
        any("backward" in name or "gradients" in name for name in called_names),
    )


def _own(statement: ast.stmt) -> list[ast.AST]:
    """Return the parts of a statement that are expressions: all of a simple one, the header of a compound one."""
    if not hasattr(statement, "body"):
        return [statement]
    children = ast.iter_child_nodes(statement)
    return [child for child in children if isinstance(child, (ast.expr, ast.withitem))]


def _targets(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield what a statement assigns: names, items and attributes."""
    given: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        given = list(statement.targets)
    elif isinstance(statement, (ast.AugAssign, ast.AnnAssign, ast.For, ast.AsyncFor)):
        given = [statement.target]
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        given = [item.optional_vars for item in statement.items if item.optional_vars is not None]
    for target in given:
        yield from _flat(target)
    for child in _own(statement):
        yield from (node.target for node in ast.walk(child) if isinstance(node, ast.NamedExpr))


def _flat(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _flat(element)
    else:
        yield target.value if isinstance(target, ast.Starred) else target


def _outputs(statement: ast.stmt, documented: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the values that a `return` gives: names in it, otherwise those of the docstring."""
    value = statement.value if isinstance(statement, ast.Return) else None
    elements = value.elts if isinstance(value, ast.Tuple) else [] if value is None else [value]
    if len(documented) == len(elements) or not all(isinstance(element, ast.Name) for element in elements):
        return documented or tuple(ast.unparse(element) for element in elements if isinstance(value, ast.Tuple))
    return tuple(element.id for element in elements if isinstance(element, ast.Name))


def _documented_outputs(function: Function) -> tuple[str, ...]:
    """Return the names in the section Returns of a docstring in the form of numpydoc."""
    section = RETURNED.search((ast.get_docstring(function) or "") + "\n")
    lines = section[1].splitlines() if section else []
    names = [line.partition(" : ")[0] for line in lines if re.match(r"\w[\w, ]* : ", line)]
    return tuple(name.strip() for group in names for name in group.split(","))
