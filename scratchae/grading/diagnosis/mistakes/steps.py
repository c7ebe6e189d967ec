"""Mistakes with the order and the number of steps: missing brackets, a sum before a square, the same mistake in several places."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from scratchae.grading.diagnosis.mistakes.arithmetic import Replacement

Sites = Iterator[tuple[list[ast.expr], Replacement]]
_SUMS = (ast.Add, ast.Sub)


def brackets(node: ast.BinOp) -> Iterator[Replacement]:
    """A product or a quotient with a sum, of which only one term is multiplied or divided.

    Parameters
    ----------
    node : ast.BinOp

    Returns
    -------
    replacements : iterator of Replacement
    """
    words = "brackets are left out: what applies to a whole sum is applied to one of its terms only"
    left, right = node.left, node.right
    if isinstance(left, ast.BinOp) and isinstance(left.op, _SUMS) and isinstance(node.op, (ast.Mult, ast.Div)):
        part = ast.BinOp(left.right, node.op, right)
        yield Replacement("term", words, ast.BinOp(left.left, left.op, part), far=True)
    if isinstance(right, ast.BinOp) and isinstance(right.op, _SUMS) and isinstance(node.op, (ast.Mult, ast.Div)):
        part = ast.BinOp(left, node.op, right.left)
        yield Replacement("term", words, ast.BinOp(part, right.op, right.right), far=True)


def squares(node: ast.expr) -> Iterator[Replacement]:
    """A square taken after a sum or a difference instead of before.

    Parameters
    ----------
    node : ast.expr

    Returns
    -------
    replacements : iterator of Replacement
    """
    two = ast.Constant(2)
    if isinstance(node, ast.BinOp) and isinstance(node.op, _SUMS):
        a, b = _squared(node.left), _squared(node.right)
        if a is not None and b is not None:
            whole = ast.BinOp(ast.BinOp(a, node.op, b), ast.Pow(), two)
            yield Replacement("power", "a sum or difference is squared instead of its parts", whole, far=True)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sum":
        inner = _squared(node.func.value)
        if inner is not None:
            summed = ast.Call(ast.Attribute(inner, "sum", ast.Load()), node.args, node.keywords)
            whole = ast.BinOp(summed, ast.Pow(), two)
            yield Replacement("power", "a sum is squared instead of its terms", whole, far=True)


def _squared(node: ast.expr) -> ast.expr | None:
    """The base of a square."""
    if not isinstance(node, ast.BinOp):
        return None
    if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant) and node.right.value == 2:
        return node.left
    same = isinstance(node.op, ast.Mult) and ast.dump(node.left) == ast.dump(node.right)
    return node.left if same else None


def _call(node: ast.expr, *names: str) -> ast.Call | None:
    """The node, if it calls one of these NumPy functions; else None."""
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
    return node if named else None  # type: ignore[return-value]


def everywhere(nodes: Sequence[ast.expr]) -> Sites:
    """The same mistake in all places: all squares left out, all divisions replaced by products.

    Parameters
    ----------
    nodes : sequence of ast.expr
        All expressions of a function.

    Returns
    -------
    sites : iterator of (list of ast.expr, Replacement)
        The nodes and their replacements.
    """
    yield from _all(nodes, _squared, "power", "squares are left out")
    yield from _all(nodes, _as_product, "inverse", "products are used instead of divisions")
    yield from _all(nodes, _to_the_base_two, "other function", "powers and logarithms have the base two")
    yield from _all(nodes, _exp_or_log, "missing function", "exponential and logarithm are left out")
    yield from _all(nodes, _median, "other function", "medians are used instead of means")
    yield from _all(nodes, _one_for_zero, "complement", "zeros and ones are exchanged")
    yield from _all(nodes, _in_turn, "other array", "two halves are interleaved instead of one following the other")
    yield from _other_end(nodes)
    for place, word in ((0, "first"), (-1, "last")):
        yield from _all(
            nodes,
            partial(_only, place=place),
            "first only",
            f"only the {word} entry is used in several sums",  # type: ignore[misc]
        )


def _all(nodes: Sequence[ast.expr], change: Callable[[ast.expr], ast.expr | None], rule: str, words: str) -> Sites:
    pairs = [(node, new) for node in nodes if (new := change(node)) is not None]
    if len(pairs) > 1:
        # Inner nodes first: the replacement of an outer node contains them.
        pairs.reverse()
        yield [old for old, _ in pairs], Replacement(rule, words, tuple(new for _, new in pairs), far=True)


def _other_end(nodes: Sequence[ast.expr]) -> Sites:
    """Of two conditions that a number is small, one changed to large."""
    small = [n for n in nodes if isinstance(n, ast.Compare) and isinstance(n.ops[0], ast.Lt)]
    for first, second in itertools.permutations(small, 2):
        bound = ast.BinOp(ast.Constant(1), ast.Sub(), first.comparators[0])
        large = ast.Compare(second.left, [ast.Gt()], [bound])
        yield [second], Replacement("comparison", "a condition tests the other end of a range", large, far=True)


def _median(node: ast.expr) -> ast.expr | None:
    call = _call(node, "mean")
    if call is None or call.args:
        return None
    assert isinstance(call.func, ast.Attribute)
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), "median", ast.Load()), [call.func.value], call.keywords)


def _one_for_zero(node: ast.expr) -> ast.expr | None:
    whole = isinstance(node, ast.Constant) and type(node.value) is int and node.value in (0, 1)
    return ast.Constant(1 - node.value) if whole else None  # type: ignore[attr-defined]


def _in_turn(node: ast.expr) -> ast.expr | None:
    """The first half of all columns, or the second: [:, :J] or [:, J:]."""
    if not (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple)):
        return None
    *rows, columns = node.slice.elts
    if not (isinstance(columns, ast.Slice) and (columns.lower is None) != (columns.upper is None)):
        return None
    turns = ast.Slice(ast.Constant(0 if columns.lower is None else 1), None, ast.Constant(2))
    return ast.Subscript(node.value, ast.Tuple([*rows, turns], ast.Load()), ast.Load())


def _as_product(node: ast.expr) -> ast.expr | None:
    divides = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
    return ast.BinOp(node.left, ast.Mult(), node.right) if divides else None  # type: ignore[attr-defined]


def _to_the_base_two(node: ast.expr) -> ast.expr | None:
    call = _call(node, "exp", "log")
    if call is None:
        return None
    assert isinstance(call.func, ast.Attribute)
    return ast.Call(ast.Attribute(call.func.value, call.func.attr + "2", ast.Load()), call.args, call.keywords)


def _exp_or_log(node: ast.expr) -> ast.expr | None:
    call = _call(node, "exp", "log")
    return None if call is None else call.args[0]


def _only(node: ast.expr, place: int) -> ast.expr | None:
    call = _call(node, "sum")
    if call is None or call.args or [(k.arg, getattr(k.value, "value", None)) for k in call.keywords] != [("axis", 0)]:
        return None
    assert isinstance(call.func, ast.Attribute)
    return ast.Subscript(call.func.value, ast.Constant(place), ast.Load())
