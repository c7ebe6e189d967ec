"""A model as a table in HTML, for notebooks."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from html import escape

LONGEST = 300  # characters of a value


def table(title: str, state: str, changed: Mapping[str, object], others: Mapping[str, object]) -> str:
    """Return a table of options: those that were changed, and the others behind a click.

    Parameters
    ----------
    title : str
        Name of the model's class.
    state : str
        Whether the model is fitted, and to what.
    changed, others : mapping of str to object
        Options by name; their values are shown as `repr` shows them.
    """
    parts = [f"<div><b>{escape(title)}</b> <span>({escape(state)})</span>"]
    if changed:
        parts.append(_rows(changed))
    if others:
        summary = "other options, at their defaults" if changed else "options, all at their defaults"
        parts.append(f"<details><summary>{summary}</summary>{_rows(others)}</details>")
    return "".join([*parts, "</div>"])


def _rows(options: Mapping[str, object]) -> str:
    cells = (
        f"<tr><td>{escape(name)}</td><td><code>{escape(_shown(value))}</code></td></tr>"
        for name, value in options.items()
    )
    return f"<table><thead><tr><th>option</th><th>value</th></tr></thead><tbody>{''.join(cells)}</tbody></table>"


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception as error:  # the table of a notebook is no place for an error
        text = f"<{type(value).__name__}: {type(error).__name__} in repr>"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def wanted() -> bool:
    """Return whether scikit-learn's setting `display` allows HTML; it does if scikit-learn is not loaded."""
    sklearn = sys.modules.get("sklearn")
    return sklearn is None or sklearn.get_config()["display"] == "diagram"


def fitted_state(epochs: int, features: int, loss: Sequence[float]) -> str:
    """Return the state of a fitted model in words."""
    counted = f"fitted to {features} features" if not epochs else f"fitted to {features} features, {epochs} epochs"
    return f"{counted}, loss {loss[-1]:.6g}" if len(loss) else counted
