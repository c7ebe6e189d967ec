"""The equations of the derivations by their labels, in LaTeX, so that an installed package has them without the pages.

`equations.json` is written by ``python docs/weave.py`` from `docs/derivations`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("equations.json")


class Equation(NamedTuple):
    """A labelled equation.

    Attributes
    ----------
    latex : str
    page : str
        Name of its page in `docs/derivations`.
    """

    latex: str
    page: str


@cache
def all_equations() -> dict[str, Equation]:
    """Return every labelled equation of the derivations by its label."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return {label: Equation(latex, page) for page, of_page in found.items() for label, latex in of_page.items()}


def equations_of(labels: Iterable[str]) -> dict[str, Equation]:
    """Return the equations of those labels that have one, in their order."""
    known = all_equations()
    return {label: known[label] for label in labels if label in known}
