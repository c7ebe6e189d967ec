"""Read a notebook: its code cells as Python text. Outputs, execution counts and other cells are not read.

The format is that of `nbformat`, which also converts older ones. Before it sees a notebook, everything but the cells' code is taken away,
since checking a hostile notebook against the format's schema may take any time.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scratchae.exercises.notebook import is_check
from scratchae.grading.submissions.cells import said, text_of
from scratchae.grading.submissions.containers.members import MOST_BYTES, MOST_NOTEBOOK_BYTES, clean, too_large

MOST_CELLS = 2_000
MOST_CONTAINERS, MOST_QUOTES = 500_000, 4_000_000  # of JSON: they decide how much memory it takes
INSTALL = "python -m pip install nbformat"
NO_NBFORMAT = f"is a notebook, and nbformat is not installed; install it ({INSTALL})"
OLDEST, NEWEST = 2, 4  # formats that are read
_LANGUAGES = {
    "ir": "R",
    "julia": "Julia",
    "javascript": "JavaScript",
    "octave": "Octave",
    "matlab": "MATLAB",
}  # by kernel


@dataclass(frozen=True)
class Notebook:
    """The code of a notebook, or the problem with it.

    Parameters
    ----------
    source : bytes, optional
        The code cells as one Python text, each begun by a line ``# In[k]:``, with k from 1; None if there is a problem.
    notes : tuple of str
        Ends of sentences that begin with the file's name, on what was left out.
    trouble : str
        The problem, as the end of such a sentence; "" without one.
    """

    source: bytes | None
    notes: tuple[str, ...] = ()
    trouble: str = ""


def code_of_notebook(content: bytes) -> list[str]:
    """The code of each code cell as it stands there; none if the notebook cannot be read.

    Parameters
    ----------
    content : bytes
    """
    try:
        return _code_cells(content)
    except _Trouble:
        return []


class _Trouble(Exception):  # noqa: N818 - the end of a sentence
    pass


def source_of_notebook(content: bytes) -> Notebook:
    """Read a notebook, in a time and memory that grow with its size alone.

    Parameters
    ----------
    content : bytes
        The file.
    """
    try:
        cells = _code_cells(content)
        text, dropped = text_of((k, "" if is_check(code) else code) for k, code in enumerate(cells, 1))
        source = text.encode()
        if len(source) > MOST_BYTES:
            raise _Trouble(f"has {len(source):,} bytes of code, and no more than {MOST_BYTES:,} are read; hand in less")
    except _Trouble as trouble:
        return Notebook(None, trouble=str(trouble))
    return Notebook(source, (said(dropped),) if dropped else ())


def _code_cells(content: bytes) -> list[str]:
    """The code of all code cells, in their order."""
    if len(content) > MOST_NOTEBOOK_BYTES:
        raise _Trouble(too_large(len(content), MOST_NOTEBOOK_BYTES))
    book = _parsed(content)
    _check_language(book)
    skeleton = _skeleton(book)
    try:
        import nbformat
    except ImportError:
        raise _Trouble(NO_NBFORMAT) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the ids of old cells
        read = nbformat.reads(json.dumps(skeleton), as_version=NEWEST)
    cells = [str(cell.source) for cell in read.cells if cell.cell_type == "code"]
    if not any(cell.strip() for cell in cells):
        raise _Trouble("has no code cell; write the functions in code cells, not in text")
    return cells


def _parsed(content: bytes) -> dict[str, Any]:
    """The notebook as JSON; numbers are not wanted, apart from the version's."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _Trouble(
            f"is not UTF-8 (line {line}, byte 0x{content[error.start]:02x}); save it in Jupyter again"
        ) from None
    if not text.strip():
        raise _Trouble("is empty; save it in Jupyter, and hand it in again")
    if text.count("[") + text.count("{") > MOST_CONTAINERS or text.count('"') > MOST_QUOTES:
        raise _Trouble("has too many parts to be read; clear its outputs, and hand it in again")
    try:
        book = json.loads(text, parse_int=_small, parse_float=lambda _: 0.0, parse_constant=lambda _: 0.0)
    except json.JSONDecodeError as error:
        if not text.lstrip().startswith(("{", "[")):
            raise _Trouble(
                "is not a notebook, which begins with a brace; save it in Jupyter again, or end its name in .py if it is Python text"
            ) from None
        place = f"line {error.lineno}, column {error.colno}"
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            raise _Trouble(
                f"ends in the middle ({place}): it is cut off; save it in Jupyter, and hand it in again"
            ) from None
        raise _Trouble(f"is not a notebook: {error.msg} ({place}); save it in Jupyter again") from None
    except RecursionError:
        raise _Trouble("is not a notebook: its parts lie too deep in one another; save it in Jupyter again") from None
    if not isinstance(book, dict):
        raise _Trouble("is not a notebook: it is no JSON object; save it in Jupyter again")
    return book


