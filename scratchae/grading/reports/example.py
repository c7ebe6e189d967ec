"""The smallest failing example, as a person reads it: the arguments as small tables, and one number as it came beside what it should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scratchae.grading.reports.elements import Html, element

MOST_ENTRIES = 60


def example_of(example: Mapping[str, Any]) -> Html:
    """Arguments, and got against expected.

    Parameters
    ----------
    example : mapping
        Of `results.json`.
    """
    place = f"[{', '.join(map(str, example['index']))}]" if example["index"] else ""
    given = [
        element("div", element("dt", name), element("dd", element("pre", array_text(value))))
        for name, value in example["arguments"].items()
    ]
    wanted = element(
        "p",
        element("code", f"{example['output']}{place}"),
        " came out as ",
        element("code", number(example["got"]), class_="got"),
        "; finite differences or the definition give ",
        element("code", number(example["expected"]), class_="expected"),
    )
    return element(
        "div", element("p", "With these arguments", class_="quiet"), element("dl", given), wanted, class_="example"
    )


def number(value: Any) -> str:
    """Six digits of it."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def array_text(value: Any) -> str:
    """An array as rows whose columns stand below each other; a stack of them with a line between."""
    if not isinstance(value, list):
        return number(value)
    if _size(value) > MOST_ENTRIES:
        return f"array of shape {_shape(value)}"
    if not value or not isinstance(value[0], list):
        return _rows([value])
    if value[0] and isinstance(value[0][0], list):
        return "\n\n".join(array_text(part) for part in value)
    return _rows(value)


def _rows(rows: list[list[Any]]) -> str:
    """As many decimals for all as the longest needs, up to four."""
    numbers = [value for row in rows for value in row if isinstance(value, float)]
    decimals = next((d for d in range(5) if all(round(value, d) == value for value in numbers)), 4)
    plain = all(value == 0 or 5e-4 <= abs(value) < 1e5 for value in numbers)
    texts = [[f"{v:.{decimals}f}" if isinstance(v, float) and plain else number(v) for v in row] for row in rows]
    width = max((len(text) for row in texts for text in row), default=0)
    return "\n".join("  ".join(text.rjust(width) for text in row) for row in texts)


def _size(value: Any) -> int:
    return sum(_size(part) for part in value) if isinstance(value, list) else 1


def _shape(value: Any) -> tuple[int, ...]:
    return (len(value), *(_shape(value[0]) if value else ())) if isinstance(value, list) else ()


def example_text(example: Mapping[str, Any]) -> str:
    """The same as plain text.

    Parameters
    ----------
    example : mapping
    """
    place = f"[{', '.join(map(str, example['index']))}]" if example["index"] else ""
    given = []
    for name, value in example["arguments"].items():
        first, *rest = array_text(value).split("\n")
        given += [f"  {name} = {first}", *(" " * (len(name) + 5) + line for line in rest)]
    got, expected = number(example["got"]), number(example["expected"])
    return "\n".join(
        ["With these arguments", *given, f"{example['output']}{place} came out as {got}; expected {expected}"]
    )
