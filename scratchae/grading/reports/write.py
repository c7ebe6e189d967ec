"""Write the reports, all from the content of `results.json`, so that their scores agree."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scratchae import files
from scratchae.grading.marking.statistics import class_statistics
from scratchae.grading.marking.store import as_json
from scratchae.grading.reports.feedback import feedback_page
from scratchae.grading.reports.gradebook import gradebook
from scratchae.grading.reports.junit import junit
from scratchae.grading.reports.overview import overview_page


def write_reports(folder: Path, results: dict[str, Any], columns: Mapping[str, str] | None = None) -> None:
    """Write all reports of a class; remove pages of students who are no longer in it.

    Parameters
    ----------
    folder : pathlib.Path
    results : dict
        As returned by `store.results`.
    columns : mapping, optional
        Names for the columns of the gradebook.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    results = {**results, "statistics": class_statistics(results["submissions"])}
    pages = {row["student"]: page_name(row["student"]) for row in results["submissions"]}
    for name, teacher in (("feedback", False), ("teacher", True)):
        (folder / name).mkdir(exist_ok=True)
        for row in results["submissions"]:
            page = feedback_page(row, results, teacher=teacher)
            files.write_bytes(folder / name / pages[row["student"]], page, "page.html")
        for old in (folder / name).glob("*-????????.html"):
            if _plain(old.name) not in pages.values():
                old.unlink()
    files.write_bytes(folder / "gradebook.csv", gradebook(results, columns or {}, pages), "gradebook.csv")
    files.write_bytes(folder / "junit.xml", junit(results), "junit.xml")
    files.write_bytes(folder / "report.html", overview_page(results, pages), "report.html")
    files.write_bytes(
        folder / "results.json", as_json(results), "results.json"
    )  # written last, so that it marks the end


def page_name(student: str) -> str:
    """A file name for a student's page: readable in any script, safe, and unique."""
    kept = "".join(c if _is_readable(c) else "-" for c in _plain(student))
    readable = re.sub("-+", "-", kept)[:40].strip("-") or "student"
    return f"{readable}-{hashlib.sha256(student.encode(errors='replace')).hexdigest()[:8]}.html"


def _is_readable(character: str) -> bool:
    """True for letters, their accents, digits, and pictures such as emoji."""
    category = unicodedata.category(character)
    return category[0] in "LMN" or (category == "So" and character != "\ufffd")


def _plain(name: str) -> str:
    """A name in one form, since file systems may change the form of its accents."""
    return unicodedata.normalize("NFC", name.casefold())
