"""Weights of rows and of classes: checks, and the product of the two.

Derivation: docs/derivations/sample_weights.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scratchae.errors import nearest
from scratchae.models.options import plain
from scratchae.nets.network import Array

ClassWeight = Mapping[Any, float] | str | None


def check_weights(sample_weight: ArrayLike | None, rows: int) -> Array | None:
    """Return the weights of the rows as float64, shape (N,); None for None.

    Parameters
    ----------
    sample_weight : array_like, shape (N,), optional
    rows : int
        N, the number of rows of the data.

    Raises
    ------
    ValueError, TypeError
        If the weights are not one finite, non-negative number per row, or are all zero.
    """
    if sample_weight is None:
        return None
    if hasattr(sample_weight, "toarray") and hasattr(sample_weight, "nnz"):
        raise TypeError(
            "sample_weight is a sparse matrix, which is not supported; pass sample_weight.toarray().ravel()."
        )
    if np.ma.is_masked(sample_weight):
        raise ValueError("sample_weight has masked entries, whose values are undefined; give each row a number.")
    try:
        given = np.asarray(sample_weight)
    except ValueError as error:  # entries of different lengths
        raise ValueError(f"sample_weight is not an array of numbers ({error}); give one number for each row.") from None
    if given.ndim != 1:
        raise ValueError(f"sample_weight has the shape {given.shape}; give one number for each row, shape ({rows},).")
    if len(given) != rows:
        raise ValueError(f"sample_weight has {len(given)} numbers for {rows} rows; give one number for each row.")
    weights = _as_floats(given)
    bad = np.flatnonzero(~np.isfinite(weights) | (weights < 0))
    if bad.size:
        value = weights[bad[0]]
        what = "NaN" if np.isnan(value) else "infinity" if np.isinf(value) else f"the negative number {value:.6g}"
        raise ValueError(f"sample_weight has {what} at row {bad[0]}; give each row a finite number of at least 0.")
    if not weights.any():
        raise ValueError("sample_weight is zero for every row; give at least one row a weight above 0.")
    return weights


def _as_floats(given: Array) -> Array:
    """Return numbers as float64; raise ValueError for anything else."""
    if given.dtype.kind == "O":
        for row, value in enumerate(given):
            if not isinstance(value, Real) or isinstance(value, bool):
                raise ValueError(
                    f"sample_weight has {value!r} at row {row}, which is not a number; give each row a number."
                )
    elif given.dtype.kind not in "iuf":
        raise ValueError(f"sample_weight has dtype {given.dtype}; give each row a number, such as 1.0 or 0.0.")
    with np.errstate(over="ignore"):  # an overflow becomes infinity, and is reported
        try:
            return given.astype(np.float64)
        except OverflowError:
            raise ValueError(
                "sample_weight has a number beyond the range of float64; divide all by the largest."
            ) from None


def weighted_mean(values: Array, sample_weight: ArrayLike | None) -> float:
    """Return the mean of one number per row, in double precision, weighted by checked weights."""
    weights = check_weights(sample_weight, len(values))
    if weights is None:
        return float(values.mean(dtype=np.float64))
    return float(np.average(values.astype(np.float64), weights=weights / weights.max()))


def check_class_weight(class_weight: ClassWeight) -> None:
    """Raise ValueError unless `class_weight` is None, "balanced", or a dictionary of non-negative numbers."""
    if class_weight is None or (isinstance(class_weight, str) and class_weight == "balanced"):
        return
    if not isinstance(class_weight, Mapping):
        raise ValueError(
            f'class_weight={class_weight!r} is not allowed; give None, "balanced", or a dictionary of numbers by class.'
        )
    for label, weight in class_weight.items():
        if isinstance(weight, (bool, np.bool_)) or not isinstance(weight, Real) or not 0 <= weight < np.inf:
            raise ValueError(
                f"class_weight has {weight!r} for the class {label!r}; give a finite number of at least 0."
            )


def class_weights(
    class_weight: ClassWeight, y: Array, classes: Array, sample_weight: Array | None, fewest: int = 2
) -> Array | None:
    """Return the weight of each row: the product of its sample weight and the weight of its class; None without any.

    Parameters
    ----------
    class_weight : None, "balanced" or dict
        Weights by label; a class that is not in the dictionary has the weight 1. "balanced" gives all classes the same total weight.
    y : array of int, shape (N,)
        Indices of the classes.
    classes : array, shape (C,)
        The labels.
    sample_weight : array of float64, shape (N,), optional
    fewest : int
        Number of classes that must have rows with a weight above 0.

    Raises
    ------
    ValueError
        If the dictionary has a label that is not a class, or if the rows of too few classes have a weight above 0.
    """
    check_class_weight(class_weight)
    rows = np.ones(len(y)) if sample_weight is None else sample_weight
    if class_weight is not None:
        equal = not isinstance(class_weight, Mapping)  # "balanced"
        by_class = balanced(y, len(classes), rows) if equal else _by_class(class_weight, classes)  # type: ignore[arg-type]
        rows = rows * by_class[y]
    elif sample_weight is None:
        return None
    left = classes[np.unique(y[rows > 0])].tolist()
    if len(left) < max(fewest, 1):
        which = f"only the class {left[0]!r}" if left else "no class"
        raise ValueError(
            f"With sample_weight and class_weight, {which} has rows with a weight above 0; give rows of {max(fewest, 1)} "
            f"class{'es' if fewest > 1 else ''} such a weight."
        )
    return rows


def balanced(y: Array, classes: int, s: Array) -> Array:
    """Return weights with which all classes that have rows have the same total weight, shape (C,); 0 for the others.

    Parameters
    ----------
    y : array of int, shape (N,)
    classes : int
        C.
    s : array, shape (N,)
        Weights of the rows.
    """
    of_class = np.bincount(y, s, minlength=classes)
    return np.divide(s.sum() / classes, of_class, out=np.zeros(classes), where=of_class > 0)  # (sample_weights.7)


def _by_class(class_weight: Mapping[Any, float], classes: Array) -> Array:
    """Return the weights of the classes in their order."""
    labels = classes.tolist()
    given = {plain(label): float(weight) for label, weight in class_weight.items()}
    unknown = [label for label in given if label not in labels]
    if unknown and not all(label in given for label in labels):
        raise ValueError(
            f"class_weight has the class {unknown[0]!r}, which is not in y{nearest(str(unknown[0]), map(str, labels))}; "
            f"the classes are {', '.join(map(repr, labels[:5]))}{', …' if len(labels) > 5 else ''}."
        )
    return np.array([given.get(label, 1.0) for label in labels])


def described(class_weight: ClassWeight) -> object:
    """Return class weights as a JSON-serialisable value: pairs of label and weight, since keys in JSON are strings."""
    if not isinstance(class_weight, Mapping):
        return class_weight
    return [[plain(label), float(weight)] for label, weight in class_weight.items()]


def from_description(description: Any) -> ClassWeight:
    """Return the class weights described by `described`."""
    return dict(description) if isinstance(description, (list, tuple)) else description
