"""`Trace`: a record that shows itself as text, as a table in a notebook, as a page and as JSON."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from scratchae import files
from scratchae.tracing.page import page, table
from scratchae.tracing.record import TraceRecord
from scratchae.tracing.text import heading, text


@dataclass(frozen=True, repr=False, eq=False)
class Trace(TraceRecord):
    """The values that the labelled lines of an objective, or of other functions, computed.

    A notebook shows it as a table; `print` shows it as text.

    Attributes
    ----------
    subject : str
        The model's class, or the name of the function.
    inputs : list of Value
        Rows, noise and parameters of a model; arguments of a function.
    steps : list of Step
        The labelled lines in the order in which they were begun: a line stands before the lines of functions that it calls.
    loss : float or None
        Of a model: the objective.
    gradients : dict of str to array
        Of a model: its gradient by parameter.
    example, about : str or None
        Of a tiny example: its name, and a sentence about it.
    rows : int or None
        Of a model: the number of rows.
    """

    def to_html(self) -> str:
        """Return the trace as one HTML page, which needs no other file."""
        return page(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the trace to a file.

        Parameters
        ----------
        path : path
            Ends in ".html" or ".json".

        Raises
        ------
        ValueError
            If it ends in something else.
        OSError
            If it cannot be written; an existing file is left unchanged.
        """
        ending = Path(path).suffix.lower()
        if ending not in (".html", ".htm", ".json"):
            raise ValueError(f"{os.fspath(path)!r} does not end in .html or .json; give a name that does.")
        content = self.to_json() if ending == ".json" else self.to_html()
        files.write_bytes(path, content.encode(), "trace.html")

    def _repr_html_(self) -> str:
        return table(self)

    def __repr__(self) -> str:
        return f"<trace of {heading(self)}; {len(self.steps)} labelled lines>"

    def __str__(self) -> str:
        return text(self)
