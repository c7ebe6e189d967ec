"""An error model: the source of the reference, or of an equivalent function, with one typical edit.

An edit that gives the student's numbers names the mistake.

The kinds of edits apply to all formulas (a missing term, a wrong exponent, a mean for a sum, a wrong axis), not to one exercise. After
Singh, R., Gulwani, S., Solar-Lezama, A. (2013). Automated feedback generation for introductory programming assignments. PLDI.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from scratchae import ops
from scratchae.exercises import Sizes, Task
from scratchae.grading.diagnosis.mistakes import others
from scratchae.grading.diagnosis.mistakes.replacements import Names, Replacement, exchanges, replacements, together
from scratchae.grading.diagnosis.mistakes.steps import everywhere
from scratchae.grading.diagnosis.mistakes.ways.by_task import ways

EDITED = "_edited"  # name of the edited function in its namespace
Place = tuple[ast.AST, str, int | None]  # parent, field, and index if the field is a list

_KNOWN: dict[tuple[Callable[..., Any], bool], tuple[Edited, ...]] = {}


@dataclass(frozen=True)
class Edited:
    """The reference with one mistake; compiled at the first call.

    Parameters
    ----------
    rule, words : str
    dropped : bool
        True if a term is left out, so that the difference to the right answer is that term.
    far : bool
        True if it is tried only when no plainer mistake fits.
    make : callable
        Makes the function.
    """

    rule: str
    words: str
    dropped: bool
    far: bool
    make: Callable[[], Callable[..., Any]]

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The edited function."""
        return self.make()


def edited(task: Task, *, far: bool = True) -> tuple[Edited, ...]:
    """All edits of a task's reference, of equivalent functions, and of the functions that it calls.

    Parameters
    ----------
    task : Task
    far : bool
        True to include edits of equivalent functions, all of which are less obvious mistakes.

    Returns
    -------
    edits : tuple of Edited
    """
    asked = task.reference, far
    if asked not in _KNOWN:
        _KNOWN[asked] = tuple(_all_edits(task, ways(task.name) if far else ()))
    return _KNOWN[asked]


def _all_edits(task: Task, others: Sequence[Callable[..., Any]]) -> Iterator[Edited]:
    reference = task.reference
    for function in (reference, *others):
        own = function is reference
        for edit in SourceTree(function, _values(task, function)).edits(exchanged=own):
            yield edit if own else replace(edit, far=True)
    source = SourceTree(reference, {})
    for name in source.called():
        part = reference.__globals__[name]  # type: ignore[attr-defined]
        codes = source.renamed(name)
        for edit in _inner_edits(part):
            for code in codes:
                make = lambda c=code, e=edit: _rebuilt(reference, c, e.function)  # noqa: E731
                yield Edited(edit.rule, edit.words, False, edit.far, make)


@cache
def _inner_edits(part: Callable[..., Any]) -> tuple[Edited, ...]:
    """Edits of a function that others call, shared by all of them."""
    return tuple(SourceTree(part, {}, told=False).edits())


def _rebuilt(reference: Callable[..., Any], code: CodeType, function: Callable[..., Any]) -> FunctionType:
    """The reference with one of its called functions replaced by an edited one."""
    return FunctionType(code, {**_space(reference), EDITED: function}, reference.__name__)


def _space(function: Callable[..., Any]) -> dict[str, Any]:
    """Namespace of an edited function: all ops, and the names of its module."""
    return {**vars(ops), **vars(others), "np": np, **function.__globals__}  # type: ignore[attr-defined]


def _values(task: Task, function: Callable[..., Any]) -> dict[str, Any]:
    """Values of arguments and variables in one call: only arrays of the same shape are confused with each other."""
    source = SourceTree(function, {})
    locals_of_it = ast.Call(ast.Name("locals", ast.Load()), [], [])
    returns = [node for node in ast.walk(source.tree) if isinstance(node, ast.Return)]
    places = [(node, "value", None) for node in returns]
    values = source.compiled(places, [locals_of_it] * len(places))(**task.inputs(np.random.default_rng(0), Sizes()))
    return {name: value for name, value in values.items() if isinstance(value, (np.ndarray, float, int))}