def _small(digits: str) -> int:
    """A number of a few digits; others stand for nothing here, and converting them may take long."""
    return int(digits) if len(digits) < 10 else 0


def _check_language(book: dict[str, Any]) -> None:
    metadata = book.get("metadata")
    kernel, info = (_dict(_dict(metadata).get(key)) for key in ("kernelspec", "language_info"))
    guess = _LANGUAGES.get(str(kernel.get("name", "")).casefold().partition("-")[0], "python")
    language = kernel.get("language") or info.get("name") or guess
    if not isinstance(language, str) or "python" not in language.casefold():
        raise _Trouble(f"is a notebook of {clean(str(language), 40)}; the exercises are in Python")


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _skeleton(book: dict[str, Any]) -> dict[str, Any]:
    """A notebook of the same format with the code cells only: without outputs, metadata and other cells."""
    version = book.get("nbformat")
    if not isinstance(version, int) or isinstance(version, bool):
        raise _Trouble("is not a notebook: it does not say its format (nbformat); save it in Jupyter again")
    if not OLDEST <= version <= NEWEST:
        what = f"the notebook format {version}" if version else "a notebook format of no known number"
        raise _Trouble(f"has {what}, and formats {OLDEST} to {NEWEST} are read; save it in one of them")
    codes = [code for cell in _cells(book, version) if (code := _code(*cell)) is not None]
    if len(codes) > MOST_CELLS:
        raise _Trouble(f"has {len(codes):,} code cells, and no more than {MOST_CELLS:,} are read; hand in less")
    if sum(map(len, codes)) > MOST_BYTES:
        raise _Trouble(
            f"has {sum(map(len, codes)):,} characters of code, and no more than {MOST_BYTES:,} are read; hand in less"
        )
    if version == NEWEST:
        empty: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
        cells = [{**empty, "id": f"cell-{k}", "source": code} for k, code in enumerate(codes)]
        return {"nbformat": version, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    old: dict[str, Any] = {"cell_type": "code", "language": "python", "collapsed": False, "outputs": []}
    cells = [{**old, "input": code} for code in codes]
    return {"nbformat": version, "nbformat_minor": 0, "worksheets": [{"cells": cells}], "metadata": {"name": ""}}


def _cells(book: dict[str, Any], version: int) -> Iterator[tuple[int, Any]]:
    """Number and content of each cell."""
    sheets = [book] if version == NEWEST or "worksheets" not in book else book["worksheets"]
    if not isinstance(sheets, list) or not all(isinstance(sheet, dict) for sheet in sheets):
        raise _Trouble("is not a notebook: its worksheets are not a list of objects; save it in Jupyter again")
    number = 0
    for sheet in sheets:
        cells = sheet.get("cells")
        if not isinstance(cells, list):
            raise _Trouble("is not a notebook: it has no list of cells; save it in Jupyter again")
        for cell in cells:
            number += 1
            yield number, cell


def _code(number: int, cell: Any) -> str | None:
    """The code of a cell; None for a cell of another kind."""
    if not isinstance(cell, dict):
        raise _Trouble(f"is not a notebook: its cell {number} is no JSON object; save it in Jupyter again")
    if cell.get("cell_type") != "code":
        return None
    code = cell.get("source", cell.get("input", ""))
    if isinstance(code, list) and all(isinstance(line, str) for line in code):
        code = "".join(code)
    if not isinstance(code, str):
        raise _Trouble(f"has no text in its cell {number}; save it in Jupyter again")
    if len(code) > MOST_BYTES:
        raise _Trouble(
            f"has {len(code):,} characters in its cell {number}, and no more than {MOST_BYTES:,} are read; hand in code only"
        )
    for unfit, what in (
        (_surrogate(code), "half a character (a lone surrogate)"),
        (code.find("\0"), "a NUL character"),
    ):
        if unfit >= 0:
            line = code.count("\n", 0, unfit) + 1
            raise _Trouble(f"has {what} in line {line} of its cell {number}; write this line anew")
    return code


def _surrogate(code: str) -> int:
    """The place of the first lone surrogate; -1 if there is none."""
    try:
        code.encode()
    except UnicodeEncodeError as error:
        return error.start
    return -1
