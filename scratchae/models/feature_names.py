"""Column names of data frames, stored by `fit` and compared afterwards, as in scikit-learn."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from scratchae.errors import warn


class RemembersNames(Protocol):
    """A model that stores the column names of its data."""

    feature_names_in_: np.ndarray


def names_of(X: ArrayLike) -> np.ndarray | None:
    """Return the column names of a data frame if all are strings, else None."""
    columns = getattr(X, "columns", None)
    if columns is None or not all(isinstance(name, str) for name in columns):
        return None
    return np.array(list(columns), dtype=object)


def remember_names(model: RemembersNames, names: np.ndarray | None) -> None:
    """Set `feature_names_in_`, or remove the attribute of an earlier fit."""
    if names is not None:
        model.feature_names_in_ = names
    elif hasattr(model, "feature_names_in_"):
        del model.feature_names_in_


def compare_names(model: RemembersNames, X: ArrayLike) -> None:
    """Warn if only one of X and the data of `fit` has names.

    Raises
    ------
    ValueError
        If both have names and the names differ.
    """
    then, now, who = getattr(model, "feature_names_in_", None), names_of(X), type(model).__name__
    if then is None and now is not None:
        warn(f"X has feature names, but {who} was fitted without feature names")
    elif then is not None and now is None:
        warn(f"X does not have valid feature names, but {who} was fitted with feature names")
    elif then is not None and now is not None and list(then) != list(now):
        raise ValueError(_difference(list(then), list(now)))


def compare_validation_names(X: ArrayLike, rows: ArrayLike) -> None:
    """Warn if only one of X and the rows of `validation_data` has names.

    Raises
    ------
    ValueError
        If both have names and the names differ.
    """
    then, now = names_of(X), names_of(rows)
    if (then is None) != (now is None):
        with_names, without = ("X", "validation_data") if now is None else ("validation_data", "X")
        warn(f"{with_names} has feature names, but {without} does not have valid feature names")
    elif then is not None and now is not None and list(then) != list(now):
        raise ValueError(f"validation_data does not match X. {_difference(list(then), list(now))}")


def _difference(then: list[str], now: list[str]) -> str:
    message = "The feature names should match those that were passed during fit.\n"
    unseen, missing = sorted(set(now) - set(then)), sorted(set(then) - set(now))
    if unseen:
        message += "Feature names unseen at fit time:\n" + "".join(f"- {name}\n" for name in unseen[:5])
    if missing:
        message += "Feature names seen at fit time, yet now missing:\n" + "".join(f"- {name}\n" for name in missing[:5])
    if not unseen and not missing:
        message += "Feature names must be in the same order as they were in fit.\n"
    return message
