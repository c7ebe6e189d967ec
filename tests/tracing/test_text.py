"""A trace as text."""

from __future__ import annotations

import numpy as np
import pytest

from scratchae import tracing
from scratchae.tracing.recorder import Step
from scratchae.tracing.text import heading, number, shown, text
from scratchae.tracing.traces import Trace
from scratchae.tracing.values import Value


def value(array: object) -> Value:
    return Value("a", "assigned", "float64", np.array(array))


def test_a_whole_trace() -> None:
    steps = [
        Step(("dense.1", "own.1"), "forward", "<cell>", 3, 4, "f", "y = g(\n    x)", 0, None, 0, [value([[1.0, 2.5]])]),
        Step(("dense.1",), "forward", "/a/b.py", 5, 5, "g", "z = 1", 1, 0, 7, [Value("kind", "assigned", "str", None, "relu")]),
        Step(("dense.4",), "backward", "/a/b.py", 6, 6, "g", "h(x)", 0, None),
    ]  # fmt: skip
    trace = Trace("Mine", [value(0.5)], steps, 0.25, {}, "mine", "A sentence.", 2)
    lines = [" ".join(line.split()) for line in text(trace).splitlines()]
    assert lines == [
        "Mine, 2 rows: loss 0.25", "A sentence.", "", "given", "a = 0.5", "", "forward",
        "(dense.1), (own.1) y = g( <cell>:3", "x)", "dense.1: y = x W + b", "a = [[1, 2.5]] float64 (1, 2)",
        "(dense.1) z = 1 b.py:5", "kind = relu", "… and 7 further passes",
        "", "backward", "(dense.4) h(x) b.py:6", "dx = dy W^T",
    ]  # fmt: skip
    first = text(trace).splitlines()[7]
    assert first.startswith("  (dense.1), (own.1)  y = g(   ") and first.endswith("   <cell>:3") and len(first) == 110
    assert text(trace).splitlines()[8] == " " * 26 + "x)"
    assert "(dense.1)  z" not in text(trace, 0) and "(dense.4)" in text(trace, 0) and text(trace, 1) == text(trace)


def test_lines_below_a_line_are_indented() -> None:
    lines = text(tracing.tiny("dense")).splitlines() + text(tracing.tiny("layer")).splitlines()
    assert any(line.startswith("  (layer.1)") for line in lines)
    assert any(line.startswith("    (dense.1)") for line in lines) and any(
        line.startswith("  (dense.1)") for line in lines
    )


def test_str_is_the_text() -> None:
    found = tracing.tiny("sigmoid")
    assert str(found) == text(found) and heading(found) == "sigmoid"


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (0.5, "0.5"),
        ([], "[]"),
        ([1, 0], "[1, 0]"),
        (np.arange(12).reshape(3, 4), "[[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]"),
        (np.arange(13), "0, 1, 2, 3, 4, 5, …"),
    ],
)
def test_arrays(array: object, words: str) -> None:
    assert shown(value(array)) == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (0.0, "0"), (1.0, "1"), (-0.26894142, "-0.2689"), (120.0, "120"), (1e-5, "1e-05"), (123456789.0, "1.235e+08"), (99999.0, "99999"),
        (float("nan"), "nan"), (float("-inf"), "-inf"), (7, "7"), (True, "True"), (0.1 + 0.2, "0.3"), (100.5, "100.5"),
    ],
)  # fmt: skip
def test_numbers(given: object, words: str) -> None:
    assert number(given) == words
