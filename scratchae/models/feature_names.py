"""Column names of data frames: remembered by `fit`, compared afterwards, as scikit-learn does."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np


def names_of(X: Any) -> np.ndarray | None:
    """The column names of a data frame if all are strings, else None."""
    columns = getattr(X, "columns", None)
    if columns is None or not all(isinstance(name, str) for name in columns):
        return None
    return np.array(list(columns), dtype=object)


class FeatureNames:
    """Remembers `feature_names_in_`."""

    feature_names_in_: np.ndarray

    def _remember_names(self, names: np.ndarray | None) -> None:
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _compare_names(self, X: Any) -> None:
        """Warn if names are there only now or only then; ValueError if they differ."""
        then, now, who = getattr(self, "feature_names_in_", None), names_of(X), type(self).__name__
        if then is None and now is not None:
            warnings.warn(f"X has feature names, but {who} was fitted without feature names", stacklevel=3)
        elif then is not None and now is None:
            warnings.warn(f"X does not have valid feature names, but {who} was fitted with feature names", stacklevel=3)
        elif then is not None and now is not None and list(then) != list(now):
            raise ValueError(_difference(list(then), list(now)))


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
