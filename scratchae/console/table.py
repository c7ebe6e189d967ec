"""Columns of plain text, readable in a terminal and in a file; colour only where it can be seen."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """Rows as lines, the first one with a rule below it.

    Parameters
    ----------
    rows : sequence of sequence of str
        All of the same length; the first is the heading.
    left : sequence of int
        Columns that begin at the left; the others, being numbers, end at the right.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows = [rows[0], ["-" * width for width in widths], *rows[1:]]
    return "\n".join(line(row, widths, left) for row in rows)


def line(row: Sequence[str], widths: Sequence[int], left: Sequence[int] = (0,)) -> str:
    """One row of a table whose widths are known."""
    cells = [
        cell.ljust(width) if i in left else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def say(text: str = "") -> None:
    """Print now, also into a pipe: who reads it there wants to see progress too."""
    print(text, flush=True)


def coloured(text: str, good: bool) -> str:
    """Green or red in a terminal; as it is elsewhere, and where NO_COLOR is set."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\033[{32 if good else 31}m{text}\033[0m"
