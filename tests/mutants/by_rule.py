"""Mutants made by rule: small changes wherever they fit in ops, kernels, nets, training and models.

A rule looks at one node of a syntax tree and says which piece of the text becomes which. The text is changed in that place only, so that comments
and line breaks stay as they are, and a mutant reads like a slip of the keyboard. Left out is what computes nothing: docstrings, type hints,
decorators, strings, `raise`, and names that are used in messages only.

Why not a tool that exists, such as mutmut or Cosmic Ray? mutmut (3.8) copies each function in all its variants beside the original and chooses one
when it is called; so it leaves out whatever has a decorator, which here is every kernel, and whatever stands outside functions. Cosmic Ray
(8.7) changes the file itself, which suits Numba; but it has no rule for swapped arguments, dropped statements, transposes or
axes, it runs one and the same command for every mutant, where here the claim about the changed file comes first, and its local runner
changes the working copy in place, one mutant after another.
"""

from __future__ import annotations

import ast
import io
import random
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mutants.mutant import Mutant

ROOMS = ("ops", "kernels", "nets", "training", "models", "baselines")

ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "**": "*", "//": "%", "%": "//"}
AUGMENTED = {"+=": ("-=", "="), "-=": ("+=",), "*=": ("/=", "="), "/=": ("*=",), "//=": ("*=",)}
COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "is": "is not", "in": "not in"}
NAMES = {
    "max": "min",
    "min": "max",
    "maximum": "minimum",
    "minimum": "maximum",
    "argmax": "argmin",
    "argmin": "argmax",
    "mean": "sum",
    "sum": "mean",
    "any": "all",
    "all": "any",
    "floor": "ceil",
    "ceil": "floor",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
    "log1p": "log",
    "expm1": "exp",
}
ODD = {
    "exp",
    "expm1",
    "exp_of_negative",
    "sigmoid",
    "tanh",
    "softplus",
}  # functions whose argument's sign is easily mistaken
DROPPED_CALLS = {"transposed", "sqrt", "abs", "square", "log"}  # f(x) becomes x
DROPPED_METHODS = {"copy", "transpose"}  # x.copy() becomes x
NOT_SWAPPED = {"isinstance", "issubclass", "getattr", "hasattr", "setattr", "super", "print", "field", "cast"}
OPERATOR = re.compile(r"\*\*|//|[-+*/%@]")


@dataclass(frozen=True)
class ByRule(Mutant):
    """A mutant that a rule made.

    Attributes
    ----------
    rule : str
        The name of the rule.
    line : int
        Position of the change.
    """

    rule: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """The file and the line."""
        return f"scratchae/{self.file}:{self.line}"


@dataclass(frozen=True)
class Edit:
    """The bytes from `start` to `end` become `new`."""

    start: int
    end: int
    new: str
    rule: str


class Text:
    """A source text whose pieces are found by the positions of syntax nodes, which count bytes."""

    def __init__(self, source: str) -> None:
        self.bytes = source.encode()
        lines = self.bytes.splitlines(keepends=True)
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line))
        bare = bytearray(self.bytes)  # without comments, in which operators may stand
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                row = lines[token.start[0] - 1].decode()
                start = self._starts[token.start[0] - 1] + len(row[: token.start[1]].encode())
                bare[start : start + len(token.string.encode())] = b" " * len(token.string.encode())
        self.bare = bytes(bare)

    def start(self, node: ast.AST) -> int:
        return self._starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        return self._starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def of(self, node: ast.AST) -> str:
        return self.bytes[self.start(node) : self.end(node)].decode()

    def replaced(self, node: ast.AST, new: str, rule: str) -> Edit:
        return Edit(self.start(node), self.end(node), new, rule)

    def between(self, left: ast.AST, right: ast.AST, symbol: str | re.Pattern[str]) -> tuple[int, int] | None:
        """The position of an operator between its operands."""
        start = self.end(left)
        gap = self.bare[start : self.start(right)].decode("latin-1")  # one character for one byte
        pattern = symbol if isinstance(symbol, re.Pattern) else re.compile(r"\s+".join(map(_word, symbol.split())))
        found = pattern.search(gap)
        return None if found is None else (start + found.start(), start + found.end())

    def line(self, at: int) -> int:
        return self.bytes.count(b"\n", 0, at) + 1


