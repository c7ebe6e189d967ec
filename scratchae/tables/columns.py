"""The use of each column: index, labels, left out; the others as numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scratchae.errors import nearest, shortened
from scratchae.tables.cells import Cells, absent_in, as_cells, different
from scratchae.tables.frames import Columns, check_names
from scratchae.tables.text import is_number

Which = str | int | bool | None
INDEX_NAMES = (
    "",
    "unnamed: 0",
    "index",
    "level_0",
    "rownames",
    "row.names",
    "row_names",
    "id",
    "nr",
    "no",
    "no.",
    "row",
    "#",
)
LABEL_NAMES = ("label", "labels", "class", "classes", "target", "y")
_PIXEL = re.compile(r"(pixel|px)[ _]?\d+|\d+x\d+|r\d+c\d+", re.IGNORECASE)
MOST_CLASSES = 100  # of a column of text that is taken for labels
SURELY = 5  # rows numbered in order, if nothing but their numbers marks them as an index


class Sorted(NamedTuple):
    """The columns of a file, sorted by their use.

    Attributes
    ----------
    x : array, float64, shape (N, D)
    names : list of str, optional
    words : list of str
        A name for each column of x in messages, such as "column 'b'".
    y : array, shape (N,), optional
    absent : array, bool, shape (N,)
        Rows without a label.
    label : str, optional
    image_shape : (height, width), optional
    notes : list of str
    """

    x: npt.NDArray[np.float64]
    names: list[str] | None
    words: list[str]
    y: npt.NDArray[Any] | None
    absent: npt.NDArray[np.bool_]
    label: str | None
    image_shape: tuple[int, int] | None
    notes: list[str]


class _Open:
    """The columns not used so far."""

    def __init__(self, columns: Columns) -> None:
        self.names, self.values, self.line = columns.names, columns.values, columns.line
        self.left, self.notes = list(range(len(columns.values))), list[str]()
        self._cells: dict[int, Cells] = {}
        self._european = columns.decimal == ","

    def cells(self, j: int) -> Cells:
        """Return a column as numbers; a column is converted once."""
        if j not in self._cells:
            self._cells[j] = as_cells(self.values[j], self._european)
        return self._cells[j]

    def release(self, j: int) -> None:
        """Free the memory of a column that is not needed any more."""
        self.values[j] = None
        del self._cells[j]

    def word(self, j: int) -> str:
        """Return the name of a column in messages; columns without names are counted from 1."""
        return f"column {self.names[j]!r}" if self.names is not None and self.names[j] else f"column {j + 1}"

    def find(self, which: str | int, option: str) -> int:
        """Return the number of a column from its name or position."""
        width = len(self.values)
        if isinstance(which, str) and self.names is not None and which in self.names:
            return self.names.index(which)
        if isinstance(which, str) and which == "last":
            return width - 1
        if isinstance(which, str) and which.isdecimal() and 1 <= int(which) <= width:
            return int(which) - 1
        if isinstance(which, int) and -width <= which < width:
            return which % width
        known = self.names or [str(j + 1) for j in range(width)]
        raise ValueError(
            f"{option}={which!r} is not a column of the file{nearest(which, known)}; its columns are "
            f"{shortened([repr(name) for name in known], 12)}."
        )


def sort_columns(columns: Columns, label: Which, index: Which, drop: Sequence[str | int]) -> Sorted:
    """Find index, labels and pixels, leave out columns, and convert the others to numbers.

    Raises
    ------
    ValueError
        If a column is unknown, two have one name, or one has cells that are not numbers.
    """
    found = _Open(columns)
    check_names(found.names or ())
    for which in drop:
        j = found.find(which, "drop_columns")
        found.left = [other for other in found.left if other != j]
        found.notes.append(f"{found.word(j)} was left out, as asked")
    chosen = -1 if label is None or isinstance(label, bool) else found.find(label, "label_column")
    _drop_index(found, index, chosen)
    _drop_empty(found)
    y, absent, name = _labels(found, label, chosen)
    if not found.left:
        raise ValueError("There is no column of numbers left; give a file with at least one.")
    x = _numbers(found)
    shape = _pixels(found, x)
    names = None
    if found.names is not None:
        if unnamed := [found.word(j) for j in found.left if not found.names[j]]:
            found.notes.append(f"{shortened(unnamed, 5)} without a name in the file")
        names = [found.names[j] or f"column {j + 1}" for j in found.left]
    return Sorted(x, names, [found.word(j) for j in found.left], y, absent, name, shape, found.notes)


def _drop_index(found: _Open, index: Which, label: int) -> None:
    """Leave out an index: the column given, or the first if its name or its values show that it numbers the rows."""
    if index is False or not found.left:
        return
    if index is not None and index is not True:
        j = found.find(index, "index_column")
        if j in found.left:
            found.left.remove(j)
        found.notes.append(f"{found.word(j)} is the index and was left out")
        return
    j = found.left[0]
    if j != 0 or j == label or len(found.left) < 2:
        _say_numbered(found)
        return
    name = None if found.names is None else found.names[0].lower()
    values, counted = _whole(found.values[0]), ""
    start = None if values is None or not len(values) or values[0] not in (0, 1) else int(values[0])
    if values is not None and start is not None and np.array_equal(values, np.arange(start, start + len(values))):
        counted = ", ".join(str(start + i) for i in range(min(4, len(values)))) + (", …" if len(values) > 4 else "")
    unnamed = name in ("", "unnamed: 0")
    labelled = unnamed and not counted and (values is None or len(np.unique(values)) == len(values))
    if labelled and values is None:
        labelled = found.cells(0).values is None  # text, as the names of rows in R
    if (
        index is True
        or labelled
        or (counted and (name in INDEX_NAMES or (name is None and len(found.values[0]) >= SURELY)))
    ):
        shown = (
            "without a name"
            if unnamed
            else "without names"
            if name is None
            else repr(found.names[0])
            if found.names
            else ""
        )
        found.left.remove(0)
        found.notes.append(
            f"the first column ({shown}{f'; {counted}' if counted else ''}) is an index and was left out"
        )
    elif counted and len(found.values[0]) >= SURELY:
        found.notes.append(
            f"{found.word(0)} counts the rows ({counted}); if it is an index, give index_column (--index-column)"
        )
        return
    _say_numbered(found)


def _say_numbered(found: _Open) -> None:
    """Say which columns that are features are named as an index and have another whole number in each row."""
    for j in found.left:
        if found.names is None or found.names[j].lower() not in INDEX_NAMES[1:]:
            continue
        values = _whole(found.values[j])
        if values is not None and len(values) >= SURELY and len(np.unique(values)) == len(values):
            found.notes.append(
                f"{found.word(j)} has a different whole number in each row and was taken for a feature; if it numbers the rows, give "
                "index_column (--index-column)"
            )


def _whole(column: Any) -> npt.NDArray[np.int64] | None:
    """Return a column of integers, or None."""
    if getattr(column.dtype, "kind", "O") not in "iuf":
        return None
    values = np.asarray(column, np.float64)
    whole = np.isfinite(values).all() and (values == np.floor(values)).all() and (np.abs(values) < 2**53).all()
    return values.astype(np.int64) if whole else None


def _drop_empty(found: _Open) -> None:
    """Leave out columns without name and without values, such as those made by a separator at the end of each line."""
    for j in list(found.left):
        if (found.names is None or not found.names[j]) and len(found.values[j]) and len(found.left) > 1:
            column = found.values[j]
            empty = column.isna().all() if hasattr(column, "isna") else np.isnan(column).all()
            if empty:
                found.left.remove(j)
                found.notes.append(f"column {j + 1} is empty and was left out")


def _labels(
    found: _Open, label: Which, chosen: int
) -> tuple[npt.NDArray[Any] | None, npt.NDArray[np.bool_], str | None]:
    """Take the column of labels: the one given, one named so, or the only one with text."""
    rows = len(found.values[0]) if found.values else 0
    none = np.zeros(rows, np.bool_)
    if label is False:
        return None, none, None
    asked = chosen >= 0
    chosen = chosen if asked else _likely_labels(found)
    if chosen < 0:
        return None, none, None
    if chosen in found.left:
        found.left.remove(chosen)
    column = found.values[chosen]
    absent = absent_in(column)
    y = as_labels(column, absent)
    kinds = different(column)
    words = f"{found.word(chosen)} was taken for the labels ({len(kinds):,} different: {shortened(list(kinds), 5)})"
    found.notes.append(words if asked else f"{words}; give label_column=False (--label-column none) if it is not")
    return y, absent, found.names[chosen] if found.names is not None else None


def as_labels(column: Any, absent: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """Return labels as integers if all are, otherwise as Booleans, floats or text; where absent, an arbitrary one."""
    kind = getattr(column.dtype, "kind", "O")
    if kind == "b" and not absent.any():
        return np.asarray(column, np.bool_)
    cells = as_cells(column) if kind in "iuf" or kind in "OTUS" else None
    if cells is not None and cells.values is not None and not cells.note:
        values = np.where(absent, 0, cells.values)
        whole = bool((values == np.floor(values)).all() and (np.abs(values) < 2**53).all())
        return values.astype(np.int64) if whole else values
    objects = np.asarray(column, dtype=object)
    return np.array(["" if gone else str(cell).strip() for cell, gone in zip(objects, absent, strict=True)], dtype=str)


def _likely_labels(found: _Open) -> int:
    """Return a column named as labels, or the only one with text that occurs again; -1 if there is none."""
    for j in found.left:
        if len(found.left) > 1 and found.names is not None and found.names[j].lower() in LABEL_NAMES:
            column = found.values[j]
            kinds = different(column)
            if _are_classes(len(kinds), len(column)) and (
                found.cells(j).values is None or _whole_or_missing(found.cells(j))
            ):
                return j
            found.notes.append(
                f"{found.word(j)} has {len(kinds):,} different values and was taken for a feature; for labels, give label_column (--label-column)"
            )
    texts = [j for j in found.left if getattr(found.values[j].dtype, "kind", "O") in "OTUS"]
    texts = [j for j in texts if found.cells(j).values is None and found.cells(j).kind == "text"]  # no dates
    if len(texts) != 1 or len(found.left) < 2:
        return -1
    kinds = different(found.values[texts[0]])
    if not _are_classes(len(kinds), len(found.values[texts[0]])) or any(is_number(kind) for kind in kinds):
        return -1  # the numbers show that it is a column of numbers with a bad cell
    return texts[0]


def _are_classes(kinds: int, rows: int) -> bool:
    return 1 <= kinds <= min(MOST_CLASSES, max(2, rows // 2)) and kinds < rows


def _whole_or_missing(cells: Cells) -> bool:
    values = cells.values
    return values is not None and bool((np.isnan(values) | (values == np.floor(values))).all())


def _numbers(found: _Open) -> npt.NDArray[np.float64]:
    """Return the columns that are left as numbers."""
    x = np.empty((len(found.values[found.left[0]]), len(found.left)))
    converted: dict[str, list[str]] = {}
    for i, j in enumerate(found.left):
        cells = found.cells(j)
        if cells.values is None:
            shown = f"{found.word(j)[0].upper()}{found.word(j)[1:]} has {cells.shown!r} in {found.line(cells.bad)}, which is not a number"
            title = ", or give header=True (--header) if this line gives the column names"
            raise ValueError(
                f"{shown} ({cells.kind}); mend it, leave the column out (drop_columns=, on the command line --drop-columns), or "
                f"name it as labels (label_column=, --label-column){title if found.names is None and not cells.bad else ''}."
            )
        if cells.note:
            converted.setdefault(cells.note, []).append(found.word(j))
        x[:, i] = cells.values
        found.release(j)
    found.notes += [f"{shortened(words, 5)}: {note}" for note, words in converted.items()]
    return x


def _pixels(found: _Open, x: npt.NDArray[np.float64]) -> tuple[int, int] | None:
    """Divide bytes by 255, in place, if the names of all columns are those of pixels; return the shape of square images."""
    if found.names is None or not all(_PIXEL.fullmatch(found.names[j]) for j in found.left):
        return None
    if len(x) and x.max() > 1 and x.min() >= 0 and x.max() <= 255 and all((row == np.floor(row)).all() for row in x):
        x /= 255
        found.notes.append("the columns are named as pixels and contain bytes, which were divided by 255")
    side = math.isqrt(x.shape[1])
    return (side, side) if side > 1 and side * side == x.shape[1] else None
