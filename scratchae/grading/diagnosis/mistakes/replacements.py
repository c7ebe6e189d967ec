"""Replacements of an expression by mistake: the kinds of edits, each with a description of its effect."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence

from scratchae import ops
from scratchae.grading.diagnosis.mistakes import others
from scratchae.grading.diagnosis.mistakes.arithmetic import Names, Replacement, products, sums
from scratchae.grading.diagnosis.mistakes.insertions import filled, insertions, slopes
from scratchae.grading.diagnosis.mistakes.others import OTHERS
from scratchae.grading.diagnosis.mistakes.reductions import OTHER_REDUCTION, name_of, other_axes, reductions
from scratchae.grading.diagnosis.mistakes.steps import brackets, squares

__all__ = ["Names", "Replacement", "exchanges", "replacements", "together"]

ELEMENTWISE = (
    "exp",
    "log",
    "log1p",
    "sqrt",
    "tanh",
    "sigmoid",
    "relu",
    "softplus",
    "abs",
    "square",
    "softmax",
    "expm1",
    "inv",
)
# The input of an activation, from its output.
_INVERSES = {"sigmoid_backward": "np.log(h / (1 - h))", "tanh_backward": "np.arctanh(h)"}
# The meaning of doubling or halving an exponent, if it is known.
_MOMENTS = {
    ("logvar / 2", 2.0): "a variance is used instead of a standard deviation",
    ("logvar", 0.5): "a standard deviation is used instead of a variance",
}
_BACKWARDS = ast.Slice(step=ast.UnaryOp(ast.USub(), ast.Constant(1)))
_TURNED = {ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}


def replacements(node: ast.expr, names: Names) -> Iterator[Replacement]:
    """All mistakes with one expression.

    Parameters
    ----------
    node : ast.expr
    names : Names
        Names of the function that contains it.

    Returns
    -------
    replacements : iterator of Replacement
    """
    yield from squares(node)
    if isinstance(node, ast.BinOp):
        yield from brackets(node)
        yield from slopes(node, names)
        yield from sums(node, names) if isinstance(node.op, (ast.Add, ast.Sub)) else products(node, names)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield Replacement("comparison", "the left side of a condition is used instead of the condition", node.left)
        if type(node.ops[0]) in _TURNED:
            turned = ast.Compare(node.left, [_TURNED[type(node.ops[0])]()], node.comparators)
            yield Replacement("comparison", "a condition is negated", turned)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield from _turned(node, names)
        yield Replacement("square", "an array that should be transposed is not", node.value)
        shape = ast.Subscript(ast.Attribute(node.value, "shape", ast.Load()), _BACKWARDS, ast.Load())
        reshaped = ast.Call(ast.Attribute(node.value, "reshape", ast.Load()), [shape], [])
        yield Replacement("transposed", "an array is reshaped instead of transposed", reshaped)
    elif isinstance(node, (ast.Tuple, ast.List)) and isinstance(node.ctx, ast.Load):
        yield from _elements(node)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        for other in (ast.Constant(0), ast.Constant(1)):
            yield Replacement(
                "constant",
                "another size is used instead of the right one",
                ast.Subscript(node.value, other, ast.Load()),
            )
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Compare):
        yield Replacement("other array", "all entries are used where only some should be", node.value)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        value = float(node.value) if isinstance(node.value, float) else int(node.value)  # type: ignore[arg-type]
        for new in dict.fromkeys((0, 1, 2, 0.5, value + 1, value - 1, -value)):
            if new == -value != 0:
                yield Replacement("sign:constant", "one of its constants has the opposite sign", ast.Constant(new))
            elif new != value:
                yield Replacement("constant", "one of its constants is another number", ast.Constant(new))
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from _names(node, names)
        yield from insertions(node, names)


def _renamed(call: ast.Call, name: str) -> ast.Call:
    f = call.func
    ours = hasattr(others, name) or (
        isinstance(f, ast.Attribute) and ast.unparse(f.value) == "np" and name == "sigmoid"
    )
    new: ast.expr = ast.Name(name, ast.Load())
    if isinstance(f, ast.Attribute) and not ours:
        new = ast.Attribute(f.value, name, ast.Load())
    elif not hasattr(ops, name) and not ours:
        new = ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())
    return ast.Call(new, call.args, call.keywords)


def _calls(call: ast.Call) -> Iterator[Replacement]:
    name = name_of(call)
    if name in OTHER_REDUCTION:
        yield from reductions(call, _renamed(call, OTHER_REDUCTION[name]))
    if name in ("max", "min"):
        yield from other_axes(call, f"a {name}imum")
    if name == "exp" and call.args:
        yield from _exponents(call)
    if name == "sqrt":
        half = ast.BinOp(call.args[0], ast.Div(), ast.Constant(2))
        yield Replacement("power", "half of a quantity is used instead of its root", half, far=True)
    if name == "linspace":
        yield from _grids(call)
    if name in ("sqrt", "square"):
        yield Replacement("power", f"a {'root' if name == 'sqrt' else 'square'} is left out", call.args[0])
    elif name in ELEMENTWISE and call.args:
        yield Replacement("missing function", f"a function ({name}) is left out", call.args[0])
    for other in OTHERS.get(name, ()):
        new = _renamed(call, other)
        far = hasattr(others, other)
        yield Replacement("other function", f"another function is used instead of {name}", new, far=far)
    if name == "where" and len(call.args) == 3:
        new = ast.Call(call.func, [call.args[0], call.args[2], call.args[1]], call.keywords)
        yield Replacement("comparison", "what is kept and what is replaced are exchanged", new)
    elif len(call.args) >= 2 and isinstance(call.func, ast.Name):
        for i in range(len(call.args) - 1):
            args = [*call.args]
            args[i], args[i + 1] = args[i + 1], args[i]
            yield Replacement("swapped:inside", "two arrays are exchanged", ast.Call(call.func, args, call.keywords))
    if name.endswith("_backward") and call.args:
        yield Replacement("missing derivative", "the derivative of one of its steps is left out", call.args[0])
        ones = ast.Call(ast.Attribute(ast.Name("np", ast.Load()), "ones_like", ast.Load()), [call.args[0]], [])
        new = ast.Call(call.func, [ones, *call.args[1:]], call.keywords)
        yield Replacement("upstream", "the upstream gradient has no effect in one of its steps", new)
    if name in _INVERSES and len(call.args) == 2:
        for words, text in (
            ("its input instead of its output", _INVERSES[name]),
            ("the sigmoid of its output", "sigmoid(h)"),
        ):
            given = [call.args[0], filled(text, h=call.args[1])]
            words = f"the derivative of an activation is evaluated at {words}"
            yield Replacement("input for output", words, ast.Call(call.func, given, call.keywords), far=True)


def _exponents(call: ast.Call) -> Iterator[Replacement]:
    inside = ast.unparse(call.args[0])
    for factor, rule, how in ((2.0, "power", "doubled"), (0.5, "power", "halved"), (-1.0, "sign:inside", "negated")):
        words = _MOMENTS.get((inside, factor), f"the argument of an exponential is {how}")
        scaled = ast.BinOp(ast.Constant(factor), ast.Mult(), call.args[0])
        yield Replacement(rule, words, ast.Call(call.func, [scaled], call.keywords))


def _grids(call: ast.Call) -> Iterator[Replacement]:
    """A grid with one step too many and without one of its ends."""
    start, stop, number = call.args
    for more, low, high in ((1, None, -1), (1, 1, None), (2, 1, -1)):
        longer = ast.Call(call.func, [start, stop, ast.BinOp(number, ast.Add(), ast.Constant(more))], call.keywords)
        ends = [None if end is None else ast.Constant(end) for end in (low, high)]
        cut = ast.Subscript(longer, ast.Slice(*ends), ast.Load())
        yield Replacement("shifted", "the number of steps is too large, and an end is left out", cut, far=True)


def _elements(node: ast.Tuple | ast.List) -> Iterator[Replacement]:
    for i in range(len(node.elts) - 1):
        elements = [*node.elts]
        elements[i], elements[i + 1] = elements[i + 1], elements[i]
        yield Replacement("swapped:inside", "two parts are exchanged", type(node)(elements, ast.Load()))


def _names(node: ast.Name, names: Names) -> Iterator[Replacement]:
    if node.id not in names.all:
        return
    of = names.sums_of.get(node.id)
    if of is not None:
        yield Replacement("missing function", "a function is left out in one place", ast.Name(of, ast.Load()), far=True)
    for other in names.all:
        shape = names.shapes.get(other, ())
        if len(shape) == 2 and shape[::-1] == names.shapes.get(node.id) and other != node.id:
            turned = ast.Attribute(ast.Name(other, ast.Load()), "T", ast.Load())
            yield Replacement(
                "other array", "another array, transposed, is used instead of the right one", turned, far=True
            )
        if other not in (node.id, of) and names.alike(node.id, other):
            words = f" ({other})" if other in names.arguments else ""
            yield Replacement(
                "other array", f"another array{words} is used instead of the right one", ast.Name(other, ast.Load())
            )


def _turned(node: ast.Attribute, names: Names) -> Iterator[Replacement]:
    """Other arrays of the shape of a transposed array."""
    shape = names.shapes.get(node.value.id, ()) if isinstance(node.value, ast.Name) else ()
    for other in names.all:
        if len(shape) == 2 and names.shapes.get(other) == shape[::-1]:
            words = "another array is used instead of one that is transposed"
            yield Replacement("other array", words, ast.Name(other, ast.Load()), far=True)


def exchanges(expression: ast.expr) -> Iterator[Replacement]:
    """An expression with two of its names exchanged throughout."""
    names = sorted({n.id for n in ast.walk(expression) if isinstance(n, ast.Name)} - {"np"})
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            exchanged = _Exchange({a: b, b: a}).visit(copy.deepcopy(expression))
            yield Replacement("swapped:inside", "two quantities are exchanged", exchanged)


def together(nodes: Sequence[ast.expr]) -> Iterator[tuple[list[ast.expr], Replacement]]:
    """The same mistake in all places: sums for all means, or means for all sums."""
    for name in ("sum", "mean"):
        calls = [n for n in nodes if isinstance(n, ast.Call) and name_of(n) == name]
        if len(calls) > 1:
            words = f"{OTHER_REDUCTION[name]}s are used instead of {name}s"
            news = tuple(_renamed(call, OTHER_REDUCTION[name]) for call in calls)
            yield list(calls), Replacement("mean for sum", words, news)


class _Exchange(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:  # name required by the base class
        """Exchange a name."""
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)
