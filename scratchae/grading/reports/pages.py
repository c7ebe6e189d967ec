"""Pages from the templates beside this file: all text is escaped, and a page loads nothing, runs nothing, and sends nothing anywhere."""

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
    """A whole page.

    Parameters
    ----------
    template : str
        The name of a file in `templates`.
    title : str
    **values
        What the template names. Text in it is escaped, wherever it comes from.
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
    """The styles, and their hash, by which a browser knows them."""
    style = resources.files("scratchae.grading.reports").joinpath("report.css").read_text(encoding="utf-8")
    return style, base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _width(share: float) -> str:
    """Of the filled part of a bar, of 100."""
    return f"{100 * min(max(share, 0.0), 1.0):.1f}"


def graded_with(results: Mapping[str, Any], row: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What it takes to grade again and get the same, as templates have it; of a student's row, if one is given."""
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
    return {"facts": facts, "isolated": assignment["isolation"] != "limits"}
