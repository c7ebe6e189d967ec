"""Mistakes with sums, products and powers: a term or a factor is left out, has the wrong sign, is counted twice, or is squared."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchae.exercises import Sizes
from scratchae.grading.diagnosis.axes import AXES


@dataclass(frozen=True)
class Replacement:
    """A replacement expression, its rule, and a description of the resulting answer.

    Parameters
    ----------
    rule, words : str
    node : ast.expr or tuple of ast.expr
        One expression for all places, or one for each.
    dropped : bool
        True if a term is left out.
    far : bool
        True if it is tried only when no plainer mistake fits.
    """

    rule: str
    words: str
    node: ast.expr | tuple[ast.expr, ...]
    dropped: bool = False
    far: bool = False


@dataclass(frozen=True)
class Names:
    """The names in a function: arguments, all names with values, known shapes, names of integers, the input of each
    activation, and how often the function uses the values of each name.
    """

    arguments: tuple[str, ...]
    all: tuple[str, ...]
    shapes: Mapping[str, tuple[int, ...]]
    whole: frozenset[str]
    sums_of: Mapping[str, str]
    uses: Mapping[str, int]

    @classmethod
    def of(cls, function: ast.FunctionDef, values: Mapping[str, Any]) -> Names:
        """The names of a function, with values from one call."""
        arguments = tuple(a.arg for a in function.args.args)
        stored = (n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
        shapes = {name: np.shape(value) for name, value in values.items()}
        whole = frozenset(name for name, value in values.items() if np.asarray(value).dtype.kind != "f")
        everything = tuple(dict.fromkeys((*arguments, *stored)))
        uses = Counter(name for statement in function.body for name in _valued(statement))
        return cls(arguments, everything, shapes, whole, dict(_activations(function)), uses)

    def alike(self, a: str, b: str) -> bool:
        """True if one name may be confused with the other: not if their shapes are known to differ."""
        return a not in self.shapes or b not in self.shapes or self.shapes[a] == self.shapes[b]

    def among(self, node: ast.expr, beside: ast.expr | None = None, *, several: bool = False) -> str:
        """Arguments whose values occur in a part but not in the one beside it; a message may name these, but not the part itself.

        A constant, a size or an identity matrix is named as such: ``mu.shape[1]`` and ``len(x)`` use no values of mu and x.
        It is "the one with y" only if no other part of the function uses y; y and 1 - y are each "one with y".
        """
        constant = self._constant(node)
        if constant:
            return f" ({constant})"
        inside, others = (Counter(_valued(part)) if part else Counter() for part in (node, beside))
        used = [name for name in self.arguments if name in inside and name not in others]
        if not used:
            return ""
        single = all(inside[name] == self.uses[name] for name in used)
        few = "among them " if several else ""
        return f" ({few}{'the one' if single else 'one'} with {' and '.join(used)})"

    def _constant(self, node: ast.expr) -> str:
        """A part that does not depend on values, in words; empty for any other."""
        if isinstance(node, ast.Constant):
            value = node.value
            return f"the constant {value:g}" if isinstance(value, (int, float)) else ""
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "np.eye":
            return "the identity matrix"
        length = self._length(node)
        meant = [letter for letter in AXES if length is not None and getattr(Sizes(), letter) == length]
        return f"the constant {meant[0]}, {AXES[meant[0]].number}" if meant and self.arguments else ""

    def _length(self, node: ast.expr) -> int | None:
        """The length that ``a.shape[i]`` or ``len(a)`` stands for, for sizes of `Sizes()`."""
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "len" and isinstance(node.args[0], ast.Name):
            shape, place = self.shapes.get(node.args[0].id, ()), 0
        elif (
            isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "shape"
            and isinstance(node.value.value, ast.Name)
            and isinstance(node.slice, ast.Constant)
        ):
            shape, place = self.shapes.get(node.value.value.id, ()), int(node.slice.value)  # type: ignore[arg-type]
        else:
            return None
        return shape[place] if -len(shape) <= place < len(shape) else None


_FORM = ("shape", "dtype", "ndim", "size")  # attributes that use none of an array's values


def _valued(part: ast.AST) -> Iterator[str]:
    """The names whose values a part uses, each as often as it does: not those of which it uses only the form."""
    if isinstance(part, ast.Attribute) and part.attr in _FORM and isinstance(part.value, ast.Name):
        return
    if isinstance(part, ast.Call) and ast.unparse(part.func) in ("len", "np.ones_like", "np.zeros_like"):
        return
    if isinstance(part, ast.Name):
        yield part.id
    for child in ast.iter_child_nodes(part):
        yield from _valued(child)


def _is_sum(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))


def _is_product(node: ast.AST) -> bool:
    """True for a product of several factors; a square is one."""
    product = isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.MatMult))
    return product and ast.dump(node.left) != ast.dump(node.right)  # type: ignore[attr-defined]


def _activations(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Pairs such as (h, a) for h = sigmoid(a)."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Call):
            called, given = ast.unparse(node.value.func).removeprefix("np."), node.value.args
            if called in ("sigmoid", "tanh") and len(given) == 1 and isinstance(given[0], ast.Name):
                yield node.targets[0].id, given[0].id


def _binary(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.BinOp:
    return ast.BinOp(left, op, right)


def _minus(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), node)


def _square(node: ast.expr) -> ast.expr:
    return _binary(node, ast.Pow(), ast.Constant(2))


def _numpy(function: str, node: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), function, ast.Load()), [node], [])


@dataclass(frozen=True)
class _Subject:
    """A part of a sum or a product as the subject of a sentence: it can be a sum or a product itself, and is several parts then."""

    words: str
    several: bool

    @property
    def are(self) -> str:
        return f"{self.words} {'are' if self.several else 'is'}"

    @property
    def have(self) -> str:
        return f"{self.words} {'have' if self.several else 'has'}"


def _subject(what: str, part: ast.expr, beside: ast.expr, names: Names) -> _Subject:
    several = _is_sum(part) if what == "terms" else _is_product(part)
    return _Subject(
        f"{'several' if several else 'one'} of its {what}{names.among(part, beside, several=several)}", several
    )


def sums(node: ast.BinOp, names: Names) -> Iterator[Replacement]:
    """Mistakes with a sum or a difference."""
    left, right, minus = node.left, node.right, isinstance(node.op, ast.Sub)
    of_left, of_right = (_subject("terms", *pair, names) for pair in ((left, right), (right, left)))
    yield Replacement("term", f"{of_right.are} left out", left, dropped=True)
    yield Replacement("term", f"{of_left.are} left out", _minus(right) if minus else right, dropped=True)
    other = ast.Add() if minus else ast.Sub()
    yield Replacement("sign:term", f"{of_right.have} the opposite sign", _binary(left, other, right))
    yield Replacement("sign:term", f"{of_left.have} the opposite sign", _binary(_minus(left), node.op, right))
    for factor, words in ((2.0, "doubled"), (0.5, "halved")):
        scaled = [_binary(ast.Constant(factor), ast.Mult(), part) for part in (left, right)]
        yield Replacement("term", f"{of_right.are} {words}", _binary(left, node.op, scaled[1]))
        yield Replacement("term", f"{of_left.are} {words}", _binary(scaled[0], node.op, right))
    together = [f"the sum of {each.words}" if each.several else each.words for each in (of_left, of_right)]
    yield Replacement("power", f"{together[1]} is squared", _binary(left, node.op, _square(right)))
    yield Replacement("power", f"{together[0]} is squared", _binary(_square(left), node.op, right))
    if not minus:
        yield Replacement("inverse", "two parts that should be added are multiplied", _binary(left, ast.Mult(), right))
        return
    if isinstance(left, ast.Constant):
        yield Replacement("complement", "a quantity is used instead of one minus that quantity", right)
    for f, words in (("sign", "sign"), ("abs", "absolute value")):
        yield Replacement("power:inside", f"only the {words} of a difference is used", _numpy(f, node))


def products(node: ast.BinOp, names: Names) -> Iterator[Replacement]:
    """Mistakes with a product, a quotient or a power."""
    left, right = node.left, node.right
    of_left, of_right = (_subject("factors", *pair, names) for pair in ((left, right), (right, left)))
    which_left, which_right = names.among(left, right), names.among(right, left)
    if isinstance(node.op, ast.Mult) and ast.dump(left) == ast.dump(right):
        yield Replacement("power", f"a square{which_left} is left out", left)
    elif isinstance(node.op, (ast.Mult, ast.MatMult)):
        yield Replacement("missing factor", f"{of_right.are} left out", left)
        yield Replacement("missing factor", f"{of_left.are} left out", right)
    if isinstance(node.op, ast.Mult):
        yield Replacement(
            "inverse", "two parts that should be multiplied are added", _binary(left, ast.Add(), right), far=True
        )
        yield from _complemented(left, right)
        yield Replacement(
            "inverse", f"it is divided by {of_right.words} instead of multiplied", _binary(left, ast.Div(), right)
        )
        yield Replacement("power", f"{of_right.are} squared", _binary(left, ast.Mult(), _square(right)))
        yield Replacement("power", f"{of_left.are} squared", _binary(_square(left), ast.Mult(), right))
    if isinstance(node.op, ast.Div):
        yield Replacement("missing factor", f"a division{which_right} is left out", left)
        yield Replacement(
            "inverse",
            f"it is multiplied by what it should be divided by{which_right}",
            _binary(left, ast.Mult(), right),
        )
        yield Replacement("power", f"it is divided by a square{which_right}", _binary(left, ast.Div(), _square(right)))
    if isinstance(node.op, ast.Pow):
        yield from _powers(node)


def _complemented(share: ast.expr, log: ast.expr) -> Iterator[Replacement]:
    """For x log p: the additional term (1 - x) log(1 - p), as in a binary loss."""
    if not (isinstance(log, ast.Call) and isinstance(log.func, ast.Attribute) and log.func.attr == "log"):
        return
    one = ast.Constant(1)
    rest = _numpy("log", _binary(one, ast.Sub(), log.args[0]))
    both = _binary(
        _binary(share, ast.Mult(), log), ast.Add(), _binary(_binary(one, ast.Sub(), share), ast.Mult(), rest)
    )
    yield Replacement("term", "there is an additional term, for one minus each probability", both, far=True)


def _powers(node: ast.BinOp) -> Iterator[Replacement]:
    left, right = node.left, node.right
    yield Replacement("power", "an exponent is left out", left)
    yield Replacement("power", "an exponent has the opposite sign", _binary(left, ast.Pow(), _minus(right)))
    yield Replacement("power", "an exponent is used as a factor", _binary(left, ast.Mult(), right))
    yield Replacement("power", "an absolute value is used instead of a square", _numpy("abs", left))
    if isinstance(left, ast.BinOp) and isinstance(left.op, (ast.Add, ast.Sub)):
        parts = [_binary(part, ast.Pow(), right) for part in (left.left, left.right)]
        yield Replacement(
            "power", "a power of a sum is taken of each term separately", _binary(parts[0], left.op, parts[1])
        )
