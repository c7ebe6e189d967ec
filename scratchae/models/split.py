"""A split of its own for early stopping: rows that are held out of the training data, of each class alike."""

from __future__ import annotations

import numpy as np

from scratchae.nets.network import Array


def rows_to_hold_out(rows: int, classes: Array | None, fraction: float, rng: np.random.Generator) -> Array:
    """Draw the rows to hold out; with classes, about the same fraction of each (stratified).

    Parameters
    ----------
    rows : int
        Number of rows, N.
    classes : array of int, shape (N,), optional
    fraction : float
        In (0, 1). At least one row is held out, and at least one row, or one of each class, is not.
    rng : numpy Generator

    Returns
    -------
    held_out : array of int
        Indices of the rows, sorted.

    Raises
    ------
    ValueError
        If there are too few rows.
    """
    _, of_class, counts = np.unique(
        np.zeros(rows) if classes is None else classes, return_inverse=True, return_counts=True
    )
    most = counts - 1
    if not most.any():
        per = "" if classes is None else " of each class"
        raise ValueError(
            f"validation_fraction={fraction} holds out rows, but there is only one row{per}; give more rows, "
            "or pass validation_data to fit."
        )
    wanted = max(1, round(fraction * rows))
    number = np.minimum((fraction * counts).astype(int), most)
    for c in np.argsort(number - fraction * counts, kind="stable"):  # the largest remainders are rounded up
        number[c] += number.sum() < wanted and number[c] < most[c]
    order = rng.permutation(rows)
    return np.sort(np.concatenate([order[of_class[order] == c][: number[c]] for c in range(len(counts))]))
