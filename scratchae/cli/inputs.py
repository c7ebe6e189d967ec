"""Inputs of a command: the data given by `--data` (a named data set or a file), and saved models."""

from __future__ import annotations

import math
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scratchae.console.parser import UsageError
from scratchae.errors import nearest

if TYPE_CHECKING:
    from scratchae.models.model import Model
    from scratchae.nets.network import Array

NAMES = ("digits", "strokes", "mnist", "fashion-mnist")
ENDINGS = (".npy", ".npz", ".csv")


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
    note : str
        How the data were converted, if they were.
    """

    name: str
    x_train: Array
    y_train: Array | None = None
    x_test: Array | None = None
    y_test: Array | None = None
    image_shape: tuple[int, int] | None = None
    note: str = ""

    @property
    def words(self) -> tuple[str, str]:
        """The words for a row and a column."""
        return ("image", "pixel") if self.image_shape else ("row", "feature")


def load_data(name: str, folder: str | None, image_shape: tuple[int, int] | None) -> LoadedData:
    """Load a named data set, or a file.

    Raises
    ------
    UsageError
        If neither exists, or the file cannot be used.
    ValueError, OSError
        From the loaders.
    """
    if name in NAMES:
        return _named(name, folder)
    path = Path(name).expanduser()
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(
            f"--data {name!r} is not a data set{nearest(name, NAMES)}; use {', '.join(NAMES)}, or a file ending in {', '.join(ENDINGS)}"
        )
    if folder is not None:
        raise UsageError("--data-dir is for mnist and fashion-mnist; give the whole path of a file to --data")
    if not path.is_file():
        raise UsageError(f"--data {name}: there is no such file; give the path of one")
    arrays = _read(path)
    return _from_arrays(path.name, arrays, image_shape)


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


def _read(path: Path) -> dict[str, Array]:
    """Read the arrays of a file, by name ("x_train" if there is only one)."""
    import numpy as np

    try:
        if path.suffix.lower() == ".csv":
            return {"x_train": _read_csv(path)}
        loaded: Any = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {"x_train": loaded}
        with loaded:
            arrays = {name: loaded[name] for name in loaded.files}
    except MemoryError:
        raise
    except OSError as error:
        raise OSError(f"--data {path} cannot be read ({error.strerror or error})") from None
    except Exception as error:  # NumPy and zipfile raise many kinds of errors for a damaged archive
        raise UsageError(
            f"--data {path} is not a readable {path.suffix} file of numbers ({error}); give another"
        ) from None
    if "x_train" not in arrays and len(arrays) != 1:
        raise UsageError(
            f"--data {path} has no array x_train (it has {', '.join(arrays) or 'none'}); name the array to train on x_train"
        )
    return arrays if "x_train" in arrays else {"x_train": arrays.popitem()[1]}


def _read_csv(path: Path) -> Array:
    """Read comma-separated numbers; a first line that is not numeric is a header and is skipped."""
    import numpy as np

    with path.open(encoding="utf-8-sig") as file:
        first = file.readline().strip()
    try:
        [float(cell) for cell in first.split(",")]
        skip = 0
    except ValueError:
        skip = 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the warning about missing rows; it is an error below
        x = np.loadtxt(path, delimiter=",", skiprows=skip, ndmin=2, dtype=np.float64, encoding="utf-8-sig")
    if x.size == 0:
        raise ValueError("it has no rows")
    return x


def _from_arrays(name: str, arrays: dict[str, Array], image_shape: tuple[int, int] | None) -> LoadedData:
    """Convert images to rows and bytes to numbers in [0, 1], and check that the shapes agree."""
    import numpy as np

    x = arrays["x_train"]
    if x.ndim == 3:
        height, width = (int(size) for size in x.shape[1:])
        if image_shape not in (None, (height, width)):
            raise UsageError(
                f"--image-shape does not match the images in {name}, which are {height}x{width}; leave it out"
            )
        image_shape = (height, width)
    elif "image_shape" in arrays and image_shape is None:
        image_shape = _two_sizes(name, arrays["image_shape"])
    notes = []
    for part in ("x_train", "x_test"):
        if part in arrays:
            rows = arrays[part]
            if rows.ndim == 3 and part == "x_test" and rows.shape[1:] != image_shape:
                raise UsageError(
                    f"the images of x_test in {name} are {rows.shape[1]}x{rows.shape[2]}, those of x_train are not; use one size"
                )
            if rows.ndim == 3:
                rows = rows.reshape(len(rows), math.prod(rows.shape[1:]))
            if rows.dtype == np.uint8:
                rows = rows.astype(np.float32) / 255
                notes.append(f"{part} contains bytes, which were divided by 255")
            arrays[part] = rows
    x = arrays["x_train"]
    if image_shape is not None and x.ndim == 2 and math.prod(image_shape) != x.shape[1]:
        raise UsageError(
            f"an image shape of {image_shape[0]}x{image_shape[1]} does not match rows of {x.shape[1]} numbers; give a matching --image-shape"
        )
    _compare(x, arrays)
    return LoadedData(
        name, x, arrays.get("y_train"), arrays.get("x_test"), arrays.get("y_test"), image_shape, "; ".join(notes)
    )


def _two_sizes(name: str, shape: Array) -> tuple[int, int]:
    """Height and width, as stored in a file."""
    import numpy as np

    sizes = shape.ravel()
    if sizes.size != 2 or not np.issubdtype(sizes.dtype, np.integer) or (sizes < 1).any():
        raise UsageError(f"image_shape in {name} is {shape.tolist()}; give two whole numbers, height and width")
    return int(sizes[0]), int(sizes[1])


def _compare(x: Array, arrays: dict[str, Array]) -> None:
    """Reject test rows or labels of the wrong shape before training."""
    test = arrays.get("x_test")
    if test is not None and (test.ndim != 2 or test.shape[1:] != x.shape[1:] or len(test) == 0):
        raise UsageError(f"x_test has shape {test.shape}, x_train {x.shape}; give test rows with the same columns")
    for part in ("train", "test"):
        y, rows = arrays.get(f"y_{part}"), arrays.get(f"x_{part}")
        if y is not None and (rows is None or y.shape != rows.shape[:1]):
            raise UsageError(
                f"y_{part} has shape {y.shape}, which does not match x_{part}; give one label for each row, or none"
            )


def check_classes(y_train: Array, others: dict[str, Array | None]) -> None:
    """Reject labels of held-out and test rows that are not in `y_train`, before training."""
    from scratchae.models.labels import as_labels, check_labels, indices_of

    classes, _ = check_labels(as_labels(y_train, len(y_train), "y_train"), None)
    for name, labels in others.items():
        if labels is not None:
            indices_of(as_labels(labels, len(labels), name), classes, name)