class SourceTree:
    """The syntax tree of a function, in which expressions can be replaced temporarily."""

    def __init__(self, function: Callable[..., Any], values: Mapping[str, Any], *, told: bool = True) -> None:
        self.tree = _tree(function)
        self.space = _space(function)
        names = Names.of(self.tree, values)
        self.names = names if told else replace(names, arguments=())  # for a function that the student does not see
        self.places: dict[int, Place] = {}
        for parent in ast.walk(self.tree):
            for field, value in ast.iter_fields(parent):
                for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                    if isinstance(child, ast.AST):
                        self.places[id(child)] = (parent, field, index)

    def edits(self, *, exchanged: bool = True) -> Iterator[Edited]:
        """All edits of this function, including those that exchange two names throughout a statement."""
        for nodes, replacement in self._sites(exchanged):
            places = [self.places[id(node)] for node in nodes]
            news = [replacement.node] * len(nodes) if isinstance(replacement.node, ast.expr) else list(replacement.node)
            yield Edited(
                replacement.rule,
                replacement.words,
                replacement.dropped,
                replacement.far,
                lambda p=places, n=news: self.compiled(p, n),  # type: ignore[misc]
            )

    def compiled(self, places: Sequence[Place], news: Sequence[ast.expr]) -> FunctionType:
        """Compile the function with expressions replaced in these places."""
        olds = [_get(place) for place in places]
        for place, new in zip(places, news, strict=True):
            _put(place, ast.fix_missing_locations(ast.copy_location(new, self.tree.body[0])))
        try:
            space = dict(self.space)
            exec(compile(ast.Module([self.tree], []), "<edit>", "exec", dont_inherit=True), space)  # trusted source
        finally:
            for place, old in zip(places, olds, strict=True):
                _put(place, old)
        made: FunctionType = space[self.tree.name]
        return made

    def called(self) -> list[str]:
        """Functions of this package that the function calls by name."""
        names = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        known = {n: self.space.get(n) for n in sorted(names)}
        return [n for n, f in known.items() if isinstance(f, FunctionType) and f.__module__.startswith("scratchae.")]

    def renamed(self, name: str) -> list[CodeType]:
        """Its code with a called function renamed: in all places, and in each single one of several places."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.Name) and node.id == name]
        groups = [found, *([node] for node in found if len(found) > 1)]
        new = ast.Name(EDITED, ast.Load())
        return [self.compiled([self.places[id(n)] for n in group], [new] * len(group)).__code__ for group in groups]

    def _sites(self, exchanged: bool) -> Iterator[tuple[list[ast.expr], Replacement]]:
        """Nodes and their replacements: each expression alone, all equal ones together, all calls of one kind together."""
        axes = {
            id(k.value) for k in ast.walk(self.tree) if isinstance(k, ast.keyword) and k.arg in ("axis", "keepdims")
        }
        inside = [node for statement in self.tree.body for node in ast.walk(statement)]
        nodes = [node for node in inside if isinstance(node, ast.expr) and id(node) not in axes]
        equal: dict[str, list[ast.expr]] = {}
        for node in nodes:
            equal.setdefault(ast.dump(node), []).append(node)
        for node in nodes:
            yield from (([node], replacement) for replacement in replacements(node, self.names))
        for group in equal.values():
            if len(group) > 1:
                yield from ((group, replacement) for replacement in replacements(group[0], self.names))
        for statement in self.tree.body if exchanged else ():
            value = getattr(statement, "value", None)
            if isinstance(value, ast.expr):
                yield from (([value], exchange) for exchange in exchanges(value))
        yield from together(nodes)
        yield from everywhere(nodes)


def _get(place: Place) -> Any:
    parent, field, index = place
    value = getattr(parent, field)
    return value if index is None else value[index]


def _put(place: Place, node: Any) -> None:
    parent, field, index = place
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _tree(function: Callable[..., Any]) -> ast.FunctionDef:
    """The syntax tree of a function, without docstring and annotations."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    if ast.get_docstring(tree) is not None:
        tree.body = tree.body[1:]
    tree.returns = None
    for argument in [*tree.args.args, *tree.args.kwonlyargs]:
        argument.annotation = None
    return tree


def outputs(value: Any) -> Sequence[Any]:
    """Convert a returned value to a sequence."""
    return value if isinstance(value, tuple) else (value,)
