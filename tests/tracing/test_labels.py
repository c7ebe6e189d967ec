"""Labelled statements, found in the source of functions: lines, code, names, and what has none."""

from __future__ import annotations

import ast
import linecache
from types import CodeType
from typing import Any

import pytest

from scratchae.tracing.labels import LabelledLine, labelled_lines

SOURCE = '''
"""A comment about (own.1) is no label."""

OUTSIDE = 1  # (own.2)


def f(x, ys):
    """Compute.

    Returns
    -------
    a : float
    b, c : array, shape (N,)
        Two (own.99).
    """
    # (own.3)
    first = x  # (own.4), (own.5): two labels
    pair, (left, *rest) = (x, ys)  # (own.6)
    ys[0] = first = (
        x  # (own.7)
        + 1
    )  # (own.8)
    text = "# (own.9)"
    for y in ys:  # (own.10)
        first = y; x = 2  # (own.11)
    with open(x) as file:  # (own.12)
        pass
    if (n := x):  # (own.13)
        gradients = model.backward(x)  # (own.14)

    def inner():
        return x  # (own.15)

    match x:
        case 1:
            k = 1  # (own.16)
    try:
        k = 2  # (own.17)
    except ValueError:
        k = 3  # (own.18)
    finally:
        k = 4  # (own.19)
    return x + 1, ys, 3  # (own.20)
'''


def code_of(source: str, name: str = "f", file: str = "<labels test>") -> tuple[CodeType, dict[str, Any]]:
    """The code of a function of a module whose source linecache knows, as it knows the cells of a notebook."""
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    module: dict[str, Any] = {}
    exec(compile(source, file, "exec"), module)
    return module[name].__code__, module


def found() -> dict[str, LabelledLine]:
    """The statements of `SOURCE` by label."""
    statements = labelled_lines(*code_of(SOURCE)).values()
    return {label: statement for statement in statements for label in statement.labels}


def names(statement: LabelledLine) -> list[str]:
    return [ast.unparse(target) for target in statement.targets]


def test_only_labels_at_the_end_of_statements_of_the_function_itself() -> None:
    assert set(found()) == {f"own.{i}" for i in (4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 16, 17, 18, 19, 20)}


def test_lines_and_code() -> None:
    lines = SOURCE.splitlines()
    for label, statement in found().items():
        marked = {i for i, line in enumerate(lines, 1) if f"({label})" in line}
        assert marked <= set(range(statement.first, statement.last + 1)), label
        assert "#" not in statement.code
    assert found()["own.4"].labels == ("own.4", "own.5")
    several = found()["own.7"]
    assert several is found()["own.8"] and several.last - several.first == 3
    assert several.code == "ys[0] = first = (\n    x\n    + 1\n)"
    assert found()["own.12"].code == "with open(x) as file:"


def test_names_that_a_line_assigns_and_reads() -> None:
    assert names(found()["own.6"]) == ["pair", "left", "rest"]
    assert names(found()["own.7"]) == ["ys[0]", "first"]
    assert names(found()["own.10"]) == ["y"] and names(found()["own.12"]) == ["file"]
    assert names(found()["own.11"]) == ["first", "x"]
    assert names(found()["own.13"]) == ["n"]
    assert found()["own.6"].reads == ("pair", "left", "rest", "x", "ys")


def test_kinds_of_statements() -> None:
    loop = found()["own.10"]
    assert loop.body is not None and set(loop.body) == {found()["own.11"].first}
    assert [label for label, statement in found().items() if statement.body] == ["own.10"]
    assert [label for label, statement in found().items() if statement.returns] == ["own.20"]
    assert [label for label, statement in found().items() if statement.differentiates] == ["own.14"]


def test_names_of_what_is_returned() -> None:
    assert found()["own.20"].outputs == ("a", "b", "c")  # of the docstring, since the values have no names
    for returned, documented, outputs in (
        ("return p, q", "", ("p", "q")),
        ("return p, q", "one : float", ("p", "q")),
        ("return g(p)", "one : float", ("one",)),
        ("return g(p)", "one : float\n    two : float", ("one", "two")),
        ("return p + 1, q", "", ("p + 1", "q")),
        ("return g(p)", "", ()),
        ("return", "", ()),
    ):
        section = (
            f'"""Do.\n\n    Returns\n    -------\n    {documented}\n\n    Raises\n    ------\n    no : x\n    """'
            if documented
            else "0"
        )
        code, module = code_of(f"def f(p, q, g):\n    {section}\n    {returned}  # (own.1)\n")
        (statement,) = set(labelled_lines(code, module).values())
        assert statement.outputs == outputs, returned


@pytest.mark.parametrize(
    "source", ["def f():\n    return 1  # no label\n", "def f():\n    return 1  # (Own.1) (own.x)\n"]
)
def test_no_labels(source: str) -> None:
    assert labelled_lines(*code_of(source)) == {}


def test_a_source_that_is_unknown_or_does_not_match() -> None:
    code, module = code_of(SOURCE)
    linecache.cache["<labels test>"] = (0, None, ["def g(:\n", "    x = 1  # (own.1)\n"], "<labels test>")
    assert labelled_lines(code, module) == {}
    linecache.cache["<labels test>"] = (0, None, ["\n", "def other():\n", "    x = 1  # (own.1)\n"], "<labels test>")
    assert labelled_lines(code, module) == {}
    del linecache.cache["<labels test>"]
    assert labelled_lines(code, module) == {}


def test_decorated_functions_and_methods() -> None:
    source = "class A:\n    @staticmethod\n    @property\n    def f():\n        return 1  # (own.1)\nf = A.__dict__['f'].__func__.fget\n"
    found = labelled_lines(*code_of(source))
    assert set(found) == {5} and found[5].code == "return 1"
