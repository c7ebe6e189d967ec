"""Missing values, by the choice of the caller: an error, rows dropped, or means."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
CHOICES = ("error", "drop", "mean", "keep")
_BLOCK = 65536  # rows looked at together


def check_missing(missing: object) -> None:
    """Raise ValueError unless `missing` is one of the choices."""
    if missing not in CHOICES:
        raise ValueError(f"missing={missing!r} is unknown; use one of {', '.join(CHOICES)}.")


def check_infinite(x: Array, where: Callable[[int, int], str]) -> None:
    """Raise ValueError for the first infinite number."""
    for first in range(0, len(x), _BLOCK):
        bad = np.isinf(x[first : first + _BLOCK])
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise ValueError(
                f"There is an infinite number in {where(first + row, column)}; mend it, or leave the row out."
            )


def incomplete(x: Array) -> npt.NDArray[np.int64]:
    """Count the missing values of each row."""
    counts = np.zeros(len(x), np.int64)
    for first in range(0, len(x), _BLOCK):
        counts[first : first + _BLOCK] = np.isnan(x[first : first + _BLOCK]).sum(axis=1)
    return counts


def check_complete(x: Array, where: Callable[[int, int], str]) -> None:
    """Raise ValueError for a column without any value, or for the first missing value."""
    counts = incomplete(x)
    if not counts.any():
        return
    check_columns(x, where)
    row = int(np.flatnonzero(counts)[0])
    column, total, rows = int(np.flatnonzero(np.isnan(x[row]))[0]), int(counts.sum()), int(np.count_nonzero(counts))
    others = f" ({total:,} missing values in {rows:,} of {len(x):,} rows)" if total > 1 else ""
    raise ValueError(
        f'There is no value in {where(row, column)}{others}; fill it in, or give missing="drop" to leave out such rows or '
        'missing="mean" for the means of the columns (on the command line --missing drop or --missing mean).'
    )


def check_columns(x: Array, where: Callable[[int, int], str]) -> None:
    """Raise ValueError for a column without any value."""
    for column in range(x.shape[1]):
        if all(np.isnan(x[first : first + _BLOCK, column]).all() for first in range(0, len(x), _BLOCK)):
            raise ValueError(
                f"There is no value in {where(0, column)}, nor anywhere else in that column; leave it out (drop_columns=, on the command "
                "line --drop-columns)."
            )


def means_of(x: Array) -> Array:
    """Return the mean of the values of each column that are not missing."""
    total, count = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for first in range(0, len(x), _BLOCK):
        block = x[first : first + _BLOCK]
        total += np.nansum(block, axis=0)
        count += (~np.isnan(block)).sum(axis=0)
    return total / np.maximum(count, 1)


def fill(x: Array, means: Array) -> int:
    """Replace missing values by the means of their columns, in place; return how many there were."""
    filled = 0
    for first in range(0, len(x), _BLOCK):
        block = x[first : first + _BLOCK]
        rows, columns = np.nonzero(np.isnan(block))
        block[rows, columns] = means[columns]
        filled += len(rows)
    return filled
