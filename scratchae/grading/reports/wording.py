"""Wording of the reports: kinds of tests, statuses, points and shares, and the smallest failing example as plain text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

KINDS = {
    "values": ("Ordinary values", "random arguments in several shapes, compared with the derivation"),
    "one row": ("A single example", "the same with N = 1"),
    "extremes": ("Extreme values", "arguments that overflow a careless formula"),
    "manners": (
        "No side effects",
        "arguments are not modified, the same call returns the same result, copies share no memory with arguments",
    ),
}
STATUSES = {
    "failed": "not right yet",
    "error": "error",
    "time": "out of time",
    "memory": "out of memory",
    "missing": "missing",
    "skipped": "not run",
    "passed": "passed",
}
DIGITS = 6  # of a number that is shown
EXACT_DIGITS = 17  # with these, any two numbers differ
MOST_ENTRIES = 60  # most entries of an array that is written out


def points(value: float) -> str:
    """Format points."""
    return f"{round(value, 2):g}"


def percent(share: float) -> str:
    """Format a share as whole per cent; 100 % only for all points."""
    return f"{100 if share >= 1 else min(99, round(100 * share))}\u00a0%"


def cost_of_flags(test: Mapping[str, Any]) -> str:
    """The reason, for the student, why a passed test does not have all its points; empty if it has.

    Parameters
    ----------
    test : mapping
        As in `results.json`.
    """
    if test["status"] != "passed" or test["points"] >= test["max_points"]:
        return ""
    share, costs = 100 * test["points"] / test["max_points"], test["detail"].get("costs", ())
    return f"Right, but {share:.3g}\u00a0% of the points only, because of {'a flag' if len(costs) == 1 else 'flags'}: {', '.join(costs)}."


def entry_of(example: Mapping[str, Any]) -> str:
    """The wrong entry, such as "dW[0, 1]".

    Parameters
    ----------
    example : mapping
        Of `results.json`.
    """
    place = f"[{', '.join(map(str, example['index']))}]" if example["index"] else ""
    return f"{example['output']}{place}"


def example_text(example: Mapping[str, Any]) -> str:
    """The smallest failing example: the arguments as small tables, one wrong number, and its expected value.

    Parameters
    ----------
    example : mapping
        Of `results.json`.
    """
    given = []
    for name, value in example["arguments"].items():
        first, *rest = array_text(value).split("\n")
        given += [f"  {name} = {first}", *(" " * (len(name) + 5) + line for line in rest)]
    got, expected = pair(example["got"], example["expected"])
    return "\n".join(["With these arguments", *given, f"{entry_of(example)} came out as {got}; expected {expected}"])


def pair(got: float | str, expected: float | str) -> tuple[str, str]:
    """Format two numbers with six digits, or with as many as make them differ; the second with the place of the difference.

    Parameters
    ----------
    got, expected : float or str
        As in a row, where numbers that JSON cannot represent are texts: "nan", "inf", "-inf".

    Returns
    -------
    texts : (str, str)
        Such as ("2.00866", "2.1") or ("2.008661234", "2.008661231 (a difference in the 10th digit)").
    """
    got, expected = float(got), float(expected)
    for digits in range(DIGITS, EXACT_DIGITS + 1):
        texts = f"{got:.{digits}g}", f"{expected:.{digits}g}"
        if texts[0] != texts[1] or got == expected:
            break
    slight = 0 < abs(got - expected) < 10.0 ** (1 - DIGITS) * abs(expected)
    place = int(-math.floor(math.log10(abs(got - expected) / abs(expected)))) if slight else 0
    return texts[0], texts[1] + (f" (a difference in about the {place}th digit)" if slight else "")


def number(value: Any) -> str:
    """Format a number with six digits."""
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)


def array_text(value: Any) -> str:
    """Format an array as rows with aligned columns; matrices of a stack are separated by an empty line."""
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
    """Format rows with equal numbers of decimals, at most four."""
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
