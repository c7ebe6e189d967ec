"""Validation of labels of any type, and their encoding as non-negative integers."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scratchae.errors import warn
from scratchae.models.blocks import in_blocks, slices
from scratchae.models.validation import ValidationData
from scratchae.nets.network import Array

AT_ONCE = 2**16  # labels


def as_labels(y: ArrayLike | None, rows: int, name: str = "y") -> Array:
    """Return the labels as an array of one type.

    Parameters
    ----------
    y : array_like, shape (N,)
        Labels. A column, shape (N, 1), is accepted with a warning.
    rows : int
        N, the number of rows of the data.
    name : str
        Name used in messages.

    Returns
    -------
    labels : array, shape (N,)

    Raises
    ------
    ValueError, TypeError
        If labels are missing, NaN, of mixed types, not classes, or not one per row.
    """
    if y is None:
        raise ValueError(
            f"This model requires {name} to be passed, but the target {name} is None; give one label for each row."
        )
    if hasattr(y, "toarray") and hasattr(y, "nnz"):
        raise TypeError(f"{name} is a sparse matrix, which is not supported; pass {name}.toarray().ravel().")
    if np.ma.is_masked(y):
        raise ValueError(f"{name} has masked entries, whose values are undefined; remove such rows.")
    try:
        # A list is checked label by label: NumPy would turn NaN among strings into the string "nan".
        labels = np.asarray(y, None if hasattr(y, "__array__") else object)
    except ValueError as error:  # labels of different lengths
        raise ValueError(f"{name} is not a list of labels ({error}); give one label for each row.") from None
    if labels.ndim == 2 and labels.shape[1] == 1:
        warn(*_column(name))
        labels = labels.ravel()
    if labels.ndim != 1:
        raise ValueError(
            f"{name} should be a 1d array, got an array of shape {labels.shape} instead; give one label for each row."
        )
    if len(labels) != rows:
        raise ValueError(
            f"X has {rows} rows and {name} has {len(labels)} labels (inconsistent numbers of samples); give one label for each row."
        )
    if labels.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: {name} has dtype {labels.dtype}; give labels of another type.")
    if labels.dtype.kind in "OT":
        labels = _from_objects(labels.astype(object), name)
    if labels.dtype.kind not in "biufUO":
        raise ValueError(f"Unknown label type: {name} has dtype {labels.dtype}; give numbers, strings or Booleans.")
    if labels.dtype.kind == "f":
        _check_floats(labels, name)
    return labels


def _column(name: str) -> tuple[str, type[Warning]]:
    """Return message and category of the warning about a column of labels; the category is scikit-learn's if it is loaded."""
    sklearn = sys.modules.get("sklearn.exceptions")
    category = UserWarning if sklearn is None else sklearn.DataConversionWarning
    return f"A column-vector {name} was passed when a 1d array was expected; pass {name}.ravel().", category


def _from_objects(labels: Array, name: str) -> Array:
    """Convert labels that are Python objects: all strings, or all numbers."""
    for row, label in enumerate(labels):
        if _is_missing(label):
            raise ValueError(f"{name} has no label at row {row} (NaN or None); remove such rows.")
    if all(isinstance(label, str) for label in labels):
        return labels.astype(str)
    if not all(isinstance(label, (bool, int, float, np.generic)) for label in labels):
        raise ValueError(
            f"{name} has labels of several types (Unknown label type: mixed strings and numbers, or objects); give labels of one type."
        )
    return np.array(labels.tolist())


def _is_missing(label: object) -> bool:
    """Return whether the value is None, NaN or pandas.NA."""
    try:
        return label is None or bool(label != label)
    except TypeError:
        return True
    except ValueError:  # an array
        return False


def _check_floats(labels: Array, name: str) -> None:
    bad = np.flatnonzero(~np.isfinite(labels))
    if bad.size:
        value = "NaN" if np.isnan(labels[bad[0]]) else "infinity"
        raise ValueError(
            f"{name} has {value} at row {bad[0]}; remove such rows (Input {name} contains NaN or infinity)."
        )
    uneven = np.flatnonzero(labels != np.floor(labels))
    if uneven.size:
        raise ValueError(
            f"Unknown label type: {name} has {labels[uneven[0]].item()!r} at row {uneven[0]}, which is continuous and not a class; "
            "give integers, strings or Booleans."
        )


def check_labels(labels: Array, n_classes: int | None) -> tuple[Array, Array]:
    """Return the sorted classes, and the index of each label in them.

    Parameters
    ----------
    labels : array, shape (N,)
    n_classes : int, optional
        Required number of classes.

    Returns
    -------
    classes : array, shape (C,)
    indices : array, int64, shape (N,)

    Raises
    ------
    ValueError
        If there is only one class, or if their number differs from n_classes.
    """
    found = [np.unique(labels[part]) for part in slices(len(labels), AT_ONCE)]
    classes = np.unique(np.concatenate(found))
    if len(classes) < 2:
        raise ValueError(f"y has one class only, {classes.tolist()[0]!r}; give rows of at least two classes.")
    if n_classes is not None and len(classes) != n_classes:
        raise ValueError(
            f"y has {len(classes)} classes, but n_classes={n_classes}; give labels of all classes, or leave n_classes out."
        )
    return classes, _places(labels, classes)


def indices_of(labels: Array, classes: Array, name: str = "y") -> Array:
    """Return the index of each label in the classes.

    Parameters
    ----------
    labels : array, shape (N,)
    classes : array, shape (C,)
        Sorted classes.
    name : str
        Name of the labels in messages.

    Returns
    -------
    indices : array, int64, shape (N,)

    Raises
    ------
    ValueError
        If a label is not one of the classes.
    """
    comparable = (labels.dtype.kind in "US") == (classes.dtype.kind in "US")
    for part in slices(len(labels), AT_ONCE):
        unseen = ~np.isin(labels[part], classes) if comparable else np.ones(1, bool)
        if not unseen.any():
            continue
        row = part.start + int(unseen.argmax())
        raise ValueError(
            f"{name} has the class {labels[row : row + 1].tolist()[0]!r} at row {row}, which is not a class that the model was trained on "
            f"({', '.join(map(repr, classes[:5].tolist()))}{', …' if len(classes) > 5 else ''}); remove such rows, or include them in the training."
        )
    return _places(labels, classes)


def _places(labels: Array, classes: Array) -> Array:
    """Return the index of each label in the sorted classes, which contain it."""
    return in_blocks(lambda part: np.asarray(np.searchsorted(classes, part), np.int64), labels, at_once=AT_ONCE)


def pair_of(validation_data: ValidationData) -> tuple[ArrayLike, ArrayLike | None]:
    """Return validation rows and their labels.

    Raises
    ------
    ValueError
        If `validation_data` is not such a pair.
    """
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
        raise ValueError("validation_data must be a pair (X, y) of rows and labels.")
    return validation_data[0], validation_data[1]


def held_out_labels(y: ArrayLike | None, rows: int, classes: Array) -> Array:
    """Return the checked labels of validation rows as integers."""
    return indices_of(as_labels(y, rows, "validation_data[1]"), classes, "validation_data[1]")


def described(classes: Array) -> dict[str, Any]:
    """Return classes as JSON-serialisable values."""
    return {"classes": classes.tolist(), "classes_dtype": classes.dtype.str}


def from_description(description: Mapping[str, Any]) -> Array:
    """Return the classes described by `described`."""
    return np.array(description["classes"], dtype=description["classes_dtype"])
