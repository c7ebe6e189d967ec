"""The return value of `read_table`: rows, labels, names, and what was taken for what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def counted_row(row: int) -> str:
    """Return the place of a row of a file without lines, in words."""
    return f"row {row + 1} (counted from 1)"


@dataclass(frozen=True, eq=False, repr=False)
class DataTable:
    """Rows of a file, ready for `fit`.

    Parameters
    ----------
    x : pandas.DataFrame or array, shape (N, D)
        The numbers: float64 in a data frame if the file names its columns, otherwise an array.
    y : array, shape (N,), optional
        The labels.
    names : list of str, optional
        Names of the D columns.
    image_shape : (height, width), optional
        Set if the rows are images.
    x_test, y_test : optional
        Test rows and their labels, if the file has them.
    means : array, shape (D,), optional
        Means that replaced missing values (`missing="mean"`); ``read_table(other, like=this)`` uses them for later rows.
    label : str, optional
        Name of the column of labels.
    notes : tuple of str
        What was taken for column names, index and labels, what was left out and what was converted.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import scratchae as sae
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "flowers.csv")
    ...     _ = path.write_text(",length,width,species\\n0,5.1,3.5,a\\n1,4.9,3.0,b\\n2,6.2,3.4,a\\n3,5.9,3.0,b\\n")
    ...     table = sae.read_table(path)
    >>> table.names, table.y.tolist()
    (['length', 'width'], ['a', 'b', 'a', 'b'])
    >>> print(table.notes[1])
    the first column (without a name; 0, 1, 2, 3) is an index and was left out
    """

    x: Any
    y: Array | None = None
    names: list[str] | None = None
    image_shape: tuple[int, int] | None = None
    x_test: Any = None
    y_test: Array | None = None
    means: Array | None = None
    label: str | None = None
    notes: tuple[str, ...] = ()
    _line: Callable[[int], str] | None = None
    _columns: list[str] | None = None

    def where(self, row: int, column: int) -> str:
        """Return the place of an entry in words: the line of the file (or the row, from 1) and the name of the column.

        Parameters
        ----------
        row, column : int
            Indices into `x`.
        """
        line = (counted_row if self._line is None else self._line)(row)
        if self._columns is not None:
            return f"{line}, {self._columns[column]}"
        return f"{line}, column {column + 1 if self.names is None else repr(self.names[column])}"

    def array(self) -> Array:
        """Return `x` as an array."""
        return np.asarray(self.x)

    def __repr__(self) -> str:
        rows, columns = self.x.shape
        kinds = 0 if self.y is None else len(np.unique(self.y))
        labels = "no labels" if self.y is None else f"{kinds:,} different label{'' if kinds == 1 else 's'}"
        counted = f"{rows:,} row{'' if rows == 1 else 's'} of {columns:,} column{'' if columns == 1 else 's'}"
        return "\n".join([f"<DataTable: {counted}, {labels}>", *self.notes])
