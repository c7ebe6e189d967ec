"""Columns of text files and of Parquet, read by pandas; plain numbers are read without pandas, too."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scratchae.tables.compressed import text_of
from scratchae.tables.data_table import counted_row
from scratchae.tables.text import MISSING, Dialect, records

PIP = "pip install 'scratchae[table]'"


@dataclass(frozen=True)
class Columns:
    """Columns as they are read, before anything is taken for an index or for labels.

    Parameters
    ----------
    names : list of str, optional
    values : list of array or pandas.Series
        One for each column, of any type, all of one length.
    line : callable
        Returns the place of a row in words, such as "line 7".
    decimal : {".", ","}
        The decimal sign of the file.
    """

    names: list[str] | None
    values: list[Any]
    line: Callable[[int], str]
    decimal: str = "."


def check_names(names: Sequence[str]) -> None:
    """Raise ValueError if two columns have the same name."""
    first: dict[str, int] = {}
    for j, name in enumerate(names):
        if name and name in first:
            raise ValueError(
                f"Two columns are named {name!r}, the {_nth(first[name])} and the {_nth(j)}; rename one of them."
            )
        first[name] = j


def _nth(j: int) -> str:
    return f"{j + 1}{'th' if j % 100 in (10, 11, 12) else {0: 'st', 1: 'nd', 2: 'rd'}.get(j % 10, 'th')}"


def text_columns(path: Path, dialect: Dialect) -> Columns:
    """Read the columns of a text file.

    Raises
    ------
    ValueError
        If a row has another number of cells than the first.
    ImportError
        If pandas is not installed and the file contains more than plain numbers.
    """

    def line(row: int) -> str:
        number = _line_of(path, dialect, row)
        return f"row {row + 1}" if number is None else f"line {number}"

    try:
        import pandas
    except ImportError:
        return Columns(dialect.names, _plain_numbers(path, dialect), line)
    frame = _frame(pandas, path, dialect)
    values = [frame[j] for j in range(dialect.width)]
    if len(frame) and dialect.width > 1 and values[-1].isna().any():
        _check_lengths(path, dialect)
    return Columns(dialect.names, values, line, dialect.decimal)


def _frame(pandas: Any, path: Path, dialect: Dialect) -> Any:
    options: dict[str, Any] = {
        "header": None,
        "names": range(dialect.width),
        "index_col": False,
        "decimal": dialect.decimal,
        "na_values": sorted(MISSING),
        "skipinitialspace": True,
        "low_memory": False,
        "comment": "#" if dialect.comments else None,
    }
    if tuple(map(int, pandas.__version__.split(".")[:2])) < (3, 1):  # later ones always read the nearest number
        options["float_precision"] = "round_trip"
    separator = r"\s+" if dialect.separator == " " else dialect.separator
    with text_of(path, dialect.encoding) as file, warnings.catch_warnings():
        warnings.simplefilter("error", pandas.errors.ParserWarning)
        for _ in range(
            dialect.skip
        ):  # skiprows= counts a name over two lines once, and stumbles over quotes in comments
            file.readline()
        try:
            return pandas.read_csv(file, sep=separator, **options)
        except pandas.errors.EmptyDataError:
            raise ValueError(f"{path} has column names only, but no rows.") from None
        except (pandas.errors.ParserError, pandas.errors.ParserWarning) as error:
            _check_lengths(path, dialect)
            raise ValueError(f"{path} is not a readable table ({' '.join(str(error).split())}).") from None


def _plain_numbers(path: Path, dialect: Dialect) -> list[Any]:
    """Read a file that contains only numbers, with NumPy."""
    separator = None if dialect.separator == " " else dialect.separator
    with text_of(path, dialect.encoding) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the warning about missing rows; it is an error of `read_table`
        try:
            x = np.loadtxt(file, delimiter=separator, skiprows=dialect.skip, ndmin=2, encoding=dialect.encoding)
        except ValueError as error:
            raise ImportError(
                f"{path} is not a table of plain numbers ({str(error).split(';')[0]}), and such tables are read with pandas, "
                f"which is not installed: {PIP}"
            ) from None
    return list(x.T) if x.size else [np.zeros(0)] * dialect.width


def _check_lengths(path: Path, dialect: Dialect) -> None:
    """Raise ValueError for the first row that has too few or too many cells."""
    for number, cells in _records(path, dialect):
        while len(cells) > dialect.width and not cells[-1].strip():
            cells.pop()
        if len(cells) != dialect.width:
            raise ValueError(
                f"{path} has {len(cells)} cells in line {number}, but {dialect.width} in the first row; "
                "mend the line, or give the separator (sep=, on the command line --sep)."
            )


def _records(path: Path, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Yield number of the line and cells of each row of values."""
    with text_of(path, dialect.encoding) as file:
        lines = (line for line in itertools.islice(file, dialect.skip, None))
        if dialect.comments:
            lines = ("\n" if line.startswith("#") else line for line in lines)
        for number, cells in records(lines, dialect.separator):
            yield number + dialect.skip, cells


def _line_of(path: Path, dialect: Dialect, row: int) -> int | None:
    """Return the number of the line on which a row begins, from 1, by reading the file again; None if it is not found."""
    number, _ = next(itertools.islice(_records(path, dialect), row, None), (None, None))
    return number


def parquet_columns(path: Path) -> tuple[Columns, tuple[str, ...]]:
    """Read the columns of a Parquet file; the notes say whether an index was left out.

    Raises
    ------
    ImportError
        If pandas or pyarrow is not installed.
    ValueError
        If the file is damaged, or two columns have the same name.
    """
    try:
        import pandas
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError(f"{path} is read with pandas and pyarrow ({error}): {PIP}") from None
    try:
        names = pyarrow.parquet.read_schema(path).names
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    check_names(names)
    try:
        frame = pandas.read_parquet(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, error) from None
    notes: tuple[str, ...] = ("the columns of a Parquet file have names",)
    if not isinstance(frame.index, pandas.RangeIndex):
        kept = ", ".join(repr(name) for name in frame.index.names if name is not None)
        notes += (f"the index{' ' if kept else ''}{kept} was left out",)
    values = [frame.iloc[:, j] for j in range(frame.shape[1])]
    return Columns([str(name) for name in frame.columns], values, counted_row), notes


def _unreadable(path: Path, error: Exception) -> ValueError:
    return ValueError(f"{path} is not a readable Parquet file ({' '.join(str(error).split())[:200]}).")
