"""A trace as text for terminals: each line with its label, its equation, and the values that it computed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

import numpy as np

from scratchae.nets.network import Array
from scratchae.tracing.equations import Equation
from scratchae.tracing.record import TraceRecord, first_uses, place_of
from scratchae.tracing.recorder import Step
from scratchae.tracing.values import Value

MOST_SHOWN = 12  # numbers of one array; of a larger one only the first
FIRST_SHOWN = 6
INDENT = 2  # for each line from which a line was called
WIDTH = 110


def text(trace: TraceRecord, depth: int | None = None) -> str:
    """Return the trace as lines of text.

    Parameters
    ----------
    trace : TraceRecord
    depth : int, optional
        Leaves out the lines that are called from more labelled lines than that.
    """
    lines = [heading(trace)]
    if trace.about:
        lines.append(trace.about)
    lines += ["", "given", *_of_values(trace.inputs, " " * INDENT)]
    phase = ""
    for step, equations in first_uses([s for s in trace.steps if depth is None or s.depth <= depth], trace.equations):
        if step.phase != phase:
            phase = step.phase
            lines += ["", phase]
        lines += _of_step(step, equations)
    return "\n".join(lines)


def heading(trace: TraceRecord) -> str:
    """Return the first line: the subject, the rows and the loss."""
    rows = "" if trace.rows is None else f", {trace.rows} {'row' if trace.rows == 1 else 'rows'}"
    loss = "" if trace.loss is None else f": loss {number(trace.loss)}"
    return f"{trace.subject}{rows}{loss}"


def _of_step(step: Step, equations: dict[str, Equation]) -> Iterator[str]:
    indent = " " * INDENT * (step.depth + 1)
    labels = ", ".join(f"({label})" for label in step.labels)
    first, *more = step.code.splitlines() or [""]
    where = f"{PurePath(place_of(step)).name}:{step.line}"
    left = f"{indent}{labels}  {first}"
    yield f"{left.ljust(WIDTH - len(where) - 2)}  {where}"
    yield from (f"{indent}{' ' * len(labels)}  {line}" for line in more)
    for label, equation in equations.items():
        which = f"{label}: " if len(step.labels) > 1 else ""
        yield f"{indent}    {which}{' '.join(equation.latex.split())}"
    yield from _of_values(step.values, f"{indent}    ")
    if step.passes_left_out:
        yield f"{indent}    … and {step.passes_left_out:,} further passes"


def _of_values(values: list[Value], indent: str) -> Iterator[str]:
    names = [f"{value.name} =" for value in values]
    width = max(map(len, names), default=0)
    for name, value in zip(names, values, strict=True):
        size = "" if not value.shape else f"  {value.dtype} {value.shape}"
        yield f"{indent}{name.ljust(width)} {shown(value)}{size}"


def shown(value: Value) -> str:
    """Return the numbers of a value as text; of more than 12 only the first 6."""
    if value.array is None:
        return value.text
    if value.array.size > MOST_SHOWN:
        return f"{', '.join(number(entry) for entry in value.array.ravel()[:FIRST_SHOWN].tolist())}, …"
    return _nested(value.array)


def _nested(array: Array) -> str:
    return number(array.item()) if array.ndim == 0 else f"[{', '.join(_nested(np.asarray(entry)) for entry in array)}]"


def number(value: object) -> str:
    """Return a number with four decimal places, or with four significant digits where it is small or large."""
    if not isinstance(value, float):
        return str(value)
    plain = value == 0 or 0.001 <= abs(value) < 1e5 or not np.isfinite(value)
    digits = f"{value:.4f}" if plain else f"{value:.4g}"
    return digits.rstrip("0").rstrip(".") if plain and "." in digits else digits
