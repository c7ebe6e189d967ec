"""The gradebook: a CSV row for each student, escaped so that spreadsheets execute no formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

from scratchae.grading.marking.statistics import by_exercise

_PARTS = re.compile(
    r"[;\t](?=[\s\"]*[=+\-@|%\uff1d\uff0b\uff0d\uff20])"
)  # separators after which a spreadsheet might find a formula
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def gradebook(results: Mapping[str, Any], columns: Mapping[str, str], pages: Mapping[str, str]) -> bytes:
    """A row for each student: points, maximum points, per cent, points in each exercise, notes, flags, and the page of the feedback.

    Parameters
    ----------
    results : mapping
    columns : mapping of str to str
        New names of columns, such as ``{"student": "Email address"}``.
    pages : mapping of str to str
        File names of the students' pages.
    """
    exercises = [exercise["name"] for exercise in results["assignment"]["exercises"]]
    head = [
        "student",
        "points",
        "max_points",
        "percent",
        *exercises,
        "notes",
        "flags",
        "feedback",
        "isolation",
        "sha256",
    ]
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
                safe(pages[row["student"]]),
                row["isolation"],
                row["sha256"],
            ]
        )
    return text.getvalue().encode("utf-8-sig")  # with a byte-order mark, without which Excel does not read UTF-8


def safe(text: str) -> str:
    """Escape text that a spreadsheet could execute, whatever its separator: an apostrophe is put before possible formulas."""
    one_line = _PARTS.sub(",", " ".join(text.split()))
    return f"'{one_line}" if one_line.startswith(_DANGEROUS) or text.startswith(_DANGEROUS) else one_line
