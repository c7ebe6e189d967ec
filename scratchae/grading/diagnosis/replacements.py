"""What people write in the place of an expression by mistake: the kinds of edit, each with what it comes to in words."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence

from scratchae.grading.diagnosis.arithmetic import Names, Replacement, products, sums

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
OTHERS: dict[str, tuple[str, ...]] = {
    "sigmoid": ("tanh", "softplus", "relu"),
    "tanh": ("sigmoid", "relu"),
    "relu": ("softplus", "tanh", "sigmoid"),
    "softplus": ("relu", "sigmoid", "exp"),
    "softmax": ("sigmoid",),
    "exp": ("expm1",),
    "log": ("log1p", "log2", "log10"),
    "max": ("min", "mean"),
    "min": ("max",),
}
for _f in ("sigmoid", "tanh", "relu", "softplus"):
    OTHERS[f"{_f}_backward"] = tuple(f"{g}_backward" for g in ("sigmoid", "tanh", "relu", "softplus") if g != _f)
for _pair in (("bernoulli_nll", "squared_error"), ("masking_noise", "salt_and_pepper_noise")):
    for _f, _g in (_pair, _pair[::-1]):
        OTHERS[_f], OTHERS[f"{_f}_backward"] = (_g,), (f"{_g}_backward",)
_BACKWARDS = ast.Slice(step=ast.UnaryOp(ast.USub(), ast.Constant(1)))
_TURNED = {ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
_OTHER_REDUCTION = {"sum": "mean", "mean": "sum", "prod": "sum"}


def replacements(node: ast.expr, names: Names) -> Iterator[Replacement]:
    """All mistakes that can be made with one expression.

    Parameters
    ----------
    node : ast.expr
    names : Names
        Of the function that it stands in.

    Returns
    -------
    replacements : iterator of Replacement
    """
    if isinstance(node, ast.BinOp):
        yield from sums(node, names) if isinstance(node.op, (ast.Add, ast.Sub)) else products(node, names)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield Replacement(
            "comparison", "a condition is left out, and what it asks about stands in its place", node.left
        )
        if type(node.ops[0]) in _TURNED:
            turned = ast.Compare(node.left, [_TURNED[type(node.ops[0])]()], node.comparators)
            yield Replacement("comparison", "a condition is turned round", turned)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield Replacement("square", "an array is not transposed that should be", node.value)
        shape = ast.Subscript(ast.Attribute(node.value, "shape", ast.Load()), _BACKWARDS, ast.Load())
        reshaped = ast.Call(ast.Attribute(node.value, "reshape", ast.Load()), [shape], [])
        yield Replacement("transposed", "an array is reshaped where it has to be transposed", reshaped)
    elif isinstance(node, (ast.Tuple, ast.List)) and isinstance(node.ctx, ast.Load):
        yield from _elements(node)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        for other in (ast.Constant(0), ast.Constant(1)):
            yield Replacement(
                "constant", "another size stands for this one", ast.Subscript(node.value, other, ast.Load())
            )
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        value = float(node.value) if isinstance(node.value, float) else int(node.value)  # type: ignore[arg-type]
        for new in dict.fromkeys((0, 1, 2, 0.5, value + 1, value - 1, -value)):
            if new != value:
                yield Replacement("constant", "one of its constants is another number", ast.Constant(new))
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from _names(node, names)


def _name_of(call: ast.Call) -> str:
    f = call.func
    return f.attr if isinstance(f, ast.Attribute) else f.id if isinstance(f, ast.Name) else ""


def _renamed(call: ast.Call, name: str) -> ast.Call:
    f = call.func
    method = isinstance(f, ast.Attribute) and not (
        isinstance(f.value, ast.Name) and f.value.id == "np" and name == "sigmoid"
    )
    new: ast.expr = ast.Attribute(f.value, name, ast.Load()) if method else ast.Name(name, ast.Load())  # type: ignore[attr-defined]
    return ast.Call(new, call.args, call.keywords)


def _calls(call: ast.Call) -> Iterator[Replacement]:
    name = _name_of(call)
    if name in _OTHER_REDUCTION:
        yield from _reductions(call, name)
    if name == "exp" and call.args:
        for factor, rule, words in (
            (2.0, "power", "doubled"),
            (0.5, "power", "halved"),
            (-1.0, "sign:inside", "negative"),
        ):
            scaled = ast.BinOp(ast.Constant(factor), ast.Mult(), call.args[0])
            yield Replacement(
                rule, f"what stands in an exponential is {words}", ast.Call(call.func, [scaled], call.keywords)
            )
    if name in ("sqrt", "square"):
        yield Replacement("power", f"a {'root' if name == 'sqrt' else 'square'} is left out", call.args[0])
    elif name in ELEMENTWISE and call.args:
        yield Replacement("missing function", f"a function ({name}) is left out", call.args[0])
    for other in OTHERS.get(name, ()):
        yield Replacement("other function", f"another function stands in the place of {name}", _renamed(call, other))
    if name == "where" and len(call.args) == 3:
        new = ast.Call(call.func, [call.args[0], call.args[2], call.args[1]], call.keywords)
        yield Replacement("comparison", "what is kept and what is replaced change places", new)
    elif len(call.args) >= 2 and isinstance(call.func, ast.Name):
        for i in range(len(call.args) - 1):
            args = [*call.args]
            args[i], args[i + 1] = args[i + 1], args[i]
            yield Replacement("swapped:inside", "two arrays change places", ast.Call(call.func, args, call.keywords))
    if name.endswith("_backward") and call.args:
        yield Replacement("missing derivative", "the derivative of one of its steps is left out", call.args[0])
        ones = ast.Call(ast.Attribute(ast.Name("np", ast.Load()), "ones_like", ast.Load()), [call.args[0]], [])
        new = ast.Call(call.func, [ones, *call.args[1:]], call.keywords)
        yield Replacement("upstream", "the gradient that comes from above is not used in one of its steps", new)


def _axis(call: ast.Call, value: ast.expr | None, *more: ast.keyword) -> ast.Call:
    keywords = [k for k in call.keywords if k.arg != "axis"]
    return ast.Call(call.func, call.args, [*keywords, *([ast.keyword("axis", value)] if value else []), *more])


def _reductions(call: ast.Call, name: str) -> Iterator[Replacement]:
    other, noun = _OTHER_REDUCTION[name], "product" if name == "prod" else name
    rule = "other function" if name == "prod" else "mean for sum"
    yield Replacement(rule, f"a {other} stands in the place of a {noun}", _renamed(call, other))
    axis = next((k.value for k in call.keywords if k.arg == "axis"), None)
    kept = any(k.arg == "keepdims" for k in call.keywords)
    value = ast.literal_eval(axis) if isinstance(axis, (ast.Constant, ast.UnaryOp)) else None
    if isinstance(call.func, ast.Attribute) and not call.args:
        yield Replacement("missing sum", f"a {noun} is left out", call.func.value)
    for new in (0, 1, 2):
        if isinstance(value, int) and new != value:
            yield Replacement("axis", f"a {noun} runs over another axis", _axis(call, ast.Constant(new)))
            if not kept:
                keep = ast.keyword("keepdims", ast.Constant(True))
                yield Replacement("axis", f"a {noun} runs over another axis", _axis(call, ast.Constant(new), keep))
    if axis is not None:
        yield Replacement("axis", f"a {noun} runs over all axes", _axis(call, None))
    if isinstance(value, int) and isinstance(call.func, ast.Attribute) and not call.args and not kept:
        for place, word in ((0, "first"), (-1, "last")):
            index: list[ast.expr] = [ast.Slice()] * value if value >= 0 else [ast.Constant(...)]
            element = ast.Tuple([*index, ast.Constant(place)], ast.Load())
            first = ast.Subscript(call.func.value, element, ast.Load())
            yield Replacement("first only", f"only the {word} counts where all do", first)


def _elements(node: ast.Tuple | ast.List) -> Iterator[Replacement]:
    for i in range(len(node.elts) - 1):
        elements = [*node.elts]
        elements[i], elements[i + 1] = elements[i + 1], elements[i]
        yield Replacement("swapped:inside", "two parts change places", type(node)(elements, ast.Load()))


def _names(node: ast.Name, names: Names) -> Iterator[Replacement]:
    if node.id not in names.all:
        return
    for other in names.all:
        if other != node.id and names.alike(node.id, other):
            words = f" ({other})" if other in names.arguments else ""
            yield Replacement(
                "other array", f"an array{words} stands in the place of another", ast.Name(other, ast.Load())
            )


def exchanges(expression: ast.expr) -> Iterator[Replacement]:
    """An expression with two of its names exchanged throughout."""
    names = sorted({n.id for n in ast.walk(expression) if isinstance(n, ast.Name)} - {"np"})
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            exchanged = _Exchange({a: b, b: a}).visit(copy.deepcopy(expression))
            yield Replacement("swapped:inside", "two quantities change places", exchanged)


def together(nodes: Sequence[ast.expr]) -> Iterator[tuple[list[ast.expr], Replacement]]:
    """Mistakes made everywhere in the same way: all means sums, or all sums means."""
    for name in ("sum", "mean"):
        calls = [n for n in nodes if isinstance(n, ast.Call) and _name_of(n) == name]
        if len(calls) > 1:
            words = f"{_OTHER_REDUCTION[name]}s stand in the place of {name}s"
            news = tuple(_renamed(call, _OTHER_REDUCTION[name]) for call in calls)
            yield list(calls), Replacement("mean for sum", words, news)


class _Exchange(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:  # the base class looks for this name
        """One name."""
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)
