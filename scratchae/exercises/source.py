"""Extract the source of a function and of its dependencies from the package's files, for stubs and solutions."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

IN_EVERY_FILE = {"np", "Array"}  # names defined at the head of a stub or solution


@dataclass(frozen=True)
class Definition:
    """A function or constant of a module.

    Parameters
    ----------
    name : str
    module : str
        The module that defines it.
    text : str
        Its source lines, with the comment directly above.
    head : str
        The lines of a function up to the end of its docstring; "" for a constant.
    needs : frozenset of str
        Names of its module that it uses, except for those at the head of every file.
    """

    name: str
    module: str
    text: str
    head: str
    needs: frozenset[str]


def definition(function: Callable[..., Any]) -> Definition:
    """The definition of a function of this package.

    Parameters
    ----------
    function : callable

    Raises
    ------
    LookupError
        If the function is not defined at the top level of a module of this package.
    """
    return find(function.__module__, function.__name__)


@cache
def find(module: str, name: str) -> Definition:
    """The definition of a name in a module; names imported from other modules of this package are followed."""
    lines, tree = _parsed(module)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and name in {alias.name for alias in node.names}:
            return find(node.module, name)
        if isinstance(node, ast.FunctionDef) and node.name == name:
            documented = ast.get_docstring(node) is not None
            head = lines[node.lineno - 1 : node.body[0].end_lineno] if documented else []
            text = _lines_of(node, lines)
            return Definition(name, module, text, "\n".join(head), _needs(module, node))
        if isinstance(node, ast.Assign) and name in {t.id for t in node.targets if isinstance(t, ast.Name)}:
            return Definition(name, module, _lines_of(node, lines), "", _needs(module, node))
    raise LookupError(f"{module} defines no {name!r} at its top level; give a function or constant that it defines.")


def closure(wanted: Iterable[Definition], without: Iterable[str] = ()) -> list[Definition]:
    """These definitions and all their dependencies, in order of dependency.

    Parameters
    ----------
    wanted : iterable of Definition
    without : iterable of str
        Names to leave out, together with dependencies that only they have.

    Raises
    ------
    ValueError
        If two different definitions have the same name.
    """
    found: dict[str, Definition] = {}
    left_out = set(without)

    def visit(item: Definition) -> None:
        if item.name in left_out:
            return
        if item.name in found:
            if found[item.name].module != item.module:
                raise ValueError(
                    f"{item.name!r} is defined in {item.module} and in {found[item.name].module}; "
                    "an exercise needs both in one file, so rename one of them."
                )
            return
        for name in sorted(item.needs):
            visit(find(item.module, name))
        found[item.name] = item

    for item in wanted:
        visit(item)
    return list(found.values())


@cache
def _parsed(module: str) -> tuple[list[str], ast.Module]:
    source = inspect.getsource(importlib.import_module(module))
    return source.splitlines(), ast.parse(source)


def _lines_of(node: ast.stmt, lines: list[str]) -> str:
    first = node.lineno - 1
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return "\n".join(lines[first : node.end_lineno])


def _needs(module: str, node: ast.FunctionDef | ast.Assign) -> frozenset[str]:
    """Names that the body or value uses without binding them; annotations are ignored."""
    inside: list[ast.AST] = [*node.body, *node.args.defaults] if isinstance(node, ast.FunctionDef) else [node.value]
    bound = {arg.arg for arg in ast.walk(node) if isinstance(arg, ast.arg)}
    used: set[str] = set()
    for part in inside:
        for found in _names(part):
            (used if isinstance(found.ctx, ast.Load) else bound).add(found.id)
    own = {node.name} if isinstance(node, ast.FunctionDef) else set()
    return frozenset(used - bound - own - IN_EVERY_FILE - set(dir(builtins)))


def _names(node: ast.AST) -> Iterator[ast.Name]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Name))
