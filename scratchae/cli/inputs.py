"""Inputs of a command: the data given by `--data` (a named data set or a file), and saved models."""

from __future__ import annotations

import os
from argparse import BooleanOptionalAction, Namespace
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scratchae.console import parser as types
from scratchae.console.parser import UsageError
from scratchae.console.table import say
from scratchae.errors import nearest

if TYPE_CHECKING:
    from scratchae.models.model import Model
    from scratchae.nets.network import Array

NAMES = ("digits", "strokes", "mnist", "fashion-mnist")
KINDS = "a file (.csv, .tsv, .parquet, .npy, .npz, IDX; text may be compressed), or a folder of images"


@dataclass(frozen=True)
class LoadedData:
    """Training and test data of a command.

    Parameters
    ----------
    name : str
    x_train : array, shape (N, D)
    y_train : array, shape (N,), optional
    x_test, y_test : array, optional
    image_shape : (height, width), optional
        None if the rows are not images.
    notes : tuple of str
        What was taken for column names, index and labels, and how the data were converted.
    names : list of str, optional
        Names of the columns.
    where : callable, optional
        Returns the place of an entry in the file, in words, from its row and column.
    """

    name: str
    x_train: Array
    y_train: Array | None = None
    x_test: Array | None = None
    y_test: Array | None = None
    image_shape: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
    names: list[str] | None = None
    where: Callable[[int, int], str] | None = None

    @property
    def words(self) -> tuple[str, str]:
        """The words for a row and a column."""
        return ("image", "pixel") if self.image_shape else ("row", "feature")


def add_reading_arguments(add: Callable[..., object]) -> None:
    """Add the arguments that say how a file is read."""
    add(
        "--label-column",
        metavar="COLUMN",
        help="column of labels: a name, a number from 1, last, or none (default: found and said)",
    )
    add(
        "--index-column",
        metavar="COLUMN",
        help="column that numbers the rows: a name, a number from 1, or none (default: found and said)",
    )
    add("--drop-columns", metavar="COLUMNS", type=_list, default=(), help="columns to leave out, such as name,date")
    add(
        "--sep",
        metavar="CHARACTER",
        help="separator of a text file: comma, semicolon, tab, space, … (default: found and said)",
    )
    names = "whether the first line gives the column names (default: found and said)"
    add("--header", action=BooleanOptionalAction, default=None, help=names)
    missing = "missing values: an error, drop the rows, or the mean of the column (default: error)"
    add("--missing", metavar="RULE", type=types.one_of(("error", "drop", "mean")), default="error", help=missing)
    add("--transpose", action="store_true", help="exchange rows and columns of each image, as EMNIST needs")


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


READING = ("label_column", "index_column", "drop_columns", "sep", "header", "missing", "transpose")


def reading_of(args: Namespace) -> dict[str, Any]:
    """Return the arguments of `read_table` that were given; missing values that become means are kept until the training rows are known."""
    given = {
        name: getattr(args, name)
        for name in READING
        if getattr(args, name, None) not in (None, (), False) or name == "header"
    }
    for name in ("label_column", "index_column"):
        if given.get(name) == "none":
            given[name] = False
    if given.get("missing") == "mean":
        given["missing"] = "keep"
    return given


def load_data(
    name: str, folder: str | None, image_shape: tuple[int, int] | None, reading: dict[str, Any] | None = None
) -> LoadedData:
    """Load a named data set, or a file.

    Parameters
    ----------
    name, folder, image_shape
        The arguments `--data`, `--data-dir` and `--image-shape`.
    reading : dict, optional
        Further arguments of `read_table`.

    Raises
    ------
    UsageError
        If neither exists, or the file cannot be used.
    ValueError, OSError
        From the loaders.
    """
    if name in NAMES:
        for option, value in (reading or {}).items():
            if option not in ("header", "missing") or (option == "header" and value is not None):
                raise UsageError(
                    f"--{option.replace('_', '-')} is for files, and --data {name} is a data set; leave it out"
                )
        return _named(name, folder)
    from scratchae.tables.reading import is_readable

    path = Path(name).expanduser()
    if not path.is_dir() and not is_readable(name):
        raise UsageError(f"--data {name!r} is not a data set{nearest(name, NAMES)}; use {', '.join(NAMES)}, {KINDS}")
    if folder is not None:
        raise UsageError("--data-dir is for mnist and fashion-mnist; give the whole path of a file to --data")
    if not path.exists():
        raise UsageError(f"--data {name}: there is no such file; give the path of one")
    return _from_file(path, name, image_shape, reading or {})


