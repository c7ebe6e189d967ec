"""Latent space for the sliders: their ranges, their initial values and their order by influence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from scratchae.nets import Network, Parameters
from scratchae.nets.network import Array

REACH = 3.0  # range of a slider, in standard deviations on each side
MOST_ROWS = 5000  # largest number of rows that are encoded
DRAWS = 500  # number of random codes that replace the codes of data
FEW = 16  # codes at which the influence of a dimension is measured
AT_MOST = 4000  # limit of such codes over all dimensions, but at least two per dimension
TOGETHER = 64  # dimensions that are varied in one call of the decoder
# Without a prior and without data: range of the code's units, and assumed mean and standard deviation.
BOUNDS = {"identity": (-np.inf, np.inf), "sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, np.inf)}
ASSUMED = {"identity": (0.0, 1.0), "sigmoid": (0.5, 1 / 6), "tanh": (0.0, 1 / 3), "relu": (0.0, 1.0)}


class Explorable(Protocol):
    """A fitted autoencoder; if it is conditional, its methods also take classes."""

    likelihood: str
    n_features_in_: int

    @property
    def parameters_(self) -> Parameters: ...
    @property
    def encode(self) -> Callable[..., Array]: ...
    @property
    def decode(self) -> Callable[..., Array]: ...
    def _encoder(self, features: int) -> Network: ...
    def _decoder(self, features: int) -> Network: ...
    def _check_fitted(self) -> None: ...


@dataclass(frozen=True)
class LatentSpace:
    """Distribution of codes with J entries.

    Parameters
    ----------
    centre : array, shape (J,)
        Initial values of the sliders: the mean.
    spread : array, shape (J,)
        The standard deviation, positive.
    low, high : array, shape (J,)
        The ends of the sliders.
    codes : array, shape (N, J)
        Codes of data, or random codes in their place.
    """

    centre: Array
    spread: Array
    low: Array
    high: Array
    codes: Array

    @classmethod
    def of(cls, model: Explorable, rows: ArrayLike | None, labels: ArrayLike | None) -> LatentSpace:
        """Return the latent space of a model: from its prior, from the codes of the rows or, without rows, from the range of the units."""
        features, prior = model.n_features_in_, bool(getattr(model, "has_prior", False))
        activation = "identity" if prior else model._encoder(features).layers[-1].activation
        codes = None if rows is None else _encoded(model, rows, labels)
        if codes is None or prior:
            size = model._decoder(features).layers[0].d_in - len(getattr(model, "classes_", ()))
            centre, spread = (np.full(size, value) for value in ASSUMED[activation])
        else:
            centre, spread = codes.mean(axis=0), _deviation(codes)
        low = np.clip(centre - REACH * spread, *BOUNDS[activation])
        high = np.clip(centre + REACH * spread, *BOUNDS[activation])
        if codes is None:
            eps = np.random.default_rng(0).standard_normal((DRAWS, len(centre)))
            codes = np.clip(centre + spread * eps, low, high)
        return cls(centre, spread, low, high, codes)

    def influence(self, decode: Callable[[Array], Array]) -> Array:
        """Measure how much each dimension changes the decoded output.

        Parameters
        ----------
        decode : callable
            Maps codes (N, J) to reconstructions (N, D).

        Returns
        -------
        influence : array, shape (J,)
            Root mean square difference between the outputs one standard deviation below and above a code.
        """
        step, J = self.codes.std(axis=0), len(self.centre)
        few = int(np.clip(AT_MOST // J, 2, FEW))
        some = self.codes[np.linspace(0, len(self.codes) - 1, few).astype(int)]
        moved = []
        for first in range(0, J, TOGETHER):
            block = np.arange(first, min(first + TOGETHER, J))
            shift = np.zeros((len(block), 1, J))  # shift one dimension of the block at a time, for all codes
            shift[block - first, 0, block] = step[block]
            above, below = (decode((some + sign * shift).reshape(-1, J)) for sign in (1, -1))
            square = np.square(above - below, dtype=np.float64).reshape(len(shift), -1)
            moved.append(np.sqrt(square.mean(axis=1)))
        return np.concatenate(moved)


def _encoded(model: Explorable, rows: ArrayLike, labels: ArrayLike | None) -> Array:
    codes = model.encode(rows) if labels is None else model.encode(rows, labels)
    return np.asarray(codes, np.float64)


def _deviation(codes: Array) -> Array:
    """Return the standard deviations of codes; a constant entry (a dead unit) gets the mean of the others, so that its slider can move."""
    spread = codes.std(axis=0)
    moves = spread > 1e-6 * spread.max()
    return np.where(moves, spread, spread[moves].mean() if moves.any() else 1.0)


def some_rows(model: Explorable, X: ArrayLike | None, y: ArrayLike | None) -> tuple[ArrayLike | None, ArrayLike | None]:
    """Return evenly spaced rows of X, at most MOST_ROWS, and their classes if the model needs them; None without X."""
    conditional = hasattr(model, "classes_")
    if X is None or np.ndim(X) != 2:  # `encode` raises the error for an X that is not 2-D
        return X, y if conditional else None
    count = np.shape(X)[0]
    if conditional and (y is None or np.shape(y) != (count,)):
        raise ValueError(
            f"{type(model).__name__} needs the class of each row of X to encode it; give y, one label per row."
        )
    chosen = slice(None, None, max(1, math.ceil(count / MOST_ROWS)))
    rows: Any = getattr(X, "iloc", X)  # of a data frame
    return rows[chosen], np.asarray(y)[chosen] if conditional else None
