"""Arrays of NumPy's files: one array, or rows and labels by their names."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scratchae.errors import shortened
from scratchae.tables.compressed import SUFFIXES, opened

Array = npt.NDArray[Any]
# Names in an archive, in the order in which they are looked for.
NAMES = {
    "x_train": ("x_train", "X_train", "train_images", "x", "X", "data", "images", "samples"),
    "y_train": ("y_train", "Y_train", "train_labels", "y", "Y", "labels", "label", "target", "targets", "classes"),
    "x_test": ("x_test", "X_test", "test_images"),
    "y_test": ("y_test", "Y_test", "test_labels"),
    "names": ("names", "feature_names", "columns"),
    "image_shape": ("image_shape",),
}


def read_arrays(path: Path) -> tuple[dict[str, Array], list[str]]:
    """Read a `.npy` or `.npz` file: arrays by their use (the keys of `NAMES`), and notes.

    Raises
    ------
    ValueError
        If the file is damaged, contains Python objects, is a saved model, or has no array of rows.
    """
    try:
        source = io.BytesIO(opened(path).read()) if path.suffix.lower() in SUFFIXES else path
        loaded: Any = np.load(source, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return _from_array(loaded), []
        with loaded:
            arrays = {name: loaded[name] for name in loaded.files}
    except (MemoryError, FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except Exception as error:  # NumPy and zipfile raise many kinds of errors for a damaged archive
        raise ValueError(f"{path} is not a readable {path.suffix} file of numbers ({error}); give another.") from None
    if _is_model(path, arrays):
        raise ValueError(
            f"{path} is a model or a checkpoint that scratchae saved, not data; give the file of the rows."
        )
    return _by_use(path, arrays)


def _from_array(array: Array) -> dict[str, Array]:
    names = array.dtype.names
    if not names:
        return {"x_train": array}
    kinds = [(name, array.dtype[name]) for name in names]
    for name, kind in kinds:
        if kind.kind not in "biuf" or kind.shape:
            raise ValueError(f"The field {name!r} has dtype {kind}, which is not numeric; give fields of numbers.")
    return {"x_train": np.stack([array[name].astype(np.float64) for name in names], axis=1), "names": np.array(names)}


def _is_model(path: Path, arrays: dict[str, Array]) -> bool:
    if "header" not in arrays:
        return False
    with zipfile.ZipFile(path) as archive:
        return archive.comment.startswith(b"scratchae")


def _by_use(path: Path, arrays: dict[str, Array]) -> tuple[dict[str, Array], list[str]]:
    found = {use: next((name for name in names if name in arrays), None) for use, names in NAMES.items()}
    if found["x_train"] is None and len(arrays) == 1:
        found["x_train"] = next(iter(arrays))
    if found["x_train"] is None:
        raise ValueError(
            f"{path} has no array x_train (it has {shortened(list(arrays), 10) if arrays else 'none'}); name the array to train on x_train."
        )
    used = {use: name for use, name in found.items() if name is not None}
    named = {"x_train": "rows", "y_train": "labels", "x_test": "test rows", "y_test": "labels of test rows"}
    taken = [f"{name} for the {named[use]}" for use, name in used.items() if use in named and use != name]
    left = [name for name in arrays if name not in used.values()]
    notes = [f"took {', '.join(taken)}"] if taken else []
    notes += [f"not used: {shortened(left, 10)}"] if left else []
    return {use: arrays[name] for use, name in used.items()}, notes
