"""Mistakes that insert something: an additional function applied to a quantity, or an additional factor."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from scratchae.exercises import Sizes
from scratchae.grading.diagnosis.mistakes.arithmetic import Names, Replacement

# Rule, words, and the replacement of v.
_THROUGH: tuple[tuple[str, str, str], ...] = (
    ("transformed", "is additionally passed through a sigmoid", "sigmoid(v)"),
    ("transformed", "is additionally passed through tanh", "np.tanh(v)"),
    ("power:inside", "is squared", "v**2"),
    ("power:inside", "is replaced by its square root", "np.sqrt(v)"),
    ("sign:inside", "has the opposite sign", "-v"),
    ("complement:inside", "is replaced by one minus itself", "1 - v"),
    ("scaled:inside", "is doubled", "2 * v"),
    ("scaled:inside", "is halved", "v / 2"),
    ("extra factor", "is multiplied by one minus itself", "v * (1 - v)"),
)
_ROWS = (("transformed", "is additionally passed through a softmax", "softmax(v)"),)  # for arrays with rows
_FACTORS: tuple[tuple[str, str], ...] = (
    ("", "v * w"),
    ("one minus ", "v * (1 - w)"),
    ("the derivative of a sigmoid, computed from ", "v * w * (1 - w)"),
    ("the derivative of tanh, computed from ", "v * (1 - w**2)"),
)


def insertions(node: ast.Name, names: Names) -> Iterator[Replacement]:
    """Additional operations that may have been applied to a quantity.

    Parameters
    ----------
    node : ast.Name
    names : Names
        Names of the function that contains it, with shapes.

    Returns
    -------
    replacements : iterator of Replacement
    """
    if node.id not in names.shapes or _is_weight(node.id, names):
        return
    told = f"one of its quantities{names.among(node)}"
    shape = names.shapes[node.id]
    for rule, words, text in (*_THROUGH, *(_ROWS if len(shape) == 2 and shape[1] > 1 else ())):
        yield Replacement(rule, f"{told} {words}", filled(text, v=node), far=True)
    for other in names.all:
        if other != node.id and names.shapes.get(other) == shape != () and not _is_weight(other, names):
            by = ast.Name(other, ast.Load())
            another = f"another of its quantities{names.among(by)}"
            for words, text in _FACTORS:
                new = filled(text, v=node, w=by)
                yield Replacement(
                    "extra factor", f"{told} is additionally multiplied by {words}{another}", new, far=True
                )


def _is_weight(name: str, names: Names) -> bool:
    """True for an argument without an axis of examples or draws, or with integers: such insertions do not occur there."""
    size = Sizes()
    rows = {size.N, size.L} & {*names.shapes[name]}
    return name in names.whole or (name in names.arguments and bool(names.shapes[name]) and not rows)


def slopes(node: ast.BinOp, names: Names) -> Iterator[Replacement]:
    """The derivative of an activation, written as h (1 - h) or 1 - h², evaluated at the activation's input.

    Parameters
    ----------
    node : ast.BinOp
    names : Names

    Returns
    -------
    replacements : iterator of Replacement
    """
    if not isinstance(node.op, ast.Mult):
        return
    for h, a in names.sums_of.items():
        if not any(isinstance(part, ast.BinOp) and _one_minus(part, h) for part in ast.walk(node)):
            continue
        for words, text in (("its input instead of its output", "a"), ("the sigmoid of its output", "sigmoid(h)")):
            new = filled(text, a=ast.Name(a, ast.Load()), h=ast.Name(h, ast.Load()))
            at = _Filled({h: new}).visit(copy.deepcopy(node))
            yield Replacement(
                "input for output", f"the derivative of an activation is evaluated at {words}", at, far=True
            )


def _one_minus(node: ast.BinOp, name: str) -> bool:
    return (
        isinstance(node.op, ast.Sub)
        and isinstance(node.left, ast.Constant)
        and ast.unparse(node.right) in (name, f"{name} ** 2", f"{name} * {name}")
    )


def filled(text: str, **parts: ast.expr) -> ast.expr:
    """Parse an expression, and replace some of its names by expressions.

    Parameters
    ----------
    text : str
    **parts : ast.expr

    Returns
    -------
    expression : ast.expr
    """
    return _Filled(parts).visit(ast.parse(text, mode="eval").body)  # type: ignore[no-any-return]


class _Filled(ast.NodeTransformer):
    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:  # name required by the base class
        """Replace a placeholder; keep other names."""
        return self.parts.get(node.id, node)
