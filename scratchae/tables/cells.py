"""Numbers from the cells of one column: Booleans, quoted numbers, decimal commas, thousands; and the first cell that is none."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scratchae.tables.text import BY_COMMAS, is_comma_number, is_missing, is_number

BOOLEANS = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0, "t": 1.0, "f": 0.0, "y": 1.0, "n": 0.0}
_PAIRS = ({"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"})
_COMMAS = "commas are decimal signs"
_BLOCK = 65536  # cells converted together
_GROUPING = str.maketrans("", "", " '\u2019\u00a0\u202f")


class Cells(NamedTuple):
    """A column as numbers.

    Attributes
    ----------
    values : array, float64, shape (N,), or None
        NaN for missing values; None if a cell is not a number.
    note : str
        How the cells were converted, if they were.
    bad : int
        Row of the first cell that is not a number.
    shown : str
        That cell.
    kind : str
        What the column contains instead.
    """

    values: npt.NDArray[np.float64] | None
    note: str = ""
    bad: int = -1
    shown: str = ""
    kind: str = "text"


def as_cells(column: Any, european: bool = False) -> Cells:
    """Convert a column (an array or a pandas Series of any type) to numbers.

    Parameters
    ----------
    column : array or pandas.Series
    european : bool
        Whether commas are decimal signs in the whole file, so that points part thousands.
    """
    kind = getattr(column.dtype, "kind", "O")
    if kind == "b":
        values = column.to_numpy(float, na_value=np.nan) if hasattr(column, "to_numpy") else column.astype(float)
        return Cells(values, "true and false are 1 and 0")
    if kind in "iuf":
        if hasattr(column, "to_numpy"):
            return Cells(column.to_numpy(np.float64, na_value=np.nan))
        return Cells(column.astype(np.float64))
    if kind in "mMc":
        present = np.flatnonzero(~np.asarray(column.isna() if hasattr(column, "isna") else np.isnat(column)))
        words = {"M": "dates", "m": "time spans", "c": "complex numbers"}[kind]
        if not present.size:
            return Cells(np.full(len(column), np.nan))
        row = int(present[0])
        return Cells(None, "", row, str(column.iloc[row] if hasattr(column, "iloc") else column[row]), words)
    return _from_objects(np.asarray(column, dtype=object), european)


def _from_objects(column: npt.NDArray[np.object_], european: bool) -> Cells:
    """Convert cells that are Python objects, each different one once, unless NumPy can convert all of a block."""
    european, truth = european or _is_european(column), _is_truth(column)
    known: dict[Any, tuple[float | None, str]] = {}
    values, notes = np.empty(len(column)), set()
    for first in range(0, len(column), _BLOCK):
        block = column[first : first + _BLOCK]
        quickly = _at_once(block, european)
        if quickly is not None:
            values[first : first + len(block)] = quickly
            notes.add(_COMMAS if european and any("," in cell for cell in block) else "")
            continue
        for row, cell in enumerate(block, first):
            key = cell if isinstance(cell, str) else None
            if key is None or key not in known:
                found = _number(cell, european, truth)
                if found[0] is None:
                    return Cells(None, "", row, str(cell)[:60], found[1] or _kind_of(cell))
                if key is not None and len(known) < 100_000:
                    known[key] = found
            else:
                found = known[key]
            values[row] = found[0]
            notes.add(found[1])
    return Cells(values, "; ".join(sorted(notes - {""})))


def _at_once(cells: npt.NDArray[np.object_], european: bool) -> npt.NDArray[np.float64] | None:
    """Convert cells that are all text with plain numbers, or with decimal commas; None if some are not."""
    if not all(type(cell) is str and "_" not in cell for cell in cells):  # Python reads 1_000 as a number
        return None
    if european and any("." in cell for cell in cells):
        return None
    plain = [cell.replace(",", ".") for cell in cells] if european else cells
    try:
        return np.asarray(plain, object).astype(np.float64)
    except ValueError:
        return None


def _kind_of(cell: object) -> str:
    if isinstance(cell, str):
        return "text"
    return "dates" if hasattr(cell, "year") else f"entries of type {type(cell).__name__}"


def _is_european(column: npt.NDArray[np.object_]) -> bool:
    """Return whether commas in the cells are decimal commas: some of them cannot part thousands, or several points do."""
    for cell in column:
        if isinstance(cell, str) and ("," in cell or cell.count(".") > 1):
            text = cell.strip().strip("'\"").strip()
            if is_comma_number(text) and not BY_COMMAS.fullmatch(text):
                return True
    return False


def _is_truth(column: npt.NDArray[np.object_]) -> bool:
    """Return whether all cells with a value are words of one pair of truth values."""
    found: set[str] = set()
    for cell in column:
        if isinstance(cell, (bool, np.bool_)):
            found.add(str(cell).lower())
        elif isinstance(cell, str) and not is_missing(cell):
            found.add(cell.strip().lower())
        if len(found) > 2:
            return False
    return any(found and found <= pair for pair in _PAIRS)


def _number(cell: Any, european: bool, truth: bool) -> tuple[float | None, str]:
    """Return the number in a cell (NaN for a missing value, None if there is none), and how it was converted, or why not."""
    if isinstance(cell, str):
        text = cell.strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
            text = text[1:-1].strip()
        text = text.replace("\u2212", "-")  # the typographical minus sign
        if is_missing(text):
            return np.nan, ""
        if european and not truth and is_comma_number(text):
            note = _COMMAS if "," in text else "points part thousands"
            return float(text.replace(".", "").replace(",", ".").translate(_GROUPING)), note
        if is_number(text):
            wrong = european and "." in text
            return (None, "a decimal point among decimal commas") if wrong else (float(text), "")
        if truth:
            return BOOLEANS[text.lower()], "true and false are 1 and 0"
        if BY_COMMAS.fullmatch(text) and not european:
            return float(text.replace(",", "").translate(_GROUPING)), "commas and spaces part thousands"
        return None, ""
    if isinstance(cell, (bool, np.bool_)):
        return float(cell), "true and false are 1 and 0"
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return np.nan, ""
    try:
        return (None, "") if hasattr(cell, "__len__") or isinstance(cell, complex) else (float(cell), "")
    except (TypeError, ValueError):
        return None, ""


def different(column: Any) -> npt.NDArray[Any]:
    """Return the different values of a column as text, without missing ones."""
    if getattr(column.dtype, "kind", "O") in "iufb":
        values = np.unique(np.asarray(column)[~absent_in(column)])
        return np.array([str(value) for value in values.tolist()], dtype=object)
    cells = np.asarray(column, dtype=object)
    return np.array(sorted({str(cell).strip() for cell in cells if not is_absent(cell)}), dtype=object)


def absent_in(column: Any) -> npt.NDArray[np.bool_]:
    """Return which cells of a column have no value."""
    if getattr(column.dtype, "kind", "O") in "iufb":
        return np.asarray(column.isna() if hasattr(column, "isna") else np.isnan(column), np.bool_)
    return np.fromiter((is_absent(cell) for cell in np.asarray(column, object)), np.bool_, len(column))


def is_absent(cell: Any) -> bool:
    """Return whether a cell has no value."""
    if isinstance(cell, str):
        return is_missing(cell)
    return cell is None or type(cell).__name__ in ("NAType", "NaTType") or (isinstance(cell, float) and cell != cell)