def _word(symbol: str) -> str:
    return rf"\b{symbol}\b" if symbol.isalpha() else rf"(?<![<>=!*/]){re.escape(symbol)}(?![=*/])"


def _name(function: ast.expr) -> str:
    """The last name of what is called."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


# The rules. Each takes the text, a node, and the names that count something in a loop.


def _arithmetic(text: Text, node: ast.AST, counters: set[str]) -> Iterator[Edit]:
    if not isinstance(node, ast.BinOp) or _is_text(node.left) or _is_text(node.right):
        return
    at = text.between(node.left, node.right, OPERATOR)
    if at is None:
        return  # |, &, shifts
    symbol = text.bytes[at[0] : at[1]].decode()
    if symbol in ARITHMETIC:
        yield Edit(*at, ARITHMETIC[symbol], "arithmetic operator replaced")
    if symbol in ("@", "-", "/"):
        left, right = text.of(node.left), text.of(node.right)
        yield text.replaced(node, f"({right}) {symbol} ({left})", "operands swapped")


def _augmented(text: Text, node: ast.AST, counters: set[str]) -> Iterator[Edit]:
    if isinstance(node, ast.AugAssign) and (at := text.between(node.target, node.value, re.compile(r"[-+*/@|&]+="))):
        for new in AUGMENTED.get(text.bytes[at[0] : at[1]].decode(), ()):
            yield Edit(*at, new, "arithmetic operator replaced")


def _sign(text: Text, node: ast.AST, counters: set[str]) -> Iterator[Edit]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield text.replaced(node, f"({text.of(node.operand)})", "sign dropped")
    elif isinstance(node, ast.Return | ast.Assign) and isinstance(node.value, ast.BinOp):
        if not _is_text(node.value.left) and not _is_text(node.value.right):
            yield text.replaced(node.value, f"-({text.of(node.value)})", "sign added")
    elif isinstance(node, ast.Call) and _name(node.func) in ODD and len(node.args) >= 1:
        yield text.replaced(node.args[0], f"-({text.of(node.args[0])})", "sign of an argument")


def _number(text: Text, node: ast.AST, counters: set[str]) -> Iterator[Edit]:
    if not isinstance(node, ast.Constant):
        return
    value, rule = node.value, "constant changed"
    if isinstance(value, bool):
        yield text.replaced(node, str(not value), "True and False exchanged")
    elif isinstance(value, int):
        yield text.replaced(node, str(value + 1), rule)
        if value > 0:
            yield text.replaced(node, str(value - 1), rule)
    elif isinstance(value, float):
        yield text.replaced(node, repr(2 * value) if value else "1.0", rule)


def _comparison(text: Text, node: ast.AST, counters: set[str]) -> Iterator[Edit]:
    if not isinstance(node, ast.Compare):
        return
    symbols = {
        ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
        ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
    }  # fmt: skip
    opposite = {**COMPARISONS, "is not": "is", "not in": "in"}
    for left, operator, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
        symbol = symbols[type(operator)]
        if at := text.between(left, right, symbol):
            yield Edit(*at, opposite[symbol], "end of a comparison")


def _logic(text: Text, node: ast.AST, counters: set[str]) -> Iterator[Edit]:
    if isinstance(node, ast.BoolOp):
        symbol, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            if at := text.between(left, right, symbol):
                yield Edit(*at, other, "and / or")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield text.replaced(node, f"({text.of(node.operand)})", "not dropped")
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield text.replaced(node.test, f"not ({text.of(node.test)})", "condition negated")


def _order(text: Text, node: ast.AST, counters: set[str]) -> Iterator[Edit]:
    if isinstance(node, ast.Call) and _name(node.func) not in NOT_SWAPPED:
        elements, rule = node.args, "arguments swapped"
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        elements, rule = node.value.elts, "results swapped"
    else:
        return
    for one, two in zip(elements, elements[1:], strict=False):
        if isinstance(one, ast.Starred | ast.GeneratorExp) or isinstance(two, ast.Starred | ast.GeneratorExp):
            continue
        first, second = text.of(one), text.of(two)
        if first != second:
            gap = text.bytes[text.end(one) : text.start(two)].decode()
            yield Edit(text.start(one), text.end(two), f"{second}{gap}{first}", rule)


def _dropped_call(text: Text, node: ast.AST, counters: set[str]) -> Iterator[Edit]:
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT") and isinstance(node.ctx, ast.Load):
        yield text.replaced(node, text.of(node.value), "transpose dropped")
    if not isinstance(node, ast.Call):
        return
    name = _name(node.func)
    if name in DROPPED_CALLS and len(node.args) == 1 and not node.keywords:
        rule = "transpose dropped" if name == "transposed" else "function dropped"
        yield text.replaced(node, f"({text.of(node.args[0])})", rule)
    if isinstance(node.func, ast.Attribute) and name in DROPPED_METHODS:
        rule = "transpose dropped" if name == "transpose" else "function dropped"
        yield text.replaced(node, text.of(node.func.value), rule)
    if name in NAMES:
        end = text.end(node.func)
        yield Edit(end - len(name), end, NAMES[name], "another function")


def _keyword(text: Text, node: ast.AST, counters: set[str]) -> Iterator[Edit]:
    if not isinstance(node, ast.Call):
        return
    for i, keyword in enumerate(node.keywords):
        if keyword.arg is None:
            continue
        if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant | ast.UnaryOp):
            yield text.replaced(keyword.value, "1" if text.of(keyword.value) == "0" else "0", "axis changed")
        before = [*node.args, *node.keywords[:i]]
        start = max(map(text.end, before)) if before else text.start(keyword)
        gap = b"" if before else re.match(rb"\s*,?\s*", text.bytes[text.end(keyword) :]).group()  # type: ignore[union-attr]
        yield Edit(start, text.end(keyword) + len(gap), "", "keyword removed")


def _index(text: Text, node: ast.AST, counters: set[str]) -> Iterator[Edit]:
    rule = "index off by one"
    if isinstance(node, ast.Subscript):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for part in parts:
            if isinstance(part, ast.Name) and part.id in counters:
                yield text.replaced(part, f"{part.id} - 1", rule)
            elif isinstance(part, ast.Slice):
                for bound in (part.lower, part.upper):
                    if bound is not None and not isinstance(bound, ast.Constant):
                        yield text.replaced(bound, f"{text.of(bound)} + 1", rule)
                        yield text.replaced(bound, f"{text.of(bound)} - 1", rule)
    elif isinstance(node, ast.Call) and _name(node.func) in ("range", "prange"):
        stop = node.args[0] if len(node.args) == 1 else node.args[1]
        if not isinstance(stop, ast.Constant):
            yield text.replaced(stop, f"{text.of(stop)} - 1", rule)


RULES = (_arithmetic, _augmented, _sign, _number, _comparison, _logic, _order, _dropped_call, _keyword, _index)


def _dropped(text: Text, statement: ast.stmt, assigned: set[str]) -> Iterator[Edit]:
    """A statement whose loss is not noticed for lack of a name: a call, a change in place, a second assignment, a jump."""
    changes = isinstance(statement, ast.AugAssign | ast.Break | ast.Continue) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    )
    if isinstance(statement, ast.Assign):
        changes = all(_bound_before(target, assigned) for target in statement.targets)
    if isinstance(statement, ast.If) and not statement.orelse and not _only_raises(statement):
        changes = True
    if changes:
        yield text.replaced(statement, "pass", "statement dropped")


def _bound_before(target: ast.expr, assigned: set[str]) -> bool:
    if isinstance(target, ast.Tuple):
        return all(_bound_before(element, assigned) for element in target.elts)
    return isinstance(target, ast.Subscript | ast.Attribute) or getattr(target, "id", None) in assigned


def _only_raises(statement: ast.If) -> bool:
    return all(isinstance(inside, ast.Raise) for inside in statement.body)


class Walk:
    """All edits of one file."""

    def __init__(self, source: str) -> None:
        self.text = Text(source)
        self.edits: list[Edit] = []
        self._block(ast.parse(source).body, set(), set(), set())

    def _block(self, body: list[ast.stmt], counters: set[str], assigned: set[str], messages: set[str]) -> None:
        for statement in body:
            self._statement(statement, counters, assigned, messages)
            assigned |= _bound_names(statement)

    def _statement(self, node: ast.stmt, counters: set[str], assigned: set[str], messages: set[str]) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Raise | ast.Assert) or _is_docstring(node):
            return
        if isinstance(node, ast.FunctionDef):
            if node.name == "__repr__":
                return
            arguments = node.args
            for default in [*arguments.defaults, *filter(None, arguments.kw_defaults)]:
                self._expression(default, counters)
            names = {a.arg for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}
            self._block(node.body, _counters(node), names, _names_in_messages(node))
            return
        if isinstance(node, ast.ClassDef):
            self._block(node.body, set(), set(), set())
            return
        if isinstance(node, ast.Assign) and _bound_names(node) and _bound_names(node) <= messages | {"__all__"}:
            return
        self.edits += _dropped(self.text, node, assigned)
        if _tells(node):
            return
        self._rules(node, counters)
        for name, value in ast.iter_fields(node):
            if name == "annotation":
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.stmt):
                    self._block([child], counters, assigned, messages)
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    self._block(child.body, counters, assigned, messages)
                elif isinstance(child, ast.AST):
                    self._expression(child, counters)

    def _expression(self, node: ast.AST, counters: set[str]) -> None:
        if isinstance(node, ast.JoinedStr):
            return
        self._rules(node, counters)
        for child in ast.iter_child_nodes(node):
            in_axis = isinstance(node, ast.keyword) and node.arg == "axis"
            if not in_axis:  # it has a rule of its own
                self._expression(child, counters)

    def _rules(self, node: ast.AST, counters: set[str]) -> None:
        for rule in RULES:
            self.edits += rule(self.text, node, counters)


def _tells(node: ast.AST) -> bool:
    """Return True if a statement only raises an error or issues a warning."""
    calls = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _name(node.value.func) == "warn"
    return isinstance(node, ast.Raise) or calls


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _bound_names(node: ast.AST) -> set[str]:
    """Names that are assigned anywhere in a statement."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _counters(function: ast.FunctionDef) -> set[str]:
    """Names that run through a range."""
    loops = [n for n in ast.walk(function) if isinstance(n, ast.For) and isinstance(n.iter, ast.Call)]
    return {
        loop.target.id
        for loop in loops
        if _name(loop.iter.func) in ("range", "prange") and isinstance(loop.target, ast.Name)
    }  # type: ignore[attr-defined]


