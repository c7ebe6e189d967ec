"""Terms of the loss: what an objective adds up, by name, for the history."""

from __future__ import annotations

from typing import Any

import numpy as np

Terms = dict[str, float]


def record(terms: Terms | None, decay: float, **values: Any) -> None:
    """Write the terms of a loss into `terms`, each the mean of its values, and the weight decay if there is any.

    A loss of a single term is left out, since it is the loss itself.

    Parameters
    ----------
    terms : dict of str to float, optional
        Nothing is computed without it.
    decay : float
        The weight decay term.
    **values : array_like
        Values of each term by name: one per row or draw, or one number.
    """
    if terms is None:
        return
    if decay > 0:
        values["weight_decay"] = decay
    if len(values) > 1:
        terms.update({name: float(np.mean(value, dtype=np.float64)) for name, value in values.items()})
