"""The space of codes as the sliders show it: where each begins and ends, where all of them rest, and which of them matter most."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchae.models.variational import VariationalAutoencoder
from scratchae.nets.network import Array

REACH = 3.0  # of a slider, in standard deviations to each side
MOST_ROWS = 5000  # of the data that are encoded
DRAWS = 500  # that stand in for the codes of data
FEW = 16  # codes around which it is measured what a dimension does
AT_MOST = 4000  # such codes in all dimensions together, but two for each
TOGETHER = 64  # dimensions that are moved in one call of the decoder
# Of a code whose distribution nobody has told: the range of its units, and their mean and deviation.
BOUNDS = {"identity": (-np.inf, np.inf), "sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, np.inf)}
ASSUMED = {"identity": (0.0, 1.0), "sigmoid": (0.5, 1 / 6), "tanh": (0.0, 1 / 3), "relu": (0.0, 1.0)}


@dataclass(frozen=True)
class LatentSpace:
    """Codes of J entries.

    Parameters
    ----------
    centre : array, shape (J,)
        Where the sliders rest: the mean.
    spread : array, shape (J,)
        The standard deviation, above zero.
    low, high : array, shape (J,)
        The ends of the sliders.
    codes : array, shape (N, J)
        Those of data, or draws that stand in for them.
    """

    centre: Array
    spread: Array
    low: Array
    high: Array
    codes: Array

    @classmethod
    def of(cls, model: Any, rows: Any, labels: Array | None) -> LatentSpace:
        """That of a model: its prior, or else where the codes of the rows lie; without rows, what the code's units allow."""
        features, prior = model.n_features_in_, isinstance(model, VariationalAutoencoder)
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
        """How much each dimension moves what is decoded.

        Parameters
        ----------
        decode : callable
            From codes (N, J) to reconstructions (N, D).

        Returns
        -------
        influence : array, shape (J,)
            Root mean square difference between one standard deviation below a code and one above.
        """
        step, J = self.codes.std(axis=0), len(self.centre)
        few = int(np.clip(AT_MOST // J, 2, FEW))
        some = self.codes[np.linspace(0, len(self.codes) - 1, few).astype(int)]
        moved = []
        for first in range(0, J, TOGETHER):
            block = np.arange(first, min(first + TOGETHER, J))
            shift = np.zeros((len(block), 1, J))  # each dimension of the block by itself, for all codes
            shift[block - first, 0, block] = step[block]
            above, below = (decode((some + sign * shift).reshape(-1, J)) for sign in (1, -1))
            square = np.square(above - below, dtype=np.float64).reshape(len(shift), -1)
            moved.append(np.sqrt(square.mean(axis=1)))
        return np.concatenate(moved)


def _encoded(model: Any, rows: Any, labels: Array | None) -> Array:
    codes = model.encode(rows) if labels is None else model.encode(rows, labels)
    return np.asarray(codes, np.float64)


def _deviation(codes: Array) -> Array:
    """The standard deviations of codes; an entry that never changes (a dead unit) gets the mean of the others, so that it can be moved."""
    spread = codes.std(axis=0)
    moves = spread > 1e-6 * spread.max()
    return np.where(moves, spread, spread[moves].mean() if moves.any() else 1.0)


def some_rows(model: Any, X: Any, y: Any) -> tuple[Any, Array | None]:
    """Rows from all over X, no more than are needed, and their classes if the model wants them; None without X."""
    conditional = hasattr(model, "classes_")
    if X is None or np.ndim(X) != 2:  # what is no table of rows, `encode` refuses in its own words
        return X, y if conditional else None
    count = np.shape(X)[0]
    if conditional and (y is None or np.shape(y) != (count,)):
        raise ValueError(f"{type(model).__name__} needs the class of each row of X to encode it; give y, one for each.")
    chosen = slice(None, None, max(1, math.ceil(count / MOST_ROWS)))
    return getattr(X, "iloc", X)[chosen], np.asarray(y)[chosen] if conditional else None