def _names_in_messages(function: ast.FunctionDef) -> set[str]:
    """Names that are read by errors and warnings, or by what is assigned to such names, and by nothing else."""

    def read(node: ast.AST) -> Counter[str]:
        return Counter(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))

    everywhere, found = read(function), None
    telling = sum((read(n) for n in ast.walk(function) if _tells(n)), Counter())
    assignments = [n for n in ast.walk(function) if isinstance(n, ast.Assign)]
    names: set[str] = set()
    while names != found:
        found = names
        made = sum((read(n) for n in assignments if _bound_names(n) and _bound_names(n) <= names), Counter())
        names = {name for name, count in (telling + made).items() if count == everywhere[name]}
    return names


def _edits(source: str) -> tuple[Text, list[Edit]]:
    """A text and its different edits, in the order of the text."""
    walk = Walk(source)
    return walk.text, sorted(set(walk.edits), key=lambda e: (e.start, e.end, e.rule, e.new))


def _valid(text: Text, edit: Edit) -> bool:
    """Return True if the changed text is valid Python and a different program."""
    changed = text.bytes[: edit.start] + edit.new.encode() + text.bytes[edit.end :]
    try:
        compile(changed, "mutant", "exec")
        return ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text.bytes))
    except (SyntaxError, ValueError):
        return False


