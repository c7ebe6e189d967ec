"""Preparation of rows for a model: missing values become means, columns are standardised; and the way back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scratchae.errors import not_fitted
from scratchae.models import blocks
from scratchae.nets.network import Array

OF_THE_DATA = (
    "preparation_",
    "image_shape_",
)  # attributes of a model that belong to its data, and end with another `fit`


def kept_with(model: object) -> dict[str, Any]:
    """Return those attributes of a model, for a training that continues on data of the same kind."""
    return {name: value for name, value in vars(model).items() if name in OF_THE_DATA}


class Preparation:
    """Means in place of missing values and, if wanted, columns with mean 0 and standard deviation 1; learned from training rows.

    `scratchae train --standardize` keeps it in the model's file, as the attribute `preparation_` of the loaded model: the model itself
    takes and returns prepared rows.

    Parameters
    ----------
    standardize : bool
        Subtract the mean of each column, and divide by its standard deviation (by 1 if it is constant).

    Attributes
    ----------
    mean_ : array, float64, shape (D,)
        The mean of the values of each column that are not missing.
    scale_ : array, float64, shape (D,)
        Its standard deviation; with `standardize=False`, ones.

    Examples
    --------
    >>> import numpy as np
    >>> from scratchae.models.preparation import Preparation
    >>> rows = np.array([[1.0, 10.0], [3.0, np.nan], [5.0, 30.0]])
    >>> preparation = Preparation().fit(rows)
    >>> preparation.mean_.tolist(), preparation.transform(rows)[:, 1].round(2).tolist()
    ([3.0, 20.0], [-1.22, 0.0, 1.22])
    >>> preparation.inverse_transform(preparation.transform(rows))[:, 1].tolist()
    [10.0, 20.0, 30.0]
    """

    mean_: Array
    scale_: Array

    def __init__(self, standardize: bool = True) -> None:
        self.standardize = standardize

    def _check_fitted(self) -> None:
        if not hasattr(self, "mean_"):
            raise not_fitted("This Preparation is not fitted yet; call fit first.")

    def fit(self, X: ArrayLike, y: object = None) -> Preparation:
        """Compute means and standard deviations, in double precision and in blocks of rows.

        Parameters
        ----------
        X : array_like, shape (N, D)
            NaN stands for a missing value.
        y : ignored
        """
        x = np.asarray(X)
        counts, total = np.zeros(x.shape[1]), np.zeros(x.shape[1])
        for first in range(0, len(x), blocks.BLOCK):
            block = x[first : first + blocks.BLOCK].astype(np.float64)
            counts += (~np.isnan(block)).sum(axis=0)
            total += np.nansum(block, axis=0)
        if not counts.all():
            empty = int(np.flatnonzero(counts == 0)[0])
            raise ValueError(f"Column {empty} has no value in these {len(x):,} rows, and so no mean; leave it out.")
        self.mean_ = total / counts
        square = np.zeros(x.shape[1])
        for first in range(0, len(x), blocks.BLOCK):  # a missing value becomes the mean, and adds nothing
            block = x[first : first + blocks.BLOCK].astype(np.float64)
            square += np.nansum((block - self.mean_) ** 2, axis=0)
        spread = np.sqrt(square / max(len(x), 1))
        constant = spread <= 1e-12 * np.abs(self.mean_)
        self.scale_ = np.where(constant | (spread == 0), 1.0, spread) if self.standardize else np.ones(x.shape[1])
        return self

    def transform(self, X: ArrayLike) -> Array:
        """Return prepared rows.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        x : array, float64, shape (N, D)
        """
        self._check_fitted()
        x = np.array(X, np.float64)
        for first in range(0, len(x), blocks.BLOCK):
            block = x[first : first + blocks.BLOCK]
            np.copyto(block, self.mean_, where=np.isnan(block))
            if self.standardize:
                block -= self.mean_
                block /= self.scale_
        return x

    def inverse_transform(self, X: ArrayLike) -> Array:
        """Return rows of the model, such as samples and reconstructions, in the units of the data.

        Parameters
        ----------
        X : array_like, shape (N, D)

        Returns
        -------
        x : array, float64, shape (N, D)
        """
        self._check_fitted()
        x = np.array(X, np.float64)
        if self.standardize:
            x *= self.scale_
            x += self.mean_
        return x

    def description(self) -> dict[str, Any]:
        """Return the preparation as JSON-serialisable values."""
        return {"standardize": self.standardize, "mean": self.mean_.tolist(), "scale": self.scale_.tolist()}

    @classmethod
    def from_description(cls, description: dict[str, Any]) -> Preparation:
        """Return the preparation described by `description`."""
        made = cls(bool(description["standardize"]))
        made.mean_, made.scale_ = np.array(description["mean"]), np.array(description["scale"])
        return made
