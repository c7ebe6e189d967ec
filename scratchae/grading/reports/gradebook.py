"""The gradebook: a row for each student, as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

from scratchae.grading.marking.statistics import by_exercise

_PARTS = re.compile(
    r"[;\t](?=[\s\"]*[=+\-@|%\uff1d\uff0b\uff0d\uff20])"
)  # where a spreadsheet that parts cells by these would find a formula
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def gradebook(results: Mapping[str, Any], columns: Mapping[str, str]) -> bytes:
    """A row for each student: points, of how many, per cent, points in each exercise, notes and flags.

    Parameters
    ----------
    results : mapping
    columns : mapping of str to str
        Other names for the columns, such as ``{"student": "Email address"}``.
    """
    exercises = [exercise["name"] for exercise in results["assignment"]["exercises"]]
    head = ["student", "points", "max_points", "percent", *exercises, "notes", "flags", "isolation", "sha256"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe(columns.get(name, name)) for name in head])
    for row in results["submissions"]:
        reached, whole = row["points"], row["max_points"]
        points = by_exercise(row)
        writer.writerow(
            [
                safe(row["student"]),
                f"{reached:.10g}",
                f"{whole:.10g}",
                f"{100 * reached / whole if whole else 0.0:.2f}",
                *(f"{points[name][0]:.10g}" for name in exercises),
                safe("; ".join(row["notes"])),
                safe("; ".join(row["flags"])),
                row["isolation"],
                row["sha256"],
            ]
        )
    return text.getvalue().encode("utf-8-sig")  # with a mark, without which Excel reads UTF-8 as something else


def safe(text: str) -> str:
    """Text that a spreadsheet shows and does not compute, whatever it parts cells by: what looks like a formula gets an apostrophe before it."""
    one_line = _PARTS.sub(",", " ".join(text.split()))
    return f"'{one_line}" if one_line.startswith(_DANGEROUS) or text.startswith(_DANGEROUS) else one_line