def mutants_of(file: str, source: str) -> list[ByRule]:
    """All mutants that the rules make of a file, in the order of the text.

    Parameters
    ----------
    file : str
        Below ``scratchae/``.
    source : str
        Its text.
    """
    text, edits = _edits(source)
    return [_as_mutant(file, text, edit) for edit in edits if _valid(text, edit)]


def _as_mutant(file: str, text: Text, edit: Edit) -> ByRule:
    """The change in whole lines, as many as it takes for them to stand in the file once."""
    content, line = text.bytes, text.line(edit.start)
    start = content.rfind(b"\n", 0, edit.start) + 1
    end = content.find(b"\n", edit.end)
    end = len(content) if end < 0 else end
    while content.count(content[start:end]) > 1:
        if start > 0:
            start = content.rfind(b"\n", 0, start - 1) + 1
        else:
            end = content.find(b"\n", end + 1)
    old = content[start:end].decode()
    new = (content[start : edit.start] + edit.new.encode() + content[edit.end : end]).decode()
    before = " ".join(content[edit.start : edit.end].decode().split())
    why = f"line {line}: {edit.rule}: {_shortened(before)} → {_shortened(' '.join(edit.new.split())) or 'nothing'}"
    return ByRule(file, old, new, why, rule=edit.rule, line=line)


