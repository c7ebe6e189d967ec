"""Other ways to write what the exercises ask for, as textbooks do: a mistake in one of these is another than in the reference's own line.

A function is named after the task, two underlines, and what is different. Each gives what the reference gives for ordinary arguments; some
overflow where the reference does not.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from scratchae.grading.diagnosis.mistakes.ways import basics, networks, probabilities, regularised, variational

MODULES = (basics, probabilities, regularised, networks, variational)


def ways(task: str) -> tuple[Callable[..., Any], ...]:
    """All other ways of a task.

    Parameters
    ----------
    task : str
        Its name.

    Returns
    -------
    functions : tuple of callable
    """
    return tuple(
        f
        for module in MODULES
        for name, f in vars(module).items()
        if isinstance(f, FunctionType) and name.startswith(f"_{task}__")
    )
