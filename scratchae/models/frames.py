"""Data frames as arrays of numbers, one column at a time; an error names the column, and the row by its position and its label.

Data frames are recognised by what they can do, since pandas is not needed at run time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchae.nets.network import Array

_PLAIN = {int, float, bool, type(None), np.float32, np.float64, np.int64, np.bool_}  # NumPy converts None to NaN
_KINDS = {"M": "dates", "m": "time spans", "c": "complex numbers"}


def place(source: object, row: int, column: int) -> str:
    """Return the place of an entry in words, for a message.

    Parameters
    ----------
    source : object
        The data as they were given; if they are a data frame, the names of the column and of the row are added.
    row, column : int
    """
    names, index = getattr(source, "columns", None), getattr(source, "index", None)
    if names is None or column >= len(names):
        return f"row {row}, column {column}"
    label = "" if index is None or callable(index) or not hasattr(source, "iloc") else _label(index, row)
    return f"row {row}{label}, column {column_name(names, column)}"


def _label(index: Any, row: int) -> str:
    label = index[row]
    if isinstance(label, (int, np.integer)) and label == row:
        return ""
    return f" (index {label!r})" if isinstance(label, str) else f" (index {label})"


def column_name(names: Any, column: int) -> str:
    """Return the name of a column, and its position if the name is another number."""
    name = names[column]
    if isinstance(name, str):
        return repr(name)
    if isinstance(name, tuple):  # of columns with several levels
        return f"({', '.join(map(str, name))})"
    return f"{name}" if isinstance(name, (int, np.integer)) and name == column else f"{name} (position {column})"


def is_frame(X: Any) -> bool:
    """Return whether X is a data frame of pandas or polars."""
    of_pandas = hasattr(X, "iloc") and getattr(X, "ndim", 0) == 2
    return hasattr(X, "dtypes") and (of_pandas or hasattr(X, "get_columns"))


def frame_as_numbers(X: Any, dtype: str, name: str) -> Array:
    """Return the numbers of a data frame; missing values of any kind are NaN.

    Raises
    ------
    ValueError
        If two columns have one name, or a column contains complex numbers.
    ValueError, TypeError
        If a column contains anything else that is not a number; TypeError for objects that are neither text nor numbers.
    """
    _check_names(X.columns, name)
    kinds = list(X.dtypes)  # of NumPy, pandas or polars
    if kinds and all(isinstance(kind, np.dtype) and kind == kinds[0] and kind.kind in "fiub" for kind in kinds):
        return np.asarray(X)  # one block of memory, often without a copy
    x = np.empty((len(X), len(kinds)), dtype)
    with np.errstate(over="ignore"):  # an overflow becomes infinity, which is reported later
        for j in range(len(kinds)):
            x[:, j] = _column(X, j, name)
    return x


def _check_names(names: Any, name: str) -> None:
    first: dict[Any, int] = {}
    for j, column in enumerate(names):
        if column in first:
            raise ValueError(
                f"{name} has two columns named {column!r}, at positions {first[column]} and {j}; rename one of them."
            )
        first[column] = j


def _column(X: Any, j: int, name: str) -> Array:
    column = X.iloc[:, j] if hasattr(X, "iloc") else X.get_columns()[j].to_numpy()
    kind = getattr(column.dtype, "kind", "O")
    if kind in "fiub" and isinstance(column, np.ndarray):
        return column.astype(np.float64)
    if kind in "fiub" and hasattr(column.dtype, "subtype") is False:
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
    if kind in _KINDS:
        word = _KINDS[kind]
        prefix = "Complex data not supported: " if kind == "c" else ""
        raise ValueError(
            f"{prefix}{name} has {word} in column {column_name(X.columns, j)} (dtype {_kind(X, j)}); pass numbers."
        )
    return _from_objects(X, j, column, name)


def _kind(X: Any, j: int) -> object:
    """Return the type of a column as pandas or polars calls it."""
    return X.iloc[:, j].dtype if hasattr(X, "iloc") else X.dtypes[j]


def _from_objects(X: Any, j: int, column: Any, name: str) -> Array:
    """Convert a column of Python objects: numbers and missing values, nothing else."""
    objects = np.asarray(column, dtype=object)
    if set(map(type, objects)) <= _PLAIN:
        return objects.astype(np.float64)  # in one step
    values = np.empty(len(column))
    for row, value in enumerate(objects):
        try:
            values[row] = as_float(value)
        except (TypeError, ValueError) as error:
            where = place(X, row, j).split(", column")[0]
            raise type(error)(
                f"{name} has dtype {_kind(X, j)} in column {column_name(X.columns, j)}, which is not numeric "
                f"({where}: {error}); pass numbers, or leave the column out."
            ) from None
    return values


def as_float(value: object) -> float:
    """Return a number that is a Python object, NaN for a missing value.

    Raises
    ------
    ValueError, TypeError
        If it is text or a date, or of another type.
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return np.nan
    if isinstance(value, (str, bytes)) or hasattr(value, "year"):
        raise ValueError(f"{str(value)[:60]!r} is not a number")
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise TypeError(f"an argument must be a string or a number, not of type {type(value).__name__}") from None
