"""The typical mistakes of a task."""

from __future__ import annotations

from scratchae.grading.diagnosis.mistakes.typical import (
    activations,
    layers,
    losses,
    networks,
    probabilities,
    regularised,
    variational,
)
from scratchae.grading.diagnosis.mistakes.typical.table import TABLE, Typical

MODULES = (
    activations,
    layers,
    losses,
    networks,
    probabilities,
    regularised,
    variational,
)  # imported, they fill the table


def typical_mistakes(task: str) -> tuple[Typical, ...]:
    """The typical mistakes of a task, the most frequent first.

    Parameters
    ----------
    task : str
        Name of the task.

    Returns
    -------
    mistakes : tuple of Typical
    """
    return tuple(TABLE.get(task, ()))