def _from_file(path: Path, name: str, image_shape: tuple[int, int] | None, reading: dict[str, Any]) -> LoadedData:
    """Read a file with `read_table`."""
    from scratchae.tables import read_table
    from scratchae.tables.missing import check_columns

    try:
        table = read_table(path, **reading)
    except ImportError as error:
        raise UsageError(f"--data {name}: {error}") from None
    except OSError as error:
        raise OSError(f"--data {name} cannot be read ({error.strerror or error})") from None
    x = table.array()
    if reading.get("missing") == "keep" and x.ndim == 2 and x.dtype.kind == "f":
        check_columns(x, table.where)
    shape = image_shape or table.image_shape
    if table.image_shape is not None and image_shape not in (None, table.image_shape):
        height, width = table.image_shape
        raise UsageError(
            f"--image-shape does not match the images in {path.name}, which are {height}x{width}; leave it out"
        )
    if shape is not None and x.ndim == 2 and shape[0] * shape[1] != x.shape[1]:
        raise UsageError(
            f"an image shape of {shape[0]}x{shape[1]} does not match rows of {x.shape[1]} numbers; give a matching --image-shape"
        )
    return LoadedData(
        path.name, x, table.y, table.x_test, table.y_test, shape, table.notes, table.names, table.where
    )  # fmt: skip


def say_notes(data: LoadedData) -> None:
    """Print what was taken for what."""
    for note in data.notes:
        say(f"data      {note}")


def check_names(model: Model, data: LoadedData) -> None:
    """Reject data whose columns are not those of the model, or are in another order.

    Raises
    ------
    UsageError
        If both have names and these differ.
    """
    known = [str(name) for name in getattr(model, "feature_names_in_", ())]
    if not known or data.names is None or known == data.names:
        return
    lacking = [name for name in known if name not in data.names]
    if lacking:
        raise UsageError(
            f"{data.name} has no column {lacking[0]!r}{nearest(lacking[0], data.names)}, which the model was trained on; give the same columns"
        )
    raise UsageError(
        f"{data.name} has the columns {', '.join(data.names[:6])}, the model {', '.join(known[:6])}; give them in the same order"
    )


def load_for(model: Model, args: Namespace) -> LoadedData:
    """Load the data given by `args` as rows of a saved model, and print what was taken for what.

    If the training data of the model were standardised, so are these; the means of the training rows replace missing values.
    """
    reading = reading_of(args)
    if not hasattr(model, "preparation_"):
        reading["missing"] = args.missing
    given = args.image_shape if isinstance(args.image_shape, tuple) else None
    data = load_data(args.data, args.data_dir, given, reading)
    say_notes(data)
    return prepared(model, data)


def prepared(model: Model, data: LoadedData) -> LoadedData:
    """Return data as the rows of a saved model: standardised, and with means in place of missing values, if its training data were."""
    check_names(model, data)
    preparation = getattr(model, "preparation_", None)
    if preparation is None or data.x_train.ndim != 2 or data.x_train.shape[1] != len(preparation.mean_):
        return data
    test = None if data.x_test is None else preparation.transform(data.x_test)
    return replace(data, x_train=preparation.transform(data.x_train), x_test=test)


def load_model(path: str) -> Model:
    """Load a saved model.

    Raises
    ------
    UsageError
        If the file does not exist.
    FileFormatError
        If the file is damaged or not a model.
    """
    from scratchae.models import load

    if not os.path.exists(path):
        raise UsageError(f"{path}: there is no such file; give a model that `scratchae train --out` saved")
    model: Model = load(path)
    return model


def _named(name: str, folder: str | None) -> LoadedData:
    from scratchae import datasets

    if name == "digits":
        if folder is not None:
            raise UsageError("--data digits is part of the package and needs no folder; leave out --data-dir")
        d = datasets.load_digits()
    elif name == "strokes":
        if folder is not None:
            raise UsageError("--data strokes is generated and needs no folder; leave out --data-dir")
        d = datasets.make_strokes()
    else:
        try:
            d = (datasets.load_mnist if name == "mnist" else datasets.load_fashion_mnist)(folder)
        except FileNotFoundError as error:
            raise UsageError(f"--data-dir: {error}") from None
    return LoadedData(d.name, d.x_train, d.y_train, d.x_test, d.y_test, d.image_shape)


def check_classes(y_train: Array, others: dict[str, Array | None]) -> None:
    """Reject labels of held-out and test rows that are not in `y_train`, before training."""
    from scratchae.models.labels import as_labels, check_labels, indices_of

    classes, _ = check_labels(as_labels(y_train, len(y_train), "y_train"), None)
    for name, labels in others.items():
        if labels is not None:
            indices_of(as_labels(labels, len(labels), name), classes, name)
