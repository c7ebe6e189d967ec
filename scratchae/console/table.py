"""Plain-text tables for terminals and files; colour in terminals only."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """Format rows as lines, with a rule below the first.

    Parameters
    ----------
    rows : sequence of sequence of str
        Rows of equal length; the first is the heading.
    left : sequence of int
        Columns to align left; the others (numbers) are aligned right.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows = [rows[0], ["-" * width for width in widths], *rows[1:]]
    return "\n".join(line(row, widths, left) for row in rows)


def line(row: Sequence[str], widths: Sequence[int], left: Sequence[int] = (0,)) -> str:
    """Format one row of a table with the given column widths."""
    cells = [
        cell.ljust(width) if i in left else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def say(text: str = "") -> None:
    """Print and flush, so that progress is visible through a pipe as well."""
    print(text, flush=True)


def coloured(text: str, good: bool) -> str:
    """Colour the text green or red in a terminal; return it unchanged elsewhere, or if NO_COLOR is set."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\033[{32 if good else 31}m{text}\033[0m"
