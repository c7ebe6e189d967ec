"""The typical mistakes of a task."""

from __future__ import annotations

from scratchae.grading.diagnosis.mistakes.typical import (
    wrong_activations,
    wrong_draws,
    wrong_layers,
    wrong_losses,
    wrong_networks,
    wrong_noise,
    wrong_probabilities,
)
from scratchae.grading.diagnosis.mistakes.typical.typical_table import TABLE, Typical

MODULES = (
    wrong_activations,
    wrong_layers,
    wrong_losses,
    wrong_networks,
    wrong_probabilities,
    wrong_noise,
    wrong_draws,
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
