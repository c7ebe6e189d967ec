"""Terms of the loss: what an objective adds up, by name, for the history."""

from __future__ import annotations

Terms = dict[str, float]


def record(terms: Terms | None, decay: float, **values: float) -> None:
    """Write the terms of a loss into `terms`, and the weight decay if there is any.

    A loss of a single term is left out, since it is the loss itself.

    Parameters
    ----------
    terms : dict of str to float, optional
        Nothing is written without it.
    decay : float
        The weight decay term.
    **values : float
        The other terms by name, means over the rows.
    """
    if terms is None:
        return
    if decay > 0:
        values["weight_decay"] = decay
    if len(values) > 1:
        terms.update(values)