def _shortened(code: str, most: int = 70) -> str:
    return code if len(code) <= most else f"{code[: most // 2]} … {code[-most // 2 :]}"


def sources(package: Path) -> list[tuple[str, str]]:
    """The files of these rooms, below the folder ``scratchae``, and their texts."""
    files = [path for room in ROOMS for path in sorted((package / room).glob("*.py"))]
    return [(path.relative_to(package).as_posix(), path.read_text("utf-8")) for path in files]


def random_sample(n: int, seed: int, package: Path) -> list[ByRule]:
    """A random sample of lines without repetition, and for each of them one of its mutants.

    Every line that a rule fits counts the same, and so do the rules that fit it: what is estimated is the chance that a mistake in a line is
    found, and a line with six numbers is not six times as likely to hold one. No room is preferred, so that the share of those found is a plain
    proportion, with a plain interval. A larger sample of the same seed begins with the smaller one.

    Parameters
    ----------
    n : int
        Maximum number of lines.
    seed : int
    package : path
        The folder ``scratchae``.
    """
    lines: dict[tuple[str, int], tuple[Text, list[Edit]]] = {}
    for file, source in sources(package):
        text, edits = _edits(source)
        for edit in edits:
            lines.setdefault((file, text.line(edit.start)), (text, []))[1].append(edit)
    rng, sample = random.Random(seed), []
    order = sorted(lines)
    rng.shuffle(order)
    for file, line in order:
        text, edits = lines[file, line]
        rules = sorted({edit.rule for edit in edits})
        rng.shuffle(rules)
        rng.shuffle(edits)
        edits.sort(key=lambda edit: rules.index(edit.rule))
        edit = next((edit for edit in edits if _valid(text, edit)), None)
        if edit is not None and len(sample) < n:
            sample.append(_as_mutant(file, text, edit))
        if len(sample) >= n:
            break
    return sample
