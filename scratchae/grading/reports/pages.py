"""Render the HTML templates: all text is escaped, and a page contains no scripts and makes no requests."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from scratchae.grading.reports.wording import percent, points


def page(template: str, title: str, **values: Any) -> bytes:
    """Render a whole page.

    Parameters
    ----------
    template : str
        The name of a file in `templates`.
    title : str
    **values
        Variables of the template. All text is escaped.
    """
    style, seal = _style()
    text = _environment().get_template(template).render(title=title, style=style, seal=seal, **values)
    return text.encode(errors="replace")


@functools.cache
def _environment() -> Environment:
    loader = PackageLoader("scratchae.grading.reports")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"percent": percent, "points": points, "width": _width}
    return environment


@functools.cache
def _style() -> tuple[str, str]:
    """The style sheet, and its hash for the content security policy."""
    style = resources.files("scratchae.grading.reports").joinpath("report.css").read_text(encoding="utf-8")
    return style, base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _width(share: float) -> str:
    """Width of the filled part of a bar, out of 100."""
    return f"{100 * min(max(share, 0.0), 1.0):.1f}"


def graded_with(
    results: Mapping[str, Any], row: Mapping[str, Any] | None = None, *, teacher: bool = True
) -> dict[str, Any]:
    """The facts needed to reproduce the grading, for the templates, and what the isolation does not hold.

    Parameters
    ----------
    results : mapping
    row : mapping, optional
        Of the student; its hash is a fact, too.
    teacher : bool
        False for a student, who is not told what a submission could do.
    """
    versions, assignment = results["versions"], results["assignment"]
    facts = {
        "scratchae": f"{versions['scratchae']}, code {versions['code']}",
        "NumPy, Python": f"{versions['numpy']}, {versions['python']}",
        "Seed": f"{assignment['seed']} (its fingerprint)",
        "Policy": assignment["policy"][:16],
        "Isolation": (row or assignment)["isolation"],
    }
    if row is not None:
        facts["SHA-256 of the submission"] = row["sha256"]
    drawback = assignment["drawback"]
    return {"facts": facts, "drawback": drawback if teacher else drawback.partition(":")[0]}
