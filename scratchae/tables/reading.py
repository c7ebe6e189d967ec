"""`read_table`: rows for a model from a file of any of the usual kinds."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scratchae.errors import nearest
from scratchae.tables import images
from scratchae.tables.arrays import read_arrays
from scratchae.tables.columns import Sorted, Which, sort_columns
from scratchae.tables.compressed import SUFFIXES, bare_name, damage_named
from scratchae.tables.data_table import DataTable, counted_row
from scratchae.tables.frames import Columns, check_names, parquet_columns, text_columns
from scratchae.tables.missing import (
    check_columns,
    check_complete,
    check_infinite,
    check_missing,
    fill,
    incomplete,
    means_of,
)
from scratchae.tables.text import dialect_of

Array = npt.NDArray[Any]
TEXT = (".csv", ".tsv", ".tab", ".txt", ".dat", ".data")
PARQUET = (".parquet", ".pq")
ARRAYS = (".npy", ".npz")
ENDINGS = (*TEXT, *PARQUET, *ARRAYS)


def is_readable(name: str) -> bool:
    """Return whether a name is that of a file that `read_table` reads."""
    path = Path(name)
    return Path(bare_name(path)).suffix.lower() in ENDINGS or images.is_idx(path)


def read_table(
    path: str | os.PathLike[str],
    *,
    label_column: Which = None,
    index_column: Which = None,
    drop_columns: Sequence[str | int] = (),
    sep: str | None = None,
    header: bool | None = None,
    missing: str = "error",
    transpose: bool = False,
    like: DataTable | None = None,
) -> DataTable:
    """Read rows for a model from a file or a folder.

    Text (`.csv`, `.tsv`, `.txt` and so on, also compressed with gzip, bzip2, xz or zip), Parquet, `.npy` and `.npz`, IDX files, and folders
    of images or of IDX files. Text and Parquet are read by pandas (``pip install 'scratchae[table]'``); without pandas, text that contains
    only numbers is read as well.

    Parameters
    ----------
    path : path
    label_column : str, int or False, optional
        Column of the labels: its name, or its position from 0 (from 1 if it is given as text, as on the command line). By default, a column
        named label, class, target or y that has few different values, or the only column of text if its values occur again. False: none.
    index_column : str, int or bool, optional
        Column that numbers the rows, to be left out. By default, the first column if it has no name, as pandas and R write it, or is named
        id or index and counts the rows. True: the first column; False: none.
    drop_columns : sequence of str or int
        Further columns to leave out.
    sep : str, optional
        Separator; by default found from the first lines: comma, semicolon, tab, bar or spaces.
    header : bool, optional
        Whether the first line gives the column names; by default, it does if it has no numbers.
    missing : {"error", "drop", "mean", "keep"}
        Empty cells, NA and the like: raise an error, leave out the rows, replace by the mean of the column, or keep as NaN.
    transpose : bool
        Exchange rows and columns of each image, as EMNIST needs.
    like : DataTable, optional
        Rows read earlier: columns are brought into the same order, and their means replace missing values.

    Returns
    -------
    table : DataTable
        `x` and `y` for `fit`; `notes` list what was taken for what.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If pandas is needed and not installed.
    ValueError
        If the file cannot be used; the message names the column, and the line as a spreadsheet counts it.

    Examples
    --------
    >>> import os, tempfile
    >>> import scratchae as sae
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "rows.csv")
    ...     with open(path, "w") as file:
    ...         _ = file.write("a;b\\n1,5;2\\n2,5;NA\\n")
    ...     table = sae.read_table(path, missing="mean")
    >>> table.array().tolist()
    [[1.5, 2.0], [2.5, 2.0]]
    """
    check_missing(missing)
    place = Path(path).expanduser()
    if not place.exists():
        raise FileNotFoundError(f"There is no file {os.fspath(path)!r}; give the path of one.")
    ending = Path(bare_name(place)).suffix.lower()
    chosen = {"label_column": label_column, "index_column": index_column, "drop_columns": drop_columns or None}
    if ending not in TEXT or place.is_dir():
        _refuse(place, {"sep": sep, "header": header}, "text")
    if place.is_dir() or images.is_idx(place):
        _refuse(place, chosen, "tables")
        read = images.read_folder if place.is_dir() else images.read_idx
        return _of_arrays(place, *read(place, transpose), missing, transpose)
    if ending in ARRAYS:
        arrays, notes = read_arrays(place)
        if all(value is None or value is False for value in chosen.values()):
            return _of_arrays(place, arrays, notes, missing, transpose)
        columns = _array_columns(place, arrays, chosen)
        label, index = (
            False if which is None else which for which in (label_column, index_column)
        )  # nothing is guessed
        found = sort_columns(columns, label, index, drop_columns)
        return _of_columns(found, columns.line, notes or ["without column names"], missing, like)
    if transpose:
        _refuse(place, {"transpose": transpose}, "images")
    if ending not in ENDINGS:
        raise ValueError(f"{place.name} is not of a known kind{nearest(ending, ENDINGS)}; {_hint(place, ending)}.")
    if ending in PARQUET:
        columns, said = parquet_columns(place)
    else:
        with damage_named(place):
            dialect, _ = dialect_of(place, sep, header, label_column)
            columns, said = text_columns(place, dialect), dialect.notes
    if not columns.values or not len(columns.values[0]):
        raise ValueError(f"{place} has no rows of values; give a file with at least one.")
    sorted_columns = sort_columns(columns, label_column, index_column, drop_columns)
    return _of_columns(sorted_columns, columns.line, said, missing, like)


def _hint(path: Path, ending: str) -> str:
    """Return what to do with a file of an unknown kind."""
    if ending in (".xls", ".xlsx", ".ods"):
        return "save it as .csv"
    if not ending and path.suffix.lower() in SUFFIXES:
        return f"if it contains one text, name it {path.stem}.csv{path.suffix}, otherwise unpack it"
    return f"use a file ending in {', '.join(ENDINGS)}, or a folder of images"


def _refuse(path: Path, options: dict[str, Any], kind: str) -> None:
    """Raise ValueError if an option is given that has no meaning for a file."""
    for option, value in options.items():
        if value is not None and value is not False:
            raise ValueError(f"{option}={value!r} is for {kind}, which {path.name} is not; leave it out.")


def _array_columns(path: Path, arrays: dict[str, Array], chosen: dict[str, Any]) -> Columns:
    """Return the columns of an array, from which labels are taken, or some are left out."""
    x = arrays["x_train"]
    if x.ndim != 2 or x.dtype.kind not in "fiub" or {"y_train", "x_test"} & set(arrays):
        option = next(option for option, value in chosen.items() if value is not None)
        raise ValueError(
            f"{option} is for tables, and {path.name} has images, labels or test rows of its own; leave it out, or change the arrays."
        )
    names = [str(name) for name in arrays["names"].ravel()] if "names" in arrays else None
    return Columns(names, list(x.T), counted_row)


def _of_columns(
    found: Sorted, line: Callable[[int], str], notes: Sequence[str], missing: str, like: DataTable | None
) -> DataTable:
    """Return the table of a text or a Parquet file, its missing values replaced."""
    if like is not None:
        found = _in_the_order_of(found, like)
    x, y, names = found.x, found.y, found.names

    def where(row: int, column: int) -> str:
        return f"{line(row)}, {found.words[column]}"

    check_infinite(x, where)
    means, said = None, []
    if missing != "drop" and found.absent.any():
        row, label = (
            int(np.flatnonzero(found.absent)[0]),
            "the column of labels" if found.label is None else f"column {found.label!r}",
        )
        raise ValueError(
            f'There is no label in {line(row)}, {label}; fill it in, or give missing="drop" (--missing drop).'
        )
    if missing == "error":
        check_complete(x, where)
    elif missing == "drop":
        check_columns(x, where)
        kept = np.flatnonzero((incomplete(x) == 0) & ~found.absent)
        if not len(kept):
            raise ValueError(
                f'Every one of the {len(x):,} rows has a missing value; give missing="mean" (--missing mean), or leave out columns.'
            )
        if len(kept) < len(x):
            said = [_left_out(len(x) - len(kept), len(x))]
            x, y, line = x[kept], None if y is None else y[kept], _KeptRows(line, kept)
    elif missing == "mean":
        if like is None or like.means is None:
            check_columns(x, where)
        means = means_of(x) if like is None or like.means is None else like.means
        if filled := fill(x, means):
            said = [_filled(filled)]
    rows = f"{_counted(len(x), 'row')} of {_counted(x.shape[1], 'column')}"
    return DataTable(
        _framed(x, names), y, names, found.image_shape, None, None, means, found.label,
        (f"{rows}; {'; '.join(notes)}", *found.notes, *said), line, found.words,
    )  # fmt: skip


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _filled(number: int) -> str:
    return f"{_counted(number, 'missing value')} replaced by the mean of the column"


def _left_out(number: int, rows: int) -> str:
    return f"{number:,} of {_counted(rows, 'row')} left out because of missing values"


class _KeptRows:
    """The places of the rows that were kept."""

    def __init__(self, line: Callable[[int], str] | None, kept: npt.NDArray[np.int64]) -> None:
        self.line, self.kept = line, kept

    def __call__(self, row: int) -> str:
        return (counted_row if self.line is None else self.line)(int(self.kept[row]))


def _framed(x: Array, names: list[str] | None) -> Any:
    """Return a data frame if there are names and pandas."""
    if names is None:
        return x
    try:
        import pandas
    except ImportError:
        return x
    return pandas.DataFrame(x, columns=names, copy=False)


def _in_the_order_of(found: Sorted, like: DataTable) -> Sorted:
    """Return the columns in the order of an earlier table."""
    if like.names is None or found.names is None:
        if found.x.shape[1] != like.x.shape[1]:
            raise ValueError(
                f"The file has {found.x.shape[1]} columns of numbers, the earlier table {like.x.shape[1]}; give the same columns."
            )
        return found
    lacking = [name for name in like.names if name not in found.names]
    if lacking:
        raise ValueError(
            f"The file has no column {lacking[0]!r}{nearest(lacking[0], found.names)}; give the columns of the earlier table."
        )
    order = [found.names.index(name) for name in like.names]
    return found._replace(x=found.x[:, order], names=list(like.names), words=[found.words[j] for j in order])


def _of_arrays(path: Path, arrays: dict[str, Array], notes: list[str], missing: str, transpose: bool) -> DataTable:
    """Return the table of arrays: images become rows, bytes numbers in [0, 1]; shapes are compared."""
    x = _checked_rows(path, "x_train", arrays, notes)
    shape = (int(x.shape[1]), int(x.shape[2])) if x.ndim == 3 else _stated_shape(path, arrays)
    for part in ("x_train", "x_test"):
        if part in arrays:
            arrays[part] = _rows(path, part, _checked_rows(path, part, arrays, notes), shape, transpose, notes)
    x = arrays["x_train"]
    if shape is not None and x.ndim == 2 and shape[0] * shape[1] != x.shape[1]:
        raise ValueError(
            f"{path}: an image shape of {shape[0]}x{shape[1]} does not match rows of {x.shape[1]} numbers; give a matching one."
        )
    for part in ("y_train", "y_test"):
        if part in arrays and arrays[part].ndim == 2 and arrays[part].shape[1] == 1:
            arrays[part] = arrays[part].ravel()
            notes.append(f"{part} is a column, taken as {len(arrays[part]):,} labels")
    _compare(path, x, arrays)
    names = _stated_names(path, x, arrays)
    size = shape if shape is None or not transpose else (shape[1], shape[0])
    table = DataTable(
        x, arrays.get("y_train"), names, size, arrays.get("x_test"), arrays.get("y_test"), None, None, tuple(notes)
    )  # fmt: skip
    table = _complete(path, table, missing) if x.dtype.kind == "f" else table
    return replace(table, x=_framed(table.x, names))


def _checked_rows(path: Path, part: str, arrays: dict[str, Array], notes: list[str]) -> Array:
    """Return an array of rows or images; one column may be given without its second dimension.

    Raises
    ------
    ValueError
        If it has no numbers, or no rows.
    """
    x = arrays[part]
    if x.dtype.kind not in "biuf":
        raise ValueError(f"{part} in {path} has dtype {x.dtype}, which is not numeric; give numbers.")
    if x.ndim == 1 and x.size:
        notes.append(f"{part} is one column of {_counted(len(x), 'number')}")
        x = arrays[part] = x[:, None]
    if x.ndim not in (2, 3):
        raise ValueError(
            f"{part} in {path} has shape {x.shape}; give rows of shape (N, D), or images of shape (N, height, width)."
        )
    if not x.size:
        raise ValueError(f"{part} in {path} has shape {x.shape}, so no values; give at least one row.")
    return x


def _stated_names(path: Path, x: Array, arrays: dict[str, Array]) -> list[str] | None:
    """Column names, as stored in a file."""
    if "names" not in arrays:
        return None
    names = [str(name) for name in arrays["names"].ravel()]
    if len(names) != x.shape[1]:
        raise ValueError(
            f"{path} has {len(names)} names for rows of shape {x.shape[1:]}; give one name for each column."
        )
    check_names(names)
    return names


def _stated_shape(path: Path, arrays: dict[str, Array]) -> tuple[int, int] | None:
    """Height and width, as stored in a file."""
    if "image_shape" not in arrays:
        return None
    sizes = arrays["image_shape"].ravel()
    if sizes.size != 2 or not np.issubdtype(sizes.dtype, np.integer) or (sizes < 1).any():
        raise ValueError(f"image_shape in {path} is {sizes.tolist()}; give two whole numbers, height and width.")
    return int(sizes[0]), int(sizes[1])


def _rows(path: Path, part: str, x: Array, shape: tuple[int, ...] | None, transpose: bool, notes: list[str]) -> Array:
    """Return images as rows, and bytes as numbers."""
    if x.ndim == 3:
        if x.shape[1:] != shape:
            raise ValueError(
                f"The images of {part} in {path} are {x.shape[1]}x{x.shape[2]}, those of x_train are not; use one size."
            )
        x = x.transpose(0, 2, 1) if transpose else x
        x = x.reshape(len(x), -1)
    elif transpose:
        if shape is None or x.ndim != 2:
            raise ValueError("transpose=True is for images; leave it out.")
        x = x.reshape(len(x), *shape).transpose(0, 2, 1).reshape(len(x), -1)
    if x.dtype == np.uint8:
        x = np.divide(x, np.float32(255), dtype=np.float32)
        notes.append(f"{part} contains bytes, which were divided by 255")
    return x


def _compare(path: Path, x: Array, arrays: dict[str, Array]) -> None:
    """Reject test rows or labels of the wrong shape."""
    test = arrays.get("x_test")
    if test is not None and (test.ndim != 2 or test.shape[1:] != x.shape[1:] or len(test) == 0):
        raise ValueError(
            f"x_test in {path} has shape {test.shape}, x_train {x.shape}; give test rows with the same columns."
        )
    for part in ("train", "test"):
        y, rows = arrays.get(f"y_{part}"), arrays.get(f"x_{part}")
        if y is not None and (rows is None or y.shape != rows.shape[:1]):
            raise ValueError(
                f"y_{part} in {path} has shape {y.shape}, which does not match x_{part}{'' if rows is None else f' of {len(rows):,} rows'}; "
                "give one label for each row, or none."
            )


def _complete(path: Path, table: DataTable, missing: str) -> DataTable:
    """Treat missing values of arrays as those of text."""
    check_infinite(table.x, table.where)
    means, said = None, []
    if missing == "mean" and incomplete(table.x).any():
        check_columns(table.x, table.where)
        means = means_of(table.x)
    x, y, kept, note = _completed(table.x, table.y, missing, means, table.where)
    said += note
    x_test, y_test = table.x_test, table.y_test
    if x_test is not None and x_test.dtype.kind == "f":

        def where(row: int, column: int) -> str:
            return f"{table.where(row, column)} of x_test"

        check_infinite(x_test, where)
        fallback = means_of(table.x) if means is None and missing == "mean" else means
        x_test, y_test, _, note = _completed(x_test, y_test, missing, fallback, where)
        said += [f"{words} (test rows)" for words in note]
    line = table._line if kept is None else _KeptRows(table._line, kept)
    return replace(
        table, x=x, y=y, x_test=x_test, y_test=y_test, means=means, notes=(*table.notes, *said), _line=line
    )  # fmt: skip


def _completed(
    x: Array, y: Array | None, missing: str, means: Array | None, where: Callable[[int, int], str]
) -> tuple[Array, Array | None, npt.NDArray[np.int64] | None, list[str]]:
    """Return rows and labels without missing values, the rows that were kept (None: all), and a note."""
    counts = incomplete(x)
    if not counts.any() or missing == "keep":
        return x, y, None, []
    if missing == "error":
        check_complete(x, where)
    if missing == "drop":
        check_columns(x, where)
        kept = np.flatnonzero(counts == 0)
        if not len(kept):
            raise ValueError(
                f'Every one of the {len(x):,} rows has a missing value; give missing="mean" (--missing mean).'
            )
        return x[kept], None if y is None else y[kept], kept, [_left_out(len(x) - len(kept), len(x))]
    assert means is not None
    x = x.copy()
    return x, y, None, [_filled(fill(x, means))]
