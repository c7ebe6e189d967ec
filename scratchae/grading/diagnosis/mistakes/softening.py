"""Formulas with a small number added inside a logarithm or to a denominator, or with clipped arguments, as against division by zero."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Any

from scratchae.exercises import Task
from scratchae.grading.diagnosis.evidence import Array
from scratchae.grading.diagnosis.mistakes.edits import SourceTree, outputs
from scratchae.grading.diagnosis.mistakes.reductions import name_of
from scratchae.grading.diagnosis.mistakes.ways.by_task import ways

SMALL = "_small"  # name of the small number in the namespace of an edited function
MOST_PAIRS = 6  # of places that are tried in pairs


@dataclass(frozen=True)
class Softened:
    """A formula with a small number in one place, or in several.

    Parameters
    ----------
    words : str
        Such as "added inside a logarithm".
    adds : bool
        True if the number is added; False if it is a bound that is exceeded in some entries only.
    function : callable
        The formula, which takes the number from its namespace.
    """

    words: str
    adds: bool
    function: Callable[..., Any]

    def at(self, given: Mapping[str, Any], small: float) -> Sequence[Array]:
        """The outputs with this small number."""
        self.function.__globals__[SMALL] = small  # type: ignore[attr-defined]
        return outputs(self.function(**given))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class _Place:
    """A place for a small number: the node, and its kind."""

    node: ast.expr
    kind: str


_WORDS = {
    "log": "added inside a logarithm",
    "denominator": "added to a denominator",
    "root": "added inside a square root",
    "probability": "added to a probability",
    "exponential": "added to an exponential",
    "mean": "added to a mean",
}


@cache
def softened(task: Task) -> tuple[Softened, ...]:
    """All formulas of a task with a small number, from its reference, equivalent functions, and those that it calls.

    Parameters
    ----------
    task : Task

    Returns
    -------
    formulas : tuple of Softened
    """
    return tuple(_of_task(task))


def _of_task(task: Task) -> Iterator[Softened]:
    for function in (task.reference, *ways(task.name)):
        source = SourceTree(function, {})
        yield from _of_source(source)
        for name in source.called():
            part = source.space[name]
            for inner in (part, *ways(name)):
                for one in _of_source(SourceTree(inner, {})):
                    yield Softened(one.words, one.adds, _within(source, name, one))


def _within(source: SourceTree, name: str, inner: Softened) -> Callable[..., Any]:
    """A function with one of its called functions replaced; the small number is that of the outer function."""
    made = source.compiled([], [])
    space = {**made.__globals__}

    def called(*arguments: Any, **named: Any) -> Any:
        inner.function.__globals__[SMALL] = space.get(SMALL, 0.0)  # type: ignore[attr-defined]
        return inner.function(*arguments, **named)

    space[name] = called
    return FunctionType(made.__code__, space, made.__name__)


def _of_source(source: SourceTree) -> Iterator[Softened]:
    """Each place alone, all of a kind, all logarithms and denominators, and pairs."""
    places = list(_places(source))
    groups: list[list[_Place]] = [[place] for place in places]
    for kind in _WORDS:
        groups.append([place for place in places if place.kind == kind])
    groups.append([place for place in places if place.kind in ("log", "denominator")])
    few = [place for place in places if place.kind in ("log", "denominator", "root")][:MOST_PAIRS]
    groups += [[a, b] for i, a in enumerate(few) for b in few[i + 1 :]]
    seen: set[tuple[int, ...]] = set()
    for group in groups:
        key = tuple(id(place.node) for place in group)
        if key and key not in seen:
            seen.add(key)
            words = " and ".join(dict.fromkeys(_WORDS[place.kind] for place in group))
            yield Softened(words, True, _put(source, group, f"v + {SMALL}"))
    clipped = [place for place in places if place.kind in ("log", "denominator", "probability", "root")]
    kinds = [[p for p in clipped if p.kind == kind] for kind in ("probability", "log", "denominator", "root")]
    for group in [*kinds, [p for p in clipped if p.kind in ("log", "denominator")]]:
        if group:
            what = "probability" if group[0].kind == "probability" else "number"
            yield Softened(f"a {what} is clipped", False, _put(source, group, f"np.clip(v, {SMALL}, 1 - {SMALL})"))
            yield Softened(f"a {what} is clipped", False, _put(source, group, f"np.maximum(v, {SMALL})"))


def _places(source: SourceTree) -> Iterator[_Place]:
    nodes = [node for statement in source.tree.body for node in ast.walk(statement)]
    for node in nodes:
        if isinstance(node, ast.Call):
            name = name_of(node)
            if name in ("log", "sqrt") and len(node.args) == 1:
                yield _Place(node.args[0], "log" if name == "log" else "root")
            elif name in ("sigmoid", "softmax") and isinstance(node.func, ast.Name):
                yield _Place(node, "probability")
            elif name == "mean":
                yield _Place(node, "mean")
            elif name in ("exp", "norm"):
                yield _Place(node, "exponential" if name == "exp" else "denominator")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _is_number(node.right):
            yield _Place(node.right, "denominator")


def _is_number(node: ast.expr) -> bool:
    """True for a constant and for ``len(x)``, which are never zero."""
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Call) and name_of(node) == "len")


def _put(source: SourceTree, group: Sequence[_Place], text: str) -> Callable[..., Any]:
    """The function with each of these nodes replaced by an expression of it."""
    nodes = [place.node for place in group]
    news = [ast.parse(text, mode="eval").body for _ in nodes]
    for node, new in zip(nodes, news, strict=True):
        _fill(new, node)
    return source.compiled([source.places[id(node)] for node in nodes], news)


def _fill(new: ast.expr, node: ast.expr) -> None:
    """Put a node in the place of ``v``."""
    for parent in ast.walk(new):
        for field, value in ast.iter_fields(parent):
            for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(child, ast.Name) and child.id == "v":
                    if index is None:
                        setattr(parent, field, node)
                    else:
                        value[index] = node
                    return
