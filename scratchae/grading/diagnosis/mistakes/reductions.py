"""Mistakes with a sum, a mean or a product: a wrong axis, a mean for a sum or vice versa, only the first entry, a median or a maximum."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from scratchae.grading.diagnosis.mistakes.arithmetic import Replacement

OTHER_REDUCTION = {"sum": "mean", "mean": "sum", "prod": "sum"}


def name_of(call: ast.Call) -> str:
    """The name of a called function, without its module or object."""
    f = call.func
    return f.attr if isinstance(f, ast.Attribute) else f.id if isinstance(f, ast.Name) else ""


def _with_axis(call: ast.Call, value: ast.expr | None, *more: ast.keyword) -> ast.Call:
    keywords = [k for k in call.keywords if k.arg != "axis"]
    return ast.Call(call.func, call.args, [*keywords, *([ast.keyword("axis", value)] if value else []), *more])


def _numpy(name: str, *arguments: ast.expr, keywords: list[ast.keyword] | None = None) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load()), list(arguments), keywords or [])


def reductions(call: ast.Call, renamed: ast.expr) -> Iterator[Replacement]:
    """All mistakes with one sum, mean or product.

    Parameters
    ----------
    call : ast.Call
    renamed : ast.expr
        The same with a sum for a mean, and so on.

    Returns
    -------
    replacements : iterator of Replacement
    """
    name = name_of(call)
    other, noun = OTHER_REDUCTION[name], "product" if name == "prod" else name
    rule = "other function" if name == "prod" else "mean for sum"
    yield Replacement(rule, f"a {other} is used instead of a {noun}", renamed)
    axis = next((k.value for k in call.keywords if k.arg == "axis"), None)
    kept = any(k.arg == "keepdims" for k in call.keywords)
    value = ast.literal_eval(axis) if isinstance(axis, (ast.Constant, ast.UnaryOp)) else None
    method = isinstance(call.func, ast.Attribute) and not call.args
    if isinstance(call.func, ast.Attribute) and not call.args:
        yield Replacement("missing sum", f"a {noun} is left out", call.func.value)
        yield from _instead(call, call.func.value, noun, value)
    yield from other_axes(call, f"a {noun}")
    if isinstance(value, int) and method and not kept:
        assert isinstance(call.func, ast.Attribute)
        for place, word in ((0, "first"), (-1, "last")):
            index: list[ast.expr] = [ast.Slice()] * value if value >= 0 else [ast.Constant(...)]
            element = ast.Tuple([*index, ast.Constant(place)], ast.Load())
            first = ast.Subscript(call.func.value, element, ast.Load())
            yield Replacement("first only", f"only the {word} entry is used where all should be", first)


def other_axes(call: ast.Call, what: str) -> Iterator[Replacement]:
    """A reduction along another axis, or along all of them.

    Parameters
    ----------
    call : ast.Call
    what : str
        Such as "a sum".

    Returns
    -------
    replacements : iterator of Replacement
    """
    axis = next((k.value for k in call.keywords if k.arg == "axis"), None)
    kept = any(k.arg == "keepdims" for k in call.keywords)
    value = ast.literal_eval(axis) if isinstance(axis, (ast.Constant, ast.UnaryOp)) else None
    for new in (0, 1, 2):
        if isinstance(value, int) and new != value:
            yield Replacement("axis", f"{what} runs over another axis", _with_axis(call, ast.Constant(new)))
            if not kept:
                keep = ast.keyword("keepdims", ast.Constant(True))
                yield Replacement("axis", f"{what} runs over another axis", _with_axis(call, ast.Constant(new), keep))
    if axis is not None:
        whole = _with_axis(call, None)
        yield Replacement("axis", f"{what} runs over all axes", whole)
        full = _numpy("full_like", call, whole)
        yield Replacement("axis", f"{what} runs over all axes", full, far=True)


def _instead(call: ast.Call, what: ast.expr, noun: str, axis: object) -> Iterator[Replacement]:
    """Other reductions of the same numbers, instead of a sum or a mean."""
    for other in ("median", "max"):
        new = _numpy(other, what, keywords=call.keywords)
        yield Replacement("other function", f"a {other} is used instead of a {noun}", new, far=True)
    root = _numpy("sqrt", call)
    yield Replacement("power:inside", f"the square root of a {noun} is taken", root, far=True)
    if noun == "mean" and axis == 0:
        for sign in (1.0, -1.0):  # for logarithms and negative logarithms
            signed = ast.BinOp(ast.Constant(sign), ast.Mult(), what)
            log_of_mean = ast.Call(ast.Name("log_mean_exp", ast.Load()), [signed], [])
            words = "the logarithm of a mean is used instead of a mean of logarithms"
            new_mean = ast.BinOp(ast.Constant(sign), ast.Mult(), log_of_mean)
            yield Replacement("other function", words, new_mean, far=True)
    if noun == "sum" and isinstance(what, ast.BinOp) and isinstance(what.op, ast.Mult):
        for part in (what.left, what.right):
            mean = ast.Call(ast.Attribute(part, "mean", ast.Load()), [], call.keywords)
            yield Replacement("mean for sum", "a plain mean is used instead of a weighted sum", mean, far=True)
