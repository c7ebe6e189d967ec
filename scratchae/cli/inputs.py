"""What a command reads: the data that `--data` names, a data set with a loader or a file of the user's own; and saved models."""

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
    from scratchae.nets.network import Array

NAMES = ("digits", "strokes", "mnist", "fashion-mnist")
ENDINGS = (".npy", ".npz", ".csv")


@dataclass(frozen=True)
class Data:
    """What a command trains on.

    Parameters
    ----------
    name : str
    x_train : array, shape (N, D)
    y_train : array, shape (N,), optional
    x_test, y_test : array, optional
    image_shape : (height, width), optional
        None if the rows are no images.
    note : str
        What was done to the data, if anything.
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
        """What a row and a column are called."""
        return ("image", "pixel") if self.image_shape else ("row", "feature")


def load_data(name: str, folder: str | None, image_shape: tuple[int, int] | None) -> Data:
    """The data set of that name, or the file.

    Raises
    ------
    UsageError
        If there is neither, or the file cannot be used.
    ValueError, OSError
        From the loaders.
    """
    if name in NAMES:
        return _named(name, folder)
    path = Path(name).expanduser()
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(
            f"--data {name!r} is no data set{nearest(name, NAMES)}; use {', '.join(NAMES)}, or a file ending in {', '.join(ENDINGS)}"
        )
    if folder is not None:
        raise UsageError("--data-dir is for mnist and fashion-mnist; give the whole path of a file to --data")
    if not path.is_file():
        raise UsageError(f"--data {name}: there is no such file; give the path of one")
    arrays = _read(path)
    return _from_arrays(path.name, arrays, image_shape)


def load_model(path: str) -> Any:
    """A model that was saved.

    Raises
    ------
    UsageError
        If there is no such file.
    FileFormatError
        If it is damaged, or no model.
    """
    from scratchae.models import load

    if not os.path.exists(path):
        raise UsageError(f"{path}: there is no such file; give a model that `scratchae train --out` saved")
    return load(path)


def _named(name: str, folder: str | None) -> Data:
    from scratchae import datasets

    if name == "digits":
        if folder is not None:
            raise UsageError("--data digits is embedded and in no folder; leave --data-dir out")
        d = datasets.load_digits()
    elif name == "strokes":
        if folder is not None:
            raise UsageError("--data strokes is drawn and in no folder; leave --data-dir out")
        d = datasets.make_strokes()
    else:
        try:
            d = (datasets.load_mnist if name == "mnist" else datasets.load_fashion_mnist)(folder)
        except FileNotFoundError as error:
            raise UsageError(f"--data-dir: {error}") from None
    return Data(d.name, d.x_train, d.y_train, d.x_test, d.y_test, d.image_shape)


def _read(path: Path) -> dict[str, Array]:
    """The arrays of a file, by name ("x_train" if it has but one)."""
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
    except Exception as error:  # a damaged archive makes NumPy and zipfile fail in a dozen ways; all mean this
        raise UsageError(
            f"--data {path} is no readable {path.suffix} file of numbers ({error}); give another"
        ) from None
    if "x_train" not in arrays and len(arrays) != 1:
        raise UsageError(
            f"--data {path} has no array x_train (it has {', '.join(arrays) or 'none'}); name the array to train on x_train"
        )
    return arrays if "x_train" in arrays else {"x_train": arrays.popitem()[1]}


def _read_csv(path: Path) -> Array:
    """Numbers separated by commas; a first line that is no numbers is taken for the names of the columns."""
    import numpy as np

    with path.open(encoding="utf-8-sig") as file:
        first = file.readline().strip()
    try:
        [float(cell) for cell in first.split(",")]
        skip = 0
    except ValueError:
        skip = 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there are no rows, which is said below
        x = np.loadtxt(path, delimiter=",", skiprows=skip, ndmin=2, dtype=np.float64, encoding="utf-8-sig")
    if x.size == 0:
        raise ValueError("it has no rows")
    return x


def _from_arrays(name: str, arrays: dict[str, Array], image_shape: tuple[int, int] | None) -> Data:
    """Images made rows, bytes made numbers in [0, 1], and shapes that agree."""
    import numpy as np

    x = arrays["x_train"]
    if x.ndim == 3:
        height, width = (int(size) for size in x.shape[1:])
        if image_shape not in (None, (height, width)):
            raise UsageError(
                f"--image-shape does not fit the images in {name}, which are {height}x{width}; leave it out"
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
                    f"the images of x_test in {name} are {rows.shape[1]}x{rows.shape[2]}, and those of x_train are not; give one size"
                )
            if rows.ndim == 3:
                rows = rows.reshape(len(rows), math.prod(rows.shape[1:]))
            if rows.dtype == np.uint8:
                rows = rows.astype(np.float32) / 255
                notes.append(f"{part} holds bytes, which were divided by 255")
            arrays[part] = rows
    x = arrays["x_train"]
    if image_shape is not None and x.ndim == 2 and math.prod(image_shape) != x.shape[1]:
        raise UsageError(
            f"an image shape of {image_shape[0]}x{image_shape[1]} does not fit rows of {x.shape[1]} numbers; give --image-shape that fits"
        )
    _compare(x, arrays)
    return Data(
        name, x, arrays.get("y_train"), arrays.get("x_test"), arrays.get("y_test"), image_shape, "; ".join(notes)
    )


def _two_sizes(name: str, shape: Array) -> tuple[int, int]:
    """Height and width, as a file says them."""
    import numpy as np

    sizes = shape.ravel()
    if sizes.size != 2 or not np.issubdtype(sizes.dtype, np.integer) or (sizes < 1).any():
        raise UsageError(f"image_shape in {name} is {shape.tolist()}; give two whole numbers, height and width")
    return int(sizes[0]), int(sizes[1])


def _compare(x: Array, arrays: dict[str, Array]) -> None:
    """Refuse test rows or labels that do not fit, before anything is trained."""
    test = arrays.get("x_test")
    if test is not None and (test.ndim != 2 or test.shape[1:] != x.shape[1:] or len(test) == 0):
        raise UsageError(f"x_test has shape {test.shape}, x_train {x.shape}; give test rows with the same columns")
    for part in ("train", "test"):
        y, rows = arrays.get(f"y_{part}"), arrays.get(f"x_{part}")
        if y is not None and (rows is None or y.shape != rows.shape[:1]):
            raise UsageError(
                f"y_{part} has shape {y.shape}, which does not fit x_{part}; give one label for each row, or none"
            )


def check_classes(y_train: Any, others: dict[str, Any]) -> None:
    """Refuse labels of held-out and test rows that a classifier trained on `y_train` cannot know, before it is trained."""
    from scratchae.models.labels import as_labels, check_labels, indices_of

    classes, _ = check_labels(as_labels(y_train, len(y_train), "y_train"), None)
    for name, labels in others.items():
        if labels is not None:
            indices_of(as_labels(labels, len(labels), name), classes, name)
